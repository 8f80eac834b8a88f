"""Disks that fail while the server runs: no yes that is lost, a clear word, and back to work where that can be."""

import errno
import http.client
import itertools
import os
import pathlib
import resource
import shutil
import socket

import pytest

from disk import CHANGES, OPENS, SHORTEN, SYNCS, WRITES, Disk
from installation import ENGINE, wait_until
from power import InstallationOnDisk
from web import call, single_send
from wire import Wire, simple

pytestmark = pytest.mark.skipif(ENGINE == "postgres", reason="the disk of SQLite")
numbers = itertools.count(1)


class Subject:
    """An installation on a disk that can fail, in capture mode, with a ledger of what it has said yes to."""

    def __init__(self, folder, template):
        (folder / "disk").mkdir()
        shutil.copytree(template.data, folder / "disk" / "data")
        self.disk = Disk(folder)
        self.installation = InstallationOnDisk(self.disk, folder)
        self.token = template.token
        self.access = self.installation.access_token()
        self.email = self.installation.email("Receipt {{ custom.id }}", "<p>Thank you.</p>")
        self.accepted = []
        self.server = None

    def start(self):
        self.server = self.installation.serve(shutdown__grace=15)

    def by_smtp(self):
        """(code, text) of the first reply that is not a yes, or of the last."""
        recipient = f"smtp-{next(numbers)}@example.net"
        with Wire(self.server.address("smtp")) as wire:
            wire.login(self.token)
            for command in ("MAIL FROM:<hello@example.com>", f"RCPT TO:<{recipient}>", "DATA"):
                code, text = wire.say(command)
                if code >= 400:
                    return code, text
            code, text = wire.say(simple(recipient) + b".")
        if code == 250:
            self.accepted.append(recipient)
        return code, text

    def by_http(self):
        recipient = f"http-{next(numbers)}@example.net"
        answer = single_send(self.server, self.access, {
            "emailId": int(self.email), "message": {"to": recipient, "sendId": recipient},
            "customProperties": {"id": "1"}})
        if answer.status == 200:
            self.accepted.append(recipient)
        return answer

    def ready(self):
        answer = call("GET", f"{self.server.url}/health/ready")
        return answer.status, " ".join(answer.json.get("reasons", []))

    def works(self):
        """Accepts by both ways and says that it is ready."""
        return self.by_smtp()[0] == 250 and self.by_http().status == 200 and self.ready()[0] == 200

    def refuses(self, *codes):
        """Neither way gives a yes; the replies are such that the sender keeps the message."""
        code, text = self.by_smtp()
        assert code in codes and text.startswith(("4.3.0", "4.3.1")), (code, text)
        answer = self.by_http()
        assert answer.status in (503, 507), answer.body
        assert len(answer.json["message"]) > 30 and "Retry-After" in answer.headers

    def log_of_faults(self):
        return " ".join(self.server.log().split())

    def lose_power(self):
        self.server.kill()
        self.disk.cut(next(numbers))
        assert self.installation.integrity() == "ok"
        self.start()

    def has_everything(self):
        def arrived():
            there = {message["recipient"] for message in self.installation.messages(limit=1000)
                     if message["status"] == "captured"}
            return set(self.accepted) <= there
        assert len(self.accepted) >= 2
        wait_until(f"{self.accepted} to be captured", arrived, timeout=30, every=0.3)


@pytest.fixture
def subject(tmp_path, template):
    made = Subject(tmp_path, template)
    made.start()
    assert made.works()
    yield made
    made.server.kill()


def test_a_full_disk_is_waited_for(subject):
    with subject.disk.full() as fault:
        for _ in range(3):
            subject.refuses(451, 452)
        assert subject.by_smtp()[0] == 452
        status, reason = subject.ready()
        assert status == 503 and "full" in reason and "room" in reason
        assert "disk of the database is full" in subject.log_of_faults() and "Make room" in subject.log_of_faults()
        assert fault.hits > 3
    # Nobody sends meanwhile: whoever asks whether it is ready finds it out.
    assert subject.ready() == (200, "")
    assert subject.works()
    assert subject.server.log().count("Make room") == subject.server.log().count("has room again") == 1
    subject.lose_power()
    subject.has_everything()


def test_a_disk_that_fills_up_within_a_write(subject):
    with subject.disk.fault(WRITES, SHORTEN, "-wal", times=1) as short, \
            subject.disk.fault(WRITES, errno.EDQUOT, "-wal") as quota:
        assert subject.by_smtp()[0] == 452
        assert short.hits == 1 and quota.hits > 0
    assert subject.works()
    subject.lose_power()
    subject.has_everything()


