"""`template starters`, `compile` and `check`: they need neither account nor data folder."""

import json
import subprocess

import pytest

from installation import binary


def run(*arguments, status=0):
    done = subprocess.run([binary(), "template", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture
def receipt(tmp_path):
    path = tmp_path / "receipt.json"
    path.write_text(run("starters", "receipt").stdout)
    return path


def test_starters_are_listed():
    names = [starter["name"] for starter in json.loads(run("starters", "--json").stdout)]
    assert len(names) == 12 and "receipt" in names
    assert "receipt" in run("starters").stdout
    assert "brevdue template starters" in run("starters", "nonsense", status=1).stderr


def test_starters_bring_their_values():
    assert json.loads(run("starters", "receipt", "--sample").stdout)["custom"]["order"]["items"]


def test_compiles(receipt):
    html = run("compile", receipt).stdout
    assert html.startswith("<!doctype html>") and "{% for item in custom.order.items %}" in html
    assert "Thank you for your order" in run("compile", receipt, "--text").stdout
    both = json.loads(run("compile", receipt, "--json").stdout)
    assert both["html"] == html and set(both) == {"subject", "preheader", "html", "text"}
    assert "unsubscribe_link_all" in run("compile", receipt, "--marketing").stdout


def test_theme_layout_and_sections(receipt, tmp_path):
    (tmp_path / "theme.json").write_text('{"button": "#aa0055"}')
    rows = json.loads(receipt.read_text())["rows"]
    (tmp_path / "section.json").write_text(json.dumps({"schema": 1, "rows": rows[:1]}))
    layout = {"schema": 1, "rows": [{"id": "top", "section": "head"}, {"id": "here", "slot": True}]}
    (tmp_path / "layout.json").write_text(json.dumps(layout))
    options = ["--theme", tmp_path / "theme.json", "--layout", tmp_path / "layout.json"]
    assert "there is no such section" in run("compile", receipt, *options, status=1).stderr
    html = run("compile", receipt, *options, "--section", f"head={tmp_path / 'section.json'}").stdout
    assert "#aa0055" in html and html.count("company_name }}</p>") == 2


def test_errors_name_the_path(receipt):
    document = json.loads(receipt.read_text())
    document["rows"][1]["columns"][0]["blocks"][0]["type"] = "video"
    receipt.write_text(json.dumps(document))
    assert "rows[1].columns[0].blocks[0].type must be one of" in run("compile", receipt, status=1).stderr
    receipt.write_text("{")
    assert "not valid JSON" in run("compile", receipt, status=1).stderr


def test_checks(receipt, tmp_path):
    (tmp_path / "order.json").write_text(run("starters", "receipt", "--sample").stdout)
    assert json.loads(run("check", receipt, "--data", tmp_path / "order.json", "--json").stdout) == []
    document = json.loads(receipt.read_text())
    document["settings"]["subject"] = []
    receipt.write_text(json.dumps(document))
    finding = json.loads(run("check", receipt, "--json", status=1).stdout)[0]
    assert (finding["severity"], finding["rule"], finding["place"]) == ("stop", "subject-empty", "subject")
    assert "subject-empty" in run("check", receipt, status=1).stdout


def test_languages(receipt, tmp_path):
    main = json.loads(receipt.read_text())
    german = json.loads(receipt.read_text())
    german["settings"]["lang"] = "de"
    german["settings"]["subject"] = [{"text": "Quittung"}]
    path = tmp_path / "both.json"
    path.write_text(json.dumps({"schema": 1, "main": main, "translations": [german]}))
    assert json.loads(run("compile", path, "--language", "de-AT", "--json").stdout)["subject"] == "Quittung"
    assert "receipt" in json.loads(run("compile", path, "--language", "fr", "--json").stdout)["subject"]
