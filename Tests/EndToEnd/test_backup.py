"""Backups while mail comes in, what is restored from them, and the way from one engine to the other."""

import contextlib
import json
import os
import pathlib
import sqlite3
import stat
import subprocess

import pytest

import installation as support
import postgres
from installation import CommandFailed, Installation, wait_until
from wire import Load, simple, submit

HAS_POSTGRES = bool(os.environ.get("BREVDUE_TEST_POSTGRES"))
needs_postgres = pytest.mark.skipif(
    not HAS_POSTGRES, reason="BREVDUE_TEST_POSTGRES is not set: make test runs these on PostgreSQL")


@pytest.fixture
def empty(tmp_path):
    """Makes installations with nothing in them, not even an account."""
    made = []

    def make(name, **configuration):
        named = {key.replace("__", ".").replace("_", "-"): value for key, value in configuration.items()}
        made.append(Installation(tmp_path / name, **named))
        return made[-1]
    yield make
    for installation in made:
        installation.remove_database()


@pytest.fixture
def database():
    """Makes databases on the tests' server."""
    made = []

    def make():
        made.append(postgres.create_database())
        return made[-1]
    yield make
    for url in made:
        postgres.drop_database(url)


def embedded(tmp_path, name, **configuration):
    """An installation on SQLite, whichever engine the run is for."""
    return Installation(tmp_path / name, **{"database.url": None, **configuration})


