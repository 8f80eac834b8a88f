"""A short crash test in every run, on its engine; `make crash-test` does as many rounds as it is told on both."""

import os

import pytest

import crash
from installation import ENGINE

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "50"))


@pytest.mark.slow
def test_no_accepted_message_is_lost(tmp_path):
    report = crash.run(ROUNDS, folder=tmp_path, keep=True, engine=ENGINE)
    print(report.text())
    assert report.failures == []
