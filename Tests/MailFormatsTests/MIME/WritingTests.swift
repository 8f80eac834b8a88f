import MailFormats
import MailModel
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite("Quoted-printable")
struct QuotedPrintableTests {
  @Test(
    "encoded",
    arguments: [
      ("", ""), ("abc", "abc"), ("ü", "=C3=BC"), ("a=b", "a=3Db"), ("a \r\nb", "a=20\r\nb"),
      ("a\t\r\n", "a=09\r\n"),
      ("a b", "a b"), ("a ", "a=20"), ("a\nb", "a\r\nb"), ("a\rb", "a=0Db"), ("From me", "=46rom me"),
      ("x\r\nFrom me", "x\r\n=46rom me"), ("\r\n\r\n", "\r\n\r\n"), (".\r\n.", ".\r\n."),
    ])
  func encode(_ plain: String, _ encoded: String) {
    #expect(text(QuotedPrintable.encode(Array(plain.utf8))) == encoded)
  }

  @Test(
    "decoded",
    arguments: [
      ("", ""), ("a=3Db", "a=b"), ("=c3=bc", "ü"), ("a=\r\nb", "ab"), ("a=\nb", "ab"), ("a= \t\r\nb", "ab"),
      ("a=", "a"), ("a= ", "a"), ("a  \r\nb", "a\r\nb"), ("a =20 \r\n", "a  \r\n"), ("=ZZ", "=ZZ"),
      ("=4", "=4"),
      ("a=b", "a=b"), ("==41", "=A"), ("a\nb", "a\nb"), ("a \nb", "a\nb"), ("a  ", "a"), ("ü", "ü"),
      ("=\r\n=\r\n", ""), ("\r\n\r\n", "\r\n\r\n"), ("a=20=\r\n b", "a  b"), ("=\r", "=\r"),
    ])
  func decode(_ encoded: String, _ plain: String) {
    let bytes = Array(encoded.utf8)
    #expect(text(QuotedPrintable.decode(bytes, in: 0..<bytes.count)) == plain)
    #expect(text(QuotedPrintable.decodeWithMap(bytes, in: 0..<bytes.count).bytes) == plain)
  }

  @Test("lines are never longer than 76, and what was encoded comes back", arguments: 1...200)
  func roundTrip(_ seed: Int) {
    var state = UInt32(seed)
    let plain: [UInt8] = (0..<(seed * 7)).flatMap { _ -> [UInt8] in
      state = state &* 1_664_525 &+ 1_013_904_223
      let byte = UInt8(state >> 24)
      return byte == 13 || byte == 10 || state % 40 == 0
        ? [13, 10] : state % 3 == 0 ? [32] : [byte % 128 | 1]
    }.map { $0 == 13 || $0 == 10 ? $0 : $0 }
    let lines = QuotedPrintable.encode(plain)
    let decoded = QuotedPrintable.decode(lines, in: 0..<lines.count)
    let longest = lines.split(separator: 10, omittingEmptySubsequences: false).map(\.count).max() ?? 0
    #expect(longest <= 77)
    // A lone CR or LF made at random is a line end or an escape; both come back as they are but LF.
    #expect(decoded == normalized(plain))
  }

  private func normalized(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if byte == 10, index == 0 || bytes[index - 1] != 13 { output.append(13) }
      output.append(byte)
    }
    return output
  }

  @Test(
    "the way from decoded to raw bytes",
    arguments: [
      ("abcdef", "cd", "cd"), ("ab=63def", "cd", "=63d"), ("abc=\r\ndef", "cd", "c=\r\nd"),
      ("ab=\r\ncd=\r\nef", "cd", "cd"), ("=61=62=\r\n=63=64", "bc", "=62=\r\n=63"), ("abc=3D", "c=", "c=3D"),
      ("a  \r\nbc", "\r\nb", "\r\nb"), ("x=\r\n=\r\ny", "xy", "x=\r\n=\r\ny"), ("a=Zb", "=Z", "=Z"),
      ("cd  ", "cd", "cd"), ("ab cd=\r\n", "cd", "cd"),
    ])
  func map(_ raw: String, _ part: String, _ expected: String) throws {
    let bytes = Array("pre".utf8) + Array(raw.utf8) + Array("post".utf8)
    let mapped = QuotedPrintable.decodeWithMap(bytes, in: 3..<(bytes.count - 4))
    let range = try #require(mapped.bytes.firstRange(of: Array(part.utf8)))
    #expect(text(Array(bytes[mapped.rawRange(of: range)])) == expected)
    let start = mapped.rawRange(of: range.lowerBound..<range.lowerBound)
    #expect(start == mapped.rawRange(of: range).lowerBound..<mapped.rawRange(of: range).lowerBound)
  }

  @Test("an insert at the end goes before dropped white space and soft breaks")
  func mapEnd() {
    for (raw, place) in [("ab", 2), ("ab  ", 2), ("ab=\r\n", 2), ("=61", 3), ("", 0), ("=\r\n", 0)] {
      let bytes = Array(raw.utf8)
      let mapped = QuotedPrintable.decodeWithMap(bytes, in: 0..<bytes.count)
      #expect(mapped.rawRange(of: mapped.bytes.count..<mapped.bytes.count) == place..<place)
    }
  }
}

