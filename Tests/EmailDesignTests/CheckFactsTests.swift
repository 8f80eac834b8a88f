import EmailDesign
import Testing

/// Checks of what is not in the e-mail itself.
struct CheckFactsTests {
  private func found(_ json: JSONValue, _ facts: CheckFacts) throws -> [Finding] {
    try #require(EmailVersion(main: .document(EmailDocument(json: json)))).check(facts)
  }

  private func rules(_ facts: CheckFacts) throws -> [String] {
    try found(document([paragraph(words("Hello"))]), facts).map(\.rule)
  }

  @Test func saysNothingOfWhatItIsNotTold() throws {
    #expect(try rules(CheckFacts()).isEmpty)
  }

  static let senders: [(SenderFacts, [String])] = [
    (
      SenderFacts(address: "", isVerified: true, spf: .aligned, dkim: .aligned, dmarc: .aligned),
      ["sender-missing"]
    ),
    (
      SenderFacts(address: "a@b.example", isVerified: false, spf: .missing, dkim: .missing, dmarc: .missing),
      ["sender-unverified"]
    ),
    (
      SenderFacts(address: "a@b.example", isVerified: true, spf: .missing, dkim: .aligned, dmarc: .missing),
      ["sender-spf", "sender-dmarc"]
    ),
    (
      SenderFacts(address: "a@b.example", isVerified: true, spf: .missing, dkim: .unaligned, dmarc: .aligned),
      ["sender-dkim", "sender-spf", "sender-alignment"]
    ),
    (
      SenderFacts(address: "a@b.example", isVerified: true, spf: .aligned, dkim: .aligned, dmarc: .aligned),
      ["sender-authentic"]
    ),
  ]

  @Test(arguments: senders)
  func looksAtTheSender(_ sender: SenderFacts, _ rules: [String]) throws {
    var facts = CheckFacts()
    facts.sender = sender
    #expect(try self.rules(facts) == rules)
  }

  @Test func marketingNeedsAWayOutAndAnAddress() throws {
    var facts = CheckFacts()
    facts.compile.isTransactional = false
    #expect(try rules(facts) == ["unsubscribe-missing", "address-missing"])
    let footer: JSONValue = document([
      paragraph(words("Hello")), ["id": "b2", "type": "footer", "props": [:]],
    ])
    #expect(try found(footer, facts).isEmpty)
    let html: JSONValue = document([
      [
        "id": "b1", "type": "html",
        "props": [
          "html":
            "<a href='{{ unsubscribe_link_all }}'>Unsubscribe</a> {{ site_settings.company_street_address_1 }}",
          "text": "x", "template": true,
        ],
      ]
    ])
    #expect(try found(html, facts).isEmpty)
  }

  @Test(arguments: [(80, nil), (90, "size"), (100, "size-clipped"), (501, "size")])
  func measures(_ kilobytes: Int, _ rule: String?) throws {
    var facts = CheckFacts()
    facts.renderedBytes = kilobytes * 1024
    #expect(try rules(facts) == [rule].compactMap { $0 })
  }

  @Test func estimatesTheSizeItself() throws {
    let text = String(repeating: "word ", count: 3_900)
    let json = document([
      paragraph(words(text)), ["id": "b2", "type": "text", "props": paragraph(words(text))["props"] ?? [:]],
    ])
    var rows = [JSONValue]()
    guard case .array(let first)? = json["rows"] else { return }
    for place in 0..<3 {
      rows += first.map { row in
        let text = String(decoding: row.bytes(), as: UTF8.self)
          .replacing("\"r1\"", with: "\"r\(place)\"").replacing("\"c1\"", with: "\"c\(place)\"")
          .replacing("\"b1\"", with: "\"x\(place)\"").replacing("\"b2\"", with: "\"y\(place)\"")
        return (try? JSONValue(parsing: Array(text.utf8))) ?? .null
      }
    }
    let large: JSONValue = ["schema": 1, "settings": json["settings"] ?? [:], "rows": .array(rows)]
    #expect(try found(large, CheckFacts()).map(\.rule) == ["size-clipped"])
  }

