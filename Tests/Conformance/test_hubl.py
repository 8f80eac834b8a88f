"""HubL against Jinja2, in the part of the language that they share: the same template and values, the same text."""

import json
import subprocess

import jinja2
import pytest

from hubl_templates import VALUES, generated
from installation import binary

GENERATED = 700
# Each says something that the generator does not.
WRITTEN = [
    "{{ 1 if yes }}{{ 1 if no }}|", "{{ 'a' 'b' }}", "{{ (1, 2)|length }}{{ ()|length }}", "{{ {'a': 1, 'b': 2}['b'] }}", "{{ {'a': {'b': 3}}.a.b }}",
    "{% for k, v in {'x': 1, 'y': 2}.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in deep.items() %}{{ k }} {% endfor %}", "{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}",
    "{{ 1 + 2 * 3 - 4 // 3 }}", "{{ 2 ** 3 ** 2 }}", "{{ -2 ** 2 }}", "{{ 7 / 2 }}{{ 4 / 2 }}", "{{ 7 // 2 }}{{ -7 // 2 }}", "{{ 7 % 3 }}", "{{ 1.5 + 1 }}", "{{ 0.1 + 0.2 }}", "{{ 1e3 }}", "{{ 10 / 3 }}",
    "{{ not yes }}{{ not not yes }}", "{{ 1 < 2 and 2 < 3 and yes }}", "{{ a in [7, 2] }}{{ b not in [a] }}", "{{ word in {'banana': a} }}", "{{ word[0] }}{{ word[-1] }}{{ word[1:3] }}{{ word[::-1] }}{{ word[::2] }}",
    "{{ nums[1:] }}{{ nums[:-1] }}{{ nums[::-1] }}{{ nums[-2:] }}{{ nums[9:] }}", "{{ 'a,b'.split(',')|join('-') }}", "{{ ','.join(['a', 'b']) }}", "{{ word.upper() }}{{ word.replace('a', 'o') }}{{ word.startswith('ba') }}",
    "{{ name|upper }}{{ name|e|upper }}", "{{ name|safe ~ '<' }}{{ name|safe ~ name }}", "{{ ['<', '>'|safe]|join('&') }}", "{{ '<'|e|e }}{{ '<'|forceescape|forceescape }}", "{{ name|safe|replace('A', '<') }}", "{{ uni|length }}{{ uni|upper }}",
    "{{ 'hELLO wORLD'|capitalize }}", "{{ 'hello world'|title }}", "{{ '  x '|trim }}|", "{{ 'a b c'|wordcount }}", "{{ 'x'|indent(4, true) }}", "{{ 'a\nb'|indent }}", "{{ 'x'|default('y') }}{{ missing|default('y') }}{{ ''|default('y', true) }}",
    "{{ '%s and %s'|format('a', 1) }}", "{{ '%05.1f|%3d|%-3d|'|format(3.14159, 7, 7) }}", "{{ '%x %X %o'|format(255, 255, 8) }}", "{{ [3, 1, 2]|sort|join }}{{ [3, 1, 2]|sort(true)|join }}", "{{ ['b', 'A', 'c']|sort|join }}{{ ['b', 'A']|sort(case_sensitive=true)|join }}",
    "{{ rows|sort(attribute='n')|map(attribute='n')|join(',') }}", "{{ rows|map(attribute='tags')|map('length')|join }}", "{{ rows|groupby('v')|map(attribute='grouper')|join }}", "{% for g in rows|groupby('v') %}{{ g.grouper }}:{{ g.list|length }} {% endfor %}",
    "{{ nums|sum }}{{ rows|sum('v') if no else 0 }}", "{{ nums|unique|join }}", "{{ nums|first }}{{ nums|last }}", "{{ nums|batch(3, 'x')|map('join')|join('|') }}", "{{ nums|slice(3, 'x')|map('join')|join('|') }}", "{{ nums|select('gt', 1)|join }}{{ nums|reject('gt', 1)|join }}",
    "{{ rows|selectattr('v', 'ge', 2)|map(attribute='v')|join }}{{ rows|rejectattr('tags')|map(attribute='v')|join }}", "{{ {'b': 1, 'a': 2}|dictsort|map('first')|join }}", "{{ {'a': 1, 'b': none}|xmlattr }}", "{{ 'a b&c'|replace('&', '+') }}",
    "{{ '3'|int + 1 }}{{ 'x'|int }}{{ 'x'|int(9) }}{{ '2.5'|float }}{{ 2.9|int }}", "{{ -3|abs }}{{ 3|abs }}", "{{ 'a'|center(3) }}|", "{{ word|reverse }}", "{{ nums|reverse|join }}", "{{ word|list|join('.') }}", "{{ 5|string + 'x' }}", "{{ '<b>x</b> y'|striptags }}",
    "{{ [1, 2]|length }}{{ 'ab'|count }}{{ {'a': 1}|length }}", "{% if yes and not no or zero %}1{% endif %}", "{% if missing %}1{% elif blank %}2{% else %}3{% endif %}", "{% for i in [] %}x{% else %}none{% endfor %}",
    "{% for i in nums %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}", "{% for i in nums %}{{ loop.cycle('a', 'b', 'c') }}{% endfor %}",
    "{% for i in nums %}{% for j in nums %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}{% endfor %}", "{% for i in nums %}{{ loop.previtem }}{{ loop.nextitem }} {% endfor %}", "{% for i in nums %}{% if loop.changed(i) %}{{ i }}{% endif %}{% endfor %}",
    "{% for i in nums if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}", "{% for i in nums %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in nums %}{% if i == 3 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% set x = 1 %}{% for i in nums %}{% set x = i %}{% endfor %}{{ x }}", "{% set ns = namespace(n=0, l=[]) %}{% for i in nums %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set x %}a{{ name }}{% endset %}{{ x }}{{ x|upper }}",
    "{% set x | upper %}a{{ name }}{% endset %}{{ x }}", "{% macro f(a, b=2, c=none) %}{{ a }}{{ b }}{{ c is none }}{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=4, a=5) }}", "{% macro f() %}{{ varargs|join }}{{ kwargs.items()|list|length }}{% endmacro %}{{ f(1, 2, x=3) }}",
    "{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f('<') }}{{ f(name)|upper }}{{ f(1) ~ '<' }}", "{% macro f() %}{{ i }}{% endmacro %}{% for i in nums %}{{ f() }}{% endfor %}|", "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}{{ name }}{% endcall %}", "{% macro each(l) %}{% for i in l %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}{% call(x, n) each(words) %}{{ n }}{{ x }} {% endcall %}",
    "{% macro a() %}<{{ caller() }}>{% endmacro %}{% macro b() %}{% call a() %}{{ caller() }}{% endcall %}{% endmacro %}{% call b() %}{{ word }}{% endcall %}", "{% for i in [1] %}{% macro g() %}{{ i }}{% endmacro %}{{ g() }}{% endfor %}",
    "{% raw %}{{ a }}{% if %}{% endraw %}", "a{# x #}b{#- y -#} c", "  {%- if yes -%}  x  {%- endif -%}  y", "{% filter upper|replace('A', '4') %}banana {{ word }}{% endfilter %}", "{% autoescape false %}{{ name }}{% autoescape true %}{{ name }}{% endautoescape %}{% endautoescape %}",
    "{% do nums %}{{ nums|join }}", "{{ range(5)|join }}{{ range(1, 4)|join }}{{ range(5, 0, -2)|join }}", "{{ dict(a=1).a }}", "{{ word is string }}{{ a is number }}{{ nums is sequence }}{{ deep is mapping }}{{ (a / b) is float }}{{ a is integer }}{{ yes is boolean }}", "{{ b is divisibleby 3 }}{{ b is eq 3 }}{{ b is gt 2 }}{{ word is in 'a banana' }}",
    "{{ 'é' ~ '€' }}{{ '😀'|length }}{{ '😀x'[1] }}", "{{ '\\n'|length }}{{ 'a\\'b' }}", "{{ '{{' }}{{ '}}' }}", "{{ \"a\" ~ 'b' }}", "line\r\nend\r\n", "{%if yes%}a{%endif%}{{yes}}", "{{ nums.0 }}{{ rows.1.n }}", "{{ none_at_all }}|{{ missing }}|{{ missing.x if no }}",
]
INHERITED = [
    ("{% extends 'base' %}{% block a %}new {{ super() }}{% endblock %}", {"base": "<{% block a %}old{% endblock %}{% block b %}{{ word }}{% endblock %}>"}),
    ("{% extends 'mid' %}{% block a %}3{{ super() }}{% endblock %}", {"mid": "{% extends 'base' %}{% block a %}2{{ super() }}{% endblock %}", "base": "{% block a %}1{% endblock %}"}),
    ("{% include 'part' %}{% include 'none' ignore missing %}", {"part": "{{ word }}!"}), ("{% for i in nums %}{% include 'part' %}{% endfor %}", {"part": "{{ i }}{{ loop.index }} "}),
    ("{% import 'lib' as lib %}{{ lib.f(1) }}{{ lib.v }}", {"lib": "{% set v = 5 %}{% macro f(x) %}{{ x }}{{ v }}{% endmacro %}"}), ("{% from 'lib' import f as g, h %}{{ g(1) }}{{ h() }}", {"lib": "{% macro f(x) %}f{{ x }}{% endmacro %}{% macro h() %}h{% endmacro %}"}),
    ("{% extends 'base' %}{% set t = 'T' %}{% block a %}{{ t }}{% endblock %}", {"base": "{% block a %}{% endblock %}"}), ("{% include ['none', 'part'] %}", {"part": "found"}), ("{% extends 'base' %}{% macro m() %}M{% endmacro %}{% block a %}{{ m() }}{% endblock %}", {"base": "{% block a %}{% endblock %}"}),
]
CASES = [(source, {}) for source in WRITTEN + generated(GENERATED)] + INHERITED


