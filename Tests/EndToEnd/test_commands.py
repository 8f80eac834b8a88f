"""The command line: what programs rely on (JSON, exit status, streams) and what people need."""

import json
import os
import stat
import subprocess

import pytest

from installation import CommandFailed, Installation, binary, wait_until
from wire import simple, submit


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("commands"))
    made.setup()
    return made


def fails(installation, *arguments, status):
    with pytest.raises(CommandFailed) as refused:
        installation.run(*arguments)
    assert refused.value.status == status, refused.value
    return refused.value


COMMANDS = ["serve", "setup", "doctor", "access-token", "smtp-token", "domain", "email", "template", "message", "queue",
            "node", "retention", "backup", "restore", "migrate-store"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_there(ready, command):
    text = ready.run(command, "--help").stdout.decode()
    assert "OVERVIEW" in text or "USAGE" in text


def test_wrong_use_is_2(ready):
    for arguments in (["no-such-command"], ["smtp-token", "create"], ["message", "show"], ["domain", "add"],
                      ["queue", "status", "--no-such-option"], ["setup", "--account", "x", "--email", "nonsense"]):
        error = fails(ready, *arguments, status=2)
        assert error.stderr
        assert error.stdout == ""


def test_a_reason_is_1(ready):
    for arguments in (["smtp-token", "show", "nobody@1.smtp.brevdue"], ["message", "show", "1"],
                      ["access-token", "revoke", "999"], ["domain", "records", "unknown.example"],
                      ["smtp-token", "delete", "nobody@1.smtp.brevdue"]):
        error = fails(ready, *arguments, status=1)
        assert len(error.stderr.strip()) > 10


def test_an_account_has_ages_of_its_own(tmp_path):
    installation = Installation(tmp_path, **{"retention.bodies": "20d"})
    account = installation.json("setup", "--account", "Acme", "--email", "owner@example.com")["account"]
    plain = {"account": str(account), "bodies": "20d", "events": "400d", "messages": "400d", "own": []}
    assert installation.json("retention", "show") == [plain]
    own = {**plain, "bodies": "36h", "own": ["bodies"]}
    assert installation.json("retention", "set", "--bodies", "36h") == own
    error = fails(installation, "retention", "set", "--messages", "8w", status=1)
    assert "events for 400d" in error.stderr and "Nothing was changed" in error.stderr
    assert installation.json("retention", "show") == [own]
    own = {**plain, "events": "56d", "messages": "56d", "own": ["events", "messages"]}
    assert installation.json(
        "retention", "set", "--bodies", "default", "--events", "8w", "--messages", "8w") == own
    assert "36500d" in fails(installation, "retention", "set", "--bodies", "soon", status=2).stderr
    fails(installation, "retention", "set", status=2)


def test_retention_that_cannot_be_is_refused(tmp_path):
    installation = Installation(tmp_path, **{"retention.messages": "20d"})
    error = fails(installation, "doctor", status=1)
    assert "retention.messages" in error.stderr and "bodies for 30d" in error.stderr


def test_setup_makes_an_account_with_its_owner(tmp_path):
    installation = Installation(tmp_path)
    made = installation.json("setup", "--account", "Acme", "--email", "owner@example.com")
    assert made["account"] and made["password"]
    # The same person twice is a mistake worth a word.
    fails(installation, "setup", "--account", "Acme", "--email", "owner@example.com", status=1)


def test_the_data_folder_is_private(tmp_path):
    installation = Installation(tmp_path)
    installation.setup()
    for path in installation.data.rglob("*"):
        if path.suffix in (".db", ".pem"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path


def test_access_tokens(ready):
    made = ready.json("access-token", "create", "--name", "shop", "--scope", "content")
    assert {"id", "token"} <= set(made)
    listed = ready.run("access-token", "list", "--json").stdout.decode()
    assert made["token"] not in listed
    assert made["id"] in [token["id"] for token in json.loads(listed)]
    assert [token["lastUsedAt"] for token in json.loads(listed) if token["id"] == made["id"]] == [None]
    ready.run("access-token", "revoke", made["id"])
    assert made["id"] not in [token["id"] for token in ready.json("access-token", "list")]


def test_smtp_tokens(ready):
    made = ready.json("smtp-token", "create", "--campaign", "Receipts", "--create-contact")
    assert {"id", "password", "createdBy", "createdAt", "createContact", "campaignName", "emailCampaignId"} <= set(made)
    assert made["createContact"] is True and made["createdBy"] == "owner@example.com"
    shown = ready.json("smtp-token", "show", made["id"])
    assert "password" not in shown
    assert shown["totals"]["sent"] == 0
    assert "rates" in shown
    ready.run("smtp-token", "delete", made["id"])
    assert made["id"] not in [token["id"] for token in ready.json("smtp-token", "list")]


def test_domains(ready):
    added = ready.json("domain", "add", "Example.ORG")
    assert added["domain"] == "example.org"
    for record in added["records"]:
        assert {"type", "name", "value", "purpose", "status"} <= set(record)
    keys = [record for record in added["records"] if record["purpose"] == "dkim"]
    assert keys and keys[0]["type"] == "TXT" and "v=DKIM1" in keys[0]["value"]
    assert keys[0]["name"].rstrip(".").endswith("._domainkey.example.org")
    fails(ready, "domain", "add", "example.org", status=1)
    fails(ready, "domain", "add", "not a domain", status=2)
    assert [record["name"] for record in ready.json("domain", "records", "example.org")["records"]
            if record["purpose"] == "dkim"] == [record["name"] for record in keys]
    ready.run("domain", "remove", "example.org")
    assert "example.org" not in ready.run("domain", "list", "--json").stdout.decode()


def test_domain_check_asks_dns(ready, nameserver):
    added = ready.json("domain", "add", "checked.test")
    ready.configuration["dns.resolver"] = nameserver.address
    try:
        before = ready.run("domain", "check", "checked.test", "--json", check=False)
        assert json.loads(before.stdout)["verified"] is False
        for record in added["records"]:
            if record["type"] == "TXT":
                nameserver.add(record["name"].rstrip(".") + ".", "TXT", record["value"])
        after = ready.json("domain", "check", "checked.test")
        assert after["verified"] is True
        assert {record["status"] for record in after["records"] if record["purpose"] == "dkim"} == {"ok"}
    finally:
        del ready.configuration["dns.resolver"]


def test_an_unverified_domain_may_not_send(install, address):
    import smtplib
    installation = install()
    installation.json("domain", "add", "pending.test")
    server = installation.serve()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        submit(server, installation.token, address(), simple("a@example.net", sender="a@pending.test"))
    assert refused.value.smtp_code == 550


def test_emails_and_templates(ready, tmp_path):
    identifier = ready.email("Hi {{ contact.firstname }}", "<p>{{ custom.code }} &amp; {{ contact.firstname }}</p>",
                             sender=None)
    assert str(identifier) in [str(email["id"]) for email in ready.json("email", "list")]
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"contact": {"firstname": "A<b>"}, "custom": {"code": "47"}}))
    rendered = ready.json("email", "render", identifier, "--data", values)
    assert rendered["subject"] == "Hi A<b>"
    assert "47 &amp; A&lt;b&gt;" in rendered["html"]
    template = tmp_path / "page.html"
    template.write_text("<b>{{ contact.firstname }}</b> {{ nothing.at.all }}")
    strict = ready.run("template", "render", template, "--data", values, check=False)
    lenient = ready.run("template", "render", template, "--data", values, "--lenient")
    assert lenient.stdout.decode().startswith("<b>A&lt;b&gt;</b>")
    assert strict.returncode in (0, 1)
    (tmp_path / "part.html").write_text("{% macro hi(name) %}Hi {{ name }}{% endmacro %}")
    template.write_text("{% from 'part.html' import hi %}\n<p>{{ hi(custom.code)|uper }}</p>")
    wrong = ready.run("template", "render", template, "--data", values, check=False)
    assert wrong.returncode != 0
    assert "line 2, column 23: the filter “uper” is not known; did you mean “upper”?" in wrong.stderr.decode()
    assert "\n" + " " * 24 + "^" in wrong.stderr.decode()
    template.write_text("{% from 'part.html' import hi %}{{ hi(custom.cod) }}")
    assert b"did you mean custom.code?" in ready.run("template", "render", template, "--data", values, check=False).stderr
    assert ready.run("template", "render", template, "--data", values, "--lenient").stdout == b"Hi "


