"""The single-send API: what is promised at once, what comes of it, and what is refused."""

import base64
import datetime
import email
import email.policy
import os
import time

import pytest

from installation import wait_until
from sinks import ScriptedSink
from web import call, send_status, single_send

HTML = "<html><body><p>Dear {{ contact.firstname }},</p><p>order {{ custom.order }} is on its way.</p></body></html>"


@pytest.fixture(scope="module")
def shop(relay):
    relay.email_id = int(relay.email("Order {{ custom.order }}", HTML, sender="Shop <shop@example.com>"))
    relay.access = relay.access_token()
    return relay


def body(shop, to, **more):
    message = {"to": to, **more.pop("message", {})}
    return {"emailId": shop.email_id, "message": message, "contactProperties": {"firstname": "Ada & Co"},
            "customProperties": {"order": "A-1"}, **more}


def outcome(shop, identifier, timeout=15):
    def complete():
        answer = send_status(shop.server, shop.access, identifier)
        assert answer.status == 200
        return answer.json if answer.json["status"] == "COMPLETE" else None
    return wait_until("the send to be COMPLETE", complete, timeout)


def test_its_mail_is_listed_and_counted_by_time(shop, address):
    to = address()
    single_send(shop.server, shop.access, body(shop, to))
    listed = wait_until("the message", lambda: [
        message["id"] for message in shop.json("message", "list", "--email", str(shop.email_id))
        if message["recipient"] == to])
    assert len(listed) == 1
    assert shop.json("message", "list", "--token", shop.token["id"], "--recipient", to) == []
    shown = shop.json("email", "show", str(shop.email_id), "--by", "day", "--last", "3")
    assert len(shown["intervals"]) == 3
    # Midnight may have passed since the first.
    assert sum(day["totals"]["sent"] for day in shown["intervals"]) == shown["totals"]["sent"] >= 1
    for unknown in (("--token", "nobody@1.smtp.brevdue"), ("--email", "999")):
        assert shop.run("message", "list", *unknown, check=False).returncode == 1


def test_from_pending_to_complete(shop, address):
    to = address()
    answer = single_send(shop.server, shop.access, body(shop, to))
    assert answer.status == 200
    first = answer.json
    assert first["status"] == "PENDING"
    assert {"requestedAt", "statusId"} <= set(first)
    done = outcome(shop, first["statusId"])
    assert done["sendResult"] == "SENT"
    assert done["statusId"] == first["statusId"]
    assert done["requestedAt"] <= done["startedAt"] <= done["completedAt"]
    assert {"id", "created"} <= set(done["eventId"])
    mail = shop.sink.received.wait_for(to).data
    assert b"Subject: Order A-1\r\n" in mail
    assert b"\r\nAuto-Submitted: auto-generated\r\n" in mail
    assert b"\r\nFeedback-ID: %d:single-send:" % shop.email_id in mail
    assert b"Dear Ada &amp; Co," in mail.replace(b"=\r\n", b"")
    message = shop.message(shop.messages(recipient=to)[0]["id"])
    assert message["source"] == "single-send"
    assert int(message["emailId"]) == shop.email_id


def test_overrides(shop, address):
    to, copy, blind = address(), address("copy"), address("blind")
    request = body(shop, f"Ada Lovelace <{to}>", message={
        "from": "Billing <billing@example.com>", "replyTo": ["help@example.com"], "cc": [copy], "bcc": [blind]})
    assert outcome(shop, single_send(shop.server, shop.access, request).json["statusId"])["sendResult"] == "SENT"
    for recipient in (to, copy, blind):
        mail = shop.sink.received.wait_for(recipient).data
        head = mail.partition(b"\r\n\r\n")[0]
        assert b"From: Billing <billing@example.com>" in head
        assert b"Reply-To: help@example.com" in head or b"Reply-To: <help@example.com>" in head
        assert copy.encode() in head
        assert blind.encode() not in mail
    # Copies are not tracked: their opens would be counted as the recipient's.
    assert b"/t/o/" not in shop.sink.received.to(copy)[0].data.replace(b"=\r\n", b"")