@Suite("Writing headers")
struct HeaderWriterTests {
  private func written(_ value: String, name: String = "Subject") throws -> String {
    var writer = HeaderWriter()
    try writer.text(name, value)
    return text(writer.bytes)
  }

  @Test(
    "texts come back as they went, in short lines",
    arguments: [
      "", "plain", "two words", String(repeating: "word ", count: 60) + "end", "Grüße aus Köln",
      "=?utf-8?Q?a?=",
      String(repeating: "日本語", count: 50), "emoji 😀😀 and e\u{301}", "a  b   c", "100 % = all_of_it?",
      String(repeating: "ü ", count: 100) + "end", "Ä", String(repeating: "x", count: 2000), "tab\tinside",
    ])
  func roundTrip(_ value: String) throws {
    let field = try written(value)
    let header = HeaderBlock(parsing: Array((field + "\r\n").utf8))
    #expect(header.defects == [])
    #expect(header.fields.count == 1)
    #expect(header.text(header.fields[0]) == value)
    let longest = field.utf8.split(separator: 10).map { $0.count - 1 }.max() ?? 0
    #expect(longest <= 78)
  }

  @Test("refused values", arguments: ["a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\u{0}b", "a\u{1B}b", "\u{7F}"])
  func refusedValues(_ value: String) {
    #expect(throws: HeaderError.controlCharacter(field: "Subject")) { try written(value) }
    var writer = HeaderWriter()
    #expect(throws: HeaderError.controlCharacter(field: "X")) { try writer.structured("X", value) }
    #expect(throws: HeaderError.controlCharacter(field: "X")) {
      try writer.parameterized("X", "a/b", [HeaderParameter(name: "n", value: value)])
    }
    #expect(throws: HeaderError.controlCharacter(field: "To")) {
      try writer.mailboxes("To", [Mailbox(displayName: value, address: EmailAddress("a@x.y"))])
    }
    #expect(writer.bytes.isEmpty)
  }

  @Test("refused names", arguments: ["", "a b", "a:", "é", "a\r\n", String(repeating: "x", count: 100)])
  func refusedNames(_ name: String) {
    #expect(throws: HeaderError.invalidName(name)) { try written("x", name: name) }
  }

  @Test("words that fit on no line are refused where they can't be encoded")
  func tooLong() {
    var writer = HeaderWriter()
    #expect(throws: HeaderError.tooLong(field: "X")) {
      try writer.structured("X", String(repeating: "x", count: 1000))
    }
    #expect(writer.bytes.isEmpty)
  }

  @Test(
    "mailboxes",
    arguments: [
      ("a@x.y", "a@x.y"), ("Ann Lee <a@x.y>", "Ann Lee <a@x.y>"),
      ("\"Lee, Ann\" <a@x.y>", "\"Lee, Ann\" <a@x.y>"),
      ("\"J. \\\"Q\\\"\" <a@x.y>", "\"J. \\\"Q\\\"\" <a@x.y>"),
      ("Jürgen <a@x.y>", "=?utf-8?Q?J=C3=BCrgen?= <a@x.y>"),
      ("<a@bücher.example>", "a@xn--bcher-kva.example"), ("<ü@bücher.example>", "ü@bücher.example"),
      ("\"a b\"@x.y", "\"a b\"@x.y"), ("A <a@x.y>, b@x.y", "A <a@x.y>, b@x.y"),
    ])
  func mailboxes(_ input: String, _ expected: String) throws {
    var writer = HeaderWriter()
    try writer.mailboxes("To", AddressList(input).mailboxes)
    #expect(text(writer.bytes) == "To: \(expected)\r\n")
  }

  @Test("long lists of mailboxes are folded and come back")
  func longList() throws {
    let mailboxes = try (0..<200).map {
      Mailbox(
        displayName: $0 % 2 == 0 ? "Nämé \($0)" : "Name, \($0)",
        address: try EmailAddress("u\($0)@example.com"))
    }
    var writer = HeaderWriter()
    try writer.mailboxes("To", mailboxes)
    let header = HeaderBlock(parsing: writer.bytes + Array("\r\n".utf8))
    #expect(try AddressList(parsing: header.bytes, in: header.fields[0].value).mailboxes == mailboxes)
    #expect(text(writer.bytes).utf8.split(separator: 10).allSatisfy { $0.count <= 79 })
  }

  @Test(
    "parameters come back as they went",
    arguments: [
      "a", "a b", "a\"b\\c", "", "Grüße.pdf", String(repeating: "long name ", count: 30),
      "日本語の長いファイル名" + ".pdf",
      "semi;colon", "100%'*", String(repeating: "日", count: 100),
    ])
  func parameters(_ value: String) throws {
    var writer = HeaderWriter()
    try writer.parameterized("Content-Type", "a/b", [HeaderParameter(name: "name", value: value)])
    let header = HeaderBlock(parsing: writer.bytes + Array("\r\n".utf8))
    let type = ContentType(parsing: header.bytes, in: header.fields[0].value)
    #expect(type?.parameter("name") == value)
    #expect(text(writer.bytes).utf8.split(separator: 10).allSatisfy { $0.count <= 79 })
  }
}

