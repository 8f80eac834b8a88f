"""PostgreSQL on a disk that loses its power or fails: nothing accepted is lost, and all goes on by itself."""

import base64
import errno
import itertools
import os

import pytest

import database
import postgres
from disk import CHANGES, OPENS, SYNCS, WRITES
from installation import Installation, wait_until
from web import call, single_send
from wire import Wire, simple

ROUNDS = max(2, int(os.environ.get("POWER_ROUNDS", "20")) // 4)
numbers = itertools.count(1)


@pytest.mark.slow
def test_no_accepted_message_is_lost_with_the_power_of_the_database(tmp_path):
    report = database.run(ROUNDS, seed=7, folder=tmp_path, keep=True)
    assert report.failures == []


@pytest.mark.slow
def test_a_missing_sync_is_found_out(tmp_path):
    """Syncs of PostgreSQL say yes and do nothing. The recorder is slow, so that much waits in the queue."""
    report = database.run(1, seed=7, folder=tmp_path, keep=True, broken=True, pause=2, patience=4)
    assert len(report.missing) > 5
    assert report.corrupt == report.unknown == 0


def test_the_shim_sees_all_that_the_database_does(tmp_path):
    """The log must lead to the very files that are there."""
    server = database.PostgresOnDisk()
    try:
        installation = Installation(tmp_path, **{"database.url": postgres.create_database(server=server.url)})
        installation.setup()
        postgres.query(server.url, "CHECKPOINT")
        server.stop("fast")
        assert server.disk.log.stat().st_size > 100_000
        assert server.disk.differences() == []
    finally:
        server.close()


class Subject:
    """An installation in capture mode on a PostgreSQL server on a disk that can fail, with a ledger of every yes."""

    def __init__(self, folder):
        self.database = database.PostgresOnDisk()
        self.url = postgres.create_database(server=self.database.url)
        self.installation = Installation(folder, **{"database.url": self.url})
        self.installation.setup()
        self.installation.add_domain("example.com")
        self.token = self.installation.smtp_token()
        self.access = self.installation.access_token()
        self.email = self.installation.email("Receipt {{ custom.id }}", "<p>Thank you.</p>")
        self.server = self.installation.serve()
        self.accepted = []

    def by_smtp(self, size=1000):
        """The code of the first reply that is not a yes, or of the last."""
        recipient = f"smtp-{next(numbers)}@example.net"
        with Wire(self.server.address("smtp"), timeout=60) as wire:
            wire.say("EHLO client.example.com")
            code = self._log_in(wire)
            for command in ("MAIL FROM:<hello@example.com>", f"RCPT TO:<{recipient}>", "DATA"):
                if code < 400:
                    code, _ = wire.say(command)
            if code < 400:
                body = os.urandom(size).hex() + "\r\n"
                lines = "".join(f"{body[at:at + 70]}\r\n" for at in range(0, len(body) - 2, 70))
                code, _ = wire.say(simple(recipient, body=lines) + b".")
        if code == 250:
            self.accepted.append(recipient)
        return code

    def _log_in(self, wire):
        secret = base64.b64encode(f"\0{self.token['id']}\0{self.token['password']}".encode()).decode()
        return wire.say(f"AUTH PLAIN {secret}")[0]

    def by_http(self):
        recipient = f"http-{next(numbers)}@example.net"
        status = single_send(self.server, self.access, {
            "emailId": int(self.email), "message": {"to": recipient, "sendId": recipient},
            "customProperties": {"id": "1"}}).status
        if status == 200:
            self.accepted.append(recipient)
        return status

    def is_refused(self, codes=(451,)):
        """Within a while: what was in hand may still be taken."""
        wait_until("a temporary refusal", lambda: self.by_smtp(20_000) in codes, 60)
        assert wait_until("a refused single send", lambda: (status := self.by_http()) != 200 and status) == 503

    def goes_on(self):
        """By itself."""
        wait_until("the server to be ready", lambda: call("GET", f"{self.server.url}/health/ready").status == 200, 30)
        assert self.by_smtp() == 250
        assert self.by_http() == 200

    def has_everything(self):
        wait_until("the queue to be empty", lambda: postgres.query(
            self.url, "SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM send WHERE completed_at IS NULL)")
            == [["0"]], 30)
        found = [row[0] for row in postgres.query(self.url, "SELECT recipient FROM message WHERE status = 'captured'")]
        assert set(self.accepted) - set(found) == set()

    def close(self):
        self.server.kill()
        self.database.close()


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    """One for all tests: each leaves it at work, and what was accepted in one must be there in the next."""
    made = Subject(tmp_path_factory.mktemp("database"))
    yield made
    made.close()


def test_a_database_whose_disk_is_full(subject):
    """The tables find no room; the log, which is made beforehand, does."""
    assert subject.by_smtp() == 250
    with subject.database.disk.fault(WRITES, errno.ENOSPC, "*/base/") as fault:
        subject.is_refused((452, 451))
        assert fault.hits > 0
    subject.goes_on()
    subject.database.cut(seed=1)
    subject.goes_on()
    subject.has_everything()


def test_a_database_whose_log_finds_no_room(subject):
    """PostgreSQL then stops; whoever looks after it starts it again when there is room."""
    assert subject.by_smtp() == 250
    with subject.database.disk.fault(WRITES | CHANGES, errno.ENOSPC, "*/pg_wal/"):
        subject.is_refused()
        wait_until("PostgreSQL to give up", lambda: not is_up(subject), 30, every=0.2)
    subject.database.stop()
    subject.database.start()
    subject.goes_on()
    subject.has_everything()


def is_up(subject):
    try:
        return postgres.query(subject.database.url, "SELECT 1") == [["1"]]
    except RuntimeError:
        return False


def test_a_database_whose_sync_fails_once(subject):
    """It ends all sessions and reads its log again: nothing was said to be kept that is not."""
    assert subject.by_smtp() == 250
    with subject.database.disk.fault(SYNCS, errno.EIO, "*/pg_wal/", times=1) as fault:
        wait_until("a failed sync", lambda: subject.by_smtp() != 250 or fault.hits)
    subject.goes_on()
    subject.database.cut(seed=2)
    subject.goes_on()
    subject.has_everything()


def set_read_only(subject, state):
    postgres.query(subject.database.url, f"ALTER SYSTEM SET default_transaction_read_only = {state}")
    postgres.query(subject.database.url, "SELECT pg_reload_conf()")


def test_a_database_that_takes_no_writes(subject):
    """What a primary that has become a standby looks like."""
    assert subject.by_smtp() == 250
    set_read_only(subject, "on")
    subject.is_refused()
    answer = call("GET", f"{subject.server.url}/health/ready")
    assert answer.status == 503 and b"read-only" in answer.body, answer.body
    set_read_only(subject, "off")
    subject.goes_on()
    subject.has_everything()
