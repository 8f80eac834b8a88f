"""What every test against the real binary can ask for."""

import itertools
import pathlib
import ssl

import pytest

from installation import Installation
from nameserver import NameServer
from sinks import ForeignSink, ScriptedSink

numbers = itertools.count(1)


@pytest.fixture
def address():
    """Makes recipients that no other test uses."""
    def make(name="someone", domain="example.net"):
        return f"{name}-{next(numbers)}@{domain}"
    return make


@pytest.fixture
def install(tmp_path):
    """Makes installations with an account, a verified example.com and a token; their servers end with the test."""
    servers = []

    def make(name="brevdue", **configuration):
        made = Installation(
            tmp_path / name, **{key.replace("__", ".").replace("_", "-"): value for key, value in configuration.items()})
        made.setup()
        made.domain = made.add_domain("example.com")
        made.token = made.smtp_token()
        plain_serve = made.serve

        def serve(**more):
            server = plain_serve(**more)
            servers.append(server)
            return server
        made.serve = serve
        return made
    yield make
    for server in servers:
        server.kill()


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """An installation in capture mode with its server running, shared by the tests of a file."""
    made = shared(tmp_path_factory.mktemp("capture"))
    with made.serve() as made.server:
        yield made


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """An installation that relays to an aiosmtpd sink, both running, shared by the tests of a file."""
    sink = ForeignSink()
    made = shared(tmp_path_factory.mktemp("relay"), **{"delivery.mode": "relay", "delivery.relay": sink.address})
    made.sink = sink
    with made.serve() as made.server:
        yield made
    sink.close()


def shared(folder, **configuration):
    made = Installation(pathlib.Path(folder), **configuration)
    made.setup()
    made.domain = made.add_domain("example.com")
    made.token = made.smtp_token()
    return made


@pytest.fixture
def sink():
    made = ForeignSink()
    yield made
    made.close()


@pytest.fixture
def scripted():
    """Makes sinks that answer as they are told."""
    made = []

    def make(*arguments, **options):
        made.append(ScriptedSink(*arguments, **options))
        return made[-1]
    yield make
    for one in made:
        one.close()


@pytest.fixture
def nameserver():
    made = NameServer()
    yield made
    made.close()


@pytest.fixture(scope="session")
def unverified():
    """A TLS context that takes the self-signed certificate of a new installation."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
