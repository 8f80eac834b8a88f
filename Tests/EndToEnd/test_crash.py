"""A short crash test in every run; `make crash-test` does 50 rounds or as many as it is told."""

import os

import pytest

import crash

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "50"))


@pytest.mark.slow
def test_no_accepted_message_is_lost(tmp_path):
    report = crash.run(ROUNDS, folder=tmp_path, keep=True)
    print(report.text())
    assert report.failures == []
