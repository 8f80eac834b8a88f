import MailFormats
import MailModel
import Testing

private func bytes(_ lines: String...) -> [UInt8] { Array(lines.joined(separator: "\r\n").utf8) }

@Suite("Parts of a message")
struct MIMEMessageTests {
  private func outline(_ message: MIMEMessage) -> [String] {
    message.parts.map { part in
      let body = String(decoding: message.bytes[part.bodyRange], as: UTF8.self)
      let content = part.children.isEmpty ? ":" + body.replacing("\r\n", with: "|") : ""
      return "\(part.contentType.type)/\(part.contentType.subtype)\(content)"
    }
  }

  @Test("a multipart's parts end before the line end of the boundary")
  func multipart() {
    let message = MIMEMessage(
      parsing: bytes(
        "Content-Type: multipart/mixed; boundary=b", "", "preamble", "--b", "", "one", "--b",
        "Content-Type: text/html", "", "two", "", "--b--", "epilogue", ""))
    #expect(outline(message) == ["multipart/mixed", "text/plain:one", "text/html:two|"])
    #expect(message.root.bodyRange.upperBound == message.bytes.count)
  }

  @Test(
    "odd boundaries",
    arguments: [
      // Without the empty line, and without any header.
      (["--b", "--b", "", "x", "--b--"], ["text/plain:", "text/plain:x"]),
      // The header is cut by the boundary.
      (["--b", "Content-Type: text/html", "--b", "", "x", "--b--"], ["text/html:", "text/plain:x"]),
      // Other words that begin like the boundary.
      (
        ["--b", "", "--bc", "--b c", "-b", " --b", "--b--c", "--b--"],
        ["text/plain:--bc|--b c|-b| --b|--b--c"]
      ),
      // White space behind it.
      (["--b \t", "", "x", "--b-- "], ["text/plain:x"]),
      // No end.
      (["--b", "", "x"], ["text/plain:x|"]),
      (["--b"], ["text/plain:"]),
      // Only the end.
      (["--b--"], []), (["none"], []),
    ])
  func boundaries(_ body: [String], _ expected: [String]) {
    let lines = ["Content-Type: multipart/mixed; boundary=b", ""] + body + [""]
    let message = MIMEMessage(parsing: Array(lines.joined(separator: "\r\n").utf8))
    #expect(Array(outline(message).dropFirst()) == expected)
    #expect(Invariants.broken(in: message) == nil)
  }

  @Test("the boundary of an outer multipart ends the inner ones")
  func missingInnerEnd() {
    let message = MIMEMessage(
      parsing: bytes(
        "Content-Type: multipart/mixed; boundary=o", "", "--o",
        "Content-Type: multipart/mixed; boundary=oi", "", "--oi", "", "x", "--o", "", "y", "--o--", ""))
    #expect(outline(message) == ["multipart/mixed", "multipart/mixed", "text/plain:x", "text/plain:y"])
  }

  @Test("lines that end in LF only")
  func lineFeeds() {
    let text = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\nx\n--b--\n"
    #expect(outline(MIMEMessage(parsing: Array(text.utf8))) == ["multipart/mixed", "text/html:x"])
  }

  @Test("an attached message is a child, and what is in it is enclosed")
  func enclosed() {
    let message = MIMEMessage(
      parsing: bytes(
        "Content-Type: message/rfc822", "", "From: x@y.z", "Content-Type: text/html", "", "inner"))
    #expect(outline(message) == ["message/rfc822", "text/html:inner"])
    #expect(message.parts.map(\.isEnclosed) == [false, true])
    #expect(message.parts.map(\.isEditableHTML) == [false, false])
    #expect(message.headers(of: message.parts[1]).fields.count == 2)
  }

  @Test(
    "what must not be touched",
    arguments: [
      ("multipart/signed; boundary=b", [true, true]), ("multipart/encrypted; boundary=b", [true, true]),
      ("application/pkcs7-mime", [true]), ("application/x-pkcs7-mime", [true]),
      ("multipart/mixed; boundary=b", [false, false]), ("text/html", [false]),
    ])
  func protected(_ type: String, _ expected: [Bool]) {
    let message = MIMEMessage(
      parsing: bytes("Content-Type: " + type, "", "--b", "Content-Type: text/html", "", "x", "--b--"))
    #expect(message.parts.map(\.isProtected) == expected)
  }

