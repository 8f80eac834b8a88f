"""The shim and the disk made from its log, by small programs: they drop what they must and keep what they must."""

import errno
import os
import subprocess
import sys

import pytest

from disk import CHANGES, OPENS, SHORTEN, SWALLOW, SYNCS, WRITES, Disk
from model import Unseen, boundaries

SEEDS = range(200)
OLD, NEW = b"o" * 8192, b"n" * 8192

# What each program finds: the folder is the working directory.
PRELUDE = """
import os, sys
def put(name, data, at=0, sync=True, flags=0):
    file = os.open(name, os.O_RDWR | os.O_CREAT | flags, 0o600)
    os.pwrite(file, data, at)
    if sync: os.fsync(file)
    return file
def sync(name='.'):
    file = os.open(name, os.O_RDONLY)
    os.fsync(file)
    os.close(file)
def fails(call, *arguments):
    try: call(*arguments)
    except OSError as error: print(error.errno)
    else: print(0)
"""


@pytest.fixture
def make(tmp_path):
    """A disk with the file `old` on it."""
    def make(journal=False, name="one"):
        (tmp_path / name / "disk").mkdir(parents=True)
        (tmp_path / name / "disk" / "old").write_bytes(OLD)
        return Disk(tmp_path / name, journal=journal, sync_milliseconds=0)
    return make


def run(made, program):
    done = subprocess.run([sys.executable, "-c", PRELUDE + program], cwd=made.root, check=True, text=True,
                          env={**os.environ, **made.environment}, stdout=subprocess.PIPE)
    return done.stdout.split()


def content(made):
    return {path.name: path.read_bytes() for path in made.root.iterdir()}


def after_cuts(make, program, journal=False):
    """What is on the disk after the program and a power cut, for each seed."""
    made = make(journal)
    run(made, program)
    made.model.replay(made.log.read_bytes())
    return [made.model.image(seed)[0] for seed in SEEDS]


@pytest.mark.parametrize("program, name, expected", [
    ("put('new', b'n' * 8192); sync()", "new", NEW),
    ("put('old', b'n' * 8192)", "old", NEW),
    ("file = put('old', b'n' * 8192, sync=False); os.fdatasync(file)", "old", NEW),
    ("file = put('old', b'n' * 8192, sync=False); os.fsync(os.dup(file))", "old", NEW),
    ("os.close(put('old', b'n' * 8192, sync=False)); file = os.open('old', os.O_RDWR); os.fsync(file)", "old", NEW),
    ("put('old', b'n' * 8192, sync=False, flags=os.O_DSYNC)", "old", NEW),
    ("file = put('old', b''); os.pwritev(file, [b'n' * 4096] * 2, 0); os.fsync(file)", "old", NEW),
    ("file = put('old', b''); os.writev(file, [b'n' * 4096] * 2); os.fsync(file)", "old", NEW),
    ("file = put('old', b''); os.ftruncate(file, 3); os.fsync(file)", "old", OLD[:3]),
    ("file = put('old', b''); os.posix_fallocate(file, 8192, 5); os.fsync(file)", "old", OLD + bytes(5)),
    ("file = os.open('old', os.O_RDWR | os.O_TRUNC); os.write(file, b'n'); os.fsync(file)", "old", b"n"),
    ("file = os.open('old', os.O_WRONLY | os.O_APPEND); os.write(file, b'n'); os.fsync(file)", "old", OLD + b"n"),
    ("file = put('old', b'', flags=os.O_APPEND); os.pwrite(file, b'n', 0); os.fsync(file)", "old", OLD + b"n"),
    ("put('new', b'n' * 8192); os.rename('new', 'old'); sync()", "old", NEW),
    ("os.unlink('old'); sync()", "old", None),
    ("os.link('old', 'new'); sync()", "new", OLD),
    ("os.mkdir('in'); sync(); os.rmdir('in'); sync()", "in", None),
])
def test_what_was_synced_is_kept(make, program, name, expected):
    assert {one.get(name) for one in after_cuts(make, program)} == {expected}


def test_what_was_not_synced_is_dropped_kept_or_torn(make):
    found = {one["old"] for one in after_cuts(make, "put('old', b'n' * 8192, sync=False)")}
    assert {OLD, NEW} < found, "never dropped wholly, or never kept"
    assert NEW[:4096] + OLD[4096:] in found and OLD[:4096] + NEW[4096:] in found, "not by blocks, in any order"
    torn = [one for one in found if b"on" in one[:4096] or b"no" in one[:4096]]
    assert torn, "never torn within a block"
    for one in found:
        assert len(one) == 8192
        assert all(one[at:at + 512] in (OLD[:512], NEW[:512]) for at in range(0, 8192, 512)), "smaller than a sector"


