"""Brevdue set up for the benchmark: a release binary, one token that loopback may use without logging in."""

import os
import pathlib
import shutil
import sys

from common import ROOT, WORK, wait_for

sys.path.insert(0, str(ROOT / "Tests" / "Support"))

import postgres  # noqa: E402
from installation import Installation  # noqa: E402

NAMES = {"sqlite": "Brevdue", "postgres": "Brevdue on PostgreSQL"}


def release_binary():
    path = pathlib.Path(os.environ.get("BREVDUE_BINARY") or ROOT / ".build" / "release" / "brevdue")
    if not path.exists():
        raise SystemExit("bench: no release binary; run make build")
    return path


class Database:
    """A PostgreSQL server that syncs, made when it is first needed. Anybody may read its settings in `postgres.py`."""

    server = None

    @classmethod
    def url(cls):
        if cls.server is None:
            cls.server = postgres.PostgresServer(syncs=True)
        return postgres.create_database(server=cls.server.url)

    @classmethod
    def pid(cls, engine):
        return cls.server.pid if engine == "postgres" else None

    @classmethod
    def close(cls):
        if cls.server:
            cls.server.close()
            cls.server = None


def fresh(name, engine="sqlite", **configuration):
    """A new data folder or database with an account, a verified domain with its RSA key, and a token."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    if engine == "postgres":
        configuration["database.url"] = Database.url()
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
