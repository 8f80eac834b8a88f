import EmailDesign
import Testing

struct CheckTests {
  /// Facts in which nothing is wrong.
  static func facts(sample: JSONValue? = nil) -> CheckFacts {
    var facts = CheckFacts()
    facts.sample = sample
    facts.sender = SenderFacts(
      address: "shop@example.com", isVerified: true, spf: .aligned, dkim: .aligned, dmarc: .aligned)
    facts.values = ValueFacts(contactProperties: ["firstname", "email", "plan", "city"], defaults: ["city"])
    return facts
  }

  @Test(arguments: Starter.all.map(\.name))
  func startersAreClean(_ name: String) throws {
    let starter = try #require(Starter.named(name))
    let version = try #require(EmailVersion(main: .document(starter.document)))
    let findings = version.check(Self.facts(sample: starter.sample)).filter { $0.severity != .inform }
    #expect(findings.isEmpty, "\(findings.map { "\($0.rule) \($0.place): \($0.message)" })")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    let place: String
    let json: JSONValue
    var testDescription: String { "\(rule) \(place)" }

    init(_ rule: String, _ json: JSONValue) {
      self.init(rule, "block b1", json)
    }

    init(_ rule: String, _ place: String, _ json: JSONValue) {
      self.rule = rule
      self.place = place
      self.json = json
    }
  }

  private static func heading(_ id: JSONValue, _ level: JSONValue) -> JSONValue {
    ["id": id, "type": "heading", "props": ["level": level, "content": [["text": "H"]]]]
  }

  private static func image(_ members: (String, JSONValue)...) -> JSONValue {
    let known: [JSONValue.Member] = [
      .init("src", "https://example.com/a.png"), .init("width", 100), .init("height", 100),
    ]
    let own = members.map { JSONValue.Member($0.0, $0.1) }
    let props = known.filter { member in !own.contains { $0.name == member.name } } + own
    return ["id": "b1", "type": "image", "props": .object(props)]
  }

  private static func html(_ html: JSONValue) -> JSONValue {
    document([["id": "b1", "type": "html", "props": ["html": html, "text": "as text", "template": true]]])
  }

  private static let padding = paragraph(words("Words enough to be more than an image alone."))

  private static func withText(_ block: JSONValue) -> JSONValue {
    document([block, ["id": "b2", "type": "text", "props": padding["props"] ?? [:]]])
  }

  static let cases: [Case] = [
    Case("subject-empty", "subject", document([], subject: [])),
    Case("subject-empty", "subject", document([], subject: [["text": "  "]])),
    Case(
      "subject-long", "subject",
      document([], subject: [["text": .string(String(repeating: "word ", count: 14))]])),
    Case("subject-capitals", "subject", document([], subject: [["text": "BUY THIS NOW"]])),
    Case("preheader-missing", "preheader", document([], preheader: [])),
    Case("preheader-repeats", "preheader", document([], preheader: [["text": "a subject"]])),
    Case("link-empty", document([paragraph(link("Order", ""))])),
    Case("link-empty", document([paragraph(link("Order", "#"))])),
    Case("link-empty", document([paragraph(link("Order", "https://"))])),
    Case("link-empty", document([paragraph(link("Order", "mailto:"))])),
    Case("link-relative", document([paragraph(link("Order", "/orders"))])),
    Case("link-relative", document([paragraph(link("Order", "www.example.com"))])),
    Case("link-scheme", document([paragraph(link("Order", "javascript:alert(1)"))])),
    Case("link-scheme", document([paragraph(link("Order", " JavaScript:alert(1)"))])),
    Case("link-scheme", document([paragraph(link("Order", "data:text/html,x"))])),
    Case("link-http", document([paragraph(link("Order", "http://example.com/"))])),
    Case("link-shortener", document([paragraph(link("Order", "https://bit.ly/x"))])),
    Case("link-vague", document([paragraph(link("Click here!", "https://example.com/"))])),
    Case("link-vague", document([paragraph(link("Read more →", "https://example.com/"))])),
    Case("link-domain", document([paragraph(link("www.bank.example", "https://evil.example/"))])),
    Case("link-domain", document([paragraph(link("paypal.com", "https://example.com/"))])),
    Case(
      "link-domain",
      document([paragraph(link("https://example.com/login", "https://example.com.evil.example/"))])),
    Case("link-text", "block b1, line 1", html("<p><a href='https://example.com'> </a></p>")),
    Case("image-alt", withText(image())),
    Case("image-alt", withText(image(("alt", "  ")))),
    Case("image-link-alt", withText(image(("href", "https://example.com/")))),
    Case("image-http", withText(image(("alt", "A"), ("src", "http://example.com/a.png")))),
    Case("image-source", withText(image(("alt", "A"), ("src", "a.png")))),
    Case("image-format", withText(image(("alt", "A"), ("src", "https://example.com/a.SVG?x=1")))),
    Case("images-only", "e-mail", document([image(("alt", "Sale"))])),
    Case("heading-skipped", "block b2", document([heading("b1", 1), heading("b2", 3)])),
    Case("token-unknown", document([paragraph(token("contcat.firstname", "x"))])),
    Case("token-unknown", document([paragraph(token("contact.shoe_size", "x"))])),
    Case("token-unknown", document([paragraph(token("item.name", "x"))])),
    Case("token-fallback", document([paragraph(token("contact.firstname"))])),
    Case("token-sample", document([paragraph(token("custom.missing"))])),
    Case(
      "token-fallback", "row",
      document([paragraph(token("contact.firstname"))], row: [.init("when", ["path": "contact.plan"])])),
    Case("html-text", document([["id": "b1", "type": "html", "props": ["html": "<p>x</p>"]]])),
    Case(
      "contrast-light", "block r1",
      document([], row: [.init("style", ["background": ["light": "#333333", "dark": "#000000"]])])),
    Case(
      "contrast-dark", "block r1",
      document([], row: [.init("style", ["background": ["light": "#ffffff", "dark": "#aaaaaa"]])])),
    Case("hubl-syntax", "block b1, line 2", html("<p>\n{{ contact. }}</p>")),
    Case("hubl-syntax", "block b1, line 2", html("<p>\n{{ contact.firstname|uper }}</p>")),
    Case("hubl-syntax", "block b1, line 1", html("{% crm_list %}")),
    Case(
      "client-css-display-flex", "block b1, line 2", html("<p>x</p>\n<div style='DISPLAY : flex'>x</div>")),
    Case("client-css-position", "block b1, line 1", html("<style>.a{position:absolute}</style>")),
    Case("client-css-margin", "block b1, line 1", html("<p style='margin:0 -4px'>x</p>")),
    Case("client-css-variables", "block b1, line 1", html("<p style='width:var(--x)'>x</p>")),
    Case("client-css-unit-rem", "block b1, line 1", html("<p style='font-size:1.2rem'>x</p>")),
    Case("client-css-at-font-face", "block b1, line 1", html("<style>@font-face { font-family: X }</style>")),
    Case("client-css-at-import", "block b1, line 1", html("<style>/* a */ @import 'x.css';</style>")),
    Case("client-scripts", "block b1, line 1", html("<script>1</script>")),
    Case("client-scripts", "block b1, line 1", html("<p onclick='x()'>x</p>")),
    Case("client-html-video", "block b1, line 1", html("<video src='x'></video>")),
    Case("client-html-svg", "block b1, line 1", html("<svg><path/></svg>")),
    Case("client-image-base64", "block b1, line 1", html("<img alt='x' src='data:image/png;base64,AA'>")),
    Case("contrast-light", "block b1, line 1", html("<p style='color:#999'>x</p>")),
    Case("contrast-light", "block b1, line 1", html("<table><td bgcolor='#333333'><b>x</b></table>")),
  ]