def rows(file):
    """All rows of all tables of an SQLite database."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        names = [name for name, in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        skipped = {"schema_version", "copy_note", "copy_table"}
        return {name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
                for name in names if name not in skipped}


def assert_no_secret(text):
    assert postgres.PASSWORD not in text
    assert "brev%3Adue" not in text


def test_a_backup_under_load_has_all_that_was_accepted_before(install, empty, tmp_path):
    made = install()
    file = tmp_path / "backup.db"
    with made.serve() as running:
        loads = [Load(running, made.token, f"load{number}") for number in range(3)]
        for load in loads:
            load.start()
        try:
            wait_until("mail to be accepted", lambda: sum(len(load.accepted) for load in loads) > 60, 60)
            before = {recipient for load in loads for recipient in load.accepted}
            report = made.json("backup", file)
            # Senders were not held up: more comes in.
            after = sum(len(load.accepted) for load in loads)
            wait_until("more mail", lambda: sum(len(load.accepted) for load in loads) > after + 10, 60)
        finally:
            for load in loads:
                load.done.set()
            for load in loads:
                load.join()
        assert [load.refused for load in loads] == [[], [], []]
        counts = {table["name"]: table["rows"] for table in report["tables"]}
        assert counts["message"] >= len(before)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert sorted(path.name for path in tmp_path.glob("backup*")) == ["backup.db"]
        again = empty("again")
        restored = again.json("restore", file)
        assert {table["name"]: table["rows"] for table in restored["tables"]} == counts
        recipients = {row[0] for row in sqlite3.connect(file).execute("SELECT recipient FROM message")}
        assert before - recipients == set()
        [first] = again.messages(recipient=min(before))
        assert again.source(first["id"]).endswith(b"One line.\r\n")


def test_a_restored_server_delivers_what_was_queued(install, empty, sink, address, tmp_path):
    # A relay that is not there: everything waits.
    made = install(delivery__mode="relay", delivery__relay=f"127.0.0.1:{postgres.free_port()}")
    recipients = [address() for _ in range(5)]
    with made.serve() as running:
        for recipient in recipients:
            submit(running, made.token, recipient, simple(recipient))
        made.run("backup", tmp_path / "backup.db")
    again = empty("again", delivery__mode="relay", delivery__relay=sink.address)
    again.run("restore", tmp_path / "backup.db")
    again.run("queue", "retry", "--all")
    with again.serve() as running:
        for recipient in recipients:
            sink.received.wait_for(recipient)
        # The same log-ins as before.
        late = address()
        submit(running, made.token, late, simple(late))
        sink.received.wait_for(late)


def test_a_backup_is_a_data_folder_s_database_too(install, tmp_path, address):
    made = install()
    recipient = address()
    with made.serve() as running:
        submit(running, made.token, recipient, simple(recipient))
    other = embedded(tmp_path, "other")
    other.data.mkdir()
    made.run("backup", other.data / "brevdue.db")
    assert other.messages(recipient=recipient)


def test_what_is_there_is_only_replaced_by_force(install, tmp_path):
    made = install()
    file = tmp_path / "backup.db"
    made.run("backup", file)
    for command in (["backup", file], ["restore", file]):
        with pytest.raises(CommandFailed) as refused:
            made.run(*command)
        assert refused.value.status == 1
        assert "--force" in refused.value.stderr
        assert_no_secret(refused.value.stderr)
    made.run("backup", file, "--force")
    token = made.smtp_token("made later")
    made.run("restore", file, "--force")
    assert token["id"] not in [one["id"] for one in made.json("smtp-token", "list")]
    assert made.token["id"] in [one["id"] for one in made.json("smtp-token", "list")]


def test_a_server_that_runs_is_left_alone(install, tmp_path, empty):
    made = install()
    file = tmp_path / "backup.db"
    made.run("backup", file)
    target = tmp_path / "elsewhere.db"
    source = made.configuration.get("database.url") or f"sqlite:{made.data}/brevdue.db"
    with made.serve():
        commands = [["restore", file, "--force"], ["migrate-store", "--from", source, "--to", f"sqlite:{target}"]]
        for command in commands:
            with pytest.raises(CommandFailed) as refused:
                made.run(*command)
            assert refused.value.status == 1
            assert "server" in refused.value.stderr
            assert_no_secret(refused.value.stderr)
        assert made.json("smtp-token", "list")
    assert not target.exists() or rows(target) == {}


def test_wrong_use_says_what_to_do(tmp_path):
    made = embedded(tmp_path, "brevdue")
    (tmp_path / "text").write_text("no backup")
    cases = [
        (["restore", tmp_path / "missing.db"], 1, "no file"),
        (["restore", tmp_path / "text"], 1, "backup"),
        (["backup", tmp_path / "no" / "folder.db"], 1, "folder"),
        (["migrate-store"], 2, "--to"),
        (["migrate-store", "--to", "mysql://user:secret@host/x"], 2, "sqlite:PATH"),
        (["migrate-store", "--from", f"sqlite:{tmp_path}/no.db", "--to", f"sqlite:{tmp_path}/new.db"], 1, "no file"),
    ]
    for command, status, word in cases:
        with pytest.raises(CommandFailed) as refused:
            made.run(*command)
        assert refused.value.status == status, refused.value
        assert word in refused.value.stderr
        assert "secret" not in refused.value.stderr


@needs_postgres
def test_there_and_back_nothing_is_different(tmp_path, database, address):
    made = embedded(tmp_path, "brevdue")
    made.setup(account="Köök ✉ 株式会社")
    made.add_domain("example.com")
    token = made.smtp_token()
    made.email("Tere, {{ contact.name }}", "<p>Õhtu</p>")
    with made.serve() as running:
        for number in range(20):
            recipient = address()
            submit(running, token, recipient, simple(recipient, body=("x" * 70 + "\r\n") * 50 * number))
        wait_until("everything to be captured", lambda: len(made.messages(status="captured", limit=100)) == 20)
    original = f"sqlite:{made.data}/brevdue.db"
    url, back = database(), tmp_path / "back.db"
    done = made.run("migrate-store", "--from", original, "--to", url)
    assert b"equal" in done.stdout and b"DIFFERENT" not in done.stdout
    assert_no_secret((done.stdout + done.stderr).decode())
    report = made.json("migrate-store", "--from", url, "--to", f"sqlite:{back}")
    assert report["equal"] and not report["resumed"]
    assert rows(back) == rows(made.data / "brevdue.db")
    # It is a store like any other: numbers go on behind those that were given out, and log-ins hold.
    moved = Installation(tmp_path / "moved", **{"database.url": url})
    create = ["access-token", "create", "--name", "one"]
    assert moved.json(*create)["id"] == made.json(*create)["id"]
    with moved.serve() as running:
        recipient = address()
        submit(running, token, recipient, simple(recipient))
        assert wait_until("the message", lambda: moved.messages(recipient=recipient))


def many_rows(file, count):
    """So many contacts, bodies and edits in an SQLite store, faster than mail would bring them."""
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        database.execute(f"INSERT INTO contact {numbers} SELECT i + 1000, 1, 'u' || i || '@example.net', '{{}}', 1, 1 FROM n")
        database.execute(f"INSERT INTO original_body {numbers} SELECT i, randomblob(2000) FROM n")
        database.execute(f"INSERT INTO message_edits {numbers} SELECT i, randomblob(200) FROM n")


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=needs_postgres)])
def test_a_move_that_was_killed_goes_on(tmp_path, database, engine):
    made = embedded(tmp_path, "brevdue")
    made.setup()
    source = made.data / "brevdue.db"
    many_rows(source, 20_000)
    file = tmp_path / "target" / "brevdue.db"
    file.parent.mkdir()
    target = database() if engine == "postgres" else f"sqlite:{file}"

    def copied():
        count = "SELECT count(*) FROM original_body"
        try:
            if engine == "postgres":
                return int(postgres.query(target, count)[0][0])
            with contextlib.closing(sqlite3.connect(f"{pathlib.Path(file).as_uri()}?mode=ro", uri=True)) as there:
                return there.execute(count).fetchone()[0]
        except (RuntimeError, sqlite3.Error):
            return 0
    command = [str(made.program), "migrate-store", "--from", f"sqlite:{source}", "--to", target, "--json"]
    with subprocess.Popen(command, env=made.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as move:
        wait_until("some rows to be copied", lambda: copied() or move.poll() is not None, 60, every=0.005)
        move.kill()
        assert move.wait() == -9, move.stderr.read()
    done = copied()
    assert done > 0
    half = Installation(
        tmp_path / "half",
        **({"database.url": target} if engine == "postgres"
           else {"database.url": None, "data.directory": file.parent}))
    for command in (["serve"], ["message", "list"]):
        with pytest.raises(CommandFailed) as refused:
            half.run(*command, timeout=30)
        assert "unfinished" in refused.value.stderr and "migrate-store" in refused.value.stderr
    report = made.json("migrate-store", "--from", f"sqlite:{source}", "--to", target)
    assert report["resumed"] and report["equal"]
    # It was in the middle, and what was there was not copied again.
    assert 0 < report["rows"] < sum(table["rows"] for table in report["tables"]) - done + 1
    back = tmp_path / "back.db"
    made.run("migrate-store", "--from", target, "--to", f"sqlite:{back}")
    assert rows(back) == rows(source)


def test_progress_and_result_are_apart(install, tmp_path):
    made = install()
    done = made.run("backup", tmp_path / "backup.db", "--json")
    report = json.loads(done.stdout)
    assert report["file"] == str(tmp_path / "backup.db")
    assert report["bytes"] == (tmp_path / "backup.db").stat().st_size
    assert report["seconds"] > 0
    assert {"name", "rows", "keyDigest"} <= set(report["tables"][0])
    assert support.ENGINE in ("sqlite", "postgres")
