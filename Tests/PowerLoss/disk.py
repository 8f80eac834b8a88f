"""A folder as a disk whose power can go and that can fail; programs work on it with the shim preloaded."""

import errno
import functools
import mmap
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

from model import FATES, Model

SOURCE = pathlib.Path(__file__).resolve().parent / "powerloss.c"

# As in powerloss.c.
WRITES, SYNCS, OPENS, CHANGES = 1, 2, 4, 8
SWALLOW, SHORTEN = -1, -2
RULE = struct.Struct("=iiii48s")
RULES = 8
# Behind the rules: who is at work.
OWNER = struct.Struct("=i")


@functools.cache
def shim():
    """The compiled shim; warnings are errors."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise FileNotFoundError("the power-loss tests need a C compiler: gcc or clang")
    made = pathlib.Path(tempfile.mkdtemp(prefix="brevdue-powerloss-")) / "powerloss.so"
    made.parent.chmod(0o755)  # for servers that run as somebody else
    subprocess.run([compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread",
                    "-o", made, SOURCE, "-ldl"], check=True)
    return made


class Fault:
    """A rule of the shim; ends with its `with` block or by `end()`."""

    def __init__(self, disk, place):
        self.disk, self.place = disk, place

    @property
    def hits(self):
        return RULE.unpack_from(self.disk.control, self.place * RULE.size)[3]

    def end(self):
        struct.pack_into("=i", self.disk.control, self.place * RULE.size, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Disk:
    """The folder `directory/disk`, and beside it what the shim needs."""

    def __init__(self, directory, journal=False, sync_milliseconds=1, passed=(), owner=None):
        """`passed`: parts of names of files that are nobody's concern after a power cut. `owner`: whose the disk is,
        as pwd has it, if not ours."""
        self.directory = pathlib.Path(directory)
        self.root = (self.directory / "disk").resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self.journal = journal
        self.sync_milliseconds = sync_milliseconds
        self.passed = tuple(passed)
        self.owner = owner
        self.log = self.directory / "operations.log"
        control = self.directory / "faults"
        control.write_bytes(bytes(RULES * RULE.size + OWNER.size))
        with control.open("r+b") as file:
            self.control = mmap.mmap(file.fileno(), RULES * RULE.size + OWNER.size)
        self.remember()
        if owner:
            self._give(control, self.log)

    @property
    def environment(self):
        return {
            "LD_PRELOAD": str(shim()), "POWERLOSS_ROOT": str(self.root), "POWERLOSS_LOG": str(self.log),
            "POWERLOSS_CONTROL": str(self.directory / "faults"), "POWERLOSS_SYNC_MS": str(self.sync_milliseconds),
            "POWERLOSS_PASS": ":".join(self.passed)}

    # Faults.

    def fault(self, calls, error, suffix="", times=-1):
        """From now on `calls` on paths that end in `suffix`, or with `*PART` have that part, fail with `error`, `times`
        times or until it ends."""
        for place in range(RULES):
            if struct.unpack_from("=i", self.control, place * RULE.size)[0] == 0:
                RULE.pack_into(self.control, place * RULE.size, 0, error, times, 0, suffix.encode())
                struct.pack_into("=i", self.control, place * RULE.size, calls)
                return Fault(self, place)
        raise ValueError(f"there are {RULES} faults already")

    def full(self):
        return self.fault(WRITES | CHANGES, errno.ENOSPC)

    def read_only(self, error=errno.EROFS):
        return self.fault(WRITES | CHANGES, error)

    # What is on the disk.

    def remember(self):
        """Takes the folder as it is for durable; nobody may be at work on it."""
        OWNER.pack_into(self.control, RULES * RULE.size, 0)
        self.log.write_bytes(b"")
        self.model = Model(self.root, self.journal, self.passed)

    def differences(self):
        """Calls that the shim did not see, as `Model.differences`. To be asked when all programs have ended."""
        self.model.replay(self.log.read_bytes())
        found = self.model.differences()
        self.remember()
        return found

    def cut(self, seed, fates=FATES, until=None):
        """The power is gone: the folder becomes what the disk would hold. Gives the fate of each file that had
        something to lose. Programs at work on it must have been killed. Same seed, same log: same result."""
        self.model.replay(self.log.read_bytes(), until)
        image, lost = self.model.image(seed, fates)
        self.place(image)
        return lost

    def place(self, image):
        """Makes the folder what `Model.image` gave."""
        shutil.rmtree(self.root)
        self.root.mkdir()
        write(image, self.root)
        if self.owner:
            self._give(self.root, *(self.root / path for path in image))
        self.remember()

    def _give(self, *paths):
        for path in paths:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)


def write(image, folder):
    """Makes files and folders of what `Model.image` gave."""
    for path, content in image.items():
        if content is None:
            (folder / path).mkdir(mode=0o700)
        else:
            (folder / path).write_bytes(content)
            os.chmod(folder / path, 0o600)
