"""What a disk holds after a power cut, worked out from the log of powerloss.c.

What must be there is there:

- data of a file from the moment on at which a sync that began after it had returned;
- names (made, moved, removed) from the moment on at which a sync of their folder had returned; with `journal`
  also when any file was synced, as file systems with a journal do it.

Of everything else the seed decides: nothing of it, all, or any part, by blocks of 4096 or (torn) of 512 bytes.
"""

import os
import pathlib
import random
import struct

# As in powerloss.c.
OPEN, WRITE, TRUNCATE, SYNC, MKDIR, RENAME, LINK, UNLINK, UNSEEN = range(1, 10)
RECORD = struct.Struct("=IIQQ")

FATES = ("nothing", "everything", "blocks", "torn")


class Unseen(Exception):
    """Something changed files in a way that the shim can't follow: an image would be wrong."""


def boundaries(log):
    """Where each record of a log ends."""
    found, position = [], 0
    while position + RECORD.size <= len(log):
        position += RECORD.size + RECORD.unpack_from(log, position)[1]
        if position <= len(log):
            found.append(position)
    return found


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


class Model:
    """Files and names below a folder. Begins with what is there, as durable."""

    def __init__(self, root, journal=False, passed=()):
        """`passed`: parts of names that are passed by, as the shim does."""
        self.root = pathlib.Path(root)
        self.journal = journal
        self.passed = passed
        self.nodes = {}  # by inode
        self.position = 0  # in the log
        self.top = self._scan(self.root)

    def _scan(self, path):
        node = Folder()
        for entry in os.scandir(path):
            if not self._passes(entry.name):
                inner = pathlib.Path(entry.path)
                node.now[entry.name] = self._scan(inner) if entry.is_dir() else self._file(inner)
        node.durable = dict(node.now)
        self.nodes[path.stat().st_ino] = node
        return node

    def _passes(self, name):
        return name.endswith("-shm") or any(part in name for part in self.passed)

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

    def replay(self, log, until=None):
        """Works through the bytes of a log, from where it was the last time up to the position `until`."""
        data = memoryview(log)[:until]
        while self.position + RECORD.size <= len(data):
            operation, length, inode, offset = RECORD.unpack_from(data, self.position)
            end = self.position + RECORD.size + length
            if end > len(data):
                break  # its writer was killed: it was never said to be done
            self._perform(self.position, operation, inode, offset, data[self.position + RECORD.size:end])
            self.position = end

    def _perform(self, position, operation, inode, offset, data):
        if operation in (WRITE, TRUNCATE):
            self.nodes[inode].pending.append((position, operation, offset, data))
        elif operation == SYNC:
            for node in [self.nodes[inode]] if inode else list(self.nodes.values()):
                self._sync(node, offset)
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
        node = source.now[old]
        if source is target:
            return source.change(position, gone=[old] if operation == RENAME else [], there=[(new, node)])
        # Each folder keeps its part on its own: the file may be in both, or in none.
        target.change(position, there=[(new, node)])
        if operation == RENAME:
            source.change(position, gone=[old])

    def _sync(self, node, begin):
        node.sync(begin)
        if self.journal:
            for folder in self._folders():
                folder.sync(begin)

    def _folders(self):
        return [node for node in self.nodes.values() if isinstance(node, Folder)]

    def differences(self):
        """Where the folder is not what the log says with nothing lost: calls that the shim did not see."""
        found = []
        self._compare(self.top, self.root, found)
        return found

    def _compare(self, node, path, found):
        there = {entry.name for entry in os.scandir(path) if not self._passes(entry.name)}
        found += [f"{path}/{name}" for name in there ^ set(node.now)]
        for name in there & set(node.now):
            inner = node.now[name]
            if isinstance(inner, Folder):
                self._compare(inner, path / name, found)
            elif inner.whole() != (path / name).read_bytes():
                found.append(f"{path}/{name}: {len(inner.whole())} bytes by the log")

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