  @Test func countsRecipients() throws {
    var facts = CheckFacts()
    facts.recipients = RecipientFacts(total: 10_000, suppressed: 1_250, hourlyRate: 3_000)
    facts.coverage = [try TokenCoverage(#require(TokenPath("contact.firstname")), missing: 412, of: 10_000)]
    facts.isTrackingSecure = false
    let with = try found(document([paragraph(token("contact.firstname", "there"))]), facts)
    #expect(with.map(\.rule) == ["tracking-http", "token-coverage", "recipients-suppressed", "send-time"])
    #expect(with[1].message == "412 of 10,000 recipients have no “contact.firstname”; they read “there”.")
    let without = try found(document([paragraph(token("contact.firstname"))]), facts)
    #expect(without.first { $0.rule == "token-coverage" }?.severity == .warn)
  }

  @Test func looksAtFilesOfImages() throws {
    var facts = CheckFacts()
    facts.images = ["https://example.com/a.png": ImageFacts(bytes: 400 * 1024, width: 900, height: 300)]
    let json = document([
      paragraph(words("Words enough to be more than an image alone.")),
      [
        "id": "b2", "type": "image",
        "props": ["src": "https://example.com/a.png", "alt": "A", "width": 300, "height": 100],
      ],
    ])
    #expect(try found(json, facts).map(\.rule) == ["image-heavy", "image-large"])
  }

  @Test func themesAreReadInBothLights() throws {
    var facts = CheckFacts()
    facts.compile.theme.light.muted = Color(0xaaaaaa)
    facts.compile.theme.dark.link = Color(0x2222aa)
    facts.compile.theme.light.button = Color(0xffcc00)
    let found = try found(document([paragraph(words("Hello"))]), facts)
    #expect(found.map(\.rule) == ["contrast-light", "contrast-light", "contrast-dark"])
    #expect(found.first?.message.contains("2.3") ?? false)
  }

  @Test func sourcesAreChecked() throws {
    let html =
      "<html>\n<body>\n<h1>A</h1><h3>{{ contact.firstname }}</h3>\n{% if x %}{% endif %}\n<a href=\"x\">y</a></body></html>"
    let email = SourceEmail(
      kind: .html,
      settings: EmailSettings(language: .english, subject: [.text("A")], preheader: [.text("B")]),
      html: html)
    let found = try #require(EmailVersion(main: .source(email))).check()
    #expect(
      Set(found.map { "\($0.rule) \($0.place)" }) == [
        "link-relative line 5", "html-tags line 4", "token-fallback line 3",
        "heading-skipped line 3", "language-missing line 1",
      ])
  }

  @Test func translationsSayAsMuch() throws {
    func content(_ language: String, _ pieces: JSONValue...) throws -> EmailContent {
      var document = try EmailDocument(
        json: EmailDesignTests.document([
          paragraph(words("Hello")),
          [
            "id": "b2", "type": "text",
            "props": [
              "doc": ["type": "doc", "content": [["type": "paragraph", "content": .array(pieces)]]]
            ],
          ],
        ]))
      document.settings.language = try #require(LanguageTag(language))
      return .document(document)
    }
    let version = try #require(
      EmailVersion(
        main: content("en", token("custom.code")), translations: [content("de", words("Kein Code"))]))
    let found = version.check()
    #expect(found.map(\.rule) == ["translation-token"])
    #expect(found.first?.language?.description == "de")
  }

  @Test func isFast() throws {
    let starter = try #require(Starter.named("receipt"))
    let version = try #require(EmailVersion(main: .document(starter.document)))
    var facts = CheckTests.facts(sample: starter.sample)
    facts.sample = starter.sample
    let times = (0..<20).map { _ in ContinuousClock().measure { _ = version.check(facts) } }
    let time = try #require(times.min())
    // 50 ms is promised of a release build; this is a debug build beside other tests, which may hold up any one run.
    #expect(time < .milliseconds(250), "\(time)")
    print("a check of the receipt takes \(time)")
  }
}
