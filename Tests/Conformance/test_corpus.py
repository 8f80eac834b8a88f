"""Many kinds of messages through the relay: what comes out is what went in, signed so that others can verify it."""

import smtplib

import dkim
import pytest

from corpus import messages
from fidelity import check_tracked, check_tracked_as_bytes, check_untouched, parse
from installation import wait_until
from nameserver import NameServer

MESSAGES = list(messages())

# Python reads these otherwise than we (and most mail programs) do: compared as plain bytes.
READ_OTHERWISE = {"header-boundary-cuts", "content-type-with-comments"}

# dkimpy takes no header with such lines; our own verifier's tests hold the signature of a malformed header.
NOT_FOR_DKIMPY = {"header-space-before-colon", "header-malformed-line"}


@pytest.fixture(scope="module")
def zone(relay):
    """The DNS records that `domain add` asked for, served by a name server of the test."""
    served = NameServer()
    served.publish(relay.domain["records"] + relay.add_domain("b\u00fccher.example")["records"])
    yield served
    served.close()


@pytest.fixture(scope="module")
def client(relay, zone, unverified):
    with smtplib.SMTP(*relay.server.address("smtp")) as connection:
        connection.starttls(context=unverified)
        connection.login(relay.token["id"], relay.token["password"])
        yield connection


def options_for(content):
    options = []
    if any(byte > 127 for byte in content):
        options.append("BODY=8BITMIME")
    if any(byte > 127 for byte in content.partition(b"\r\n\r\n")[0]):
        options.append("SMTPUTF8")
    return options


def test_there_are_enough():
    assert len(MESSAGES) >= 60
    assert len({name for name, _ in MESSAGES}) == len(MESSAGES)


@pytest.mark.parametrize("name, content", MESSAGES, ids=[name for name, _ in MESSAGES])
def test_comes_through(relay, client, zone, address, name, content):
    recipient = address(name[:40])
    client.sendmail("hello@example.com", [recipient], content, mail_options=options_for(content))
    got = relay.sink.received.wait_for(recipient)
    stored = content if content.endswith(b"\r\n") else content + b"\r\n"
    if name in READ_OTHERWISE:
        check_tracked_as_bytes(got.data, stored, relay.server.url)
    elif any(part.get_content_type() == "text/html" for part in parse(content).walk()):
        check_tracked(got.data, stored, relay.server.url)
    else:
        check_untouched(got.data, stored)
    if "SMTPUTF8" in options_for(content):
        assert "SMTPUTF8" in got.options
    if name not in NOT_FOR_DKIMPY:
        assert dkim.DKIM(got.data).verify(dnsfunc=lambda name, timeout=5: zone.txt(name)), name
    identifier = wait_until("delivery", lambda: relay.messages(recipient=recipient, status="delivered"))[0]["id"]
    assert relay.source(identifier) == got.data


def test_protected_parts_are_never_touched(relay):
    """Signed and encrypted messages of the corpus arrived whole, html inside or not."""
    protected = [(name, content) for name, content in MESSAGES
                 if parse(content).get_content_type() in (
                     "multipart/signed", "multipart/encrypted", "application/pkcs7-mime")]
    assert len(protected) >= 3
    for name, content in protected:
        stored = content if content.endswith(b"\r\n") else content + b"\r\n"
        arrived = [message.data for message in relay.sink.received.all()
                   if message.recipients[0].startswith(name[:40] + "-")]
        assert arrived and arrived[0].endswith(stored), name


def test_both_signatures_where_the_domain_has_both(install, sink, address):
    from wire import simple, submit
    installation = install(delivery__mode="relay", delivery__relay=sink.address)
    added = installation.add_domain("both.example", "--ed25519")
    server = installation.serve()
    recipient = address()
    submit(server, installation.token, recipient, simple(recipient, sender="hello@both.example"))
    data = sink.received.wait_for(recipient).data
    served = NameServer()
    try:
        served.publish(added["records"])
        verifier = dkim.DKIM(data)
        count = data.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
        assert count == 2
        algorithms = set()
        for index in range(count):
            assert verifier.verify(idx=index, dnsfunc=lambda name, timeout=5: served.txt(name))
            algorithms.add(verifier.signature_fields[b"a"])
        assert algorithms == {b"rsa-sha256", b"ed25519-sha256"}
    finally:
        served.close()