def test_templates_of_others(ready, tmp_path):
    source, made, data = tmp_path / "order.html", tmp_path / "order.hubl.html", tmp_path / "data.json"
    source.write_text("{{#each items}}{{name}}{{> part}};{{/each}}")
    data.write_text(json.dumps({"custom": {"items": [{"name": "<A>"}, {"name": "B"}]}}))
    told = ready.run("template", "import", "--from", "sendgrid", source, "--output", made).stdout.decode()
    assert "left out  line 1, column 24: {{> part}}" in told and told.endswith("0 changed, 1 left out.\n")
    assert ready.run("template", "render", made, "--data", data).stdout == b"&lt;A&gt;;B;"
    printed = ready.run("template", "import", "--from", "sendgrid", source)
    assert printed.stdout == made.read_bytes() and b"left out" in printed.stderr
    answer = ready.json("template", "import", "--from", "sendgrid", source)
    assert answer["template"].encode() == made.read_bytes()
    assert [finding["outcome"] for finding in answer["findings"]] == ["left"]
    source.write_text("x {{#each items}}")
    wrong = ready.run("template", "import", "--from", "sendgrid", source, check=False)
    assert wrong.returncode == 1 and b"line 1, column 3: this block is not closed" in wrong.stderr
    assert ready.run("template", "import", "--from", "elsewhere", source, check=False).returncode == 2