def test_no_room_for_the_shared_memory_is_a_full_disk(subject):
    with subject.disk.fault(WRITES, errno.ENOSPC, "-shm") as fault:
        content = b"x" * 70 + b"\r\n"
        # Each grows the log, until its index needs another 32 KB.
        while not fault.hits:
            recipient = f"large-{next(numbers)}@example.net"
            with Wire(subject.server.address("smtp")) as wire:
                wire.login(subject.token).begin("hello@example.com", recipient)
                wire.send(simple(recipient) + content * 100_000 + b".\r\n")
                code, text = wire.reply()
            if code == 250:
                subject.accepted.append(recipient)
        assert code == 452, text
    assert subject.works()


@pytest.mark.parametrize("calls, error, suffix, times", [
    (SYNCS, errno.EIO, "-wal", 1),
    (SYNCS, errno.EIO, "", -1),
    (SYNCS, errno.ENOSPC, "-wal", 1),
    (WRITES, errno.EIO, "-wal", 1),
    (WRITES, errno.EIO, "", -1),
    (WRITES | CHANGES, errno.EROFS, "", -1),
], ids=["sync fails once", "sync fails", "sync finds no room", "write fails once", "write fails", "read-only"])
def test_a_disk_in_doubt_takes_no_more_until_a_restart(subject, calls, error, suffix, times):
    with subject.disk.fault(calls, error, suffix, times) as fault:
        subject.refuses(451)
        assert fault.hits > 0
        status, reason = subject.ready()
        assert status == 503 and "restart" in reason
    # The disk may say yes again; what it holds is not known.
    subject.refuses(451)
    assert subject.ready()[0] == 503
    log = subject.log_of_faults()
    assert "can't be written" in log and "until a restart" in log and os.strerror(error) in log
    assert subject.server.stop(timeout=10) in (0, 1), "it waits for what can never be recorded"
    assert "Fatal error" not in subject.server.log()
    subject.start()
    assert subject.works()
    subject.lose_power()
    subject.has_everything()


def test_a_checkpoint_that_fails_loses_nothing(subject):
    """The database file can't be synced, but what was promised is in the log."""
    with subject.disk.fault(SYNCS, errno.EIO, "brevdue.db"):
        assert subject.works()
        subject.server.stop()
        subject.start()
        assert subject.works()
        subject.lose_power()
        subject.has_everything()


def test_out_of_file_descriptors(subject):
    """The limit is lowered to less than what is open: nothing can be opened or taken any more."""
    server = subject.server
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    watcher = http.client.HTTPConnection(*server.address("http"), timeout=20)
    with Wire(server.address("smtp")) as kept:
        kept.login(subject.token)
        watcher.request("GET", "/health/live")
        assert watcher.getresponse().read()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (10, hard))
        begin = processor_seconds(server.pid)
        waiting = [socket.create_connection(server.address(name)) for name in ("smtp", "smtpTls", "http")]
        wait_until("a word about it", lambda: server.log().count("no connection more can be taken") == 3)
        # Who is connected is served, and the watcher is told.
        recipient = f"kept-{next(numbers)}@example.net"
        assert kept.begin("hello@example.com", recipient).say(simple(recipient) + b".")[0] == 250
        subject.accepted.append(recipient)
        watcher.request("GET", "/health/ready")
        answer = watcher.getresponse()
        assert answer.status == 503 and b"file descriptors" in answer.read()
        waiting[0].settimeout(1)
        with pytest.raises(TimeoutError):
            waiting[0].recv(1)
        assert processor_seconds(server.pid) - begin < 0.5, "it asks again without a pause"
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (hard, hard))
        waiting[0].settimeout(10)
        assert waiting[0].recv(3) == b"220", "what waited is not taken"
    for connection in (*waiting, watcher):
        connection.close()
    assert subject.works()
    assert "connections are taken again" in server.log()
    subject.lose_power()
    subject.has_everything()


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("calls, error, words", [
    (WRITES | CHANGES, errno.EROFS, ["Read-only file system", "data.directory"]),
    (WRITES | CHANGES, errno.EACCES, ["Permission denied", "data.directory"]),
    (WRITES, errno.ENOSPC, ["full", "Make room"]),
    (SYNCS | WRITES, errno.EIO, ["Input/output error"]),
    (OPENS, errno.EMFILE, ["Too many open files"]),
], ids=["read-only", "not ours", "full", "broken", "no descriptors"])
def test_a_start_that_can_not_be_says_why(subject, calls, error, words):
    subject.server.stop()
    with subject.disk.fault(calls, error):
        with pytest.raises(AssertionError) as refused:
            subject.start()
        text = str(refused.value)
        assert "serve ended with 1" in text
        assert all(word in text for word in words), text
        assert text.count("\n") < 6 and "Fatal error" not in text and "stack" not in text.lower(), text
    subject.start()
    subject.has_everything()
