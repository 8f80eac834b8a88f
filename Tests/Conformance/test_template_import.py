"""Templates of Handlebars, brought here, against pybars3, which fills in Handlebars itself: the same values, the same text."""

import html
import json
import random
import subprocess

import pybars

from installation import binary

VALUES = {
    "name": "Ada & Co", "blank": "", "zero": 0, "seven": 7, "yes": True, "no": False, "none": [],
    "person": {"name": "Grace", "address": {"city": "Bonn"}}, "words": ["a", "b<c", ""],
    "rows": [{"name": "x", "cells": [{"v": 1}, {"v": 2}], "on": True}, {"name": "y", "cells": [], "on": False}],
}
SEPARATOR = "\n-----\n"
PATHS = ["name", "seven", "person.name", "person.address.city", "blank", "this.name", "missing"]
ASKED = ["yes", "no", "zero", "blank", "none", "person", "words", "missing", "name", "person.address"]


def block(chance, depth, scope):
    inner = template(chance, depth - 1, scope)
    kind = chance.choice(["if", "unless", "else", "rows", "words", "with", "cells"])
    asked = chance.choice(ASKED if scope == "top" else ["on", "name", "cells", "../yes", "../no", "missing"])
    if kind in ("if", "unless"):
        return "{{#%s %s}}%s{{/%s}}" % (kind, asked, inner, kind)
    if kind == "else":
        return "{{#if %s}}%s{{else}}%s{{/if}}" % (asked, inner, template(chance, depth - 1, scope))
    if scope == "top" and kind == "words":
        return "{{#each words}}{{@index}}{{this}}{{../name}}{{#if @first}}!{{/if}}{{else}}none{{/each}}"
    if scope == "top" and kind == "with":
        # pybars does not go out of a with by ../, as Handlebars does.
        return "{{#with person}}{{name}}{{@root.seven}}{{address.city}}{{/with}}"
    if scope == "top":
        return "{{#each rows}}%s{{else}}none{{/each}}" % template(chance, depth - 1, "row")
    return "{{#each cells}}{{v}}{{../name}}{{../../seven}}{{#unless @last}},{{/unless}}{{else}}-{{/each}}"


def template(chance, depth=3, scope="top"):
    parts = []
    for _ in range(chance.randint(1, 3)):
        if depth and chance.random() < 0.5:
            parts.append(block(chance, depth, scope))
        elif chance.random() < 0.3:
            parts.append(chance.choice(["<b>", "text ", "{ } ", "{{! remark }}", "% ", "# "]))
        else:
            path = chance.choice(PATHS if scope == "top" else ["name", "this.name", "../name", "@index", "missing", "../person.name"])
            parts.append(("{{{%s}}}" if chance.random() < 0.2 else "{{%s}}") % path)
    return "".join(parts)


def theirs(source):
    return html.unescape(str(pybars.Compiler().compile(source)(VALUES)))


def test_handlebars_says_the_same(tmp_path):
    sources = sorted({template(random.Random(seed)) for seed in range(90)})
    assert len(sources) > 70
    cases = []
    for number, source in enumerate(sources):
        file = tmp_path / f"{number}.html"
        file.write_text(source)
        made = subprocess.run([binary(), "template", "import", "--from", "sendgrid", file, "--json"], capture_output=True, check=True)
        cases.append(json.loads(made.stdout)["template"])
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"custom": VALUES}))
    # One file for all, since starting the program takes longer than filling a template in.
    file = tmp_path / "made.html"
    file.write_text(SEPARATOR.join(cases))
    done = subprocess.run([binary(), "template", "render", file, "--data", data, "--lenient"], capture_output=True, check=True)
    different = []
    for source, made, ours in zip(sources, cases, done.stdout.decode().split(SEPARATOR), strict=True):
        ours = html.unescape(ours)
        if ours != theirs(source):
            different.append(f"{source!r}\n    pybars {theirs(source)!r}\n    ours   {ours!r}\n    {made!r}")
    assert not different, f"{len(different)} of {len(sources)}:\n" + "\n".join(different[:10])
