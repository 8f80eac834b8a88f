import EmailDesign
import HubL
import Testing

struct CompilerTests {
  @Test func everyBlockComesOutAsBefore() throws {
    let (document, context) = try everything()
    let email = try document.compile(context)
    try Golden.expect(email.html, is: "everything.html")
    try Golden.expect(try #require(email.text), is: "everything.txt")
    #expect(email.subject == #"Order {{ custom.order.number }} & {{ "{" }}{{ "{" }} braces }}"#)
    #expect(try document.compile(context) == email)
  }

  @Test(arguments: Starter.all.map(\.name))
  func startersComeOutAsBefore(_ name: String) throws {
    let email = try #require(Starter.named(name)).document.compile()
    try Golden.expect(email.html, is: "\(name).html")
    try Golden.expect(try #require(email.text), is: "\(name).txt")
  }

  @Test func rightToLeftTurnsSides() throws {
    let (document, context) = try everything()
    var turned = document
    turned.settings.direction = .rtl
    let html = try turned.compile(context).html
    #expect(html.contains(#"<html lang="en" dir="rtl""#))
    #expect(html.contains("margin-right:24px"))
    #expect(!html.contains("margin-left:24px"))
  }

  @Test(arguments: [
    "{{ contact.x }}", "{% if x %}", "{# no #}", "{{{", "a{", "}}", "%}", "'\"<&>", #"\" {{"#,
  ])
  func wordsStayWords(_ text: String) throws {
    let json = document(
      [paragraph(words(text), token("contact.x", text), words(text))], subject: [["text": .string(text)]])
    let email = try EmailDocument(json: json).compile()
    #expect(try Template(email.subject).render([:], escaping: .none) == text)
    #expect(try Template(try #require(email.text)).render([:], escaping: .none) == text + text + text + "\n")
    let html = try Template(email.html).render([:], escaping: .html)
    #expect(html.contains(">\(Self.mixed(text))</p>"))
  }

  private static let entities: [Character: String] = [
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;",
  ]

  /// The author's words have their braces as entities, the value's stay.
  private static func mixed(_ text: String) -> String {
    let own = text.reduce(into: "") { $0 += $1 == "{" ? "&#123;" : entities[$1] ?? String($1) }
    let value = text.reduce(into: "") { $0 += entities[$1] ?? String($1) }
    return own + value + own
  }

  @Test func longTextsAreBroken() throws {
    let long = [
      String(repeating: "words and more ", count: 400), String(repeating: "漢字", count: 2000),
      String(repeating: "x", count: 600) + " " + String(repeating: "é", count: 900),
    ]
    for text in long {
      let email = try EmailDocument(json: document([paragraph(words(text))])).compile()
      #expect(email.html.utf8.split(separator: 0x0A).allSatisfy { $0.count < 998 })
      let kept = email.html.replacing("<!--\n-->", with: "").replacing("\n", with: " ")
      #expect(kept.contains(text.trimmingCharacters))
    }
  }

  @Test func commentsForWordAreNotBroken() throws {
    for count in 480...500 {
      let html =
        String(repeating: "x", count: count) + "<!--[if mso]><b>Word</b><![endif]--> y "
        + String(repeating: "z", count: 40)
      let block: JSONValue = ["id": "b1", "type": "html", "props": ["html": .string(html)]]
      #expect(try EmailDocument(json: document([block])).compile().html.contains("x<!--[if mso]>"))
    }
  }

  @Test(arguments: Starter.all.map(\.name))
  func linesFitIntoMail(_ name: String) throws {
    let email = try #require(Starter.named(name)).document.compile()
    for part in [email.html, email.text ?? ""] {
      #expect(part.utf8.split(separator: 0x0A).allSatisfy { $0.count < 998 })
    }
  }

  /// What the compiler writes is looked at as if an author had written it.
  @Test func keepsItsOwnRules() throws {
    let (document, context) = try everything()
    let mails = try Starter.all.map { ($0.document.settings, try $0.document.compile().html) }
    for (settings, html) in mails + [(document.settings, try document.compile(context).html)] {
      let source = SourceEmail(kind: .template, settings: settings, html: html)
      let found = try #require(EmailVersion(main: .source(source))).check()
      let clients = found.filter { $0.rule.hasPrefix("client-") || $0.rule.hasPrefix("contrast") }
      #expect(clients.isEmpty, "\(clients.map { "\($0.rule) \($0.place) \($0.message)" })")
      #expect(
        !found.contains {
          ["language-missing", "image-alt", "image-link-alt", "hubl-syntax"].contains($0.rule)
        })
    }
  }

  @Test func styleSheetIsSmallAndPlain() throws {
    let (document, context) = try everything()
    let html = try document.compile(context).html
    let sheet = try #require(html.split(separator: "<style>\n").last?.split(separator: "</style>").first)
    #expect(sheet.utf8.count < 4096)
    #expect(!sheet.contains("url(") && !sheet.contains("@import"))
  }

  @Test func sectionsMayStandTwice() throws {
    let (document, context) = try everything()
    var twice = document
    twice.rows.append(.section(id: "s_2", name: "closing"))
    let text = try #require(try twice.compile(context).text)
    #expect(text.split(separator: "See you soon").count == 3)
  }

  @Test func sectionsMustBeThereAndEnd() throws {
    let (document, context) = try everything()
    var without = context
    without.sections = [:]
    #expect(
      throws: DocumentError(path: "rows[7].section", rule: "names “closing”, and there is no such section")
    ) {
      try document.compile(without)
    }
    without.sections = ["closing": [.section(id: "s", name: "closing")]]
    #expect(throws: DocumentError.self) { try document.compile(without) }
  }

