import MailFormats
import Testing

/// What other servers have taken for the end of data, and commands behind it.
@Suite struct SmugglingTests {
  static let imposters: [String] = [
    "\n.\n", "\r.\r", "\r.\n", "\n.\r", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\r\n .\r\n", "\r\n.\n\r\n", "\n\n.\r\n", "\r\n\n.\r\n", "\r\n.\r\0\n",
    "\r\n.\u{0B}\r\n", "\r\n.\t\r\n", "\u{85}.\u{85}", "\r\n..\r\n", "\0\r\n.\n\r\n",
  ]

  static let smuggled =
    "MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@y.example>\r\nDATA\r\nSubject: no\r\n\r\nsmuggled"

  @Test(arguments: imposters)
  func dataEndsOnlyAtCRLFDotCRLF(imposter: String) {
    let content = Array("Subject: hi\r\n\r\nfirst\(imposter)\(Self.smuggled)\r\n.\r\n".utf8)
    var failures: [String] = []
    let reference = run(data: [content])
    if reference.accepted.count > 1 { failures.append("\(reference.accepted.count) accepted") }
    for split in 0...content.count {
      let outcome = run(data: [Array(content[..<split]), Array(content[split...])])
      if outcome != reference { failures.append("split at \(split): \(outcome)") }
    }
    let single = run(data: content.map { [$0] })
    if single != reference { failures.append("byte by byte: \(single)") }
    #expect(failures.isEmpty)
    #expect(!reference.log.contains { $0.contains("evil") || $0.contains("victim") })
  }

  struct Result: Equatable {
    var codes: [Int]
    var accepted: [[UInt8]]
    var log: [String]
    var isClosed: Bool
  }

  private func run(data: [[UInt8]]) -> Result {
    var transcript = ServerTranscript()
    transcript.send(envelope)
    transcript.send(mail)
    transcript.send("DATA\r\n")
    _ = transcript.said()
    for piece in data { transcript.send(piece) }
    return Result(
      codes: transcript.codes(), accepted: transcript.accepted.map(\.body), log: transcript.log,
      isClosed: transcript.isClosed)
  }

  @Test(arguments: imposters)
  func chunksAreNeverCommands(imposter: String) {
    let content = Array("Subject: hi\r\n\r\nfirst\(imposter)\(Self.smuggled)\r\n.\r\n".utf8)
    var failures: [String] = []
    var reference: Result?
    for split in 0...content.count {
      var transcript = ServerTranscript()
      transcript.send(envelope)
      transcript.send(mail)
      _ = transcript.said()
      transcript.send(Array("BDAT \(content.count) LAST\r\n".utf8) + content[..<split])
      transcript.send(Array(content[split...]))
      let result = Result(
        codes: transcript.codes(), accepted: transcript.accepted.map(\.body), log: transcript.log,
        isClosed: transcript.isClosed)
      if reference == nil { reference = result }
      if result != reference { failures.append("split at \(split): \(result)") }
      if result.codes.count != 1 { failures.append("\(result.codes)") }
    }
    #expect(failures.isEmpty)
    #expect(!(reference?.log.contains { $0.contains("evil") } ?? true))
  }

  @Test(arguments: [
    ("\n.\n", 550, true), ("\r\n.\n", 550, true), ("\r.\r", 550, true), ("\r\n\0.\r\n", 550, true),
    ("\r\n .\r\n", 250, false), ("\r\n..\r\n", 250, false),
  ])
  func answer(imposter: String, code: Int, closes: Bool) {
    let result = run(data: [Array("S: 1\r\n\r\na\(imposter)b\r\n.\r\n".utf8)])
    #expect(result.codes == [code])
    #expect(result.isClosed == closes)
  }

  @Test(arguments: [
    "NOOP\n", "MAIL FROM:<a@b.c>\rRCPT TO:<d@e.f>\r\n", "EHLO a\0b\r\n", "\nNOOP\r\n", "NOOP\r\r\n",
    "QUIT\n\r\n", "NO\rOP\r\n",
  ])
  func strayBytesInCommands(command: String) {
    for pieces in [1, 2, 3, Int.max] {
      var transcript = ServerTranscript()
      _ = transcript.said()
      transcript.send(command, pieces: pieces)
      transcript.send("NOOP\r\n")
      #expect(transcript.codes() == [500])
      #expect(transcript.isClosed)
      #expect(transcript.closes == 1)
    }
  }

  @Test(arguments: [
    ("STARTTLS\r\n", 501), ("EHLO c.example\r\n", 503), ("HELO c.example\r\n", 503), ("DATA\r\n", 503),
    ("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n", 503), ("AUTH LOGIN\r\n", 503),
  ])
  func inputAheadOfTheReply(command: String, code: Int) {
    var transcript = ServerTranscript(.closed)
    transcript.send("EHLO c.example\r\n")
    _ = transcript.said()
    transcript.send("\(command)MAIL FROM:<a@b.example>\r\n")
    #expect(transcript.codes() == [code])
    #expect(transcript.isClosed)
    #expect(!transcript.log.contains("tls"))
    #expect(transcript.accepted.isEmpty && !transcript.log.contains { $0.hasPrefix("mail") })
  }

  @Test func clearTextDuringTheHandshakeEndsTheSession() {
    var session = SMTPServerSession(.open)
    Array("STARTTLS\r\n".utf8).withUnsafeBytes { session.receive($0) }
    guard case .startTLS = session.nextAction() else {
      Issue.record("no handshake")
      return
    }
    Array("EHLO x\r\n".utf8).withUnsafeBytes { session.receive($0) }
    guard case .close = session.nextAction() else {
      Issue.record("not closed")
      return
    }
    session.secured()
    if session.nextAction() != nil { Issue.record("an action behind the end") }
    #expect(session.waiting == .closed)
  }
}
