"""Contracts, previews and test sends: an e-mail looked at before anybody gets it."""

import json
import os
import shutil
import subprocess

import pytest

from installation import wait_until
from web import call, send_status, single_send

HTML = ("<p>Order {{ custom.order }}</p>{% for line in custom.lines %}<p>{{ line.title }}: {{ line.price }}</p>{% endfor %}"
        "<p>{{ custom.note|default('Thanks') }} {{ contact.firstname }}</p>")
CONTRACT = [{"name": "order", "sample": "A-17's \"own\" \\ é"},
            {"name": "lines", "type": "list", "properties": [{"name": "title"}, {"name": "price", "type": "number"}]},
            {"name": "note", "required": False}]


@pytest.fixture(scope="module")
def shop(relay):
    relay.trial = int(relay.email("Order {{ custom.order }}", HTML, sender="Shop <shop@example.com>"))
    relay.trial_access = relay.access_token()
    return relay


def api(shop, method, path, body=None):
    return call(method, f"{shop.server.url}/v1/emails/{shop.trial}/{path}", token=shop.trial_access, body=body)


def declare(shop, contract):
    return call("PATCH", f"{shop.server.url}/marketing/v3/emails/{shop.trial}", token=shop.trial_access,
                body={"contract": contract})


def result(shop, custom):
    answer = single_send(shop.server, shop.trial_access, {
        "emailId": shop.trial, "message": {"to": "ada@example.net"}, "customProperties": custom})
    return wait_until("COMPLETE", lambda: (status := send_status(
        shop.server, shop.trial_access, answer.json["statusId"]).json)["status"] == "COMPLETE" and status)


def test_a_contract_is_declared_kept_and_checked(shop, tmp_path):
    bad = declare(shop, [{"name": "order", "type": "txt"}])
    assert bad.status == 400
    assert bad.json["errors"][0]["in"] == "contract"
    assert "contract[0].type" in bad.json["errors"][0]["message"]
    inferred = shop.json("email", "contract", str(shop.trial), "--infer")
    assert [(entry["name"], entry["required"]) for entry in inferred] == [
        ("order", True), ("lines", True), ("note", False)]
    assert declare(shop, CONTRACT).status == 200
    shown = shop.json("email", "contract", str(shop.trial))
    assert [entry["name"] for entry in shown["contract"]] == ["order", "lines", "note"]
    assert shown["undeclared"] == []
    missing = result(shop, {"lines": [{"price": 1}]})
    assert missing["sendResult"] == "MISSING_TEMPLATE_PROPERTIES"
    assert "custom.order is missing" in missing["message"] and "custom.lines[0].title is missing" in missing["message"]
    wrong = result(shop, {"order": "1", "lines": [{"title": "Tea", "price": "dear"}]})
    assert wrong["sendResult"] == "VALIDATION_FAILED"
    assert "custom.lines[0].price must be a number" in wrong["message"]
    assert result(shop, {"order": "1", "lines": [{"title": "Tea", "price": "3.50"}]})["sendResult"] == "SENT"


def test_a_preview_sends_nothing(shop):
    assert declare(shop, CONTRACT).status == 200
    before = shop.json("email", "show", str(shop.trial))["totals"]
    seen = api(shop, "POST", "preview", {"contactProperties": {"firstname": "Ada"}})
    assert seen.status == 200
    assert seen.json["subject"].startswith("Order A-17")
    assert "12.5" in seen.json["html"] and "Ada" in seen.json["text"] and "MIME-Version: 1.0" in seen.json["source"]
    draft = api(shop, "POST", "preview", {"subject": "{{ custom.x }}", "html": "<p>draft</p>", "customProperties": {"x": 1}})
    assert (draft.json["subject"], draft.json["html"]) == ("1", "<p>draft</p>")
    missing = api(shop, "POST", "preview", {"html": "{{ custom.y }}", "subject": "x", "customProperties": {}})
    assert missing.status == 400
    assert missing.json["errors"][0]["in"] == "custom.y"
    lenient = api(shop, "POST", "preview", {"html": "<p>{{ custom.y }}</p>", "subject": "x", "customProperties": {},
                                            "isStrict": False})
    assert lenient.json["html"] == "<p></p>"
    assert api(shop, "POST", "preview", {"html": "{% for %}"}).status == 400
    assert shop.json("email", "show", str(shop.trial))["totals"] == before


