"""What the submission ports take and what they refuse, over real sockets."""

import base64
import smtplib

import pytest

from installation import wait_until
from wire import Wire, simple, submit


def event_types(message):
    return [event["type"] for event in message["events"]]


def only_message(installation, recipient):
    found = wait_until(f"a message to {recipient}", lambda: installation.messages(recipient=recipient))
    assert len(found) == 1
    return installation.message(found[0]["id"])


def test_ehlo_offers_what_is_promised(capture):
    with Wire(capture.server.address("smtp")) as wire:
        code, text = wire.say("EHLO client.example.com")
        keywords = {line.split(" ")[0] for line in text.splitlines()[1:]}
        assert code == 250
        assert {"PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS",
                "AUTH"} <= keywords
        auth = next(line for line in text.splitlines() if line.startswith("AUTH"))
        assert {"PLAIN", "LOGIN"} <= set(auth.split(" "))


def test_after_tls_there_is_no_second_starttls(capture, unverified):
    with Wire(capture.server.address("smtp")).start_tls(unverified) as wire:
        code, text = wire.say("EHLO client.example.com")
        assert code == 250
        assert "STARTTLS" not in text
        assert wire.say("STARTTLS")[0] in (502, 503)


def test_plaintext_auth_can_be_turned_off(install):
    installation = install(smtp__allow_plaintext_auth="never")
    server = installation.serve()
    with Wire(server.address("smtp")) as wire:
        code, text = wire.say("EHLO client.example.com")
        assert "AUTH" not in {line.split(" ")[0] for line in text.splitlines()}
        assert wire.say("AUTH PLAIN AGEAYg==")[0] == 538


def test_mail_needs_a_login(capture):
    with Wire(capture.server.address("smtp")) as wire:
        wire.say("EHLO client.example.com")
        code, text = wire.say("MAIL FROM:<hello@example.com>")
        assert code == 530
        assert text.startswith("5.7.0")


@pytest.mark.parametrize("user, password", [("nobody@1.smtp.brevdue", "x"), (None, "wrong"), (None, " ")])
def test_wrong_login(capture, unverified, user, password):
    host, port = capture.server.address("smtp")
    with smtplib.SMTP(host, port) as client:
        client.starttls(context=unverified)
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(user or capture.token["id"], password)
        assert refused.value.smtp_code == 535
        assert refused.value.smtp_error.startswith(b"5.7.8")


def test_three_wrong_logins_end_the_connection(install):
    server = install().serve()
    with Wire(server.address("smtp")) as wire:
        wire.say("EHLO client.example.com")
        guess = base64.b64encode(b"\0nobody\0guess").decode()
        codes = [wire.say(f"AUTH PLAIN {guess}")[0] for _ in range(3)]
        assert codes[:2] == [535, 535]
        assert codes[2] in (421, 535)
        assert wire.is_closed()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_both_mechanisms_log_in(capture, mechanism):
    def encoded(text):
        return base64.b64encode(text.encode()).decode()
    token = capture.token
    with Wire(capture.server.address("smtp")) as wire:
        wire.say("EHLO client.example.com")
        if mechanism == "PLAIN":
            assert wire.say("AUTH PLAIN")[0] == 334
            assert wire.say(encoded(f"\0{token['id']}\0{token['password']}"))[0] == 235
        else:
            assert wire.say("AUTH LOGIN")[0] == 334
            assert wire.say(encoded(token["id"]))[0] == 334
            assert wire.say(encoded(token["password"]))[0] == 235


def test_a_reset_password_ends_the_old_one(install, unverified):
    installation = install()
    server = installation.serve()
    old = installation.token
    new = installation.json("smtp-token", "reset", old["id"])
    assert new["password"] != old["password"]

    def old_is_refused():
        try:
            submit(server, old, "a@example.net", simple("a@example.net"))
        except smtplib.SMTPAuthenticationError:
            return True
        return False
    wait_until("the old password to end", old_is_refused, timeout=5, every=0.2)
    submit(server, new, "b@example.net", simple("b@example.net"))


def test_a_token_made_while_serving_works_at_once(capture):
    for number in range(5):
        token = capture.smtp_token(f"made later {number}")
        submit(capture.server, token, "later@example.net", simple("later@example.net"))
        token = capture.json("smtp-token", "reset", token["id"])
        submit(capture.server, token, "later@example.net", simple("later@example.net"))


