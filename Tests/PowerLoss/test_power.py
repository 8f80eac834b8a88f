"""The power cut under load: nothing accepted may be lost, and a missing sync must be found out."""

import os

import pytest

import power
from disk import Disk
from installation import ENGINE, CommandFailed
from model import boundaries
from web import call

pytestmark = pytest.mark.skipif(ENGINE == "postgres", reason="the disk of SQLite")
ROUNDS = int(os.environ.get("POWER_ROUNDS", "20"))


@pytest.mark.slow
@pytest.mark.parametrize("journal", [False, True], ids=["posix", "journal"])
def test_no_accepted_message_is_lost(tmp_path, journal):
    """Half of the rounds on a disk that keeps only what POSIX promises, half on one with a journal."""
    report = power.run(ROUNDS // 2, seed=7, folder=tmp_path, keep=True, journal=journal)
    assert report.failures == []


@pytest.mark.slow
def test_a_missing_sync_is_found_out(tmp_path):
    """Syncs of the database say yes and do nothing. The recorder is slow, so that much waits in the queue."""
    report = power.run(2, seed=7, folder=tmp_path, keep=True, broken=True, pause=0.5, patience=2)
    assert len(report.missing) > 5
    assert "accepted messages are not there" in report.integrity
    assert report.corrupt == report.unknown == 0


def test_the_shim_sees_all_that_the_server_does(tmp_path):
    """From nothing: commands, first start, mail, end. The log must lead to the very files that are there."""
    installation = power.InstallationOnDisk(Disk(tmp_path), tmp_path)
    installation.setup()
    installation.add_domain("example.com")
    installation.smtp_token("tests")
    with installation.serve() as server:
        assert call("GET", f"{server.url}/health/ready").status == 200
        assert server.stop() == 0
    assert installation.disk.log.stat().st_size > 100_000
    assert installation.disk.differences() == []


@pytest.mark.slow
def test_a_cut_during_the_first_start_leaves_nothing_in_the_way(tmp_path):
    """The power goes at instants of the way from nothing to a served installation; then all is done again."""
    installation = power.InstallationOnDisk(Disk(tmp_path), tmp_path)
    disk = installation.disk
    model = disk.model
    installation.setup()
    installation.serve().kill()
    log = disk.log.read_bytes()
    instants = boundaries(log)
    for number in range(0, len(instants), len(instants) // 10):
        model.replay(log, until=instants[number])
        disk.place(model.image(seed=number)[0])
        try:
            installation.setup()
        except CommandFailed as failed:
            assert "already" in failed.stderr, f"cut after {number} of {len(instants)} operations"
        with installation.serve() as server:
            assert call("GET", f"{server.url}/health/ready").status == 200, f"cut after {number} of {len(instants)}"
            server.kill()