def shown(value):
    """Values as Jinjava prints them: one of the intended differences."""
    if value is None or isinstance(value, jinja2.Undefined):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join("null" if item is None else str(shown(item)) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={shown(item)}" for key, item in value.items()) + "}"
    return value


def expected(source, templates):
    environment = jinja2.Environment(
        autoescape=True, keep_trailing_newline=True, newline_sequence="\n", optimized=False, finalize=shown, loader=jinja2.DictLoader(templates),
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    return environment.from_string(source).render(VALUES).replace("&#34;", "&quot;").replace("\r\n", "\n")


def outcomes(cases, folder):
    path = folder / "cases.json"
    path.write_text(json.dumps([{"template": source, "templates": others, "data": VALUES} for source, others in cases]))
    done = subprocess.run([str(binary()), "template", "batch", str(path)], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_hubl_gives_what_jinja2_gives(tmp_path):
    assert len(CASES) >= 500
    different = []
    for (source, templates), outcome in zip(CASES, outcomes(CASES, tmp_path), strict=True):
        try:
            wanted = expected(source, templates)
        except (TypeError, ValueError, ZeroDivisionError, jinja2.TemplateError) as error:
            # What Jinja2 cannot do need not work here.
            continue
        got = outcome.get("output", f"error: {outcome.get('error')}").replace("\r\n", "\n").replace("&QUOT;", "&quot;")
        if got != wanted:
            different.append(f"{source!r}\n    Jinja2 {wanted!r}\n    HubL   {got!r}")
    assert not different, f"{len(different)} of {len(CASES)}:\n" + "\n".join(different[:20])


@pytest.mark.parametrize("source, ours, theirs", [
    ("{{ 'x' and 'y' }}", "true", "y"), ("{{ -7 % 3 }}", "-1", "2"), ("{{ 2.5|round(2) }}", "2.50", "2.5"), ("{{ 'false' and 1 }}", "false", "1"),
    ("{% for x in {'a': 1} %}{{ x }}{% endfor %}", "1", "a"), ("{{ none_at_all is defined }}", "false", "true"), ("{{ 1 + 2 ~ 3 }}", "33", None),
    ("{% set x = 0 %}{% for i in [1, 2] %}{{ x }}{% set x = i %}{% endfor %}", "01", "00"), ("{{ '7' == a }}", "true", "false"), ("{{ 'a' + 1 }}", "a1", None),
])
def test_intended_differences(tmp_path, source, ours, theirs):
    [outcome] = outcomes([(source, {})], tmp_path)
    assert outcome.get("output") == ours
    try:
        assert expected(source, {}) == theirs
    except TypeError:
        assert theirs is None
