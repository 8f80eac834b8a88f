import HubL
import Testing

/// Values that are not there, and what errors say.
@Suite struct MissingTests {
  static let json = #"{"custom": {"order": {"id": 1}, "list": [1], "blank": "", "nil": null}, "contact": {}}"#

  @Test(arguments: [
    ("{{ custom.a }}{{ custom.b.c }}{{ custom.a }}", ["custom.a", "custom.b.c"]),
    ("{{ custom['a b'] }}", ["custom.a b"]), ("{{ custom.list[3] }}", ["custom.list[3]"]),
    ("{{ custom.a|upper }}", ["custom.a"]), ("{{ custom.a ~ 'x' }}", ["custom.a"]),
    ("{{ custom.a + 1 }}", ["custom.a"]), ("{{ 'x'|replace('x', custom.a) }}", ["custom.a"]),
    ("{% for i in custom.a %}{% endfor %}", ["custom.a"]), ("{% set x = custom.a %}{{ x }}", ["custom.a"]),
    ("{% set o = custom.a %}{{ o.id }}", ["custom.a"]),
    ("{{ custom.a if true }}", ["custom.a"]), ("{{ custom.a|default(custom.b) }}", ["custom.b"]),
    ("{% macro f(x) %}{{ x }}{% endmacro %}{{ f(custom.a) }}", ["custom.a"]),
    ("{{ custom.a.upper() }}", ["custom.a"]), ("{{ custom[key] }}", ["custom[…]"]),
    ("{{ '%s'|format(custom.a) }}", ["custom.a"]), ("<a href=\"{{ custom.url }}\">", ["custom.url"]),
  ])
  func isNamed(_ source: String, _ names: [String]) {
    #expect(failure(source, Self.json)?.kind == .missing(names))
    #expect(failure(source, Self.json) { $0.isStrict = false } == nil)
  }

  @Test(arguments: [
    ("{% if custom.a %}{{ custom.a }}{% endif %}", ""), ("{{ custom.a is defined }}", "false"),
    ("{% if custom.a == 1 or not custom.b.c %}x{% endif %}", "x"),
    ("{{ custom.a|default('d') }}", "d"), ("{{ custom.a|d }}", ""),
    ("{{ custom.a|upper|default('d') }}", "d"), ("{{ custom.a or 'd' }}", "d"),
    ("{{ 'x' if custom.a else 'y' }}", "y"),
    ("{% for i in custom.a %}{% else %}e{% endfor %}", "e"),
    ("{% for i in custom.a|default([]) %}{% endfor %}", ""), ("{% unless custom.a %}u{% endunless %}", "u"),
    ("{{ custom.blank }}{{ custom.nil }}", ""), ("{{ contact.a }}{{ nope.a }}{{ nope }}", ""),
    ("{% set x = custom.a %}", ""), ("{{ custom.a in [1] }}", "false"), ("{{ [custom.a]|length }}", "1"),
    ("{{ personalization_token('custom.a', 'there') }}", "there"), ("{{ custom.order.id }}", "1"),
  ])
  func isNotMissed(_ source: String, _ expected: String) throws {
    #expect(try rendered(source, Self.json) == expected)
  }

  @Test(arguments: [
    ("{{ custom.oder.id }}{{ x }}", "line 1, column 4: no value is given for custom.oder.id"),
    ("{{ custom.order.idd }}", "no value is given for custom.order.idd (did you mean custom.order.id?)"),
    ("{{ custom.ordr }}", "did you mean custom.order?"), ("{{ x|titel }}", "did you mean “title”?"),
    ("{{ x|uper }}", "did you mean “upper”?"),
    ("{% foor x in y %}{% endfor %}", "did you mean “for”?"),
    ("{{ x is defind }}", "did you mean “defined”?"),
    ("{% elsif %}", "did you mean “elif”?"),
    ("{% macro price() %}{% endmacro %}{{ prize() }}", "did you mean “price”?"),
    ("{{ 'x'.uper() }}", "did you mean “upper”?"), ("{{ x|truncate(lenght=3) }}", "did you mean “length”?"),
    ("{% if x %}", "{% if %} has no {% endif %}"), ("{{ x | }}", "“the end”"),
    ("{{ x y }}", "“y” is not expected here"),
  ])
  func errorsHelp(_ source: String, _ part: String) {
    let text = failure(source, Self.json)?.description ?? ""
    #expect(text.contains(part.replacing("“the end”", with: "a filter's name")), "\(text)")
  }

  @Test(arguments: [
    "{% include 'part' %}", "{% import 'part' as p %}", "{% extends 'part' %}",
    "{% from 'macros' import m %}\n\n{{ m(custom.order) }}",
  ])
  func theTemplateIsNamed(_ source: String) {
    let part = "\n<p>\n {{ custom.order.price }}"
    let error = failure(
      source, Self.json,
      ["part": part, "macros": "{% macro m(order) %}\n\n {{ custom.order.price }}{% endmacro %}"])
    #expect(error?.template == (source.contains("macros") ? "macros" : "part"))
    #expect(error?.line == 3)
    #expect(error?.column == 5)
    #expect(error?.excerpt.hasPrefix(" {{ custom.order.price }}") == true)
  }

  @Test func theCaretStandsUnderThePlace() {
    let error = failure("<p>\n\tünd {{ name|uper }}\n</p>")
    #expect(error?.line == 2)
    #expect(error?.column == 14)
    #expect(
      error?.diagnosis == """
        line 2, column 14: the filter “uper” is not known; did you mean “upper”?
          \tünd {{ name|uper }}
          \t            ^
        """)
  }
}
