"""What every test against the real binary can ask for."""

import itertools
import shutil
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


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """One data folder made by the commands; tests that need a fresh one take a copy, which is quicker."""
    return shared(tmp_path_factory.mktemp("template"))


def copy_of(template, folder, configuration):
    made = Installation(folder, like=template, **configuration)
    shutil.copytree(template.data, made.data)
    made.domain, made.token = template.domain, template.token
    return made


@pytest.fixture
def install(tmp_path, template):
    """Makes installations with an account, a verified example.com and a token; their servers end with the test."""
    servers, installations = [], []

    def make(name="brevdue", **configuration):
        named = {key.replace("__", ".").replace("_", "-"): value for key, value in configuration.items()}
        made = copy_of(template, tmp_path / name, named)
        installations.append(made)
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
    for installation in installations:
        installation.remove_database()


@pytest.fixture(scope="module")
def capture(tmp_path_factory, template):
    """An installation in capture mode with its server running, shared by the tests of a file."""
    made = copy_of(template, tmp_path_factory.mktemp("capture"), {})
    with made.serve() as made.server:
        yield made


@pytest.fixture(scope="module")
def relay(request, tmp_path_factory, template):
    """An installation that relays to an aiosmtpd sink, both running, shared by the tests of a file.

    A file's CONFIGURATION, keys and values, is added to its own.
    """
    sink = ForeignSink()
    made = copy_of(template, tmp_path_factory.mktemp("relay"),
                   {"delivery.mode": "relay", "delivery.relay": sink.address,
                    **getattr(request.module, "CONFIGURATION", {})})
    made.sink = sink
    with made.serve() as made.server:
        yield made
    sink.close()


def shared(folder):
    made = Installation(folder)
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