def test_from_must_be_a_verified_domain(capture, address):
    recipient = address()
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        wire.begin("hello@example.com", recipient)
        wire.send(simple(recipient, sender="someone@elsewhere.example") + b".\r\n")
        code, text = wire.reply()
    assert code == 550
    assert text.startswith("5.7.1")
    assert "elsewhere.example" in text and "domain add" in text
    assert capture.messages(recipient=recipient) == []


@pytest.mark.parametrize("header, status", [
    ("From: a@example.com\r\nFrom: b@example.com", "5.6.0"),
    ("From: a@example.com, b@elsewhere.example\r\nSender: a@example.com", "5.7.1"),
    ("From: a@example.com\r\nSender: b@elsewhere.example", "5.7.1"),
    ("Subject: no From at all", "5.6.0"),
    ("From: \"a@example.com\" <b@elsewhere.example>", "5.7.1"),
    ("From: a@example.com (b@example.com) <c@elsewhere.example>", "5."),
])
def test_tricks_with_from(capture, address, header, status):
    recipient = address()
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        wire.begin("hello@example.com", recipient)
        wire.send(header.encode() + b"\r\n\r\nbody\r\n.\r\n")
        code, text = wire.reply()
    assert code == 550
    assert text.startswith(status)


# End-of-data imposters: (the bytes, in words). None of them may end the message.
IMPOSTERS = [
    b"\n.\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n",
    b"\r\n.\0\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\r\n\x20.\r\n",
]


@pytest.mark.parametrize("way", ["one segment", "byte by byte", "over TLS"])
@pytest.mark.parametrize("imposter", IMPOSTERS, ids=lambda value: value.hex())
def test_nothing_is_smuggled(capture, address, unverified, imposter, way):
    first, victim = address("first"), address("victim")
    stowaway = (f"MAIL FROM:<boss@example.com>\r\nRCPT TO:<{victim}>\r\nDATA\r\n").encode()
    attack = (simple(first, body="before") + imposter + stowaway + simple(victim) + b".\r\n")
    wire = Wire(capture.server.address("smtp"))
    if way == "over TLS":
        wire.start_tls(unverified)
    with wire.login(capture.token):
        wire.begin("hello@example.com", first)
        around = len(simple(first, body="before"))
        try:
            if way == "byte by byte":
                wire.send(attack[:around - 4])
                for byte in attack[around - 4:around + len(imposter) + 4]:
                    wire.send(bytes([byte]))
                wire.send(attack[around + len(imposter) + 4:])
            else:
                wire.send(attack)
        except OSError:
            pass
        code, _ = wire.reply()
        legal = imposter == b"\r\n\x20.\r\n"
        assert code == 250 if legal else code in (500, 521, 550)
        # The stowaway's MAIL, RCPT and DATA got no reply of their own: nothing more, or the end.
        wire.socket.settimeout(1)
        assert wire.say("QUIT")[0] in ((221,) if legal else (0, 221, 421))
    assert capture.messages(recipient=victim) == []
    assert len(capture.messages(recipient=first)) == (1 if legal else 0)


@pytest.mark.parametrize("command", [
    b"NOOP\n", b"NOOP\rNOOP\r\n", b"MAIL FROM:<a@example.com>\nRCPT TO:<b@example.net>\r\n", b"NO\0OP\r\n"])
def test_bare_line_ends_in_commands_are_refused(capture, command):
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        wire.send(command)
        code, _ = wire.reply()
        assert code in (500, 501, 521)
        assert wire.is_closed()


@pytest.mark.parametrize("behind", [b"NOOP\r\n", b"EHLO evil.example.com\r\n", b"MAIL FROM:<a@example.com>\r\n"])
def test_commands_behind_starttls_are_never_obeyed(capture, behind):
    with Wire(capture.server.address("smtp")) as wire:
        wire.say("EHLO client.example.com")
        wire.send(b"STARTTLS\r\n" + behind)
        code, _ = wire.reply()
        assert code in (501, 503)
        assert wire.rest() == b""


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\r\n"])
def test_other_protocols_are_shown_the_door(capture, first):
    with Wire(capture.server.address("smtp")) as wire:
        wire.send(first)
        code, _ = wire.reply()
        assert code in (0, 421, 500, 501, 502)
        assert wire.is_closed()