@Suite("Composing messages")
struct ComposerTests {
  private func composer() throws -> MIMEComposer {
    MIMEComposer(
      from: [try Mailbox("Ann <ann@example.com>")], subject: "Grüße",
      date: Instant(milliseconds: 1_795_433_400_000),
      messageID: "1.2@example.com", boundarySeed: 7)
  }

  @Test("text alone")
  func textOnly() throws {
    var composer = try composer()
    composer.to = [try Mailbox("bob@example.net")]
    composer.subject = "Hello"
    composer.text = "one\ntwo"
    #expect(
      text(try composer.compose()).replacing("\r\n", with: "\n") == """
        Date: Mon, 23 Nov 2026 11:30:00 +0000
        From: Ann <ann@example.com>
        To: bob@example.net
        Subject: Hello
        Message-ID: <1.2@example.com>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=us-ascii
        Content-Transfer-Encoding: 7bit

        one
        two

        """)
  }

  @Test("all levels, and the same bytes each time")
  func allLevels() throws {
    var composer = try composer()
    composer.text = "Grüße\r\nFrom here"
    composer.html = "<p>" + String(repeating: "x", count: 600) + "<img src=cid:i></p>"
    let png = ContentType(type: "image", subtype: "png")
    composer.attachments = [
      MIMEAttachment(name: "i.png", contentType: png, bytes: [1, 2, 3], contentID: "i"),
      MIMEAttachment(name: "Bücher.png", contentType: png, bytes: Array(repeating: 200, count: 1000)),
    ]
    composer.extraHeaders = [
      (name: "List-Unsubscribe", value: "<https://example.com/u>"), (name: "X-A", value: "ü"),
    ]
    let bytes = try composer.compose()
    #expect(try composer.compose() == bytes)
    let message = MIMEMessage(parsing: bytes)
    let types = message.parts.map { "\($0.contentType.type)/\($0.contentType.subtype)" }
    #expect(
      types == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
        "image/png",
        "image/png",
      ])
    #expect(text(message.decodedBody(of: message.parts[2])) == "Grüße\r\nFrom here\r\n")
    #expect(message.decodedBody(of: message.parts[4]) == Array((composer.html ?? "").utf8) + [13, 10])
    #expect(message.decodedBody(of: message.parts[6]) == Array(repeating: 200, count: 1000))
    #expect(message.parts[6].disposition?.filename == "Bücher.png")
    #expect(!bytes.contains { $0 >= 0x80 })
    let inspection = MessageInspector.inspect(bytes)
    #expect(inspection.findings == [])
    #expect(inspection.subject == "Grüße")
    #expect(inspection.htmlParts.count == 1)
  }

  @Test("a boundary is never one that the text holds")
  func takenBoundary() throws {
    var composer = try composer()
    composer.html = "<p>x</p>"
    composer.text = "x"
    let first = MIMEMessage(parsing: try composer.compose()).root.contentType.boundary ?? ""
    composer.text = "--\(first)"
    let message = MIMEMessage(parsing: try composer.compose())
    #expect(message.root.contentType.boundary != first)
    #expect(message.parts.count == 3)
  }

  @Test("nothing to show is an empty text")
  func empty() throws {
    let message = MIMEMessage(parsing: try composer().compose())
    #expect(message.root.contentType.isText)
    #expect(message.root.bodyRange.isEmpty)
  }

  @Test("what would break out of the header is refused")
  func refused() throws {
    var composer = try composer()
    composer.subject = "a\r\nBcc: x@y.z"
    #expect(throws: HeaderError.self) { try composer.compose() }
    composer.subject = ""
    composer.messageID = "a b@c"
    #expect(throws: HeaderError.self) { try composer.compose() }
    composer.messageID = "a@b"
    composer.extraHeaders = [(name: "X:Y", value: "1")]
    #expect(throws: HeaderError.self) { try composer.compose() }
  }
}