  @Test(arguments: cases)
  func finds(_ item: Case) throws {
    let version = try #require(EmailVersion(main: .document(EmailDocument(json: item.json))))
    let found = version.check(Self.facts(sample: ["custom": ["there": 1]]))
    let place = item.place == "row" ? "block b1" : item.place
    #expect(
      found.contains { $0.rule == item.rule && $0.place.description == place },
      "\(found.map { "\($0.rule) \($0.place)" })")
    #expect(found.allSatisfy { !$0.message.isEmpty && !$0.fix.isEmpty })
  }

  static let clean: [JSONValue] = [
    document([paragraph(link("Order 12", "https://example.com/"))]),
    document([paragraph(link("Write to us", "mailto:a@example.com"))]),
    document([paragraph(link("example.com", "https://www.example.com/x"))]),
    document([paragraph(link("Order", ["token": "custom.there"]))]),
    document([paragraph(link("Order", [["text": "https://example.com/?id="], ["token": "custom.there"]]))]),
    document([paragraph(token("contact.email"), token("contact.city"), token("contact.firstname", ""))]),
    document([paragraph(token("contact.plan"))], row: [.init("when", ["path": "contact.plan"])]),
    document(
      [paragraph(token("contact.plan"))],
      row: [.init("when", ["path": "contact.plan", "is": "equals", "value": "x"])]),
    document([heading("b1", 2), heading("b2", 3), heading("b3", 1)]),
    withText(image(("decorative", true))),
    html(
      "<div style='max-width:100%;margin:0 auto;color:#333'>{{ contact.email }} <a href=\"{{ custom.there|default(\"x\") }}\">Order</a></div>"
    ),
    html("{% for item in custom.there %}<p>{{ item.name }}</p>{% endfor %}"),
    html("{% if contact.plan %}<p>{{ contact.plan }}</p>{% endif %}"),
    html("<h1 style='color:#888;font-size:32px'>Large letters</h1>"),
  ]

  @Test(arguments: clean)
  func findsNothing(_ json: JSONValue) throws {
    let version = try #require(EmailVersion(main: .document(EmailDocument(json: json))))
    let found = version.check(Self.facts(sample: ["custom": ["there": 1]])).filter { $0.severity != .inform }
    #expect(found.isEmpty, "\(found.map { "\($0.rule) \($0.place): \($0.message)" })")
  }

  @Test func theWorstComesFirst() throws {
    let json = document(
      [paragraph(link("here", "http://example.com"), token("contact.firstname"))], subject: [])
    let version = try #require(EmailVersion(main: .document(EmailDocument(json: json))))
    let severities = version.check(Self.facts()).map(\.severity)
    #expect(severities == severities.sorted())
    #expect(severities.first == .stop && severities.last != .stop)
  }

  @Test func aMissingSectionIsAFinding() throws {
    let version = try #require(EmailVersion(main: .document(everything().document)))
    let found = version.check()
    #expect(found.map(\.rule) == ["not-compiled"])
    #expect(found.first?.message.contains("closing") ?? false)
  }
}