def test_a_command_line_too_long(capture):
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        code, _ = wire.say(b"NOOP " + b"x" * 5000)
        assert code in (500, 501)


def test_a_text_line_too_long_says_what_to_do(capture, address):
    recipient = address()
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        wire.begin("hello@example.com", recipient)
        wire.send(simple(recipient, body="x" * 999 + "\r\n") + b".\r\n")
        code, text = wire.reply()
        assert code == 550 and text.startswith("5.6.0")
        assert "quoted-printable" in text.lower() or "998" in text
    assert capture.messages(recipient=recipient) == []


def test_a_line_of_exactly_998_is_taken(capture, address):
    recipient = address()
    submit(capture.server, capture.token, recipient, simple(recipient, body="x" * 998 + "\r\n"))
    assert b"x" * 998 + b"\r\n" in capture.source(only_message(capture, recipient)["id"])


def test_declared_size_over_the_limit(capture):
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        code, text = wire.say("MAIL FROM:<hello@example.com> SIZE=99999999999")
        assert code == 552 and text.startswith("5.3.4")


def test_too_many_recipients(capture):
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        assert wire.say("MAIL FROM:<hello@example.com>")[0] == 250
        wire.send(b"".join(b"RCPT TO:<many%d@example.net>\r\n" % number for number in range(1001)))
        codes = [wire.reply() for _ in range(1001)]
        assert all(code == 250 for code, _ in codes[:1000])
        assert codes[1000][0] == 452 and codes[1000][1].startswith("4.5.3")


def test_too_many_errors_end_the_connection(capture):
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        codes = []
        for _ in range(12):
            code, _ = wire.say("BOGUS")
            codes.append(code)
            if code in (0, 421):
                break
        assert 421 in codes
        assert wire.is_closed()


def test_bdat_in_chunks(capture, address):
    recipient = address()
    content = simple(recipient, body="chunked body\r\n" * 500)
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        assert wire.say("MAIL FROM:<hello@example.com>")[0] == 250
        assert wire.say(f"RCPT TO:<{recipient}>")[0] == 250
        wire.send(b"BDAT 1000\r\n" + content[:1000])
        assert wire.reply()[0] == 250
        wire.send(b"BDAT %d LAST\r\n" % (len(content) - 1000) + content[1000:])
        assert wire.reply()[0] == 250
    assert capture.source(only_message(capture, recipient)["id"]).endswith(content)


def test_a_refused_bdat_is_swallowed_not_obeyed(capture, address):
    victim = address("victim")
    inside = f"MAIL FROM:<a@example.com>\r\nRCPT TO:<{victim}>\r\nDATA\r\n".encode()
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        wire.send(b"BDAT %d LAST\r\n" % len(inside) + inside)
        assert wire.reply()[0] in (501, 503)
        assert wire.say("NOOP")[0] == 250
    assert capture.messages(recipient=victim) == []


def test_pipelined_transaction_gets_one_reply_each(capture, address):
    recipient = address()
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        wire.send(f"MAIL FROM:<hello@example.com>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode())
        assert [wire.reply()[0] for _ in range(3)] == [250, 250, 354]
        wire.send(simple(recipient) + b".\r\n")
        assert wire.reply()[0] == 250
        assert wire.say("QUIT")[0] == 221
    message = only_message(capture, recipient)
    assert message["status"] == "captured"
    assert "SENT" in event_types(message)


def test_dots_at_line_starts_survive(capture, address):
    recipient = address()
    content = simple(recipient, body=".\r\n..\r\n...x\r\n.end\r\n")
    submit(capture.server, capture.token, recipient, content)
    assert capture.source(only_message(capture, recipient)["id"]).endswith(content)


@pytest.mark.parametrize("path", [
    "@relay.example.org:user@example.net", "user", "", "user@", "@example.net", "user@-bad-.example.net",
    "a" * 65 + "@example.net", "user@" + "a" * 64 + ".example.net", "user@[127.0.0.1"])
def test_recipients_that_are_no_addresses(capture, path):
    with Wire(capture.server.address("smtp")).login(capture.token) as wire:
        assert wire.say("MAIL FROM:<hello@example.com>")[0] == 250
        code, _ = wire.say(f"RCPT TO:<{path}>")
        assert 500 <= code < 600