def test_contact_properties_are_stored(shop, address):
    to = address()
    first = single_send(shop.server, shop.access, body(shop, to)).json
    outcome(shop, first["statusId"])
    second = {"emailId": shop.email_id, "message": {"to": to}, "customProperties": {"order": "A-2"}}
    outcome(shop, single_send(shop.server, shop.access, second).json["statusId"])
    mails = wait_until("both mails", lambda: len(shop.sink.received.to(to)) == 2 and shop.sink.received.to(to))
    assert all(b"Ada &amp; Co" in mail.data.replace(b"=\r\n", b"") for mail in mails)


def attached(content, name="invoice.pdf", kind="application/pdf", **more):
    return {"name": name, "type": kind, "content": base64.b64encode(content).decode(), **more}


def test_files_go_with_it(shop, address):
    to, large = address(), os.urandom(5 * 1024 * 1024)
    files = [attached(large), attached(b"kr\xc3\xa6ver", "påmindelse.txt", "text/plain; charset=utf-8"),
             attached(b"GIF89a", "logo.gif", "image/gif", contentId="logo")]
    answer = single_send(shop.server, shop.access, body(shop, to, message={"attachments": files}))
    assert answer.status == 200, answer.body
    assert outcome(shop, answer.json["statusId"], timeout=60)["sendResult"] == "SENT"
    mail = email.message_from_bytes(shop.sink.received.wait_for(to).data, policy=email.policy.default)
    found = {part.get_filename(): part for part in mail.walk() if part.get_filename()}
    assert found["invoice.pdf"].get_payload(decode=True) == large
    assert found["invoice.pdf"].get_content_type() == "application/pdf"
    assert found["påmindelse.txt"].get_content() == "kræver"
    assert found["logo.gif"]["Content-ID"] == "<logo>"
    assert found["logo.gif"].get_content_disposition() == "inline"
    assert not [defect for part in mail.walk() for defect in part.defects]


BAD_FILES = [
    ({"type": "image/png", "content": ""}, "message.attachments.0.name"),
    ({"name": "a\r\nBcc: x", "content": ""}, "message.attachments.0.name"),
    ({"name": "a", "type": "nothing", "content": ""}, "message.attachments.0.type"),
    ({"name": "a", "type": "multipart/mixed", "content": ""}, "message.attachments.0.type"),
    ({"name": "a"}, "message.attachments.0.content"),
    ({"name": "a", "content": "not base64!"}, "message.attachments.0.content"),
    ({"name": "a", "content": "", "contentId": "<x>"}, "message.attachments.0.contentId"),
    ({"name": "a", "content": "AAAA" * 3_600_000}, "message.attachments"),
]


@pytest.mark.parametrize("file, field", BAD_FILES, ids=range(len(BAD_FILES)))
def test_files_that_cannot_be_sent(shop, address, file, field):
    answer = single_send(shop.server, shop.access, body(shop, address(), message={"attachments": [file]}))
    assert answer.status == 400, answer.body
    assert [error["in"] for error in answer.json["errors"]] == [field]


def test_bodies_have_a_limit(shop, address):
    file = {"name": "a", "content": "A" * (17 * 1024 * 1024)}
    assert single_send(shop.server, shop.access, body(shop, address(), message={"attachments": [file]})).status == 413


