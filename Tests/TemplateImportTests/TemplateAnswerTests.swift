import EmailDesign
import Testing

@testable import TemplateImport

/// What the services' APIs give for a template.
@Suite struct TemplateAnswerTests {
  private func imported(_ dialect: TemplateDialect, _ json: String) throws -> ImportedAnswer {
    try dialect.imported(answer: JSONValue(parsing: Array(json.utf8)))
  }

  private func name(_ path: String) throws -> Inline { .token(Token(try #require(TokenPath(path)))) }

  @Test func postmark() throws {
    let made = try imported(
      .postmark,
      """
      {"TemplateId": 7, "Name": "Welcome", "Subject": "Hi {{name}}", "HtmlBody": "<p>{{#each a}}{{.}}{{/each}}</p>",
       "TextBody": "{{name}}", "LayoutTemplate": "basic"}
      """)
    #expect(made.name == "Welcome" && made.email.text == "{{ custom.name }}" && made.email.kind == .template)
    #expect(made.email.settings.subject == [.text("Hi "), try name("custom.name")])
    #expect(made.email.html == "<p>{% for item in custom.a %}{{ item }}{% else %}{% endfor %}</p>")
    #expect(made.findings.map(\.place) == ["layout"])
  }

  @Test func sendGrid() throws {
    let made = try imported(
      .sendGrid,
      """
      {"name": "Order", "versions": [{"active": 0, "html_content": "old"},
        {"active": 1, "subject": "{{#if a}}x{{/if}}", "html_content": "{{insert a \\"default=b\\"}}", "plain_content": ""}]}
      """)
    #expect(
      made.name == "Order" && made.email.html == #"{{ custom.a|default("b", true) }}"#
        && made.email.text == nil)
    // A subject that asks is no line of values.
    #expect(made.findings.map(\.outcome) == [.changed, .left, .left])
    #expect(made.findings.last?.place == "subject")
  }

  @Test func mailgun() throws {
    let made = try imported(
      .mailgun,
      """
      {"template": {"name": "n", "version": {"template": "{{a}} %recipient.b%", "engine": "handlebars",
        "headers": {"Subject": "Hi {{a}}"}}}}
      """)
    #expect(made.email.html == "{{ custom.a }} {{ custom.b }}")
    #expect(made.email.settings.subject == [.text("Hi "), try name("custom.a")])
    _ = try made.email.compile()
  }

  @Test func refuses() {
    #expect(
      throws: ImportError("This JSON is no template of Postmark's: there is neither HTML nor text in it.")
    ) {
      try imported(.postmark, "{}")
    }
    #expect(throws: ImportError("HTML, line 1, column 1: this block is not closed")) {
      try imported(.mailgun, #"{"template": {"version": {"template": "{{#if a}}"}}}"#)
    }
  }
}
