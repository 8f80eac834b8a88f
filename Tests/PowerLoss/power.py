"""The crash test with the power cut instead of the process killed: what was not synced is lost, too.

One kill shows one instant. The log shows all of them: so at some others of each round, too, the database that
the disk would have held is looked at, and must have every message accepted by then.
"""

import collections
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("Crash", "Support"):
    sys.path.insert(0, str(HERE.parent / folder))

import crash  # noqa: E402
from disk import SWALLOW, SYNCS, Disk  # noqa: E402
from installation import Installation  # noqa: E402
from model import FATES, boundaries  # noqa: E402


class InstallationOnDisk(Installation):
    """Server and commands run with the shim; the data folder, too, is made through it."""

    def __init__(self, disk, directory, program=None, **configuration):
        self.disk = disk
        # The disk of a PostgreSQL server is not ours: these are the proofs of the embedded engine.
        super().__init__(
            directory, program, **{"data.directory": disk.root / "data", "database.url": None, **configuration})

    def environment(self, extra=None):
        return {**super().environment(extra), **self.disk.environment}

    def integrity(self):
        """What `PRAGMA integrity_check` says of the database on the disk."""
        files = self.data.iterdir() if self.data.exists() else []
        return examine({f"data/{path.name}": path.read_bytes() for path in files if path.is_file()})[0]


def examine(image):
    """(word of `PRAGMA integrity_check`, the subjects and sendIds that it knows) of the database in an image. A
    copy is opened, for that changes it."""
    if "data/brevdue.db" not in image:
        return "there is no database", set()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("brevdue.db", "brevdue.db-wal"):
            if f"data/{name}" in image:
                pathlib.Path(folder, name).write_bytes(image[f"data/{name}"])
        connection = sqlite3.connect(f"{folder}/brevdue.db")
        try:
            word = connection.execute("PRAGMA integrity_check").fetchone()[0]
            known = {row[0] for row in connection.execute("SELECT subject FROM message")}
            known |= {row[0] for row in connection.execute("SELECT send_key FROM send")}
            return word, known
        except sqlite3.DatabaseError as error:
            return str(error), set()
        finally:
            connection.close()


class PowerLossTest(crash.CrashTest):
    """`broken`: syncs of the database do nothing, which must be found out. `instants`: how many besides the kill
    are looked at in each round."""

    def __init__(self, folder, rounds, seed, *arguments, journal=False, broken=False, instants=3, patience=30,
                 **options):
        self.disk = Disk(folder, journal=journal, sync_milliseconds=3)
        super().__init__(folder, rounds, seed, *arguments, **options)
        self.log = self.disk.log
        self.patience = patience
        self.seed = seed
        self.broken = broken
        # A broken disk loses everything, for else the database would be too damaged to look for messages in.
        self.possible_fates = ["nothing"] if broken else FATES
        self.instants = instants
        self.looked_at = 0
        self.ledger_read = 0
        self.problems = []
        self.fates = collections.Counter()

    def install(self, program, configuration):
        return InstallationOnDisk(self.disk, self.folder, program, **configuration)

    def _prepare(self):
        super()._prepare()
        if self.broken:
            self.disk.fault(SYNCS, SWALLOW, "brevdue.db")
            self.disk.fault(SYNCS, SWALLOW, "brevdue.db-wal")

    def after_kill(self, number):
        seed = self.seed * 100_003 + number
        self._look_at_instants(number, random.Random(seed))
        self.fates.update(self.disk.cut(seed, self.possible_fates).values())
        state = self.installation.integrity()
        if state != "ok":
            self.problems.append(f"after cut {number + 1}: {state}")

    def _look_at_instants(self, number, chance):
        log = self.disk.log.read_bytes()
        lines = (self.folder / "accepted").read_text().splitlines(keepends=True)
        lines = [line.split() for line in lines if line.endswith("\n")]
        ends = boundaries(log)
        for end in sorted(chance.sample(ends, min(self.instants, len(ends)))):
            self.disk.model.replay(log, until=end)
            image, _ = self.disk.model.image(chance.random(), self.possible_fates)
            accepted = [identifier for place, (_, identifier, _, length) in enumerate(lines)
                        if place < self.ledger_read or int(length) <= end]
            self._look_at(image, accepted, f"{end} of {len(log)} bytes into the log of round {number + 1}")
        # A line written late stands for an earlier yes: what is asked of it is then less, never too much.
        self.ledger_read = len(lines)

    def _look_at(self, image, accepted, when):
        if not accepted:
            return  # the installation itself is perhaps not yet there
        self.looked_at += 1
        word, known = examine(image)
        if word != "ok":
            self.problems.append(f"{when}: {word}")
        missing = [identifier for identifier in accepted if not {identifier, f"crash {identifier}"} & known]
        if missing:
            self.problems.append(f"{when}: {len(missing)} accepted messages are not there, such as {missing[:3]}")

    def run(self):
        report = super().run()
        if self.problems:
            report.integrity = "; ".join(self.problems[:5])
        return report

    def text(self):
        fates = ", ".join(f"{name} {count}" for name, count in self.fates.most_common())
        kind = "a file system with a journal" if self.disk.journal else "only what POSIX promises"
        return (f"{self.report.text()}\ndisk: {kind}; files cut with unsynced data, and how much of it was kept: "
                f"{fates or 'none'}; looked at {self.looked_at} other instants")


def run(rounds, seed=None, program=None, say=print, keep=False, folder=None, **options):
    """Runs the whole test in a temporary folder, which stays when something was wrong."""
    seed = seed if seed is not None else int(time.time())
    folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="brevdue-power-"))
    say(f"seed {seed}, folder {folder}")
    test = PowerLossTest(folder, rounds, seed, program, say, **options)
    report = test.run()
    say(test.text())
    if not keep and not report.failures:
        shutil.rmtree(folder, ignore_errors=True)
    return report
