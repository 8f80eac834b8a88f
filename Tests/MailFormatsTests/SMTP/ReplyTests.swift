import MailFormats
import Testing

@Suite struct ReplyTests {
  private func parse(_ text: String, pieces: Int) throws -> [SMTPReply] {
    var parser = SMTPReplyParser()
    var replies: [SMTPReply] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      Array(rest.prefix(pieces)).withUnsafeBytes { parser.receive($0) }
      rest = rest.dropFirst(pieces)
      while let reply = try parser.next() { replies.append(reply) }
    }
    return replies
  }

  @Test(arguments: [
    ("250 OK\r\n", [SMTPReply(250, "OK")]), ("250\r\n", [SMTPReply(250, "")]),
    ("250 \n", [SMTPReply(250, "")]),
    ("250-a\r\n250-b c\r\n250 d\r\n", [SMTPReply(250, ["a", "b c", "d"])]),
    ("250-a\r\n451 d\r\n", [SMTPReply(451, ["a", "d"])]),
    ("550 5.1.1 No such user\r\n", [SMTPReply(550, .init(5, 1, 1), "No such user")]),
    ("550 5.1.1\r\n", [SMTPReply(550, .init(5, 1, 1), "")]),
    (
      "550-5.7.1 a\r\n550-5.7.1 b\r\n550 5.7.2 c\r\n",
      [SMTPReply(550, .init(5, 7, 1), ["a", "b", "5.7.2 c"])]
    ),
    ("550 5.1.1.1 x\r\n", [SMTPReply(550, "5.1.1.1 x")]), ("550 3.1.1 x\r\n", [SMTPReply(550, "3.1.1 x")]),
    ("550 5.1234.1 x\r\n", [SMTPReply(550, "5.1234.1 x")]), ("354 2.0.0 x\r\n", [SMTPReply(354, "2.0.0 x")]),
    ("220 a\u{1B}[2J\tb\r\n", [SMTPReply(220, "a [2J b")]),
    (
      "220 a\r\n250-x\r\n250 y\r\n334 \r\n",
      [SMTPReply(220, "a"), SMTPReply(250, ["x", "y"]), SMTPReply(334, "")]
    ),
  ])
  func parsed(text: String, replies: [SMTPReply]) throws {
    for pieces in [1, 2, Int.max] { #expect(try parse(text, pieces: pieces) == replies) }
  }

  @Test(arguments: [
    "hello\r\n", "25 OK\r\n", "2500 OK\r\n", "150 x\r\n", "999 x\r\n", "\r\n", "250_x\r\n", "-250 x\r\n",
    "\u{16}\u{3}\u{1}\n",
  ])
  func malformed(text: String) {
    for pieces in [1, Int.max] {
      #expect(throws: SMTPReplyError.self) { try parse(text, pieces: pieces) }
    }
  }

  @Test func limits() throws {
    let long = String(repeating: "x", count: 2_044)
    #expect(try parse("250 \(long)\r\n", pieces: 100).count == 1)
    #expect(throws: SMTPReplyError.lineTooLong) { try parse("250 \(long)x\r\n", pieces: 100) }
    #expect(throws: SMTPReplyError.lineTooLong) {
      try parse(String(repeating: "2", count: 9_000), pieces: 9_000)
    }
    let lines = String(repeating: "250-x\r\n", count: 127)
    #expect(try parse(lines + "250 x\r\n", pieces: 100).first?.lines.count == 128)
    #expect(throws: SMTPReplyError.tooManyLines) { try parse(lines + "250-x\r\n250 x\r\n", pieces: 100) }
  }

  @Test(arguments: [
    (SMTPReply(250, .init(2, 1, 0), "OK"), "250 2.1.0 OK\r\n"), (SMTPReply(334, ""), "334 \r\n"),
    (SMTPReply(250, ["a", "b"]), "250-a\r\n250 b\r\n"), (SMTPReply(250, []), "250 \r\n"),
    (SMTPReply(550, .init(5, 0, 0), "a\r\n250 OK\u{0}\u{e9}"), "550 5.0.0 a??250 OK???\r\n"),
  ])
  func encoded(reply: SMTPReply, bytes: String) {
    #expect(reply.bytes == Array(bytes.utf8))
  }

  @Test func longLinesAreSplit() throws {
    let reply = SMTPReply(550, .init(5, 7, 1), [String(repeating: "x", count: 1_000), "y"])
    let lines = reply.bytes.split(separator: 0x0A)
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.count < 512 })
    #expect(try parse(String(decoding: reply.bytes, as: UTF8.self), pieces: .max).first?.lines.count == 4)
  }
}
