"""Kills the server at random instants under load, and then looks for every message that it had accepted.

Three processes besides this one: the server under test, the load (its ledger holds each 250 and 200 that it
has read), and the recorder (its ledger holds each message that it has said 250 to). Only the first is killed; on
PostgreSQL, which is then a fourth, it is that in each fifth round instead.
"""

import collections
import json
import pathlib
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Support"))

import postgres  # noqa: E402
from installation import Installation, wait_until  # noqa: E402
from web import call  # noqa: E402

# The documented bound (docs/going-live.md): a kill may repeat what the remote had taken but our commit had not yet
# recorded: 20 connections, and what waits for the commit under way.
DUPLICATES_PER_KILL = 64
# On PostgreSQL, the rounds in which the database is killed.
ROUNDS_PER_DATABASE_KILL = 5


class Report:
    def __init__(self):
        self.rounds = 0
        self.accepted = {}
        self.deliveries = collections.Counter()
        self.corrupt = 0
        self.unknown = 0
        self.start_times = []
        self.database_times = []
        self.complaints = {}
        self.integrity = "not looked at"

    @property
    def expected(self):
        return sum(self.accepted.values())

    @property
    def missing(self):
        got = collections.Counter(identifier for identifier, _ in self.deliveries)
        return [identifier for identifier, count in self.accepted.items() if got[identifier] < count]

    @property
    def duplicates(self):
        return sum(count - 1 for count in self.deliveries.values() if count > 1)

    @property
    def failures(self):
        found = []
        if self.missing:
            found.append(f"{len(self.missing)} accepted messages are lost, such as {self.missing[:5]}")
        if self.corrupt:
            found.append(f"{self.corrupt} messages arrived changed")
        if self.unknown:
            found.append(f"{self.unknown} messages arrived that nobody sent")
        if self.duplicates > DUPLICATES_PER_KILL * self.rounds:
            found.append(f"{self.duplicates} duplicates are over the bound of {DUPLICATES_PER_KILL} a kill")
        if self.integrity != "ok":
            found.append(f"the database: {self.integrity}")
        if not any(identifier.startswith("s") for identifier in self.accepted):
            found.append("nothing was accepted over SMTP")
        if not any(identifier.startswith("h") for identifier in self.accepted):
            found.append("nothing was accepted over HTTP")
        return found

    def text(self):
        by_http = sum(1 for identifier in self.accepted if identifier.startswith("h"))
        kills = f"{self.rounds} kills"
        if self.database_times:
            kills += f", {len(self.database_times)} of them of the database"
        lines = [
            f"{kills}; {len(self.accepted)} messages accepted ({by_http} by the single-send API), "
            f"{self.expected} recipients, all deliveries {sum(self.deliveries.values())}",
            f"lost: {len(self.missing)}   changed on the way: {self.corrupt}   duplicates: {self.duplicates} "
            f"({self.duplicates / max(1, self.rounds):.2f} a kill; bound {DUPLICATES_PER_KILL})   "
            f"database: {self.integrity}",
            f"start to ready after a kill: worst {max(self.start_times):.2f} s, "
            f"mean {sum(self.start_times) / len(self.start_times):.2f} s",
        ]
        if self.database_times:
            lines.append(f"start of the database to ready after a kill of it: worst {max(self.database_times):.2f} s")
        if self.complaints:
            often = sorted(self.complaints.items(), key=lambda pair: -pair[1])[:5]
            lines.append("refusals that the load met: " + "; ".join(f"{count} × {text}" for text, count in often))
        return "\n".join(lines)


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class CrashTest:
    """`install` and `after_kill` are what a subclass can do otherwise."""

    def __init__(self, folder, rounds, seed, program=None, say=print, smtp_workers=6, http_workers=4, pause=0):
        self.folder = pathlib.Path(folder)
        self.rounds = rounds
        self.chance = random.Random(seed)
        self.say = say
        self.report = Report()
        self.report.rounds = rounds
        self.workers = (smtp_workers, http_workers)
        self.pause = pause  # seconds the recorder takes for a message
        self.log = None  # a file whose length goes into the ledger
        self.running = None
        self.patience = 30  # seconds without a delivery after which the rest is lost
        smtp, http = free_ports(2)
        self.installation = self.install(
            program,
            {"smtp.listen": f"127.0.0.1:{smtp}", "http.listen": f"127.0.0.1:{http}", "log.level": "warning"})
        self.ports = (smtp, http)
        self.children = []

    def install(self, program, configuration):
        return Installation(self.folder, program, **{"database.url": None, **configuration})

    def after_kill(self, number):
        """The server is dead and the next one not yet started."""

    def run(self):
        try:
            self._prepare()
            for number in range(self.rounds):
                self._round(number)
            self._drain()
            self._read_ledgers()
            self._check_database()
        finally:
            self.close()
        return self.report

    def close(self):
        """Leaves no process behind."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        if self.running:
            self.running.kill()

    def _prepare(self):
        port_file = self.folder / "recorder.port"
        self.recorder = subprocess.Popen(
            [sys.executable, HERE / "recorder.py", port_file, self.folder / "delivered", str(self.pause)])
        self.children.append(self.recorder)
        port = wait_until("the recorder", lambda: port_file.exists() and port_file.read_text())
        self.installation.configuration.update(
            {"delivery.mode": "relay", "delivery.relay": f"127.0.0.1:{port}", "delivery.relay-tls": "off"})
        self.installation.setup()
        self.installation.add_domain("example.com")
        token = self.installation.smtp_token("crash")
        email = self.installation.email(
            "crash {{ custom.id }}", "<p>Hello {{ contact.firstname }}: {{ custom.id }}</p>")
        options = {
            "smtp": self.ports[0], "http": self.ports[1], "user": token["id"], "password": token["password"],
            "token": self.installation.access_token(), "email": email, "ledger": str(self.folder / "accepted"),
            "complaints": str(self.folder / "complaints.json"), "smtp_workers": self.workers[0],
            "http_workers": self.workers[1], "log": str(self.log) if self.log else None}
        path = self.folder / "load.json"
        path.write_text(json.dumps(options))
        self.load = subprocess.Popen([sys.executable, HERE / "load.py", path])
        self.children.append(self.load)

    def _round(self, number):
        if self.running is None:
            begin = time.monotonic()
            self.running = self.installation.serve()
            self.report.start_times.append(time.monotonic() - begin)
        # Most kills fall into full work, some right after the start.
        time.sleep(self.chance.choice([self.chance.uniform(0, 0.1), self.chance.uniform(0.1, 0.8)]))
        self._kill(number)
        if (number + 1) % 10 == 0 or number + 1 == self.rounds:
            self.say(f"round {number + 1} of {self.rounds}: {self._lines('accepted')} accepted, "
                     f"{self._lines('delivered')} delivered so far")

    def _kill(self, number):
        self.running.kill()
        self.running = None
        self.after_kill(number)

    def _is_ready(self):
        return call("GET", f"{self.running.url}/health/ready").status == 200

    def _drain(self):
        """The load ends with the server up, so that every answer under way is read; then all must arrive."""
        with self.running or self.installation.serve() as server:
            self.load.terminate()
            self.load.wait(90)
            latest, since = -1, time.monotonic()
            while True:
                self._read_ledgers()
                if not self.report.missing:
                    break
                if sum(self.report.deliveries.values()) != latest:
                    latest, since = sum(self.report.deliveries.values()), time.monotonic()
                if time.monotonic() - since > self.patience:
                    self.say(f"nothing more arrives; queue: {self.installation.queue()}")
                    break
                time.sleep(0.2)
            server.stop()

    def _lines(self, name):
        path = self.folder / name
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def _read_ledgers(self):
        self.report.accepted = {}
        for line in (self.folder / "accepted").read_text().splitlines():
            _, identifier, recipients, *_ = line.split()
            self.report.accepted[identifier] = int(recipients)
        self.report.deliveries.clear()
        self.report.corrupt = self.report.unknown = 0
        delivered = self.folder / "delivered"
        for line in delivered.read_text().splitlines() if delivered.exists() else []:
            identifier, recipient, state, _ = line.split()
            self.report.deliveries[(identifier, recipient)] += 1
            self.report.corrupt += state != "ok"
            self.report.unknown += identifier == "unknown"
        complaints = self.folder / "complaints.json"
        if complaints.exists():
            self.report.complaints = json.loads(complaints.read_text())

    def _check_database(self):
        url = self.installation.configuration.get("database.url")
        if url:
            self.report.integrity = orphans(url)
            return
        for path in self.installation.data.iterdir():
            if path.is_file() and path.open("rb").read(16) == b"SQLite format 3\0":
                with sqlite3.connect(path) as connection:
                    self.report.integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]


class PostgresCrashTest(CrashTest):
    """On a PostgreSQL server of its own, which is killed, too."""

    def install(self, program, configuration):
        self.server = postgres.PostgresServer()
        url = postgres.create_database(server=self.server.url)
        return Installation(self.folder, program, **{"database.url": url, **configuration})

    def _kill(self, number):
        if (number + 1) % ROUNDS_PER_DATABASE_KILL:
            return super()._kill(number)
        self.server.stop("immediate")
        time.sleep(self.chance.uniform(0, 0.5))
        begin = time.monotonic()
        self.server.start()
        wait_until("to be ready with the database", self._is_ready, 30)
        self.report.database_times.append(time.monotonic() - begin)

    def close(self):
        super().close()
        self.server.close()


TESTS = {"sqlite": CrashTest, "postgres": PostgresCrashTest}


def orphans(url):
    """PostgreSQL looks after its pages; this looks for messages of which a part is missing."""
    [[messages, originals, bodies]] = postgres.query(url, """
        SELECT (SELECT count(*) FROM queue q WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = q.message_id)),
          (SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM original o WHERE o.id = m.original_id)),
          (SELECT count(*) FROM original o WHERE NOT EXISTS
            (SELECT 1 FROM original_body b WHERE b.original_id = o.id))""")
    found = {"queue rows without message": messages, "messages without original": originals,
             "originals without body": bodies}
    return ", ".join(f"{count} {what}" for what, count in found.items() if count != "0") or "ok"


def run(rounds, seed=None, program=None, say=print, keep=False, folder=None, engine="sqlite"):
    """Runs the whole test on an engine in a temporary folder, which stays when something was wrong."""
    seed = seed if seed is not None else int(time.time())
    folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="brevdue-crash-"))
    say(f"{engine}, seed {seed}, folder {folder}")
    report = TESTS[engine](folder, rounds, seed, program, say).run()
    if not keep and not report.failures:
        shutil.rmtree(folder, ignore_errors=True)
    return report
