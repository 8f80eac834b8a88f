"""The starter e-mails, really sent: what Python's parser, dkimpy and SpamAssassin say of the bytes that arrive."""

import email
import email.policy
import re
import time

import dkim
import pytest

import spamassassin
from installation import wait_until
from nameserver import NameServer
from starters import STARTERS, compiled, sample
from web import send_status, single_send

# Links as a real installation makes them; those to 127.0.0.1 and its port would be judged as what they are.
CONFIGURATION = {"http.public-url": "https://links.example.com"}

ONCE = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Feedback-ID"]
SPAM_BELOW = 2.0


@pytest.fixture(scope="module")
def sent(relay, tmp_path_factory):
    """Name → what the sink received of it."""
    folder = tmp_path_factory.mktemp("starters")
    access = relay.access_token()
    site = sample("receipt")["site_settings"]
    relay.run("account", "company", "--name", site["company_name"], "--street", site["company_street_address_1"], "--city",
              site["company_city"], "--zip", site["company_zip"], "--country", site["company_country"])
    return {name: send(relay, access, name, compiled(name, folder)) for name in STARTERS}


def send(relay, access, name, parts):
    number = relay.email(parts["subject"], parts["html"], parts["text"], sender="Northwind Supply <hello@example.com>",
                         name=name)
    values, recipient = sample(name), f"ada.okafor-{name}@example.net"
    # Of the sample a request carries these; the account's were set before, and each contact knows its own address.
    contact = {key: value for key, value in values.get("contact", {}).items() if key != "email"}
    accepted = single_send(relay.server, access, {
        "emailId": int(number), "message": {"to": recipient}, "contactProperties": contact,
        "customProperties": values.get("custom", {})})
    assert accepted.status == 200, accepted.body
    done = wait_until(f"{name} to be sent", lambda: (status := send_status(
        relay.server, access, accepted.json["statusId"]).json)["status"] == "COMPLETE" and status)
    assert done["sendResult"] == "SENT", done
    return relay.sink.received.wait_for(recipient)


@pytest.fixture(scope="module")
def verdicts(sent, tmp_path_factory):
    messages = {name: spamassassin.received(message, "mail.example.com", time.time()) for name, message in sent.items()}
    return spamassassin.rules(messages, tmp_path_factory.mktemp("spamassassin"))


@pytest.mark.parametrize("name", STARTERS)
def test_it_says_who_sends_it(sent, name):
    message = email.message_from_bytes(sent[name].data, policy=email.policy.default)
    site = sample("receipt")["site_settings"]
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert site["company_name"] in body and site["company_street_address_1"] in body


@pytest.fixture(scope="module")
def zone(relay):
    served = NameServer()
    served.publish(relay.domain["records"])
    yield served
    served.close()


def parse(message):
    return email.message_from_bytes(message.data, policy=email.policy.default)


@pytest.mark.parametrize("name", STARTERS)
def test_parses_without_defects(sent, name):
    parsed = parse(sent[name])
    for part in parsed.walk():
        for field, value in part.items():
            assert value.defects == (), (field, value)
        if not part.is_multipart():
            part.get_content()
        # After decoding, which finds defects too.
        assert part.defects == [], part.get_content_type()


@pytest.mark.parametrize("name", STARTERS)
def test_text_comes_before_html(sent, name):
    parsed = parse(sent[name])
    assert parsed.get_content_type() == "multipart/alternative"
    text, html = parsed.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "{{" not in parsed["Subject"] + text.get_content() + html.get_content()
    assert len(text.get_content().split()) > 25
    assert "https://links.example.com/t/o/" in html.get_content()


@pytest.mark.parametrize("name", STARTERS)
def test_lines_and_fields(sent, name):
    data, parsed = sent[name].data, parse(sent[name])
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data), "a bare CR or LF"
    assert {field: len(parsed.get_all(field, [])) for field in ONCE} == dict.fromkeys(ONCE, 1)
    # Transactional: there is nothing to unsubscribe from.
    assert "List-Unsubscribe" not in parsed and "List-Unsubscribe-Post" not in parsed
    assert parsed["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("name", STARTERS)
def test_dkimpy_verifies_it(sent, zone, name):
    verifier = dkim.DKIM(sent[name].data)
    assert verifier.verify(dnsfunc=lambda name, timeout=5: zone.txt(name))
    assert verifier.domain == b"example.com"
    covered = {field.decode().lower() for field, _ in verifier.signed_headers}
    # Gmail takes Feedback-ID only where the signature covers it.
    assert covered >= {field.lower() for field in ONCE}


@pytest.mark.skipif(not spamassassin.PROGRAM, reason="no spamassassin here")
@pytest.mark.parametrize("name", STARTERS)
def test_spamassassin_has_little_against_it(verdicts, name):
    """Only what speaks against it counts: no rule in its favour may hide another."""
    rules = verdicts[name]
    against = sum(score for score in rules.values() if score > 0)
    print(f"{name}: {against:.1f} {', '.join(f'{rule} {score}' for rule, score in sorted(rules.items()))}")
    assert not {"NO_RELAYS", "ALL_TRUSTED"} & set(rules), "the test's own hops are in the score"
    assert against < SPAM_BELOW, rules


@pytest.mark.skipif(not spamassassin.PROGRAM, reason="no spamassassin here")
def test_spamassassin_is_awake(tmp_path):
    """It has its rules and plugins: the mail that everyone must refuse (GTUBE), and HTML of one picture."""
    gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    picture = b'<html><body><img src="https://example.com/a.png" width="600" height="400"> Buy</body></html>'
    head = b"From: a@example.com\r\nSubject: x\r\n"
    rules = spamassassin.rules({
        "gtube": head + b"\r\n" + gtube + b"\r\n",
        "picture": head + b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + picture + b"\r\n",
    }, tmp_path)
    assert rules["gtube"]["GTUBE"] == 1000
    assert {"MIME_HTML_ONLY", "HTML_IMAGE_ONLY_04", "MISSING_DATE", "NO_RELAYS"} <= set(rules["picture"])
    assert sum(rules["picture"].values()) > SPAM_BELOW
