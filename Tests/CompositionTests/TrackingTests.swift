import Composition
import MailFormats
import MailModel
import Signing
import Testing

/// A message for one recipient, of no account in particular.
func message(id: Int64 = 42, isTracked: Bool = true) -> Message {
  Message(
    id: MessageID(id), account: AccountID(1), original: OriginalID(7), recipient: "ann@example.net",
    sender: "shop@example.com", returnPath: "bounce@example.com", subject: "Hello", source: .smtp,
    createdAt: Instant(milliseconds: 1_795_000_000_000), isTracked: isTracked)
}

let tracking = TrackingContext(publicURL: "https://track.example.com", secret: Array("secret".utf8))

extension String {
  /// As text of a message: line ends as CRLF.
  var wire: [UInt8] { utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } }
}

/// How the tests carry an HTML body.
enum Carriage: String, CaseIterable, Sendable {
  case sevenBit = "7bit"
  case quotedPrintable = "quoted-printable"
  case base64 = "base64"
  /// Lines of other lengths than 76.
  case shortBase64 = "Base64"

  func encode(_ html: [UInt8]) -> [UInt8] {
    switch self {
    case .sevenBit: return html
    case .quotedPrintable: return QuotedPrintable.encode(html)
    case .base64, .shortBase64:
      var result = [UInt8]()
      html.withUnsafeBytes { Base64.encode($0, lineLength: self == .base64 ? 76 : 20, into: &result) }
      return result
    }
  }

  func message(_ html: [UInt8]) -> [UInt8] {
    "From: a@example.com\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n".wire
      + "Content-Transfer-Encoding: \(rawValue)\n\n".wire + encode(html)
  }
}

@Suite struct TrackingTests {
  /// What the recipient's HTML must be: `{n}` is the link of that number, `{o}` the pixel.
  static let cases: [(html: String, expected: String, links: [String])] = [
    (
      "<html><body><a href=\"http://x.example/a\">A</a></body></html>",
      "<html><body><a href=\"{0}\">A</a>{o}</body></html>", ["http://x.example/a"]
    ),
    (
      "<p><a class=b href='https://x.example/?a=1&amp;b=2' id=c>A</a><area href=HTTP://y.example/ >",
      "<p><a class=b href='{0}' id=c>A</a><area href=\"{1}\" >{o}",
      ["https://x.example/?a=1&b=2", "HTTP://y.example/"]
    ),
    ("plain", "plain{o}", []),
    ("", "{o}", []),
    (
      "<a href=mailto:a@b>m</a><a href=\"#x\">s</a><a href='tel:1'>t</a><a>n</a><a href>e</a></body>",
      "<a href=mailto:a@b>m</a><a href=\"#x\">s</a><a href='tel:1'>t</a><a>n</a><a href>e</a>{o}</body>", []
    ),
    (
      "<div data-brevdue-track=off><p><a href='http://a.example/'>1</a></p></div><a href='http://b.example/' "
        + "data-brevdue-track=\"OFF\">2</a><a href='http://c.example/'>3</a>",
      "<div data-brevdue-track=off><p><a href='http://a.example/'>1</a></p></div><a href='http://b.example/' "
        + "data-brevdue-track=\"OFF\">2</a><a href='{0}'>3</a>{o}", ["http://c.example/"]
    ),
    // Misnested: the parser opens the link again in the paragraph; its source stands once.
    (
      "<a href='http://a.example/'><p>x</a>y</p><table><a href='http://b.example/'>z</a><tr><td>w</table>",
      "<a href='{0}'><p>x</a>y</p><table><a href='{1}'>z</a><tr><td>w</table>{o}",
      ["http://a.example/", "http://b.example/"]
    ),
    (
      "<!-- <a href='http://no.example/'> --><script>'<a href=\"http://no.example/\">'</script>"
        + "<style>a{}</style><a\r\nhref\r\n=\r\n\"  http://a.example/p q\r\nr \">\u{FC}</a>\r\n</body>\r\n</html>\r\n",
      "<!-- <a href='http://no.example/'> --><script>'<a href=\"http://no.example/\">'</script>"
        + "<style>a{}</style><a\r\nhref\r\n=\r\n\"{0}\">\u{FC}</a>\r\n{o}</body>\r\n</html>\r\n",
      ["http://a.example/p%20qr"]
    ),
    (
      "<p>\u{FC}\u{2603} = =3D <a href=\"http://b\u{FC}cher.example/\u{2603}?q=a+b=c\">x</a>\t \r\nlast line",
      "<p>\u{FC}\u{2603} = =3D <a href=\"{0}\">x</a>\t \r\nlast line{o}",
      ["http://b%C3%BCcher.example/%E2%98%83?q=a+b=c"]
    ),
  ]

  @Test(arguments: cases.indices, Carriage.allCases)
  func rewrites(_ index: Int, _ carriage: Carriage) throws {
    // Each length of text before moves the places through groups of base64 and lines of quoted-printable.
    for padding in 0..<80 {
      let text = String(repeating: "x", count: padding)
      let original = carriage.message(Array((text + Self.cases[index].html).utf8))
      let plan = try #require(TrackingPlanner.plan(original: original))
      if plan.links != Self.cases[index].links { Issue.record("links are \(plan.links)") }
      let prepared = try Preparer.prepare(
        original: original, plan: TrackingPlan(decoding: plan.encode()), message: message(), signer: nil,
        tracking: tracking, now: Instant(milliseconds: 0))
      let html = Self.marked(Self.html(prepared.bytes), links: plan.links.count)
      if Self.joined(html, carriage) != Self.joined(text + Self.cases[index].expected, carriage) {
        Issue.record("\(padding): \(html)")
      }
      if try Edits.apply(prepared.edits, to: original) != prepared.bytes { Issue.record("edits differ") }
      if let line = Self.longest(prepared.bytes), line > (carriage == .sevenBit ? 998 : 76) {
        Issue.record("\(padding): a line of \(line)")
      }
    }
  }

