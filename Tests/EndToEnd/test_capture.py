"""A new installation keeps everything and sends nothing."""

import sqlite3

import postgres
from installation import ENGINE, wait_until
from wire import simple, submit


def test_capture_is_the_default_and_nothing_leaves(install, scripted, nameserver, address):
    sink = scripted()
    nameserver.add("example.net", "MX", "10 mail.example.net.")
    nameserver.add("mail.example.net", "A", "127.0.0.1")
    installation = install(delivery__port=sink.port, dns__resolver=nameserver.address)
    server = installation.serve()
    recipient = address()
    content = simple(recipient)
    submit(server, installation.token, recipient, content)
    found = wait_until("the message to be captured",
                       lambda: installation.messages(recipient=recipient, status="captured"))
    message = installation.message(found[0]["id"])
    assert [event["type"] for event in message["events"]] == ["SENT", "PROCESSED"]
    source = installation.source(message["id"])
    assert source.endswith(content)
    assert b"DKIM-Signature:" in source
    counts = installation.queue()
    assert counts["queued"] == counts["inFlight"] == counts["deferred"] == 0
    assert sink.connections == 0
    assert nameserver.queries == []


def test_a_message_whose_bytes_are_gone_says_so(install, address):
    installation = install(retention__bodies="9d")
    server = installation.serve()
    recipient = address()
    submit(server, installation.token, recipient, simple(recipient))
    found = wait_until("the message to be captured",
                       lambda: installation.messages(recipient=recipient, status="captured"))
    server.stop()
    # What retention does, without waiting for nine days.
    if ENGINE == "postgres":
        postgres.query(installation.configuration["database.url"], "DELETE FROM original_body")
    else:
        with sqlite3.connect(installation.configuration["data.directory"] / "brevdue.db") as database:
            database.execute("DELETE FROM original_body")
    identifier = found[0]["id"]
    refused = installation.run("message", "source", identifier, check=False)
    assert refused.returncode == 1 and refused.stdout == b""
    assert b"no longer kept" in refused.stderr and b"9d" in refused.stderr and b"retention show" in refused.stderr
    assert [event["type"] for event in installation.message(identifier)["events"]] == ["SENT", "PROCESSED"]
