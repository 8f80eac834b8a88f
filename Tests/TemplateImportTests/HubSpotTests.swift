import EmailDesign
import HubL
import Testing

@testable import TemplateImport

/// E-mails as HubSpot's API gives them. Names of members follow e-mails that others read and wrote in public.
@Suite struct HubSpotTests {
  /// An e-mail of widgets under each other, each in a section of its own.
  private func email(_ widgets: String..., style: String = "{}", more: String = "") throws -> ImportedEmail {
    let named = widgets.enumerated().map { #""w\#($0)": \#($1)"# }.joined(separator: ",")
    let sections = widgets.indices.map {
      #"{"id": "section-\#($0)", "style": \#(style), "columns": [{"id": "c-\#($0)", "width": 12, "widgets": ["w\#($0)"]}]}"#
    }.joined(separator: ",")
    let json = #"""
      {"name": "Order", "subject": "Hi {{ contact.firstname }}", "language": "en", \#(more)
       "content": {"flexAreas": {"main": {"sections": [\#(sections)]}},
         "widgets": {\#(named), "preview_text": {"type": "text", "body": {"value": "More"}}}}}
      """#
    return try ImportedEmail(hubSpot: Array(json.utf8))
  }

  private func richText(_ html: String) throws -> ImportedEmail {
    let value = JSONValue.string(html)
    let text = String(decoding: value.bytes(), as: UTF8.self)
    return try email(#"{"type": "module", "body": {"path": "@hubspot/rich_text", "html": \#(text)}}"#)
  }

  private func blocks(_ email: ImportedEmail) -> [BlockContent] {
    email.document.rows.flatMap { item -> [BlockContent] in
      if case .row(let row) = item { row.columns.flatMap { $0.blocks.map(\.content) } } else { [] }
    }
  }

  private func lines(_ email: ImportedEmail) -> [String] {
    email.findings.map { "\($0.outcome.rawValue) \($0.place): \($0.what)" }
  }

  @Test func settings() throws {
    let more = #"""
      "from": {"fromName": "Acme", "replyTo": "a@example.com", "customReplyTo": "b@example.com"},
      "isTransactional": true, "subscriptionDetails": {"subscriptionId": "7", "subscriptionName": "News"},
      "to": {"contactLists": {"include": ["1"]}}, "webversion": {},
      """#
    let made = try email(#"{"type": "text", "body": {"value": "Hello"}}"#, more: more)
    #expect(made.name == "Order" && made.fromName == "Acme" && made.fromAddress == "a@example.com")
    #expect(made.replyTo == "b@example.com" && made.subscriptionID == "7" && made.subscriptionName == "News")
    #expect(made.isTransactional == true)
    #expect(
      made.document.settings.subject == [
        .text("Hi "), .token(Token(try #require(TokenPath("contact.firstname")))),
      ])
    #expect(made.document.settings.preheader == [.text("More")])
    #expect(lines(made) == ["carried widget w0: text", "left to: to"])
  }

  @Test func modules() throws {
    let made = try email(
      #"{"module_id": 1367093, "body": {"img": {"src": "https://example.com/a.png", "alt": "A mug", "width": 240, "height": 72}, "link": "https://example.com/", "alignment": "center"}}"#,
      ##"{"body": {"path": "@hubspot/button", "text": "Go", "destination": "https://example.com/?a={{ custom.id }}", "background_color": "#ff0000"}}"##,
      #"{"body": {"path": "@hubspot/email_divider", "height": 1}}"#,
      #"{"body": {"path": "@hubspot/horizontal_spacer", "height": {"value": 500}}}"#,
      #"{"body": {"path": "@hubspot/follow_me_email", "social": [{"network": "linkedin", "url": "https://example.com/in"}, {"network": "icon", "network_image": {"alt": "Blog"}, "url": "https://example.com/b"}]}}"#,
      #"{"body": {"path": "@hubspot/email_footer", "align": "center", "unsubscribe_link_type": "both"}}"#,
      #"{"body": {"path": "@hubspot/email_header", "value": "Hello", "header_tag": "h2"}}"#,
      #"{"body": {"path": "@hubspot/raw_html_email", "value": "<b>{{ custom.x }}</b>"}}"#,
      #"{"body": {"path": "@hubspot/email_logo"}}"#,
      #"{"body": {"path": "@hubspot/email_cta", "guid": "1"}}"#,
      #"{"body": {"path": "/own/module", "html": "<p>own</p>"}, "smart_type": "list"}"#)
    #expect(
      blocks(made).map { "\($0)".prefix { $0 != "(" } } == [
        "image", "button", "divider", "spacer", "social", "footer", "heading", "html", "logo", "text",
      ])
    guard case .image(let image) = blocks(made)[0], case .button(let button) = blocks(made)[1],
      case .social(let social) = blocks(made)[4]
    else { return #expect(Bool(false)) }
    #expect(
      image.href == Destination("https://example.com/") && image.align == .center && !image.isDecorative)
    #expect(button.href.parts.count == 2 && button.label == [.text("Go")])
    #expect(social.links.map(\.name) == ["LinkedIn", "Blog"])
    #expect(
      lines(made).filter { !$0.hasPrefix("carried") } == [
        "changed widget w1: button", "changed widget w4: social links", "changed widget w5: footer",
        "left widget w9: email_cta", "left widget w10: smart content", "changed widget w10: /own/module",
      ])
    _ = try made.document.compile()
  }

  @Test(arguments: [
    (
      "<p>Hi <strong>{{ contact.firstname }}</strong>,</p>\n<p>a<br>b <br></p>",
      "<p>Hi <b>{contact.firstname}</b>,</p><p>a/b</p>"
    ),
    (
      #"<p>{{ personalization_token("contact.firstname", "there") }}</p>"#, "<p>{contact.firstname|there}</p>"
    ),
    (#"<p>{{ custom.a|default('x', true) }} {{ custom.b }}</p>"#, "<p>{custom.a|x} {custom.b}</p>"),
    (
      "<ul><li>a</li><li><p>b</p><ol><li><em>c</em></li></ol></li></ul>",
      "<ul><li><p>a</p></li><li><p>b</p><ol><li><p><i>c</i></p></li></ol></li></ul>"
    ),
    (
      #"see <a href="https://example.com/?a={{ custom.a }}" target="_blank">this</a> page"#,
      "<p>see <a https://example.com/?a={custom.a}>this</a> page</p>"
    ),
    ("<p><span style='font-weight: bold; text-decoration: underline'>x</span></p>", "<p><b><u>x</u></b></p>"),
    ("<div><p>a</p><div>b &amp; c&nbsp;</div></div><p></p>", "<p>a</p><p>b & c\u{A0}</p>"),
    ("<p>&nbsp;</p>", "<p>\u{A0}</p>"),
    ("<p>50 % {a} {{ '{' }}</p>", "html"),
  ])
  func textThatSaysTheSame(_ html: String, _ wanted: String) throws {
    let found = blocks(try richText(html)).map { block in
      if case .text(let block) = block { block.text.blocks.map(\.shown).joined() } else { "html" }
    }
    #expect(found == [wanted])
  }

  @Test func mixedText() throws {
    let made = try richText(
      """
      <h1 style="text-align:center">Your <em>order</em></h1><p style="text-align:center;color:#ff0000">One</p><p>Two</p>
      <p><img src="https://example.com/a.png" alt="A" width="40" height="20"></p><hr>
      <p><a href="https://example.com/" style="background-color:#00f;padding:8px">Go</a></p>
      <table><tr><td>{{ custom.x|upper }}</td></tr></table>
      <p>Icon <img src="https://example.com/i.png" alt=""> inside</p>
      """)
    #expect(
      blocks(made).map { "\($0)".prefix { $0 != "(" } } == [
        "heading", "text", "text", "image", "divider", "button", "html", "html",
      ])
    guard case .html(let table) = blocks(made)[6] else { return #expect(Bool(false)) }
    #expect(table.html == "<table><tr><td>{{ custom.x|upper }}</td></tr></table>" && table.isTemplate)
    #expect(lines(made).contains("changed widget w0: color"))
    #expect(lines(made).contains("changed widget w0: <table>"))
  }

  @Test func codeStaysCode() throws {
    let html = "{% if custom.x %}<p>yes</p>{% endif %}"
    #expect(blocks(try richText(html)) == [.html(HTMLBlock(html: html, text: "", isTemplate: true))])
  }

  @Test func sections() throws {
    let json = ##"""
      {"name": "x", "subject": "s", "language": "xx-yy-zz-1", "content": {
        "styleSettings": {"backgroundColor": "#EAF0F6", "bodyColor": "#ffffff", "primaryFont": "Arial, sans-serif",
          "primaryFontSize": 12, "primaryFontColor": "#23496d", "linksFont": {"color": "#00a4bd"}, "emailBodyWidth": "640",
          "buttonStyleSettings": {"backgroundColor": {"color": "#00a4bd"}, "cornerRadius": 8}},
        "flexAreas": {"main": {"sections": [
          {"id": "a", "style": {"backgroundColor": "#eaf0f6", "paddingTop": "10px", "paddingBottom": "5px"},
           "columns": [{"id": "c", "width": 6, "widgets": ["one"]}, {"id": "c", "width": 6, "widgets": ["two", "one", "gone"]}]},
          {"id": "a", "style": {"backgroundColor": "#123456", "stack": "RIGHT_TO_LEFT"},
           "columns": [{"width": 5, "widgets": []}, {"width": 7, "widgets": []}]},
          {"columns": [{"width": 3}, {"width": 3}, {"width": 3}, {"width": 3}]}]}},
        "widgets": {"one": {"type": "text", "body": {"value": "1", "hs_wrapper_css": {"padding-left": "40px", "padding-bottom": "9px"}}},
          "two": {"type": "text", "body": {"value": "2"}}, "lost": {"type": "text", "body": {"value": "3"}}}}}
      """##
    let made = try ImportedEmail(hubSpot: Array(json.utf8))
    let rows = made.document.rows.compactMap { item -> Row? in
      if case .row(let row) = item { row } else { nil }
    }
    #expect(rows.map { $0.columns.map(\.span) } == [[6, 6], [6, 6], [6, 6], [6, 6]])
    #expect(rows.map(\.id) == ["a", "a-2", "section", "section-2"])
    #expect(rows[0].area == .canvas && rows[0].style.padding == [10, 20, 5, 40] && rows[1].isReversed)
    #expect(rows[0].columns[0].blocks[0].space == 9)
    #expect(made.document.settings.width == 640)
    let theme = try #require(made.document.theme).applied(to: .standard)
    #expect(
      theme.light.canvas == Color(0xeaf0f6) && theme.light.button == Color(0x00a4bd) && theme.font == .sans)
    #expect(theme.baseSize == 13)
    #expect(
      lines(made) == [
        "changed content.styleSettings: primaryFontSize 12", "changed content.styleSettings: styles",
        "carried widget one: text", "carried widget two: text", "left widget one: widget",
        "left widget gone: widget",
        "changed section a: columns 5-7", "changed section a: background #123456",
        "changed section section: 4 columns",
        "left widget lost: widget",
      ])
  }

  @Test func codedTemplates() throws {
    let json = #"""
      {"name": "x", "subject": "{% if a %}s{% endif %}", "content": {"templatePath": "own/template.html", "widgets": {
        "b": {"type": "rich_text", "order": 2, "body": {"html": "<p>two</p>"}},
        "hs_email_body": {"type": "rich_text", "order": 1, "body": {"html": "<p>one</p>"}}}}}
      """#
    let made = try ImportedEmail(hubSpot: Array(json.utf8))
    #expect(blocks(made).count == 2)
    #expect(
      lines(made) == [
        "changed content.templatePath: own/template.html", "carried widget hs_email_body: rich_text",
        "carried widget b: rich_text", "changed language: none", "left subject: {% if a %}",
        "left subject: {% endif %}",
      ])
  }

  @Test(arguments: [
    ("{", "This is not valid JSON (byte 1: a name in quotes is expected here)."),
    ("{}", "This is no e-mail of HubSpot's: there is no “content” in it."),
    (
      #"{"results": []}"#,
      "This is no e-mail of HubSpot's: there is no “content” in it. It is a list: take one of its results."
    ),
  ])
  func refuses(_ json: String, _ message: String) {
    #expect(throws: ImportError(message)) { try ImportedEmail(hubSpot: Array(json.utf8)) }
  }

  /// Whatever the texts hold, a document comes out that compiles.
  @Test(arguments: [
    "", "<", "</p>", "<p", "{{", "{{ x", "{% x", "xqvalue0qx", "\u{0}", "<p>{{ a }}{{ b",
    String(repeating: "<div>", count: 3000),
    String(repeating: "<ul><li>x", count: 200), String(repeating: "<b>x", count: 500),
    String(repeating: "a ", count: 60_000),
    "<img src='data:image/png;base64," + String(repeating: "A", count: 9000) + "' width=9 height=9>",
    "<p>" + String(repeating: "a<br>", count: 3000) + "</p>", "<svg><p>x</svg>", "<p>a\u{7}b\u{85}c</p>",
    "<h1><a href='x'>y</a></h1>",
    "<a href='javascript:alert(1)'>x</a>", "<p>{{ deal.amount }}</p>", "<template><p>x</p></template>",
    "<table><p>x</table>",
  ])
  func anyText(_ html: String) throws {
    let made = try richText(html)
    #expect(try EmailDocument(json: made.document.json) == made.document)
    _ = try made.document.compile()
  }
}

extension RichBlock {
  /// A short form for tables of tests.
  fileprivate var shown: String {
    switch self {
    case .paragraph(let pieces): "<p>\(pieces.map(\.shown).joined())</p>"
    case .list(let isOrdered, let items):
      "<\(isOrdered ? "ol" : "ul")>"
        + items.map { "<li>\($0.map(\.shown).joined())</li>" }.joined() + "</\(isOrdered ? "ol" : "ul")>"
    }
  }
}

extension RichInline {
  fileprivate var shown: String {
    switch self {
    case .lineBreak: return "/"
    case .text(let text, let marks): return Self.marked(text, marks)
    case .token(let token, let marks):
      return Self.marked("{\(token.path)\(token.fallback.map { "|\($0)" } ?? "")}", marks)
    }
  }

  private static func marked(_ text: String, _ marks: Marks) -> String {
    var text = text
    if marks.isUnderlined { text = "<u>\(text)</u>" }
    if marks.isItalic { text = "<i>\(text)</i>" }
    if marks.isBold { text = "<b>\(text)</b>" }
    guard let link = marks.link else { return text }
    let address = link.parts.map { if case .text(let text) = $0 { text } else { "{custom.a}" } }.joined()
    return "<a \(address)>\(text)</a>"
  }
}
