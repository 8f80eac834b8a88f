import Testing

@testable import TemplateImport

/// Expected results follow Mustachio's source (wildbit/mustachio) and its own tests.
@Suite struct PostmarkTests {
  @Test(arguments: [
    Case("Hi {{ name }}!", #"{"name": "Ada <3"}"#, "Hi Ada &lt;3!"),
    Case("{{{ name }}} {{& name }}", #"{"name": "<b>"}"#, "<b> <b>"),
    Case("{{person.name.first}}", #"{"person": {"name": {"first": "Ada"}}}"#, "Ada"),
    Case("{{#person}}{{name}}{{/person}}", #"{"person": {"name": "Ada"}}"#, "Ada"),
    Case("{{#person}}{{name}}{{/person}}", "{}", ""),
    Case(
      "{{#person}}{{../greeting}} {{name}}{{/person}}", #"{"greeting": "Hi", "person": {"name": "Ada"}}"#,
      "Hi Ada"),
    Case("{{#a.b}}{{../c}}{{../../d}}{{e}}{{/a.b}}", #"{"d": 4, "a": {"c": 3, "b": {"e": 5}}}"#, "345"),
    Case("{{#each items}}<{{name}}>{{/each}}", #"{"items": [{"name": "a"}, {"name": "b"}]}"#, "<a><b>"),
    Case("{{#each items}}{{.}},{{/each}}", #"{"items": [1, "b", 2.5]}"#, "1,b,2.5,"),
    Case("{{#each items}}x{{/each}}", #"{"items": []}"#, ""),
    Case("{{#each items}}x{{/each}}", "{}", ""),
    Case(
      "{{#each company.ceo.products}}{{name}} by {{../../last_name}}.{{/each}}",
      #"{"company": {"ceo": {"last_name": "Smith", "products": [{"name": "A"}, {"name": "B"}]}}}"#,
      "A by Smith.B by Smith."),
    Case(
      "{{#each rows}}{{#each cells}}{{.}}{{../../label}} {{/each}}{{/each}}",
      #"{"rows": [{"label": "x", "cells": [1, 2]}, {"label": "y", "cells": [3]}]}"#, "1x 2x 3y "),
    Case("{{^not_here}}{{../placeholder}}{{/not_here}}", #"{"placeholder": "a value"}"#, "a value"),
    Case("{{^name}}nobody{{/name}}", #"{"name": "Ada"}"#, ""),
    Case("{{#name}}{{.}}{{^name}}nobody{{/name}}", #"{"name": "Ada"}"#, "Ada"),
    Case("{{#name}}{{.}}{{^name}}nobody{{/name}}", "{}", "nobody"),
    Case("{{#v}}yes{{/v}}{{^v}}no{{/v}}", #"{"v": 0}"#, "no"),
    Case("{{#v}}yes{{/v}}{{^v}}no{{/v}}", #"{"v": ""}"#, "no"),
    Case("{{#v}}yes{{/v}}{{^v}}no{{/v}}", #"{"v": false}"#, "no"),
    Case("{{#v}}yes{{/v}}{{^v}}no{{/v}}", #"{"v": []}"#, "no"),
    Case("{{#v}}yes{{/v}}{{^v}}no{{/v}}", #"{"v": {}}"#, "no"),
    Case("{{#v}}yes{{/v}}{{^v}}no{{/v}}", #"{"v": true}"#, "yes"),
    Case("a{{! a remark }}b", "{}", "ab"),
    Case("{{missing}}", "{}", "", isLenient: true),
    Case("{ {{ name }} } {% raw %} {# no #} {{", #"{"name": "x"}"#, "{ x } {% raw %} {# no #} {{"),
    Case("<style>@media{#a{b:c}}</style>{{name}}", #"{"name": "x"}"#, "<style>@media{#a{b:c}}</style>x"),
    Case("{{{x}}", #"{"x": 1}"#, "{1"),
    Case("{{in.not}}", #"{"in": {"not": 7}}"#, "7"),
    Case("{{ é }}", #"{"é": 7}"#, "7"),
    Case("{{{ pm:unsubscribe }}}", "{}", "https://example.com/u"),
  ])
  func saysTheSame(_ test: Case) throws {
    #expect(try test.rendered(.postmark) == test.expected)
  }

  @Test func layouts() throws {
    let imported = try TemplateDialect.postmark.imported("<body>{{{ @content }}}</body>")
    #expect(imported.source == "<body>{{ content }}</body>")
    #expect(imported.summary == ["carried line 1, column 7: @content"])
  }

  @Test func namesStandUnderCustom() throws {
    let source = "{{name}}\n{{#each items}}{{name}}{{/each}}"
    #expect(
      try TemplateDialect.postmark.imported(source).source
        == "{{ custom.name }}\n{% for item in custom.items %}{{ item.name }}{% else %}{% endfor %}")
  }

  @Test(arguments: [
    ("\n {{@other}}", ["left line 2, column 2: @other"]),
    ("{{a-b}}", ["left line 1, column 1: {{a-b}}"]),
    ("{{> header}}", ["left line 1, column 1: {{> header}}"]),
    ("{{^x}}{{name}}{{/x}}", ["changed line 1, column 1: x", "left line 1, column 7: name"]),
  ])
  func says(what source: String, _ findings: [String]) throws {
    #expect(try TemplateDialect.postmark.imported(source).summary == findings)
  }

  @Test(arguments: [
    ("é{{#a}}x", "line 1, column 2: this block is not closed"),
    ("x\n{{/a}}", "line 2, column 1: this closes nothing"),
    ("{{#a}}{{/b}}", "line 1, column 7: “b” is closed here, where “a” is open"),
    (String(repeating: "{{#a}}{{#b}}", count: 5000), "line 1, column 361: blocks are nested too deep here"),
  ])
  func refuses(_ source: String, _ message: String) {
    #expect(throws: ImportError(message)) { try TemplateDialect.postmark.imported(source) }
  }
}