def test_one_send_id_is_one_mail(shop, address):
    to, key = address(), f"key-{time.time()}"
    answers = [single_send(shop.server, shop.access, body(shop, to, message={"sendId": key})) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    results = [outcome(shop, answer.json["statusId"])["sendResult"] for answer in answers]
    assert results[0] == "SENT" or "SENT" in results
    assert set(results) <= {"SENT", "IDEMPOTENT_IGNORE"}
    shop.sink.received.wait_for(to)
    assert len(shop.messages(recipient=to)) == 1


REFUSED = [
    ({"customProperties": {}}, "MISSING_TEMPLATE_PROPERTIES"),
    ({"emailId": 999999999}, "MISSING_CONTENT"),
    ({"message": {"to": "not an address"}}, "INVALID_TO_ADDRESS"),
    ({"message": {"to": "noreply@example.net"}}, "INVALID_TO_ADDRESS"),
    ({"message": {"to": "a@example.net\r\nBcc: x@example.net"}}, "INVALID_TO_ADDRESS"),
    ({"message": {"to": "a@example.net", "from": "x@elsewhere.example"}}, "UNCONFIGURED_SENDING_DOMAIN"),
    ({"message": {"to": "a@example.net", "from": "not an address"}}, "INVALID_FROM_ADDRESS"),
]


@pytest.mark.parametrize("change, result", REFUSED, ids=[result for _, result in REFUSED])
def test_sends_that_come_to_nothing(shop, address, change, result):
    answer = single_send(shop.server, shop.access, {**body(shop, address()), **change})
    assert answer.status == 200, answer.body
    done = outcome(shop, answer.json["statusId"])
    assert done["sendResult"] == result
    assert "eventId" not in done


WRONG = [
    (b"{", 400, "VALIDATION_ERROR"), (b"[]", 400, "VALIDATION_ERROR"), (b"", 400, "VALIDATION_ERROR"),
    (b"{}", 400, "VALIDATION_ERROR"), (b'{"emailId":"x","message":{"to":"a@example.net"}}', 400, "VALIDATION_ERROR"),
    (b'{"emailId":1,"message":{}}', 400, "VALIDATION_ERROR"),
]


@pytest.mark.parametrize("content, status, category", WRONG)
def test_bodies_that_are_wrong(shop, content, status, category):
    answer = call("POST", f"{shop.server.url}/marketing/v3/transactional/single-email/send", shop.access, content,
                  {"Content-Type": "application/json"})
    assert answer.status == status
    assert answer.json["status"] == "error"
    assert answer.json["category"] == category
    assert {"message", "correlationId"} <= set(answer.json)


def test_tokens(shop, address):
    request = body(shop, address())
    for token in (None, "nonsense"):
        answer = single_send(shop.server, token, request)
        assert (answer.status, answer.json["category"]) == (401, "INVALID_AUTHENTICATION")
    answer = single_send(shop.server, shop.access_token("narrow", scopes=["content"]), request)
    assert (answer.status, answer.json["category"]) == (403, "MISSING_SCOPES")


def test_the_last_use_of_a_token_is_noted(shop):
    made = shop.json("access-token", "create", "--name", "used")

    def last_use():
        return [token["lastUsedAt"] for token in shop.json("access-token", "list") if token["id"] == made["id"]][0]

    assert last_use() is None
    begin = int(time.time() * 1000)
    call("GET", f"{shop.server.url}/marketing/v3/email/send-statuses/1", made["token"])
    used = wait_until("the use to be noted", last_use)
    noted = datetime.datetime.fromisoformat(used).timestamp() * 1000
    assert begin - 1 <= noted <= time.time() * 1000
    # Coarsely: what follows at once is the same use.
    for _ in range(3):
        call("GET", f"{shop.server.url}/marketing/v3/email/send-statuses/1", made["token"])
    call("GET", f"{shop.server.url}/marketing/v3/email/send-statuses/1", "bvd_" + "x" * 40)
    assert last_use() == used


def test_a_revoked_token_ends_within_a_second(shop, address):
    made = shop.json("access-token", "create", "--name", "brief", "--scope", "transactional-email")
    assert single_send(shop.server, made["token"], body(shop, address())).status == 200
    shop.run("access-token", "revoke", made["id"])
    wait_until("the end of the token",
               lambda: single_send(shop.server, made["token"], body(shop, address())).status == 401, 2, 0.1)


def test_routes_that_are_not(shop):
    assert send_status(shop.server, shop.access, "no-such-status").status == 404
    assert call("GET", f"{shop.server.url}/marketing/v3/transactional/single-email/send", shop.access).status == 405
    assert call("POST", f"{shop.server.url}/marketing/v3/transactional/single-email/send", shop.access, b"a=b",
                {"Content-Type": "application/x-www-form-urlencoded"}).status == 415


def test_an_email_made_over_http_can_be_sent(shop, address):
    made = call("POST", f"{shop.server.url}/marketing/v3/emails/", shop.access, {
        "name": "over HTTP", "subject": "Hi {{ contact.firstname }}", "subcategory": "single_send_api",
        "from": {"fromName": "Shop", "replyTo": "shop@example.com"},
        "content": {"widgets": {"hs_email_body": {"body": {"html": "<p>{{ custom.order }}</p>"}}}}})
    assert made.status == 201, made.body
    to = address()
    answer = single_send(shop.server, shop.access, {**body(shop, to), "emailId": int(made.json["id"])})
    assert outcome(shop, answer.json["statusId"])["sendResult"] == "SENT"
    assert b"A-1" in shop.sink.received.wait_for(to).data


def test_sends_accepted_before_a_kill_are_made_after_it(install, address):
    sink = ScriptedSink()
    try:
        installation = install(delivery__mode="relay", delivery__relay=sink.address)
        email = int(installation.email("Order {{ custom.order }}", HTML, sender="shop@example.com"))
        access = installation.access_token()
        server = installation.serve()
        recipients = [address() for _ in range(40)]
        for to in recipients:
            answer = single_send(server, access, {
                "emailId": email, "message": {"to": to}, "customProperties": {"order": "1"}})
            assert answer.status == 200
        server.kill()
        installation.serve()
        for to in recipients:
            sink.received.wait_for(to)
    finally:
        sink.close()


def test_lists_and_maps_reach_the_template(shop, address):
    html = """{% macro money(x) %}{{ "%.2f"|format(x) }} EUR{% endmacro %}<p>{{ content.name }}</p>
{% for line in custom.lines %}<p>{{ loop.index }}. {{ line.name }}: {{ money(line.price) }}{% if line.gift %} (gift){% endif %}</p>
{% endfor %}{% for name, value in custom.totals.items() %}<p>{{ name }}={{ money(value) }}</p>{% endfor %}"""
    email = int(shop.email("{{ custom.lines|length }} lines", html, sender="shop@example.com"))
    to = address()
    request = {"emailId": email, "message": {"to": to}, "customProperties": {
        "lines": [{"name": "Ink & <pens>", "price": 2.5, "gift": True}, {"name": "Paper", "price": 3, "gift": False}],
        "totals": {"net": 5.5, "tax": 0.55, "all": 6.05}}}
    assert outcome(shop, single_send(shop.server, shop.access, request).json["statusId"])["sendResult"] == "SENT"
    mail = shop.sink.received.wait_for(to).data.replace(b"=\r\n", b"").replace(b"=3D", b"=")
    assert b"Subject: 2 lines\r\n" in mail
    assert b"<p>1. Ink &amp; &lt;pens&gt;: 2.50 EUR (gift)</p>" in mail
    assert b"<p>2. Paper: 3.00 EUR</p>" in mail
    assert b"<p>net=5.50 EUR</p><p>tax=0.55 EUR</p><p>all=6.05 EUR</p>" in mail


def test_missing_values_may_be_left_out(install):
    installation = install(templates__missing_values="empty")
    access = installation.access_token()
    email = int(installation.email("Order {{ custom.order }}", "<p>-{{ custom.order }}-</p>", sender="Shop <shop@example.com>"))
    with installation.serve() as server:
        answer = single_send(server, access, {"emailId": email, "message": {"to": "ada@example.net"}})
        status = wait_until("COMPLETE", lambda: (found := send_status(server, access, answer.json["statusId"]).json)[
            "status"] == "COMPLETE" and found)
        assert status["sendResult"] == "SENT"
        message = wait_until("the message", lambda: installation.messages(recipient="ada@example.net"))[0]
        assert b"<p>--</p>" in installation.source(message["id"])
