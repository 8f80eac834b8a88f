import HubL
import Testing

@Suite struct TemplateTests {
  static let values: [String: Value] = [
    "contact": Value(["firstname": "Ann <b>", "empty": ""]),
    "custom": .map([
      "name": .string("O'Neil & \"Co\""), "count": .int(3), "price": .double(2.5), "yes": .bool(true),
      "nothing": .null, "blank": .string(""),
      "order": .map(["id": .string("A-1"), "items": .list([.string("x"), .int(2)])]),
    ]),
  ]

  @Test(arguments: [
    ("", ""),
    ("plain } text {", "plain } text {"),
    ("{", "{"), ("é{ {\u{2603}{", "é{ {\u{2603}{"), ("}}{", "}}{"), ("{ { contact } }", "{ { contact } }"),
    ("{{ 'a' }}{", "a{"), ("{ {{ 'a' }}}", "{ a}"),
    ("Hello {{ contact.firstname }}!", "Hello Ann &lt;b&gt;!"),
    ("{{contact.firstname|safe}}", "Ann <b>"),
    ("{{ contact.firstname|escape }}", "Ann &lt;b&gt;"),
    ("{{ contact.lastname }}|{{ other.thing }}|{{ unknown }}", "||"),
    ("{{ custom.name }}", "O&#39;Neil &amp; &quot;Co&quot;"),
    ("{{ custom.count }} {{ custom.price }} {{ custom.yes }} {{ custom.nothing }}.", "3 2.5 true ."),
    ("{{ custom.order.id }} {{ custom['order'][\"id\"] }} {{ custom.order.items[1] }}", "A-1 A-1 2"),
    ("{{ custom.order.items }} {{ custom.order }}", "[x, 2] {id=A-1, items=[x, 2]}"),
    ("{{ custom.none|default('<x>') }}", "&lt;x&gt;"),
    ("{{ custom.none | default(\"<x>\") | safe }}", "<x>"),
    ("{{ custom.none|safe|default('<x>') }}", "<x>"),
    ("{{ contact.empty|default('there') }} {{ contact.none|d('you') }}", "there you"),
    (
      "{{ custom.count|default(7) }} {{ custom.none|default(-7) }} {{ custom.none|default(1.5) }}", "3 -7 1.5"
    ),
    ("{{ custom.none|default(custom.other|default('deep')) }}", "deep"),
    ("{{ custom.nothing|default('n') }}{{ false|default('f', true) }}{{ true|default('t') }}", "nftrue"),
    ("{{ custom.blank|default('x') }}|{{ custom.blank|default('x', true) }}", "|x"),
    ("{{ ('a') }}{{ \"q\\\"\\n\\\\\" }}{{ none }}", "aq&quot;\n\\"),
    ("a {# {{ custom.none }} {% if %} #} b", "a  b"),
    ("a \n{{- 'b' -}} \n c {#- x -#} d", "abcd"),
    ("{{ contact.firstname }}\r\n\u{2603}{{ 'é' }}", "Ann &lt;b&gt;\r\n\u{2603}é"),
  ])
  func renders(_ source: String, _ expected: String) throws {
    #expect(try Template(source).render(Self.values, escaping: .html) == expected)
  }

  @Test func plainTextIsNotEscaped() throws {
    let text = try Template("{{ custom.name }} {{ contact.firstname }}").render(Self.values, escaping: .none)
    #expect(text == "O'Neil & \"Co\" Ann <b>")
  }

  @Test(arguments: [
    ("{{ custom.a }} {{ custom.b.c }} {{ custom.a }}", ["custom.a", "custom.b.c"], 1, 4),
    ("é\n x{{ custom.order.none|safe }}", ["custom.order.none"], 2, 6),
    (
      "{{ custom.order.items[9] }}{{ custom.none|default(custom.more) }}",
      ["custom.order.items[9]", "custom.more"], 1, 4
    ),
  ])
  func collectsMissing(_ source: String, _ names: [String], _ line: Int, _ column: Int) throws {
    let template = try Template(source)
    let error = #expect(throws: TemplateError.self) { try template.render(Self.values, escaping: .html) }
    #expect(error?.kind == .missing(names))
    #expect(error?.line == line)
    #expect(error?.column == column)
  }

  @Test(arguments: [
    ("{{", 1, 3), ("{{ }}", 1, 4), ("a\r\n{{ contact. }}", 2, 13), ("{{ a b }}", 1, 6), ("{{ 'x }}", 1, 4),
    ("{# x", 1, 1), ("{% if a %}", 1, 4), ("é{{ a|nope }}", 1, 7), ("{{ a|safe(1) }}", 1, 6),
    ("{{ (a }}", 1, 7),
    ("{{{ a }}}", 1, 7), ("x{{", 1, 4), ("{#", 1, 1), ("{%", 1, 3), ("{{-", 1, 4),
    ("{{ 99999999999999999999 }}", 1, 4),
    ("{{ a|default(1 }}", 1, 16), ("{% endif %}", 1, 4), ("{% for a b %}{% endfor %}", 1, 10),
    ("{% set %}", 1, 8),
    ("{% set a = %}", 1, 12), ("{{ a is }}", 1, 9), ("{{ a is nope }}", 1, 9), ("{{ [1, 2 }}", 1, 10),
    ("{{ a[1 }}", 1, 8), ("{% nope %}", 1, 4), ("{% if a %}{% elsif b %}{% endif %}", 1, 14),
    ("{% raw %}{{", 1, 4), ("{{ 'a' ~ }}", 1, 10),
    ("{% block a %}{% endblock %}{% block a %}{% endblock %}", 1, 31),
    ("{% call 3 %}{% endcall %}", 1, 4), ("{{ a|truncate(1, nonsense=2) }}", 1, 6), ("{% include %}", 1, 12),
    ("{% macro %}{% endmacro %}", 1, 10), ("{{ a ? b }}", 1, 10), ("{{ #a }}", 1, 4),
  ])
  func badSyntax(_ source: String, _ line: Int, _ column: Int) {
    let error = #expect(throws: TemplateError.self) { try Template(source) }
    #expect(error?.line == line)
    #expect(error?.column == column)
  }

  @Test(arguments: [
    ("(", ""), ("a", "|safe"), ("a", ".b"), ("a", "[1]"), ("", "a|d("), ("", "not "), ("", "-"),
    ("a", " + a"),
    ("a", " if a"), ("", "["),
  ])
  func deepSourcesAreRefused(_ start: String, _ step: String) {
    let source = "{{ " + start + String(repeating: step.isEmpty ? start : step, count: 100_000) + " }}"
    #expect(throws: TemplateError.self) { try Template(source) }
  }
}