  /// Unencoded lines that might become too long are broken around the links. A body whose last byte was a
  /// soft line break gets a line end behind the pixel, which DATA would add anyway.
  static func joined(_ html: String, _ carriage: Carriage) -> [UInt8] {
    if carriage == .sevenBit { return html.utf8.filter { $0 != 0x0D && $0 != 0x0A } }
    return Array(html.utf8.suffix(2).elementsEqual([0x0D, 0x0A]) ? html.utf8.dropLast(2) : html.utf8[...])
  }

  static func html(_ bytes: [UInt8]) -> [UInt8] {
    let mime = MIMEMessage(parsing: bytes)
    return mime.parts.first { $0.contentType.isHTML }.map(mime.decodedBody) ?? []
  }

  /// Puts the marks of `cases` back in place of what tracking wrote.
  static func marked(_ html: [UInt8], links: Int) -> String {
    var text = String(decoding: html, as: UTF8.self)
    for link in 0..<links {
      let url = tracking.clickURL(MessageID(42), link: link)
      for padding in ["==", "=", ""] { text = replace(url + padding, "{\(link)}", in: text) }
    }
    let pixel =
      "<img src=\"\(tracking.openURL(MessageID(42)))\" width=\"1\" height=\"1\" alt=\"\" "
      + "style=\"border:0;width:1px;height:1px\""
    for padding in ["", " ", "  "] { text = replace(pixel + padding + ">", "{o}", in: text) }
    return text
  }

  static func replace(_ old: String, _ new: String, in text: String) -> String {
    text.utf8.split(separator: old.utf8, omittingEmptySubsequences: false)
      .map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: new)
  }

  static func longest(_ bytes: [UInt8]) -> Int? {
    let body = MIMEMessage(parsing: bytes).root.bodyRange
    return bytes[body].split(separator: 0x0A).map { $0.last == 0x0D ? $0.count - 1 : $0.count }.max()
  }

  @Test func longLinesAreBrokenInsideTags() throws {
    let cell = "<td><a href='http://x.example/'>x</a><a href=http://y.example>y</a></td>"
    let original = Carriage.sevenBit.message(
      Array("<table><tr>\(String(repeating: cell, count: 12))</table>".utf8))
    let plan = try #require(TrackingPlanner.plan(original: original))
    #expect(plan.links.count == 24)
    let bytes = try Preparer.prepare(
      original: original, plan: plan, message: message(), signer: nil, tracking: tracking,
      now: Instant(milliseconds: 0)
    ).bytes
    #expect(Self.longest(bytes) ?? 0 < 998)
    let again = try #require(TrackingPlanner.plan(original: bytes))
    #expect(again.links == (0..<24).map { tracking.clickURL(MessageID(42), link: $0) })
  }

  @Test func leavesAlone() {
    let html = "<a href='http://x.example/'>x</a>"
    for type in [
      "text/plain", "text/html; charset=utf-16", "text/html; charset=\"ISO-2022-JP\"",
      "text/html\nContent-Disposition: attachment", "text/html\nContent-Transfer-Encoding: x-odd",
      "text/html\nContent-Transfer-Encoding: base64",
    ] {
      let original = "From: a@b.example\nMIME-Version: 1.0\nContent-Type: \(type)\n\n\(html)\n".wire
      #expect(TrackingPlanner.plan(original: original) == nil, "\(type)")
    }
    let signed = """
      From: a@b.example
      MIME-Version: 1.0
      Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"; micalg=pgp-sha256

      --s
      Content-Type: text/html

      <a href="http://x.example/">x</a>
      --s
      Content-Type: application/pgp-signature

      x
      --s--

      """
    #expect(TrackingPlanner.plan(original: signed.wire) == nil)
  }

  /// HTML that a tree without bounds would need gigabytes or minutes for.
  static func bomb(_ name: String) -> String {
    switch name {
    case "deep": return String(repeating: "<div>", count: 200_000)
    case "brackets": return String(repeating: "<", count: 500_000)
    case "links": return String(repeating: "<a href=http://x.example>", count: 50_000)
    case "attributes":
      let names = (0..<100_000).map { "a\($0)" }
      return "<p " + names.joined(separator: " ") + ">"
    default:
      let openings = (0..<20_000).map { "<b id=\($0)>" }
      return openings.joined() + String(repeating: "<p>x", count: 20_000)
    }
  }

  @Test(arguments: ["deep", "brackets", "links", "attributes", "formatting"])
  func boundedWork(_ name: String) {
    let html = Self.bomb(name)
    let clock = ContinuousClock()
    let time = clock.measure {
      _ = TrackingPlanner.plan(original: Carriage.sevenBit.message(Array(html.utf8)))
    }
    #expect(time < .seconds(30))
  }

  @Test func damagedPlans() throws {
    let plan = try #require(
      TrackingPlanner.plan(original: Carriage.base64.message(Array(Self.cases[1].html.utf8))))
    let blob = plan.encode()
    #expect(TrackingPlan(decoding: blob) == plan)
    for length in 0..<blob.count { #expect(TrackingPlan(decoding: Array(blob[..<length])) == nil) }
    #expect(TrackingPlan(decoding: blob + [0]) == nil)
  }
}