def test_emails_of_hubspots_become_documents(ready, tmp_path):
    source, made = tmp_path / "welcome.json", tmp_path / "document.json"
    widgets = {
        "module-0-0-0": {"body": {"path": "@hubspot/rich_text", "html": "<h1>Hello</h1><p>Hi {{ contact.firstname|default('you') }}</p>"}},
        "module-1-0-0": {"body": {"path": "@hubspot/button", "text": "Go on", "destination": "https://example.com/"}},
        "preview_text": {"body": {"value": "Good to have you"}}}
    sections = [{"id": f"s{place}", "columns": [{"id": f"c{place}", "width": 12, "widgets": [name]}]}
                for place, name in enumerate(list(widgets)[:2])]
    source.write_text(json.dumps({
        "name": "Welcome", "subject": "Welcome, {{ personalization_token('contact.firstname', 'you') }}", "language": "en", "from": {"fromName": "Acme"},
        "content": {"widgets": widgets, "flexAreas": {"main": {"sections": sections}}}}))
    answer = ready.json("template", "import", "--from", "hubspot", source, "--output", made)
    assert answer["name"] == "Welcome" and answer["fromName"] == "Acme"
    assert json.loads(made.read_text()) == answer["document"]
    assert {finding["severity"] for finding in ready.json("template", "check", made)} <= {"inform", "warn"}
    compiled = ready.json("template", "compile", made)
    assert 'Hi {{ contact.firstname|default("you", true) }}' in compiled["html"] and "Go on: https://example.com/" in compiled["text"]


def test_json_is_alone_on_stdout(ready):
    for arguments in (["message", "list"], ["queue", "status"], ["queue", "list"], ["domain", "list"],
                      ["smtp-token", "list"], ["access-token", "list"], ["email", "list"]):
        json.loads(ready.run(*arguments, "--json").stdout)
    assert set(ready.queue()) >= {"queued", "inFlight", "deferred", "held"}


def test_messages_for_people_and_programs(install, address):
    installation = install()
    server = installation.serve()
    recipient = address()
    submit(server, installation.token, recipient, simple(recipient, subject="T\u00e4glich"),
           options=["SMTPUTF8", "BODY=8BITMIME"])
    found = wait_until("captured", lambda: installation.messages(recipient=recipient, status="captured"))[0]
    message = installation.message(found["id"])
    assert {"id", "account", "recipient", "sender", "subject", "status", "source", "tokenId", "createdAt",
            "events"} <= set(message)
    assert message["subject"] == "T\u00e4glich"
    people = installation.run("message", "show", found["id"]).stdout.decode()
    assert recipient in people and "captured" in people.lower() and "SENT" in people
    listed = installation.run("message", "list").stdout.decode()
    assert recipient in listed
    assert installation.messages(limit=1, recipient="nobody@example.net") == []
    assert "captured" in installation.run("message", "why", found["id"]).stdout.decode().lower()


def test_doctor_speaks(ready):
    done = ready.run("doctor", check=False)
    assert done.returncode in (0, 1)
    assert b"data.directory" in done.stdout or b"data" in done.stdout.lower()


def test_a_configuration_file(tmp_path, ready):
    file = tmp_path / "brevdue.yaml"
    text = f"data:\n  directory: {ready.data}\nsmtp:\n  hostname: from-file.example.com\n"
    if ready.own_database:
        text += f"database:\n  url: {ready.own_database}\n"
    file.write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BREVDUE_")}
    done = subprocess.run([binary(), "smtp-token", "list", "--json", "--config", file], env=environment,
                          capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


def test_a_pipe_that_closes_early_is_no_error(ready):
    done = subprocess.run(f"'{binary()}' --help | head -n 1", shell=True, capture_output=True, timeout=30)
    assert b"rror" not in done.stderr
