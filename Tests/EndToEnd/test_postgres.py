"""What happens when the PostgreSQL server is not there, or not as it should be."""

import json

import pytest

import installation as support
import postgres
import sinks
from installation import CommandFailed, Installation, wait_until
from web import call, single_send
from wire import Load, Wire, simple, submit

pytestmark = pytest.mark.skipif(
    support.ENGINE != "postgres", reason="BREVDUE_TEST_ENGINE is not postgres: make test runs these on PostgreSQL")


@pytest.fixture
def server():
    made = postgres.PostgresServer()
    yield made
    made.close()


@pytest.fixture
def on_server(server, tmp_path):
    """An installation on a PostgreSQL server of its own, which the test may stop."""
    made = Installation(tmp_path / "brevdue", **{"database.url": postgres.create_database(server=server.url)})
    made.setup()
    made.add_domain("example.com")
    made.token = made.smtp_token()
    return made


def assert_no_secret(text):
    assert postgres.PASSWORD not in text
    assert "brev%3Adue" not in text


def ready(running):
    return call("GET", f"{running.url}/health/ready")


def test_a_server_killed_under_load_loses_nothing_that_was_promised(on_server, server):
    with on_server.serve() as running:
        loads = [Load(running, on_server.token, f"load{number}") for number in range(4)]
        for load in loads:
            load.start()
        try:
            for _ in range(3):
                accepted = sum(len(load.accepted) for load in loads)
                wait_until("mail to be accepted", lambda: sum(len(load.accepted) for load in loads) > accepted + 20, 60)
                server.stop("immediate")
                refused = sum(len(load.refused) for load in loads)
                wait_until("mail to be refused", lambda: sum(len(load.refused) for load in loads) > refused + 8, 60)
                server.start()
        finally:
            for load in loads:
                load.done.set()
            for load in loads:
                load.join()
        accepted = {recipient for load in loads for recipient in load.accepted}
        answers = {getattr(error, "smtp_code", repr(error)) for load in loads for error in load.refused}
        assert answers == {451}
        url = on_server.configuration["database.url"]
        wait_until("the server", lambda: ready(running).status == 200, 20)
        wait_until("everything to be captured",
                   lambda: postgres.query(url, "SELECT count(*) FROM queue") == [["0"]], 60, every=0.2)
        captured = {row[0] for row in postgres.query(url, "SELECT recipient FROM message WHERE status = 'captured'")}
        assert accepted - captured == set()
        assert_no_secret(running.log())


def test_senders_are_told_to_come_again_while_the_server_is_away(on_server, server, address):
    token = on_server.access_token()
    email = on_server.email("Hello", "<p>Hello</p>")
    with on_server.serve() as running:
        recipient = address()
        submit(running, on_server.token, recipient, simple(recipient))
        server.stop("immediate")
        away = wait_until("not to be ready", lambda: (answer := ready(running)).status == 503 and answer)
        text = away.body.decode()
        assert "127.0.0.1" in text and "PostgreSQL" in text
        assert_no_secret(text)
        with Wire(running.address("smtp")).login(on_server.token) as client:
            code, text = client.say("MAIL FROM:<hello@example.com>")
            assert code == 451 and text.startswith("4.3.0")
        answer = single_send(running, token, {"emailId": email, "message": {"to": address()}})
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        with pytest.raises(CommandFailed) as refused:
            on_server.run("message", "list")
        assert refused.value.status == 1
        assert "Is the server running" in refused.value.stderr
        assert_no_secret(refused.value.stderr)
        findings = json.loads(on_server.run("doctor", "--json", check=False).stdout)
        [database] = [check for check in findings["checks"] if check["name"] == "database"]
        assert database["status"] == "failed" and "refused" in database["detail"]
        server.start()
        wait_until("to be ready again", lambda: ready(running).status == 200, 20)
        recipient = address()
        submit(running, on_server.token, recipient, simple(recipient))
        assert wait_until("the message", lambda: on_server.messages(recipient=recipient))


def test_doctor_names_the_engine_and_what_it_risks(on_server):
    done = on_server.run("doctor", "--settings", "--json", check=False)
    findings = json.loads(done.stdout)
    [database] = [check for check in findings["checks"] if check["name"] == "database"]
    assert database["detail"].startswith("PostgreSQL 1")
    assert "127.0.0.1" in database["detail"]
    # The tests' server does not sync, which nobody should run mail on.
    assert "fsync = on" in database["hint"] and "loses mail" in database["hint"]
    assert "full_page_writes = on" in database["hint"]
    assert "synchronous_commit" not in database["hint"]
    [setting] = [setting for setting in findings["settings"] if setting["key"] == "database.url"]
    assert setting["value"].startswith("postgres://postgres:(hidden)@127.0.0.1")
    assert_no_secret(done.stdout.decode())


def test_what_the_database_does_not_keep_is_said_at_the_start(on_server, server):
    postgres.query(server.url, "ALTER SYSTEM SET synchronous_commit = off")
    postgres.query(server.url, "SELECT pg_reload_conf()")
    with on_server.serve() as running:
        log = running.log()
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"with {setting} off" in log


def test_everything_goes_through_tls(tmp_path, address):
    server = postgres.PostgresServer(tls=True)
    try:
        # Where everybody may read it, unlike the server's folder.
        trusted = tmp_path / "trusted.pem"
        trusted.write_bytes(server.certificate.read_bytes())
        url = postgres.create_database(server=server.url)
        made = Installation(
            tmp_path / "brevdue", **{"database.url": f"{url}?sslmode=verify-full&sslrootcert={trusted}"})
        made.setup()
        made.add_domain("example.com")
        made.token = made.smtp_token()
        with made.serve() as running:
            recipients = [address() for _ in range(3)]
            # Longer than any buffer on the way.
            body = "".join(f"{number:070d}\r\n" for number in range(5_000))
            for recipient in recipients:
                submit(running, made.token, recipient, simple(recipient, body=body))
            for recipient in recipients:
                [found] = wait_until("the message", lambda: made.messages(recipient=recipient, status="captured"))
                assert made.source(found["id"]).endswith(body.encode())
        assert "with TLS" in made.run("doctor", check=False).stdout.decode()
        stranger, _ = sinks.certificate(tmp_path, "127.0.0.1")
        made.configuration["database.url"] = f"{url}?sslmode=verify-full&sslrootcert={stranger}"
        with pytest.raises(CommandFailed) as refused:
            made.run("message", "list")
        assert "certificate" in refused.value.stderr and "sslrootcert" in refused.value.stderr
    finally:
        server.close()


@pytest.mark.parametrize("change, words", [
    (lambda server: server.url_of("missing"), ["missing", "does not exist", "docs/postgresql.md"]),
    (lambda server: server.url_of("postgres", password="wrong"), ["password", "database.url"]),
    (lambda server: server.url.replace("postgres://", "postgres//"), ["database.url", "postgres://USER:PASSWORD@"]),
])
def test_a_wrong_url_says_what_to_do(server, tmp_path, change, words):
    made = Installation(tmp_path / "brevdue", **{"database.url": change(server)})
    for command in (["serve"], ["queue", "status"]):
        with pytest.raises(CommandFailed) as refused:
            made.run(*command, timeout=20)
        assert refused.value.status in (1, 2)
        for word in words:
            assert word in refused.value.stderr
        assert_no_secret(refused.value.stderr)
