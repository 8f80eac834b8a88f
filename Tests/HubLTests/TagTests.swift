import HubL
import Testing

/// Statements, as Jinjava documents them.
@Suite struct TagTests {
  static let json = """
    {"l": [1, 2, 3], "e": [], "m": {"a": 1, "b": 2}, "people": [{"n": "Ann", "c": "X"}, {"n": "Bo", "c": "X"}], "t": true}
    """

  @Test(arguments: [
    ("{% if e %}a{% elif t %}b{% else %}c{% endif %}", "b"), ("{% if e %}a{% else %}c{% endif %}", "c"),
    ("{% if t and not e %}a{% endif %}", "a"), ("{% unless e %}a{% else %}b{% endunless %}", "a"),
    ("{% unless t %}a{% else %}b{% endunless %}", "b"), ("{% if e %}a{% elif e %}b{% endif %}", ""),
    ("{%- if t -%} a {%- endif -%} b", "ab"), ("x {% if t %} a {% endif %} b", "x  a  b"),
    ("{% for i in l %}{{ i }}{% endfor %}", "123"),
    ("{% for i in e %}{{ i }}{% else %}none{% endfor %}", "none"),
    ("{% for i in nope %}x{% else %}none{% endfor %}", "none"),
    (
      "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }} {% endfor %}",
      "103truefalse 212falsefalse 321falsetrue "
    ),
    (
      "{% for i in l %}{{ loop.length }}{% for j in l %}{{ loop.depth }}{% endfor %}{% endfor %}",
      "311131113111"
    ),
    ("{% for i in m %}{{ i }}{% endfor %}", "12"),
    ("{% for k, v in m.items() %}{{ k }}{{ v }}{% endfor %}", "a1b2"),
    ("{% for k, v in m %}{{ k }}{{ v }}{% endfor %}", "a1b2"),
    ("{% for a, b in [[1, 2], [3, 4]] %}{{ a }}{{ b }} {% endfor %}", "12 34 "),
    ("{% for n, c in people %}{{ n }}{{ c }} {% endfor %}", "AnnX BoX "),
    ("{% for c in 'ab' %}{{ c }}-{% endfor %}", "a-b-"),
    ("{% for i in l if i != 2 %}{{ i }}{{ loop.length }}{% endfor %}", "1232"),
    ("{% for i in 5 %}{{ i }}{% endfor %}", "5"),
    ("{% for i in l %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "1"),
    ("{% for i in l %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "13"),
    ("{% for i in l %}{{ loop.cycle('a', 'b') }}{% cycle 'x', 'y' %}{% endfor %}", "axbyax"),
    ("{% cycle 'x','y' as c %}{% for i in l %}{% cycle c %}{% endfor %}", "xyx"),
    ("{% for i in [1, 1, 2] %}{% ifchanged i %}{{ i }}{% endifchanged %}{% endfor %}", "12"),
    ("{% for i in l %}{{ loop.previtem }}{{ loop.nextitem }} {% endfor %}", "2 13 2 "),
    // A value set in a loop ends with the loop, and lives through its turns.
    ("{% set x = 0 %}{% for i in l %}{{ x }}{% set x = i %}{% endfor %}{{ x }}", "0120"),
    ("{% set ns = namespace(n=0) %}{% for i in l %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"),
    ("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12"), ("{% set a, b = [3, 4] %}{{ a }}{{ b }}", "34"),
    ("{% set a = 1, 2 %}{{ a }}", "[1, 2]"),
    ("{% set a %}<b>{{ 1 }}</b>{% endset %}{{ a }}", "<b>1</b>"),
    ("{% set a|upper %}x{% endset %}{{ a }}", "X"),
    ("{% if t %}{% set a = 1 %}{% endif %}{{ a }}", "1"), ("{% do l %}{% print 1 + 1 %}", "2"),
    ("{% raw %}{{ x }}{% if %}{% endraw %}", "{{ x }}{% if %}"), ("a {%- raw -%} b {%- endraw %} c", "ab c"),
    ("{% filter upper %}a{{ 'b' }}{% endfilter %}", "AB"), ("a{# {% if %} {{ #}b{#- x -#} c", "abc"),
    (
      "{% autoescape false %}{{ '<' }}{% autoescape true %}{{ '<' }}{% endautoescape %}{% endautoescape %}{{ '<' }}",
      "<&lt;&lt;"
    ),
  ])
  func control(_ source: String, _ expected: String) throws {
    #expect(try rendered(source, Self.json) == expected)
  }

  @Test(arguments: [
    (
      "{% macro f(a, b='B') %}{{ a }}{{ b }};{% endmacro %}{{ f(1) }}{{ f(1, 2) }}{{ f(b=3, a=4) }}{{ f() }}",
      "1B;12;43;B;"
    ),
    ("{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, x=2) }}", "[1]{x=2}"),
    ("{% macro f(x) %}<i>{{ x }}</i>{% endmacro %}{{ f('<') }}", "<i>&lt;</i>"),
    ("{% macro f(n) %}{{ n }}{% if n > 1 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "321"),
    ("{% macro f() %}{{ i }}{% endmacro %}{% for i in l %}{{ f() }}{% endfor %}", ""),
    ("{% set i = 7 %}{% macro f() %}{{ i }}{% set i = 8 %}{% endmacro %}{{ f() }}{{ f() }}{{ i }}", "777"),
    (
      "{% macro box(t) %}[{{ t }}:{{ caller() }}]{% endmacro %}{% set t = 'T' %}{% call box('in') %}{{ t }}{% endcall %}",
      "[in:T]"
    ),
    (
      "{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% set i = 9 %}{% call(x) each([1, 2]) %}{{ x }}{{ i }} {% endcall %}",
      "19 29 "
    ),
    (
      "{% macro a() %}<{{ caller() }}>{% endmacro %}{% macro b() %}{% call a() %}{{ caller() }}{% endcall %}{% endmacro %}{% call b() %}x{% endcall %}",
      "<x>"
    ),
    ("{% macro range(x) %}mine{% endmacro %}{{ range(1) }}", "mine"),
    ("{% macro f() %}{{ caller() }}x{% endmacro %}{{ f() }}", "x"),
  ])
  func macros(_ source: String, _ expected: String) throws {
    #expect(try rendered(source, Self.json) == expected)
  }

  static let templates = [
    "base": "<{% block a %}base{% endblock %}|{% block b %}B{{ v }}{% endblock %}>",
    "middle": "{% extends 'base' %}{% set v = 1 %}{% block a %}mid({{ super() }}){% endblock %}",
    "forms":
      "printed{% set n = 'N' %}{% macro field(x) %}{{ x }}{{ n }}{{ secret }}{% endmacro %}{% macro other() %}o{% endmacro %}",
    "part": "part {{ x }}{% set y = 2 %}", "self": "{% include 'self' %}", "loop": "{% extends 'loop' %}",
    "bad": "x\n{% if %}",
    "nested": "{% from 'forms' import field %}{{ field('f') }}",
  ]

  @Test(arguments: [
    ("{% extends 'base' %}gone{% block a %}child{% endblock %}", "<child|B>"),
    ("{% extends 'middle' %}{% block a %}{{ super() }}!{% endblock %}", "<mid(base)!|B1>"),
    ("{% extends 'base' %}{% block a %}{% for i in l %}{{ i }}{% endfor %}{% endblock %}", "<123|B>"),
    ("{% block x %}plain{% endblock x %}", "plain"), ("{% include 'base' %}", "<base|B>"),
    ("{% import 'forms' as f %}{{ f.field(1) }}{{ f.n }}", "1NN"),
    ("{% from 'forms' import field as g, other %}{{ g(2) }}{{ other() }}", "2No"),
    ("{% import 'forms' %}{{ field(3) }}", "3N"),
    ("{% set secret = 'S' %}{% import 'forms' as f %}{{ f.field(1) }}", "1N"),
    ("{% for i in [1] %}{% from 'forms' import field %}{{ field(i) }}{% endfor %}", "1N"),
    ("{% set x = 1 %}{% include 'part' %}{{ y }}", "part 12"), ("{% include 'none' ignore missing %}x", "x"),
    ("{% include ['none', 'nested'] %}", "fN"), ("{% set p = 'part' %}{% include p %}", "part "),
    ("{% include 'part' with context %}", "part "),
    ("{{ '{{ l }}{% set q = 1 %}'|render }}{{ q }}", "[1, 2, 3]"),
  ])
  func otherTemplates(_ source: String, _ expected: String) throws {
    #expect(try rendered(source, Self.json, Self.templates) == expected)
  }

  @Test(arguments: [
    ("{% include 'none' %}", TemplateError.Kind.unsupported, nil), ("{% include 'self' %}", .limit, "self"),
    ("{% extends 'loop' %}", .limit, "loop"), ("{% include 'bad' %}", .syntax, "bad"),
    ("{{ super() }}", .value, nil),
    ("{% break %}", .value, nil), ("{% include 5 %}", .value, nil), ("{% set ns.x = 1 %}", .value, nil),
    ("{% set a, b = [1] %}", .value, nil), ("{{ nope() }}", .unsupported, nil),
  ])
  func failures(_ source: String, _ kind: TemplateError.Kind, _ template: String?) {
    let error = failure(source, Self.json, Self.templates)
    #expect(error?.kind == kind)
    #expect(error?.template == template)
  }
}
