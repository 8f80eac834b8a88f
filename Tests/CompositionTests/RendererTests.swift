import Composition
import HubL
import MailFormats
import MailModel
import Testing

@Suite struct RendererTests {
  static func request(_ custom: [String: Value] = [:], contact: [String: String] = [:]) -> RenderRequest {
    RenderRequest(
      from: NamedAddress(name: "Shop & Söhne", address: "shop@example.com"),
      to: [NamedAddress(address: "ann@example.net")], replyTo: [NamedAddress(address: "help@example.com")],
      contact: contact, custom: .map(ValueMap(custom)), messageID: "77@example.com",
      date: Instant(milliseconds: 1_795_000_000_000))
  }

  @Test func wholeMessage() throws {
    let template = try EmailTemplate(
      subject: "Order {{ custom.id }} für {{ contact.firstname|default('you') }}",
      html: "<p>Hi {{ contact.firstname }}, <a href=\"https://x.example/{{ custom.id }}\">see</a></p>",
      text: nil)
    let request = Self.request(["id": .string("A&1\r\nBcc: eve@example.org")], contact: ["firstname": "Ann"])
    let email = try EmailRenderer.render(template, request)
    #expect(email.subject == "Order A&1  Bcc: eve@example.org für Ann")
    let inspection = MessageInspector.inspect(email.bytes)
    #expect(inspection.findings == [])
    #expect(inspection.subject == email.subject)
    #expect(inspection.from.first?.displayName == "Shop & Söhne")
    #expect(inspection.messageID == "<77@example.com>")
    #expect(inspection.message.headers.first("Bcc") == nil)
    let parts = inspection.message.parts
    #expect(parts.map(\.contentType.subtype) == ["alternative", "plain", "html"])
    #expect(try EmailRenderer.render(template, request).bytes == email.bytes)
    #expect(
      TrackingPlanner.plan(inspection.message)?.links == ["https://x.example/A&1%20Bcc:%20eve@example.org"]
        || TrackingPlanner.plan(inspection.message)?.links == ["https://x.example/A&1Bcc:%20eve@example.org"])
  }

  /// The text is made from the template once, so that values are not taken for HTML; but for `|safe` ones.
  @Test(arguments: [
    (
      "<p>Hi {{ custom.name }},</p><a href='{{ custom.url }}'>go</a>",
      "Hi <b>Ann</b>,\n\ngo (https://x.example/?a&b)\n"
    ),
    (
      "<a href='https://x.example/{{ custom.id }}/y'>go{{custom.id}}on</a>", "go7on (https://x.example/7/y)\n"
    ),
    ("<p>Hi {{ custom.name|safe }}</p>", "Hi Ann\n"),
    ("<style>{{ custom.name }}</style>x{{ contact.none }}y xqhubl", "xy xqhubl\n"),
  ])
  func textOfTemplate(_ html: String, _ text: String) throws {
    let template = try EmailTemplate(subject: "x", html: html, text: nil)
    let values: [String: Value] = [
      "name": .string("<b>Ann</b>"), "url": .string("https://x.example/?a&b"), "id": .int(7),
    ]
    #expect(try EmailRenderer.render(template, Self.request(values)).text == text)
  }

  /// Summer time, half hours, and names that are none.
  @Test func namedTimeZones() throws {
    let summer = "1782900000000|datetimeformat('%Y-%m-%d %H:%M %z', "
    let template = try EmailTemplate(
      subject: "{{ \(summer)'Europe/Berlin') }}, {{ local_dt|datetimeformat('%H:%M', 'Europe/Berlin') }}",
      html: nil,
      text: "{{ \(summer)'Asia/Kolkata') }}, {{ local_dt|format_time('short', 'America/New_York') }}")
    let email = try EmailRenderer.render(template, Self.request())
    #expect(email.subject == "2026-07-01 12:00 +0200, 12:06")
    #expect(email.text == "2026-07-01 15:30 +0530, 6:06 AM")
    for name in ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Europe/Berlin\n"] {
      #expect(TimeZones.offset(of: name, at: Instant(milliseconds: 0)) == nil)
    }
    let bad = try EmailTemplate(
      subject: "{{ now()|datetimeformat('%H', 'Mars/Olympus') }}", html: nil, text: "x")
    let error = #expect(throws: RenderError.self) { try EmailRenderer.render(bad, Self.request()) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("“Mars/Olympus” is no time zone"))
  }

  @Test func missingNamesOfAllParts() throws {
    let template = try EmailTemplate(
      subject: "{{ custom.a }}", html: "{{ custom.b }}{{ custom.a }}", text: "{{ custom.c.d }}{{ contact.x }}"
    )
    #expect(throws: RenderError.missingProperties(["custom.a", "custom.b", "custom.c.d"])) {
      try EmailRenderer.render(template, Self.request())
    }
  }

  @Test func badTemplates() {
    #expect(throws: RenderError.noContent) { try EmailTemplate(subject: "x", html: " \n", text: nil) }
    #expect(throws: RenderError.self) { try EmailTemplate(subject: "{{", html: "x", text: nil) }
    #expect(throws: RenderError.self) { try EmailTemplate(subject: "x", html: "{% if %}", text: nil) }
  }

  @Test(arguments: ["", "no address", "a@b\r\nBcc: c@d", "a@b@c"])
  func badAddresses(_ address: String) throws {
    let template = try EmailTemplate(subject: "x", html: nil, text: "x")
    var request = Self.request()
    request.cc = [NamedAddress(address: address)]
    #expect(throws: RenderError.self) { try EmailRenderer.render(template, request) }
  }

  @Test(arguments: [
    ("<p>One\n two</p><p>Three<br>four</p>", "One two\n\nThree\nfour\n"),
    (
      "<style>p{}</style><script>x</script><h1>T</h1><ul><li>a<li><b>b</b>c</ul>end",
      "T\n\n- a\n- bc\n\nend\n"
    ),
    (
      "<a href='https://x.example/?a&amp;b'>go</a> <a href='http://y.example/'>http://y.example/</a>",
      "go (https://x.example/?a&b) http://y.example/\n"
    ),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
    (
      "<div style='display: none'>preheader</div><img alt='Logo' src=x>&nbsp;&copy; &lt;x&gt;",
      "Logo\u{A0}© <x>\n"
    ),
    ("a<br><br>b<br><br><br>c", "a\n\nb\n\nc\n"),
    ("", nil), ("<img src=x>", nil),
  ])
  func textFromHTML(_ html: String, _ text: String?) throws {
    let template = try EmailTemplate(subject: "x", html: html + "<!-- -->", text: nil)
    #expect(try EmailRenderer.render(template, Self.request()).text == text ?? "")
  }
}