def test_a_file_that_grew_may_have_a_hole(make):
    found = {one["old"] for one in after_cuts(make, "put('old', b'n' * 8192, at=8192, sync=False)")}
    assert OLD in found and OLD + bytes(4096) + NEW[4096:] in found


def test_a_write_after_the_sync_is_not_kept_by_it(make):
    found = {one["old"] for one in after_cuts(make, "file = put('old', b'1'); os.pwrite(file, b'2', 0)")}
    assert found == {b"1" + OLD[1:], b"2" + OLD[1:]}


def test_a_name_needs_a_sync_of_its_folder(make):
    names = {"new" in one for one in after_cuts(make, "put('new', b'n' * 8192)")}
    assert names == {True, False}
    assert {one.get("new") for one in after_cuts(lambda journal: make(journal, "two"), "put('new', b'n' * 8192)",
                                                 journal=True)} == {NEW}


@pytest.mark.parametrize("journal", [False, True])
def test_a_rename_is_whole_or_has_not_been(make, journal):
    found = after_cuts(make, "put('new', b'n' * 8192); sync(); os.rename('new', 'old')", journal)
    assert {(one.get("old"), one.get("new")) for one in found} == {(OLD, NEW), (NEW, None)}


def test_a_rename_does_not_sync_what_it_moves(make):
    found = after_cuts(make, "put('new', b'n' * 8192, sync=False); os.rename('new', 'old'); sync()", journal=True)
    assert b"" in {one["old"] for one in found}


def test_a_file_that_goes_to_another_folder_is_in_each_when_that_is_synced(make):
    move = "os.mkdir('in'); sync(); os.rename('old', 'in/old'); "
    for synced, places in (("sync('in'); sync()", {(False, True)}), ("sync('in')", {(False, True), (True, True)}),
                           ("sync()", {(False, True), (False, False)})):
        found = after_cuts(lambda journal, synced=synced: make(journal, synced), move + synced)
        assert {("old" in one, one.get("in/old") == OLD) for one in found} == places, synced
        assert all(one["in"] is None for one in found)


def test_syncing_the_file_system_keeps_everything(make):
    found = after_cuts(make, """
import ctypes
file = put('new', b'n' * 8192, sync=False); os.rename('old', 'moved')
assert ctypes.CDLL(None).syncfs(file) == 0
put('later', b'l', sync=False)
""")
    assert {(one.get("new"), one.get("moved"), "old" in one) for one in found} == {(NEW, OLD, False)}
    assert {one.get("later") for one in found} == {None, b"", b"l"}


def test_what_is_passed_by_is_gone(tmp_path):
    (tmp_path / "disk").mkdir()
    made = Disk(tmp_path, sync_milliseconds=0, passed=("cache", "state."))
    run(made, "open('cache.1', 'w').write('x'); os.rename('cache.1', 'cache'); put('state.pid', b'1'); put('new', b'n')")
    assert made.differences() == []
    made.cut(1, fates=["everything"])
    assert content(made) == {"new": b"n"}


def test_several_processes_are_in_one_order(make):
    """Each writes its own number over the same bytes: the log must end with the one that is there."""
    made = make()
    run(made, """
children = []
for number in range(8):
    child = os.fork()
    if child == 0:
        file = os.open('old', os.O_RDWR)
        for turn in range(200): os.pwrite(file, bytes([number]) * 8192, 0)
        os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
""")
    assert made.differences() == []


def test_a_removed_file_may_come_back(make):
    assert {"old" in one for one in after_cuts(make, "os.unlink('old')")} == {True, False}


def test_the_same_seed_gives_the_same_disk(make):
    program = "put('old', b'n' * 8192, sync=False)"
    assert after_cuts(make, program) == after_cuts(lambda journal: make(journal, "two"), program)


@pytest.mark.parametrize("steps, expected", [(2, None), (3, None), (4, b"1"), (5, b"1"), (6, b"2")])
def test_a_cut_can_fall_between_any_two_steps(make, steps, expected):
    """Made, written, synced, its folder synced, written, synced."""
    made = make()
    run(made, "put('new', b'1'); sync(); put('new', b'2')")
    made.cut(1, fates=["nothing"], until=boundaries(made.log.read_bytes())[steps - 1])
    assert content(made).get("new") == expected


