"""What is left on a disk after a power cut, made from the log of powerloss.c.

A folder is the disk; programs work on it with the shim preloaded. `cut` replaces it by what a power cut would
have left. What must be there is there:

- data of a file from the moment on at which a sync that began after it had returned;
- names (made, moved, removed) from the moment on at which a sync of their folder had returned; with `journal`
  also when any file was synced, as file systems with a journal do it.

Of everything else the seed decides: nothing of it, all, or any part, by blocks of 4096 or (torn) of 512 bytes.
"""

import errno
import functools
import mmap
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent / "powerloss.c"

# As in powerloss.c.
OPEN, WRITE, TRUNCATE, SYNC, MKDIR, RENAME, LINK, UNLINK, UNSEEN = range(1, 10)
RECORD = struct.Struct("=IIQQ")
WRITES, SYNCS, OPENS, CHANGES = 1, 2, 4, 8
SWALLOW, SHORTEN = -1, -2
RULE = struct.Struct("=iiii48s")
RULES = 8

FATES = ("nothing", "everything", "blocks", "torn")


@functools.cache
def shim():
    """The compiled shim; warnings are errors."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise FileNotFoundError("the power-loss tests need a C compiler: gcc or clang")
    made = pathlib.Path(tempfile.mkdtemp(prefix="brevdue-powerloss-")) / "powerloss.so"
    subprocess.run([compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread",
                    "-o", made, SOURCE, "-ldl"], check=True)
    return made


class Unseen(Exception):
    """Something changed files in a way that the shim can't follow: an image would be wrong."""


class File:
    def __init__(self, durable=b""):
        self.durable = bytearray(durable)
        self.pending = []  # (position in the log, operation, offset or size, data)

    def sync(self, begin):
        kept = [change for change in self.pending if change[0] >= begin]
        for change in self.pending:
            if change[0] < begin:
                apply(self.durable, *change[1:])
        self.pending = kept

    def whole(self):
        content = bytearray(self.durable)
        for change in self.pending:
            apply(content, *change[1:])
        return content

    def after_cut(self, chance, fate):
        content = bytearray(self.durable)
        share = chance.choice((0.1, 0.5, 0.9))
        for _, operation, offset, data in self.pending:
            if fate == "everything":
                apply(content, operation, offset, data)
            elif operation == TRUNCATE and fate != "nothing" and chance.random() < share:
                apply(content, operation, offset, data)
            elif operation == WRITE and fate != "nothing":
                for at, block in blocks(offset, data, 4096 if fate == "blocks" else 512):
                    if chance.random() < share:
                        apply(content, WRITE, at, block)
        return content


