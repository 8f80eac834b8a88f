"""Brevdue set up for the benchmark: a release binary, one token that loopback may use without logging in."""

import os
import pathlib
import shutil
import sys

from common import ROOT, WORK, wait_for

sys.path.insert(0, str(ROOT / "Tests" / "Support"))

from installation import Installation  # noqa: E402


def release_binary():
    path = pathlib.Path(os.environ.get("BREVDUE_BINARY") or ROOT / ".build" / "release" / "brevdue")
    if not path.exists():
        raise SystemExit("bench: no release binary; run make build")
    return path


def fresh(name, **configuration):
    """A new data folder with an account, a verified domain with its RSA key, and a token."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    installation = Installation(folder, release_binary(), **configuration)
    installation.setup()
    installation.add_domain("example.com")
    token = installation.smtp_token("bench")
    installation.configuration["smtp.trusted-clients"] = f"127.0.0.1/32={token['id']}"
    installation.configuration["log.level"] = "warning"
    return installation


def beside(first, name):
    """Another server on the database of an installation, with a data folder of its own."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    kept = {key: value for key, value in first.configuration.items() if key != "data.directory"}
    return Installation(folder, release_binary(), **{**kept, "smtp.hostname": f"{name}.example.com"})


def relay_to(port):
    return {"delivery.mode": "relay", "delivery.relay": f"127.0.0.1:{port}", "delivery.relay-tls": "off"}


def drained(installation, timeout):
    def empty():
        counts = installation.queue()
        return counts["queued"] + counts["inFlight"] + counts["deferred"] == 0
    wait_for("an empty queue", empty, timeout=timeout, every=0.5)
