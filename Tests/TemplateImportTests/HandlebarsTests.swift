import Testing

@testable import TemplateImport

/// What Handlebars, SendGrid and Mailgun have in common, and what each has of its own.
@Suite struct HandlebarsTests {
  static let common: [Case] = [
    Case("Hi {{name}}{{{name}}}{{&name}}", #"{"name": "<b>"}"#, "Hi &lt;b&gt;<b><b>"),
    Case("{{a.b}} {{a/b}} {{this.a.b}} {{./a.b}}", #"{"a": {"b": 1}}"#, "1 1 1 1"),
    Case(
      "{{[first name]}} {{a.[b c]}} {{first-name}}", #"{"first name": 1, "a": {"b c": 2}, "first-name": 3}"#,
      "1 2 3"),
    Case("{{items.[1]}} {{items.0.name}}", #"{"items": [{"name": "x"}, "y"]}"#, "y x"),
    Case("{{#if a}}yes{{else}}no{{/if}}", #"{"a": 1}"#, "yes"),
    Case("{{#if a}}yes{{else}}no{{/if}}", "{}", "no"),
    Case("{{#if a}}yes{{^}}no{{/if}}", #"{"a": []}"#, "no"),
    Case("{{#if a}}A{{else if b}}B{{else if c}}C{{else}}D{{/if}}", #"{"c": 1}"#, "C"),
    Case("{{#if a}}A{{else if b}}B{{else}}D{{/if}}", "{}", "D"),
    Case("{{#unless a}}no{{else}}yes{{/unless}}", #"{"a": 0}"#, "no"),
    Case("{{#unless a}}no{{else}}yes{{/unless}}", #"{"a": "x"}"#, "yes"),
    Case("{{#if a}}{{#unless b}}x{{/unless}}{{else unless c}}y{{/if}}", "{}", "y"),
    Case(
      "{{#each items}}{{name}}{{this.name}},{{/each}}", #"{"items": [{"name": "a"}, {"name": "b"}]}"#,
      "aa,bb,"),
    Case("{{#each items}}{{this}}{{.}}{{/each}}", #"{"items": [1, 2]}"#, "1122"),
    Case("{{#each items}}x{{else}}none{{/each}}", "{}", "none"),
    Case("{{#each items}}x{{else}}none{{/each}}", #"{"items": []}"#, "none"),
    Case("{{#each items}}x{{/each}}", "{}", ""),
    Case(
      "{{#each items}}{{@index}}{{#if @first}}f{{/if}}{{#unless @last}},{{/unless}}{{/each}}",
      #"{"items": [5, 6]}"#, "0f,1"),
    Case(
      "{{#each items}}{{../sign}}{{@root.sign}}{{this}}{{/each}}", #"{"sign": "$", "items": [1, 2]}"#,
      "$$1$$2"),
    Case(
      "{{#each rows}}{{#each cells}}{{@../index}}{{@index}}{{../name}}{{../../top}} {{/each}}{{/each}}",
      #"{"top": "t", "rows": [{"name": "a", "cells": [1]}, {"name": "b", "cells": [1, 2]}]}"#,
      "00at 10bt 11bt "),
    Case(
      "{{#each items as |row place|}}{{place}}{{row.name}}{{../top}}{{/each}}",
      #"{"top": "t", "items": [{"name": "a"}]}"#, "0at"),
    Case("{{#each map}}{{@key}}={{this}};{{/each}}", #"{"map": {"b": 1, "a": 2}}"#, "b=1;a=2;"),
    Case("{{#each map}}{{this}};{{/each}}", #"{"map": {"b": 1, "a": 2}}"#, "1;2;"),
    Case("{{#with a.b}}{{c}}{{../d}}{{/with}}", #"{"d": 2, "a": {"b": {"c": 1}}}"#, "12"),
    Case("{{#with a as |x|}}{{x.c}}{{/with}}", #"{"a": {"c": 1}}"#, "1"),
    Case("{{#with a}}{{c}}{{else}}none{{/with}}", "{}", "none"),
    Case("{{#if a}}{{../top}}{{b}}{{/if}}", #"{"top": 1, "a": 1, "b": 2}"#, "12"),
    Case("{{items.length}}", #"{"items": [1, 2, 3]}"#, "3"),
    Case("{{box.length}}", #"{"box": {"length": 30, "width": 2}}"#, "30"),
    Case("{{#if items.length}}some{{/if}}", #"{"items": [1]}"#, "some"),
    Case("{{lookup map key}}", #"{"map": {"x": 7}, "key": "x"}"#, "7"),
    Case("{{#people}}{{name}} {{/people}}", #"{"people": [{"name": "a"}, {"name": "b"}]}"#, "a b "),
    Case("{{#person}}{{name}}{{/person}}", #"{"person": {"name": "a"}}"#, "a"),
    Case("{{#flag}}yes{{/flag}}{{^flag}}no{{/flag}}", #"{"flag": true}"#, "yes"),
    Case("{{#flag}}yes{{else}}no{{/flag}}", #"{"flag": false}"#, "no"),
    Case("{{#flag}}yes{{/flag}}{{^flag}}no{{/flag}}", "{}", "no"),
    Case("a{{! x }}b{{!-- {{name}} --}}c", "{}", "abc"),
    Case(#"\{{name}} \\{{name}}"#, #"{"name": 1}"#, #"{{name}} \1"#),
    Case("{{name}}{% if %}{#x#}", #"{"name": 1}"#, "1{% if %}{#x#}"),
    Case("a {\n{{#if x}}{ {{/if}}{{x}}", #"{"x": 1}"#, "a {\n{ 1"),
    Case("<b>{{#if x}}{ {{~/if}}{{x}}", #"{"x": 1}"#, "<b>{1"),
    Case("a\n{{#if x}}\nb\n{{/if}}\nc\n", #"{"x": 1}"#, "a\nb\nc\n"),
    Case("a\r\n  {{#each x}}\r\n{{this}}\r\n  {{/each}}\r\nc", #"{"x": [1, 2]}"#, "a\r\n1\r\n2\r\nc"),
    Case("{{! only }}\na\n{{else_}}\n", #"{"else_": 1}"#, "a\n1\n"),
    Case("a  {{~name~}}  b", #"{"name": 1}"#, "a1b"),
    Case(
      "<a href=\"{{url}}\">", #"{"url": "https://example.com/?a=1&b=2"}"#,
      "<a href=\"https://example.com/?a=1&amp;b=2\">"),
    Case("{{missing}}{{missing.too}}", "{}", "", isLenient: true),
  ]

  @Test(arguments: common) func sendGridSaysTheSame(_ test: Case) throws {
    #expect(try test.rendered(.sendGrid) == test.expected)
  }

  @Test(arguments: common) func mailgunSaysTheSame(_ test: Case) throws {
    #expect(try test.rendered(.mailgun) == test.expected)
  }

  @Test(arguments: [
    Case(#"{{#equals a "x"}}same{{else}}other{{/equals}}"#, #"{"a": "x"}"#, "same"),
    Case(#"{{#equals a b}}same{{else}}other{{/equals}}"#, #"{"a": "x", "b": "y"}"#, "other"),
    Case(#"{{#equals a "x"}}1{{else equals a "y"}}2{{else}}3{{/equals}}"#, #"{"a": "y"}"#, "2"),
    Case(#"{{#notEquals a "x"}}other{{/notEquals}}"#, #"{"a": "y"}"#, "other"),
    Case("{{#greaterThan a 10}}more{{else}}less{{/greaterThan}}", #"{"a": 11}"#, "more"),
    Case("{{#lessThan a b}}less{{else}}more{{/lessThan}}", #"{"a": 11, "b": 2}"#, "more"),
    Case("{{#and a b}}both{{else}}not{{/and}}", #"{"a": 1, "b": 0}"#, "not"),
    Case("{{#or a b}}one{{else}}none{{/or}}", #"{"a": 1}"#, "one"),
    Case("{{#if (equals a 1)}}one{{/if}}{{#unless (or a b)}}none{{/unless}}", #"{"a": 1}"#, "one"),
    Case("{{#greaterThan (length items) 1}}many{{/greaterThan}}", #"{"items": [1, 2]}"#, "many"),
    Case(#"Hi {{insert name "default=Customer"}}"#, #"{"name": ""}"#, "Hi Customer"),
    Case(#"Hi {{insert name "default=Customer"}}"#, "{}", "Hi Customer"),
    Case(#"Hi {{insert name "default=C"}}"#, #"{"name": "<A>"}"#, "Hi &lt;A&gt;"),
    Case(
      #"{{formatDate d "MMMM DD, YYYY h:mm:ss A"}}"#, #"{"d": "2020-01-02T23:04:05.000Z"}"#,
      "January 02, 2020 11:04:05 PM"),
    Case(#"{{formatDate d "M/D/YY HH:mm" "-0800"}}"#, #"{"d": "2020-01-02T03:04:05Z"}"#, "1/1/20 19:04"),
    Case("<a href='{{{unsubscribe}}}'>", "{}", "<a href='https://example.com/u'>"),
    Case("<a href='<%asm_group_unsubscribe_raw_url%>'>", "{}", "<a href='https://example.com/u'>"),
  ])
  func sendGridsHelpers(_ test: Case) throws {
    #expect(try test.rendered(.sendGrid) == test.expected)
  }

  @Test(arguments: [
    Case("Hi -name-, well-known and 2020-01-02", #"{"name": "Ada"}"#, "Hi Ada, well-known and 2020-01-02")
  ])
  func substitutions(_ test: Case) throws {
    #expect(try test.rendered(.sendGrid, .dashes) == test.expected)
    let percent = Case("{%name% 5% of 10%", test.data, "{Ada 5% of 10%")
    #expect(try percent.rendered(.sendGrid, .percent) == percent.expected)
    #expect(try test.rendered(.sendGrid) == test.source)
  }

  @Test(arguments: [
    Case(#"{{#equal a "x"}}same{{/equal}}"#, #"{"a": "x"}"#, "same"),
    Case(#"{{#equal a "1"}}same{{/equal}}"#, #"{"a": 1}"#, "same"),
    Case(#"{{#equal a "true"}}same{{/equal}}"#, #"{"a": true}"#, "same"),
    Case(#"{{#equal a "x"}}same{{/equal}}"#, #"{"a": "y"}"#, ""),
    Case("{{#ifEq a b}}same{{else}}other{{/ifEq}}", #"{"a": "1.0", "b": 1}"#, "same"),
    Case("{{#ifGt a 2}}more{{else}}less{{/ifGt}}", #"{"a": "10"}"#, "more"),
    Case("{{#ifLt a 2}}less{{/ifLt}}", #"{"a": 1.5}"#, "less"),
    Case(#"{{count}} {{pluralize count "items" "item"}}"#, #"{"count": 2}"#, "2 items"),
    Case(#"{{pluralize count "items" "item"}}"#, #"{"count": 1}"#, "item"),
    Case(
      "Hi %recipient.first_name% at %recipient_email%, 5%", #"{"first_name": "A"}"#,
      "Hi A at ada@example.com, 5%"),
    Case("<a href='%unsubscribe_url%'>", "{}", "<a href='https://example.com/u'>"),
  ])
  func mailgunsHelpers(_ test: Case) throws {
    #expect(try test.rendered(.mailgun) == test.expected)
  }

  @Test(arguments: [
    (TemplateDialect.sendGrid, "x\n{{upper name}}", ["left line 2, column 1: upper name"]),
    (.sendGrid, "{{#loud}}x{{/loud}}", ["changed line 1, column 1: {{#loud}}"]),
    (.sendGrid, "{{#loud a b}}x{{/loud}}", ["left line 1, column 1: {{#loud a b}}"]),
    (.sendGrid, "{{> header}}", ["left line 1, column 1: {{> header}}"]),
    (.sendGrid, "{{@other}}", ["left line 1, column 1: @other"]),
    (.sendGrid, "{{formatDate d \"Do\"}}", ["left line 1, column 1: formatDate d \"Do\""]),
    (.sendGrid, "{{a b=(c}}", ["left line 1, column 1: {{a b=(c}}"]),
    (.sendGrid, "{{name}}", []),
    (.mailgun, "{{#each a}}{{b}}{{this.b}}{{c}}{{/each}}", ["changed line 1, column 12: b"]),
    (.mailgun, "{{#if a}}{{/if}}{{#if b}}{{/if}}", ["changed line 1, column 1: a"]),
    (
      .mailgun, "{{#ifMatchesRegexStr \"a\" b}}x{{/ifMatchesRegexStr}}",
      ["left line 1, column 1: {{#ifMatchesRegexStr \"a\" b}}"]
    ),
  ])
  func says(_ dialect: TemplateDialect, what source: String, _ findings: [String]) throws {
    #expect(try dialect.imported(source).summary == findings)
  }

  @Test(arguments: [
    ("{{#if a}}x", "line 1, column 1: this block is not closed"),
    ("{{#if a}}{{else}}x", "line 1, column 1: this block is not closed"),
    ("{{#if a}}{{else}}x{{else}}{{/if}}", "line 1, column 1: this block is not closed"),
    ("{{#if a}}{{else if b}}x", "line 1, column 1: this block is not closed"),
    ("{{#if a}}x{{/each}}", "line 1, column 11: “each” is closed here, where “if” is open"),
    ("a\n{{name", "line 2, column 1: this expression has no end"),
    ("{{{name}}", "line 1, column 1: this expression has no end"),
    ("{{else}}", "line 1, column 1: this closes nothing"),
    ("{{{{raw}}}}", "line 1, column 1: raw blocks ({{{{) are not known"),
    (String(repeating: "{{#if a}}", count: 9000), "line 1, column 541: blocks are nested too deep here"),
    (
      "{{#if a}}" + String(repeating: "{{else if a}}", count: 9000),
      "line 1, column 777: blocks are nested too deep here"
    ),
  ])
  func refuses(_ source: String, _ message: String) {
    #expect(throws: ImportError(message)) { try TemplateDialect.sendGrid.imported(source) }
  }

  @Test func loopsAreNamedByTheirDepth() throws {
    let source = "{{#each a}}{{#each b}}{{@../index}}{{this}}{{/each}}{{/each}}{{#each c}}{{this}}{{/each}}"
    #expect(
      try TemplateDialect.sendGrid.imported(source).source
        == "{% for item in custom.a %}{% set index1 = loop.index0 %}{% for item2 in item.b %}{{ index1 }}{{ item2 }}"
        + "{% else %}{% endfor %}{% else %}{% endfor %}{% for item in custom.c %}{{ item }}{% else %}{% endfor %}"
    )
  }

  @Test func readsLikeWrittenByHand() throws {
    let source = """
      <p>Hi {{insert name "default=there"}},</p>
      {{#if order.items}}
      <ul>
      {{#each order.items}}
        <li>{{this.name}}: {{price}} {{../currency}}</li>
      {{/each}}
      </ul>
      {{/if}}
      """
    #expect(
      try TemplateDialect.sendGrid.imported(source).source == """
        <p>Hi {{ custom.name|default("there", true) }},</p>
        {% if custom.order.items %}<ul>
        {% for item in custom.order.items %}  <li>{{ item.name }}: {{ item.price }} {{ custom.currency }}</li>
        {% else %}{% endfor %}</ul>
        {% endif %}
        """)
  }
}