  @Test func sectionsCannotGrowWithoutBound() throws {
    var context = CompileContext()
    for level in 0..<3 {
      context.sections["s\(level)"] = (0..<100).map { .section(id: "x\($0)", name: "s\(level + 1)") }
    }
    context.sections["s3"] = []
    var document = try EmailDocument(json: document([]))
    document.rows = [.section(id: "x", name: "s0")]
    let error = try #require(throws: DocumentError.self) { try document.compile(context) }
    #expect(error.rule.contains("2000"))
  }

  @Test func imagesMustBeThere() throws {
    var (document, context) = try everything()
    context.assets = [:]
    let error = try #require(throws: DocumentError.self) { try document.compile(context) }
    #expect(error.path == "block b_img")
    document.rows = []
    #expect(try document.compile(context).text == "")
  }

  @Test func transactionalMailHasNoWayOut() throws {
    var (document, context) = try everything()
    document.revision += 1
    #expect(try document.compile(context).html.contains("unsubscribe_link_all"))
    context.isTransactional = true
    #expect(try !document.compile(context).html.contains("unsubscribe_link_all"))
  }

  @Test func largeSectionsCannotGrowWithoutBound() throws {
    var context = CompileContext()
    let text = String(repeating: "x", count: 20_000)
    context.sections["large"] = try EmailDocument(json: document([paragraph(words(text), words(text))])).rows
    var document = try EmailDocument(json: document([]))
    document.rows = (0..<400).map { .section(id: "x\($0)", name: "large") }
    let error = try #require(throws: DocumentError.self) { try document.compile(context) }
    #expect(error.rule.contains("8 MB"))
  }

  /// Comments for Word do not nest.
  @Test func rowsForPhonesHaveNothingForWord() throws {
    let columns: JSONValue = [
      ["id": "c1", "span": 6, "blocks": [paragraph(words("Left"))]], ["id": "c2", "span": 6, "blocks": []],
    ]
    func comments(_ show: JSONValue) throws -> Int {
      let row: [JSONValue.Member] = [.init("columns", columns), .init("show", show)]
      let html = try EmailDocument(json: document([], row: row)).compile().html
      return html.split(separator: "<!--[if mso]>").count - 1
    }
    #expect(try comments("all") == 9)
    #expect(try comments("phone") == 3)
  }

  @Test(arguments: [
    ("javascript:alert(1)", "#unsafe-link"), (" JavaScript:alert(1)", "#unsafe-link"),
    ("data:text/html,x", "#unsafe-link"),
    ("vbscript:x", "#unsafe-link"), ("https://example.com/?a=1&b", "https://example.com/?a=1&amp;b"),
    ("mailto:a@example.com", "mailto:a@example.com"), ("\" onclick=\"x", "&quot; onclick=&quot;x"),
    ("/a:b", "/a:b"),
  ])
  func linksCannotRun(_ address: String, _ wanted: String) throws {
    let button: JSONValue = [
      "id": "b2", "type": "button", "props": ["label": "Go", "href": .string(address)],
    ]
    let social: JSONValue = [
      "id": "b3", "type": "social", "props": ["links": [["name": "Go", "href": .string(address)]]],
    ]
    let image: JSONValue = [
      "id": "b4", "type": "image",
      "props": [
        "src": "https://example.com/a.png", "alt": "Go", "width": 9, "height": 9, "href": .string(address),
      ],
    ]
    let json = document([paragraph(link("Go", .string(address))), button, social, image])
    let html = try EmailDocument(json: json).compile().html
    #expect(html.split(separator: "href=\"\(wanted)\"").count == 5)
  }

  /// Values in an address come out alike in both parts.
  @Test func addressesAreTheSameInBothParts() throws {
    let href: JSONValue = [
      ["text": "https://example.com/"], ["token": "custom.path"], ["text": "?q="], ["token": "custom.query"],
    ]
    let email = try EmailDocument(json: document([paragraph(link("Go", href))])).compile()
    let values: [String: Value] = ["custom": .map(["path": .string("a/b"), "query": .string("a b&c")])]
    let address = "https://example.com/a/b?q=a%20b%26c"
    let html = try Template(email.html).render(values, escaping: .html)
    let text = try Template(try #require(email.text)).render(values, escaping: .none)
    #expect(html.contains("href=\"\(address)\""))
    // In a query a blank may be either.
    #expect(text == "Go (https://example.com/a/b?q=a+b%26c)\n")
  }

  @Test func layoutsGoAround() throws {
    var context = CompileContext()
    context.layout = .rows(try section(text: "Above") + [.slot(id: "slot")] + section(text: "Below"))
    let text = try #require(
      try EmailDocument(json: document([paragraph(words("Inside"))])).compile(context).text)
    #expect(text == "Above\n\nInside\n\nBelow\n")
    let layout = try #require(context.layout)
    #expect(try Layout(json: layout.json) == layout)
    #expect(try Layout(json: Layout.source("{{ content }}").json) == .source("{{ content }}"))
    context.layout = .rows(try section())
    #expect(throws: DocumentError.self) { try EmailDocument(json: document([])).compile(context) }
  }

}

extension String {
  fileprivate var trimmingCharacters: String { hasSuffix(" ") ? String(dropLast()) : self }
}