def test_after_a_cut_the_disk_goes_on(make):
    made = make()
    run(made, "put('new', b'1'); sync()")
    made.cut(1, fates=["nothing"])
    run(made, "put('new', b'2'); put('new', b'3', sync=False); put('old', b'x', sync=False)")
    made.cut(1, fates=["nothing"])
    assert content(made) == {"old": OLD, "new": b"2"}


def test_a_killed_program_loses_nothing_of_the_log(make):
    made = make()
    child = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + """
for number in range(10**9):
    put('old', number.to_bytes(8, 'big'))
    os.write(1, number.to_bytes(8, 'big'))
"""], cwd=made.root, env={**os.environ, **made.environment}, stdout=subprocess.PIPE)
    said = child.stdout.read(8 * 500)
    child.kill()
    said += child.stdout.read()
    child.wait()
    child.stdout.close()
    made.cut(1, fates=["nothing"])
    promised, there = said[-8:], content(made)["old"][:8]
    assert int.from_bytes(there, "big") - int.from_bytes(promised, "big") in (0, 1)


def test_the_log_is_the_whole_truth(make):
    made = make()
    run(made, """
os.mkdir('in'); put('in/a', b'1', at=7); put('in/b', b'2', sync=False); os.rename('in/b', 'in/c'); os.unlink('old')
file = put('d', b'3' * 100); os.ftruncate(file, 50); os.dup2(file, 50); os.write(50, b'4'); os.rename('d', 'e')
""")
    assert made.differences() == []
    (made.root / "f").write_bytes(b"not through the shim")
    assert made.differences() == [f"{made.root}/f"]


@pytest.mark.parametrize("program", [
    "import mmap; mmap.mmap(put('old', b'1'), 100)[0] = 7",
    "os.rename('old', '../gone')",
])
def test_what_it_can_not_follow_it_says(make, program):
    made = make()
    run(made, program)
    with pytest.raises(Unseen):
        made.cut(1)


@pytest.mark.parametrize("calls, error, program", [
    (WRITES, errno.ENOSPC, "fails(put, 'old', b'1')"),
    (WRITES, errno.EIO, "file = os.open('old', os.O_RDWR); fails(os.ftruncate, file, 1)"),
    (SYNCS, errno.EIO, "fails(put, 'old', b'1')"),
    (SYNCS, errno.EIO, "file = os.open('old', os.O_RDWR); fails(os.fdatasync, file)"),
    (CHANGES, errno.EROFS, "fails(os.open, 'new', os.O_CREAT | os.O_RDWR)"),
    (CHANGES, errno.EROFS, "fails(os.mkdir, 'new')"),
    (CHANGES, errno.EROFS, "fails(os.rename, 'old', 'new')"),
    (CHANGES, errno.EROFS, "fails(os.unlink, 'old')"),
    (CHANGES, errno.EROFS, "import pathlib; print(0 if os.access('old', os.W_OK) else 30)"),
    (OPENS, errno.EMFILE, "fails(os.open, 'old', os.O_RDONLY)"),
])
def test_faults(make, calls, error, program):
    made = make()
    with made.fault(calls, error) as fault:
        assert run(made, program) == [str(error)]
        assert fault.hits > 0
    assert run(made, program) in (["0"], [])


def test_a_fault_can_be_for_some_files_and_some_times(make):
    made = make()
    program = "put('a', b''); file = put('old', b'1'); fails(os.fsync, file); fails(os.fsync, file)"
    with made.fault(SYNCS, errno.EIO, "nowhere"), made.fault(WRITES, SHORTEN, "old", times=1) as short:
        assert run(made, "file = os.open('old', os.O_RDWR); print(os.write(file, b'1234'), os.write(file, b'1234'))"
                   ) == ["2", "4"]
        assert short.hits == 1
    made.fault(SYNCS, errno.EIO, "old", times=1)
    assert run(made, "file = os.open('old', os.O_RDWR); fails(os.fsync, file); fails(os.fsync, file)") == ["5", "0"]


def test_a_swallowed_sync_keeps_nothing(make):
    made = make()
    with made.fault(SYNCS, SWALLOW, "old") as fault:
        run(made, "put('old', b'n' * 8192); put('new', b'1'); sync()")
        assert fault.hits == 1
    made.cut(1, fates=["nothing"])
    assert content(made) == {"old": OLD, "new": b"1"}