  @Test("inline PGP", arguments: ["7bit", "quoted-printable", "base64"])
  func inlinePGP(_ encoding: String) {
    var body = Array("<p>-----BEGIN PGP MESSAGE-----\r\nx\r\n</p>".utf8)
    if encoding == "base64" { body = Base64.encode(body) }
    let header = bytes("Content-Type: text/html", "Content-Transfer-Encoding: " + encoding, "", "")
    #expect(MIMEMessage(parsing: header + body).root.isProtected)
  }

  @Test("beyond the limits parts are only bytes")
  func limits() {
    var text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    text += String(repeating: "--b\r\n\r\nx\r\n", count: 1200) + "--b--\r\n"
    let wide = MIMEMessage(parsing: Array(text.utf8))
    #expect(wide.parts.count == MIMEMessage.partLimit)
    #expect(wide.isTruncated)

    text = "x"
    for level in 0..<100 {
      text =
        "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n" + text
        + "\r\n--b\(level)--"
    }
    let deep = MIMEMessage(parsing: Array(text.utf8))
    #expect(Invariants.broken(in: deep) == nil)
    #expect(deep.isTruncated)
    #expect(deep.parts.count == MIMEMessage.depthLimit)
  }

  @Test("transfer encodings")
  func encodings() {
    let cases: [(String, TransferEncoding)] = [
      ("7bit", .sevenBit), (" 8BIT ", .eightBit), ("Binary", .binary), ("quoted-printable", .quotedPrintable),
      ("(c) base64 (d)", .base64), ("x-gzip", .unknown), ("", .unknown), ("base64; x", .base64),
    ]
    for (text, expected) in cases {
      let value = Array(text.utf8)
      #expect(TransferEncoding(parsing: value, in: 0..<value.count) == expected)
    }
  }
}

@Suite("The inspector")
struct MessageInspectorTests {
  private let rest = ["Date: Mon, 23 Nov 2026 11:30:00 +0000", "Message-ID: <1@x.y>", "", "text", ""]

  @Test(
    "findings",
    arguments: [
      (["From: a@x.y"], []),
      (["From: a@x.y", "From: b@x.y"], .multipleFrom), (["From: a@x.y", "FROM : b@x.y"], .multipleFrom),
      (["To: a@x.y"], .missingFrom), (["From: "], .invalidFrom), (["From: ann"], .invalidFrom),
      (["From: G:;"], .invalidFrom), (["From: a@x.y <b@x.y>"], .invalidFrom),
      (["From: a@x.y, b@x.y"], .missingSender), (["From: a@x.y, b@x.y", "Sender: a@x.y"], []),
      (["From: a@x.y", "Sender: a@x.y, b@x.y"], .invalidSender),
      (["From: a@x.y", "Sender: a@x.y", "Sender: b@x.y"], .multipleSender),
      (["From: a@x.y", "Subject: 1", "subject: 2"], .duplicateField),
      (["From: a@x.y", "no field"], .malformedHeader), (["From: a@x.y", " "], .malformedHeader),
      (["From: é <a@x.y>"], .header8Bit), (["From: a@x.y", "X: \u{1}"], .headerControl),
    ] as [([String], InspectionFindings)])
  func findings(_ lines: [String], _ expected: InspectionFindings) {
    let inspection = MessageInspector.inspect(Array((lines + rest).joined(separator: "\r\n").utf8))
    #expect(inspection.findings == expected)
    #expect((inspection.findings.senderProblem == nil) == expected.isDisjoint(with: .ambiguousSender))
  }

  @Test("what it tells")
  func facts() {
    let inspection = MessageInspector.inspect(
      bytes(
        "Received: x", "Received: y", "From: Ann <a@x.y>", "Sender: b@x.y", "Subject: =?utf-8?Q?=C3=BC?=",
        "Message-ID: <1@x.y>", "Content-Type: text/html", "", "ü"))
    #expect(inspection.from.map(\.address.description) == ["a@x.y"])
    #expect(inspection.sender?.address.description == "b@x.y")
    #expect(inspection.subject == "ü")
    #expect(inspection.messageID == "<1@x.y>")
    #expect(!inspection.hasDate)
    #expect(inspection.receivedCount == 2)
    #expect(inspection.has8Bit)
    #expect(inspection.htmlParts.count == 1)
    #expect(inspection.findings == [])
  }

  @Test("an empty message")
  func empty() {
    let inspection = MessageInspector.inspect([])
    #expect(inspection.findings == [.missingFrom, .noSeparator])
    #expect(!inspection.hasMessageID)
  }
}