def apply(content, operation, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if operation == TRUNCATE:
        del content[offset:]
    else:
        content[offset:offset + len(data)] = data


def blocks(offset, data, size):
    """The parts of a write that a disk does at once: it knows whole blocks only, at multiples of their size."""
    at = 0
    while at < len(data):
        end = min(len(data), at + size - (offset + at) % size)
        yield offset + at, data[at:end]
        at = end


class Folder:
    def __init__(self):
        self.durable = {}
        self.now = {}
        self.pending = []  # (position in the log, names gone, names there)

    def change(self, position, gone=(), there=()):
        self.pending.append((position, tuple(gone), tuple(there)))
        move(self.now, gone, there)

    def sync(self, begin):
        for change in self.pending:
            if change[0] < begin:
                move(self.durable, *change[1:])
        self.pending = [change for change in self.pending if change[0] >= begin]


def move(names, gone, there):
    for name in gone:
        names.pop(name, None)
    names.update(there)


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

    def __init__(self, directory, journal=False, sync_milliseconds=1):
        self.directory = pathlib.Path(directory)
        self.root = (self.directory / "disk").resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self.journal = journal
        self.sync_milliseconds = sync_milliseconds
        self.log = self.directory / "operations.log"
        control = self.directory / "faults"
        control.write_bytes(bytes(RULES * RULE.size))
        with control.open("r+b") as file:
            self.control = mmap.mmap(file.fileno(), RULES * RULE.size)
        self.remember()

    @property
    def environment(self):
        return {
            "LD_PRELOAD": str(shim()), "POWERLOSS_ROOT": str(self.root), "POWERLOSS_LOG": str(self.log),
            "POWERLOSS_CONTROL": str(self.directory / "faults"), "POWERLOSS_SYNC_MS": str(self.sync_milliseconds)}

    # Faults.

    def fault(self, calls, error, suffix="", times=-1):
        """From now on `calls` on paths that end in `suffix` fail with `error`, `times` times or until it ends."""
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
        self.log.write_bytes(b"")
        self.nodes = {}
        self.top = self._scan(self.root)

    def _scan(self, path):
        node = Folder()
        for entry in os.scandir(path):
            if not entry.name.endswith("-shm"):
                inner = pathlib.Path(entry.path)
                node.now[entry.name] = self._scan(inner) if entry.is_dir() else self._file(inner)
        node.durable = dict(node.now)
        self.nodes[path.stat().st_ino] = node
        return node

    def _file(self, path):
        node = File(path.read_bytes())
        self.nodes[path.stat().st_ino] = node
        return node

    def _folder_of(self, path):
        """(folder, name) of an absolute path as it is now."""
        parts = pathlib.Path(path).relative_to(self.root).parts
        node = self.top
        for part in parts[:-1]:
            node = node.now[part]
        return node, parts[-1]

    def replay(self, until=None):
        """Works through the log, which begins where the disk was last remembered. `until`: this many records."""
        data = memoryview(self.log.read_bytes())
        position = number = 0
        while position + RECORD.size <= len(data) and (until is None or number < until):
            operation, length, inode, offset = RECORD.unpack_from(data, position)
            rest = data[position + RECORD.size:position + RECORD.size + length]
            if len(rest) < length:
                break  # its writer was killed: it was never said to be done
            self._perform(position, operation, inode, offset, rest)
            position += RECORD.size + length
            number += 1
        return number

    def _perform(self, position, operation, inode, offset, data):
        if operation in (WRITE, TRUNCATE):
            self.nodes[inode].pending.append((position, operation, offset, data))
        elif operation == SYNC:
            self._sync(self.nodes[inode], offset)
        elif operation == OPEN and offset == 2:
            self.nodes[inode].pending.append((position, TRUNCATE, 0, b""))
        elif operation in (OPEN, MKDIR):
            node = self.nodes[inode] = File() if operation == OPEN else Folder()
            folder, name = self._folder_of(str(data, "utf-8"))
            folder.change(position, there=[(name, node)])
        elif operation == UNLINK:
            folder, name = self._folder_of(str(data, "utf-8"))
            folder.change(position, gone=[name])
        elif operation in (RENAME, LINK):
            self._rename(position, operation, *str(data, "utf-8").split("\0"))
        else:
            raise Unseen(str(data, "utf-8"))

    def _rename(self, position, operation, one, two):
        (source, old), (target, new) = self._folder_of(one), self._folder_of(two)
        if source is not target:
            raise Unseen(f"{one} went to another folder, which is not modelled")
        source.change(position, gone=[old] if operation == RENAME else [], there=[(new, source.now[old])])

    def _sync(self, node, begin):
        node.sync(begin)
        if self.journal:
            for folder in self._folders():
                folder.sync(begin)

    def _folders(self):
        return [node for node in self.nodes.values() if isinstance(node, Folder)]

    def differences(self):
        """Where the folder is not what the log says with nothing lost: calls that the shim did not see. To be
        asked when the programs have ended by themselves."""
        self.replay()
        try:
            found = []
            self._compare(self.top, self.root, found)
            return found
        finally:
            self.remember()

    def _compare(self, node, path, found):
        there = {entry.name for entry in os.scandir(path) if not entry.name.endswith("-shm")}
        found += [f"{path}/{name}" for name in there ^ set(node.now)]
        for name in there & set(node.now):
            inner = node.now[name]
            if isinstance(inner, Folder):
                self._compare(inner, path / name, found)
            elif inner.whole() != (path / name).read_bytes():
                found.append(f"{path}/{name}: {len(inner.whole())} bytes by the log")

    # The cut.

    def cut(self, seed, fates=FATES, until=None):
        """The power is gone: the folder becomes what the disk would hold. Gives the fate of each file that had
        something to lose. Programs at work on it must have been killed. Same seed, same log: same result."""
        self.replay(until)
        image, lost = self.image(seed, fates)
        shutil.rmtree(self.root)
        self.root.mkdir()
        for path, content in image.items():
            if content is None:
                (self.root / path).mkdir(mode=0o700)
            else:
                (self.root / path).write_bytes(content)
                os.chmod(self.root / path, 0o600)
        self.remember()
        return lost

    def image(self, seed, fates=FATES):
        """What the disk would hold: path → content, None for a folder; and the fate of what was not durable."""
        chance = random.Random(seed)
        image, lost = {}, {}
        self._collect(self.top, "", self._names_after_cut(chance, fates), chance, fates, image, lost)
        return image, lost

    def _names_after_cut(self, chance, fates):
        """For each folder its names. A journal loses the last changes in their order; else each may be lost."""
        every = sorted({change[0] for folder in self._folders() for change in folder.pending})
        fate = chance.choice(fates)
        part = fate in ("blocks", "torn")
        kept = set() if fate == "nothing" else set(every)
        if part and self.journal:
            kept = set(every[:chance.randint(0, len(every))])
        elif part:
            kept = {position for position in every if chance.random() < 0.5}
        result = {}
        for folder in self._folders():
            names = result[id(folder)] = dict(folder.durable)
            for position, gone, there in folder.pending:
                if position in kept:
                    move(names, gone, there)
        return result

    def _collect(self, folder, path, names, chance, fates, image, lost):
        for name, node in sorted(names[id(folder)].items()):
            place = path + name
            if isinstance(node, Folder):
                image[place] = None
                self._collect(node, place + "/", names, chance, fates, image, lost)
                continue
            fate = chance.choice(fates)
            image[place] = bytes(node.after_cut(chance, fate))
            if node.pending:
                lost[place] = fate
