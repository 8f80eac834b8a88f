"""A PostgreSQL server on a disk whose power can go and that can fail, for itself or with the server on it."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("Crash", "Support"):
    sys.path.insert(0, str(HERE.parent / folder))

import crash  # noqa: E402
import postgres  # noqa: E402
from disk import SWALLOW, SYNCS, Disk, write  # noqa: E402
from installation import wait_until  # noqa: E402
from model import FATES, boundaries  # noqa: E402

# Written by stdio, and thrown away at the start after a crash: the cache of catalogues, statistics, the process's number.
PASSED = ("pg_internal.init", "pgstat", "postmaster.")
# As every installation has it, but for sizes: so that checkpoints and new segments of the log happen within a test.
# Without a socket file, whose lock would seem held as long as nobody has buried the killed server.
SETTINGS = """fsync = on
full_page_writes = on
wal_sync_method = fdatasync
recovery_init_sync_method = syncfs
shared_buffers = 16MB
max_wal_size = 8MB
min_wal_size = 2MB
checkpoint_timeout = 30s
max_connections = 60
unix_socket_directories = ''
"""


class PostgresOnDisk(postgres.PostgresServer):
    """Pages have checksums, so that half of one is found out. The disk has a journal for names, as PostgreSQL 15 needs."""

    settings = SETTINGS
    initial = ("--wal-segsize=1", "--data-checksums")

    def __init__(self):
        self.disk = None
        super().__init__()

    def place(self):
        (self.folder / "disk").mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder / "disk", postgres.USER)
        return self.folder / "disk" / "data"

    def environment(self):
        return {**os.environ, **self.disk.environment}

    def start(self):
        if self.disk is None:
            # With what initdb has made as durable.
            self.disk = Disk(self.folder, journal=True, sync_milliseconds=1, passed=PASSED, owner=self.user)
        super().start()

    def kill(self):
        """Everything at once: first nothing new begins, then nobody finishes anything."""
        parent = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(parent, signal.SIGSTOP)
        wait_until("PostgreSQL to stand still", lambda: status(parent)[0] == "T")
        processes = [parent, *children(parent)]
        for process in processes:
            os.kill(process, signal.SIGKILL)
        for process in processes:
            wait_until("the end of PostgreSQL", lambda process=process: not lives(process))

    def cut(self, seed, fates=FATES):
        """The power is gone, and comes back."""
        self.kill()
        lost = self.disk.cut(seed, fates)
        self.start()
        return lost


def children(parent):
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        fields = status(int(folder.name))
        if fields and int(fields[1]) == parent:
            found.append(int(folder.name))
    return found


def lives(process):
    fields = status(process)
    return fields is not None and fields[0] not in "ZX"


def status(process):
    """State, parent, and so on; None when there is no such process."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None


class Copy(postgres.PostgresServer):
    """A server on what a disk would have held, to look at it."""

    def __init__(self, image, like):
        self.like = like
        self.folder = like.folder / "copy"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        write(image, self.folder)
        self.data = self.folder / "data"
        self.port = postgres.free_port()
        self.user = like.user
        with open(self.data / "postgresql.auto.conf", "a") as settings:
            settings.write(f"port = {self.port}\nfsync = off\n")
        if self.user:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self.start()


class DatabasePowerLoss(crash.CrashTest):
    """The crash test with the power of the database's machine cut in each round, and in each second one that of the
    server too. `broken`: syncs do nothing, which must be found out. `instants`: how many besides the cut are looked
    at in each round, by a server started on what the disk would have held then."""

    def __init__(self, folder, rounds, seed, *arguments, broken=False, instants=1, patience=30, **options):
        super().__init__(folder, rounds, seed, *arguments, **options)
        self.log = self.server.disk.log
        self.patience = patience
        self.seed = seed
        self.broken = broken
        self.possible_fates = ["nothing"] if broken else FATES
        self.instants = 0 if broken else instants
        self.looked_at = 0
        self.ledger_read = 0
        self.problems = []

    def install(self, program, configuration):
        self.server = PostgresOnDisk()
        self.url = postgres.create_database(server=self.server.url)
        return super().install(program, {"database.url": self.url, **configuration})

    def _prepare(self):
        super()._prepare()
        if self.broken:
            self.server.disk.fault(SYNCS, SWALLOW)

    def _kill(self, number):
        wanted = self.ledger_read + (40 if self.broken else self.chance.randint(5, 60))
        wait_until("something to lose", lambda: self._lines("accepted") >= wanted, 60)
        self.server.kill()
        if number % 2 or self.broken:
            self.running.kill()
            self.running = None
        self._look_at_instants(number)
        self.server.disk.cut(self.seed * 100_003 + number, self.possible_fates)
        self.server.start()
        if (state := crash.orphans(self.url)) != "ok":
            self.problems.append(f"after cut {number + 1}: {state}")
        if self.running:
            wait_until("to be ready with the database", self._is_ready, 30)

    def _look_at_instants(self, number):
        log = self.log.read_bytes()
        lines = (self.folder / "accepted").read_text().splitlines(keepends=True)
        lines = [line.split() for line in lines if line.endswith("\n")]
        ends = boundaries(log)
        for end in sorted(self.chance.sample(ends, min(self.instants, len(ends)))):
            self.server.disk.model.replay(log, until=end)
            image, _ = self.server.disk.model.image(self.chance.random(), self.possible_fates)
            accepted = [identifier for place, (_, identifier, _, length) in enumerate(lines)
                        if place < self.ledger_read or int(length) <= end]
            self._look_at(image, accepted, f"{end} of {len(log)} bytes into the log of round {number + 1}")
        self.ledger_read = len(lines)

    def _look_at(self, image, accepted, when):
        if not accepted:
            return  # the installation itself is perhaps not yet there
        self.looked_at += 1
        copy = Copy(image, self.server)
        try:
            url = copy.url_of(self.url.rpartition("/")[2])
            rows = postgres.query(url, "SELECT subject FROM message UNION SELECT send_key FROM send")
            known = {row[0] for row in rows if row}
            word = crash.orphans(url)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            return self.problems.append(f"{when}: {error}")
        finally:
            copy.close()
        missing = [identifier for identifier in accepted if not {identifier, f"crash {identifier}"} & known]
        if missing or word != "ok":
            self.problems.append(f"{when}: {word}; {len(missing)} accepted messages are not there: {missing[:3]}")

    def run(self):
        report = super().run()
        if self.problems:
            report.integrity = "; ".join(self.problems[:5])
        return report

    def text(self):
        return f"{self.report.text()}\nlooked at {self.looked_at} other instants"

    def close(self):
        super().close()
        self.server.close()


def run(rounds, seed=None, program=None, say=print, keep=False, folder=None, **options):
    """Runs the whole test in a temporary folder, which stays when something was wrong."""
    seed = seed if seed is not None else int(time.time())
    folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="brevdue-power-"))
    say(f"postgres, seed {seed}, folder {folder}")
    test = DatabasePowerLoss(folder, rounds, seed, program, say, **options)
    report = test.run()
    say(test.text())
    if not keep and not report.failures:
        shutil.rmtree(folder, ignore_errors=True)
    return report