@pytest.mark.parametrize("way", ["api", "command"])
def test_a_test_is_marked_and_not_counted(shop, address, way):
    assert declare(shop, CONTRACT).status == 200
    before = shop.json("email", "show", str(shop.trial))["totals"]
    first, second = address(), address()
    if way == "api":
        answer = api(shop, "POST", "test", {"to": [first, "nobody", second]})
        assert answer.status == 200
        results = answer.json["results"]
    else:
        done = shop.run("email", "test", str(shop.trial), "--to", first, "--to", "nobody", "--to", second, "--json",
                        check=False)
        assert done.returncode == 1
        results = json.loads(done.stdout)
    assert [("messageId" in entry, "error" in entry) for entry in results] == [(True, False), (False, True), (True, False)]
    for recipient in (first, second):
        data = shop.sink.received.wait_for(recipient).data
        assert b"Subject: [Test] Order" in data.replace(b"\r\n ", b" ") or b"Subject: =?" in data
        assert b"/t/o/" not in data
    wait_until("delivery", lambda: shop.messages(recipient=second, status="delivered"))
    assert shop.messages(recipient=second)[0]["source"] == "test"
    assert shop.json("email", "show", str(shop.trial))["totals"] == before
    assert api(shop, "POST", "test", {"to": []}).status == 400
    assert api(shop, "POST", "test", {"to": ["a@b.example"] * 21}).status == 400


def test_an_e_mail_of_another_account_is_none(shop):
    for method, path in (("POST", "preview"), ("POST", "test"), ("GET", "contract")):
        body = {"to": ["a@b.example"]} if method == "POST" else None
        assert call(method, f"{shop.server.url}/v1/emails/999/{path}", token=shop.trial_access,
                    body=body).status == 404
        assert call(method, f"{shop.server.url}/v1/emails/{shop.trial}/{path}", body=body).status == 401


def test_stored_templates_are_included(shop, address, tmp_path):
    layout, part = tmp_path / "layout.html", tmp_path / "part.html"
    layout.write_text("<body>{% block main %}{% endblock %}{% include 'parts/foot.html' %}</body>")
    part.write_text("<p>{{ custom.shop }}</p>")
    shop.run("template", "put", "layouts/shop", layout)
    query = f"{shop.server.url}/v1/templates?name=parts%2Ffoot.html"
    assert call("PUT", query, token=shop.trial_access, body={"source": "{% if %}"}).status == 400
    assert call("PUT", query, token=shop.trial_access, body={"source": part.read_text()}).status == 200
    assert call("PUT", query, body={"source": "x"}).status == 401
    assert call("GET", query, token=shop.trial_access).json["source"] == part.read_text()
    assert [entry["name"] for entry in shop.json("template", "list")] == ["layouts/shop", "parts/foot.html"]
    email = int(shop.email("Hello", "{% extends 'layouts/shop' %}{% block main %}<p>Hi</p>{% endblock %}",
                           sender="Shop <shop@example.com>"))

    def sent(to, **custom):
        answer = single_send(shop.server, shop.trial_access, {
            "emailId": email, "message": {"to": to}, "customProperties": custom})
        return wait_until("COMPLETE", lambda: (status := send_status(
            shop.server, shop.trial_access, answer.json["statusId"]).json)["status"] == "COMPLETE" and status)

    first, second = address(), address()
    assert sent(first)["sendResult"] == "MISSING_TEMPLATE_PROPERTIES"
    assert sent(first, shop="Corner")["sendResult"] == "SENT"
    assert b"<p>Hi</p><p>Corner</p>" in shop.sink.received.wait_for(first).data
    seen = call("POST", f"{shop.server.url}/v1/emails/{email}/preview", token=shop.trial_access,
                body={"customProperties": {"shop": "Corner"}})
    assert "<p>Hi</p><p>Corner</p>" in seen.json["html"]
    part.write_text("<p>{{ custom.shop }}!</p>")
    shop.run("template", "put", "parts/foot.html", part)

    def changed():
        to = address()
        assert sent(to, shop="Corner")["sendResult"] == "SENT"
        return b"Corner!" in shop.sink.received.wait_for(to).data
    wait_until("the changed template", changed)
    assert call("DELETE", query, token=shop.trial_access).status == 204
    assert call("DELETE", query, token=shop.trial_access).status == 404
    failed = wait_until("it to be gone", lambda: (status := sent(second, shop="x"))["sendResult"] != "SENT" and status)
    assert failed["sendResult"] == "TEMPLATE_RENDER_EXCEPTION"
    assert "parts/foot.html" in failed["message"]


@pytest.mark.parametrize("language, command", [
    ("curl", ["bash"]), ("python", ["python3", "-"]), ("node", ["node", "--input-type=module"]), ("php", ["php"])])
def test_the_code_that_is_offered_sends(shop, language, command):
    """Run as it stands, but for the address of the server."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    assert declare(shop, CONTRACT).status == 200
    code = shop.run("email", "contract", str(shop.trial), "--snippet", language).stdout.decode()
    assert code.rstrip("\n") == api(shop, "GET", "contract").json["snippets"][language]
    code = code.replace("http://localhost:8080", shop.server.url)
    done = subprocess.run(command, input=code.encode(), capture_output=True, timeout=60,
                          env={**os.environ, "BREVDUE_TOKEN": shop.trial_access})
    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout)
    wait_until("SENT", lambda: send_status(
        shop.server, shop.trial_access, status["statusId"]).json.get("sendResult") == "SENT")
    message = wait_until("the message", lambda: shop.messages(recipient="ada@example.net"))[0]
    assert message["subject"] == "Order A-17's \"own\" \\ é"
