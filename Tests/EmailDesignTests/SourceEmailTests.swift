import EmailDesign
import Testing

struct SourceEmailTests {
  private func email(_ html: String, preheader: String = "More", kind: SourceEmail.Kind = .template)
    -> SourceEmail
  {
    SourceEmail(
      kind: kind,
      settings: EmailSettings(language: .english, subject: [.text("A")], preheader: [.text(preheader)]),
      html: html)
  }

  @Test(arguments: [
    ("<p>x</p>", "<div", true),
    ("<html><BODY class=\"a>b\"><p>x</p></BODY></html>", "<html><BODY class=\"a>b\">", false),
  ])
  func preheaderComesFirst(_ html: String, _ start: String, _ isBare: Bool) throws {
    let compiled = try email(html).compile().html
    #expect(compiled.split(separator: "\n").first.map { $0.hasPrefix(start) } ?? false)
    #expect(compiled.contains("More"))
  }

  @Test func withoutPreheaderNothingChanges() throws {
    #expect(try email("<p>x</p>", preheader: "").compile().html == "<p>x</p>")
  }

  @Test func layoutsHaveOneSlot() throws {
    var context = CompileContext()
    context.layout = .source("<body><h1>{{ \"}} content\" }}</h1>{{content}}</body>")
    let html = try email("<p>x</p>", preheader: "").compile(context).html
    #expect(html == "<body><h1>{{ \"}} content\" }}</h1><p>x</p></body>")
    for layout in ["<body></body>", "{{ content }}{{ content }}", "{# {{ content }} #}"] {
      context.layout = .source(layout)
      #expect(throws: DocumentError.self) { try email("x").compile(context) }
    }
    context.layout = .rows([])
    #expect(throws: DocumentError.self) { try email("x").compile(context) }
  }

  @Test func readsBack() throws {
    let version = try #require(EmailVersion(main: .source(email("<p>{{ contact.x }}</p>", kind: .html))))
    #expect(try EmailVersion(parsing: version.json.bytes()) == version)
  }
}
