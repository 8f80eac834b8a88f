"""A new installation keeps everything and sends nothing."""

from installation import wait_until
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
