import MailFormats
import Testing

@Suite struct ServerSessionTests {
  /// Client lines against reply codes. Each is fed whole and byte by byte; `|` divides what is sent in one piece.
  @Test(arguments: [
    (["EHLO c.example", "QUIT"], [250, 221], true),
    (
      ["HELO c.example", "HELP", "NOOP x", "VRFY y", "EXPN z", "RSET", "quit"],
      [250, 214, 250, 252, 502, 250, 221], true
    ),
    (["MAIL FROM:<a@b.example>"], [503], false),
    (["EHLO", "EHLO a b", "EHLO \u{7F}", "EHLO [127.0.0.1]"], [501, 501, 501, 250], false),
    (["EHLO c", "RCPT TO:<a@b.example>", "DATA"], [250, 503, 503], false),
    (
      ["EHLO c", "MAIL FROM:<>", "MAIL FROM:<>", "DATA", "RSET", "MAIL FROM:<>"],
      [250, 250, 503, 554, 250, 250], false
    ),
    (["EHLO c", "MAIL FROM:<bad@b.example>", "RCPT TO:<a@b.example>"], [250, 550, 503], false),
    (["EHLO c", "MAIL FROM:<a@b.example>", "RCPT TO:<bad@b.example>", "DATA"], [250, 250, 550, 554], false),
    (["EHLO c", "MAIL FROM:<a@b.example> SIZE=26214401"], [250, 552], false),
    (["EHLO c", "MAIL FROM:<a@b.example> SIZE=99999999999999999999"], [250, 552], false),
    (["EHLO c", "MAIL FROM:<a@b.example>", "EHLO c", "RCPT TO:<a@b.example>"], [250, 250, 250, 503], false),
    (["EHLO c", "MAIL FROM:<\u{e9}@b.example>"], [250, 553], false),
    (["EHLO c", "MAIL FROM:<a@b.example>", "RCPT TO:<\u{e9}@b.example>"], [250, 250, 553], false),
    (["EHLO c", "MAIL FROM:<a@b.example> SMTPUTF8", "RCPT TO:<\u{e9}@b.example>"], [250, 250, 250], false),
    (["GET / HTTP/1.1", "Host: x"], [500], true),
    (["POST / HTTP/1.1"], [500], true), (["CONNECT x:25 HTTP/1.1"], [500], true),
    (["{\"a\":1}"], [500], true), ([" EHLO c"], [500], true),
    (["", "FOO", "TURN", "DATA x", "RSET x", "STARTTLS x"], [500, 500, 502, 501, 501, 501], false),
    (["EHLO c", "AUTH PLAIN AHUAcA=="], [250, 538], false),
    (["BDAT", "NOOP"], [501], true), (["BDAT x LAST"], [501], true), (["BDAT 5 FIRST"], [501], true),
    (["BDAT 99999999999"], [552], true),
  ])
  func dialogue(lines: [String], codes: [Int], isClosed: Bool) {
    for pieces in [Int.max, 1] {
      var transcript = ServerTranscript()
      _ = transcript.said()
      for line in lines { transcript.send(line + "\r\n", pieces: pieces) }
      #expect(transcript.codes() == codes)
      #expect(transcript.isClosed == isClosed)
    }
  }

  @Test func greetingAndCapabilities() {
    var transcript = ServerTranscript(.closed)
    #expect(transcript.said() == "220 mx.example ESMTP Brevdue\n")
    transcript.send("EHLO c.example\r\n")
    #expect(
      transcript.said() == """
        250-mx.example
        250-PIPELINING
        250-SIZE 26214400
        250-8BITMIME
        250-SMTPUTF8
        250-CHUNKING
        250-DSN
        250-STARTTLS
        250-AUTH PLAIN LOGIN
        250 ENHANCEDSTATUSCODES

        """)
  }

  @Test(arguments: [1, 2, 7, 64, Int.max])
  func pipelinedMessages(pieces: Int) {
    var transcript = ServerTranscript()
    transcript.send(envelope)
    _ = transcript.said()
    transcript.send(mail + "DATA\r\n", pieces: pieces)
    transcript.send("S: 1\r\n\r\n..x\r\n.\r\n" + mail + "RCPT TO:<bad@z.example>\r\nDATA\r\n", pieces: pieces)
    transcript.send(".\r\nQUIT\r\n", pieces: pieces)
    #expect(transcript.codes() == [250, 250, 354, 250, 250, 250, 550, 354, 250, 221])
    #expect(transcript.accepted.map(\.body) == [Array("S: 1\r\n\r\n.x\r\n".utf8), []])
    #expect(transcript.accepted.map(\.recipients.count) == [1, 1])
  }

  @Test func whatIsHandedOver() {
    var options = SMTPServerOptions.closed
    options.maximumMessages = 1
    var transcript = ServerTranscript(options)
    transcript.send("STARTTLS\r\n")
    transcript.send("MAIL FROM:<a@b.example>\r\n")
    transcript.send("EHLO c.example\r\n")
    transcript.send("STARTTLS\r\n")
    transcript.send("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n")
    transcript.send(
      "MAIL FROM:<\"a b\"@x.example> SIZE=100 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=q+2Bx\r\n"
        + "RCPT TO:<b@y.example> NOTIFY=success,delay ORCPT=rfc822;b@z.example\r\nDATA\r\n")
    transcript.send("S: 1\r\n\r\nh\u{e9}\r\n.\r\nMAIL FROM:<>\r\n")
    #expect(transcript.codes() == [220, 220, 503, 250, 503, 235, 250, 250, 354, 250, 421])
    let message = transcript.accepted.first
    #expect(message?.reversePath.address == "\"a b\"@x.example")
    #expect(message?.reversePath.localPart == "\"a b\"")
    #expect(message?.reversePath.domain == "x.example")
    #expect(message?.parameters.dsnEnvelopeID == "q+2Bx")
    #expect(message?.parameters.dsnReturn == "HDRS")
    #expect(message?.recipients.first?.parameters.dsnNotify == "SUCCESS,DELAY")
    #expect(message?.recipients.first?.parameters.dsnOriginalRecipient == "rfc822;b@z.example")
    #expect(message?.protocolName == "UTF8SMTPSA")
    #expect(message?.heloName == "c.example")
    #expect(transcript.isClosed)
  }

  @Test func startTLSForgetsEverything() {
    var transcript = ServerTranscript(.closed)
    transcript.send("EHLO c.example\r\n")
    transcript.send("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n")
    transcript.send("STARTTLS\r\n")
    #expect(!transcript.session.isAuthenticated && transcript.session.isSecure)
    #expect(transcript.session.heloName.isEmpty)
    _ = transcript.said()
    transcript.send("EHLO c.example\r\n")
    #expect(!transcript.said().contains("STARTTLS"))
    transcript.send("MAIL FROM:<a@b.example>\r\n")
    #expect(transcript.codes() == [530])
  }

  @Test(arguments: [
    (["AUTH PLAIN AHVzZXIAc2VjcmV0"], [235]), (["auth plain AHVzZXIAc2VjcmV0"], [235]),
    (["AUTH PLAIN dXNlcgB1c2VyAHNlY3JldA=="], [235]), (["AUTH PLAIN b3RoZXIAdXNlcgBzZWNyZXQ="], [535]),
    (["AUTH PLAIN", "AHVzZXIAc2VjcmV0"], [334, 235]), (["AUTH PLAIN", "*"], [334, 501]),
    (["AUTH PLAIN ="], [501]), (["AUTH PLAIN", ""], [334, 501]), (["AUTH PLAIN !!!!"], [501]),
    (["AUTH PLAIN AHVzZXIAc2VjcmV0AA=="], [501]), (["AUTH PLAIN AHVzZXIA"], [501]),
    (["AUTH LOGIN", "dXNlcg==", "c2VjcmV0"], [334, 334, 235]),
    (["AUTH LOGIN dXNlcg==", "c2VjcmV0"], [334, 235]),
    (["AUTH LOGIN", "dXNlcg==", "*"], [334, 334, 501]), (["AUTH LOGIN", "STARTTLS"], [334, 535]),
    (["AUTH LOGIN", ""], [334, 501]), (["AUTH CRAM-MD5"], [504]), (["AUTH"], [501]),
    (["AUTH PLAIN a b"], [501]),
    (["AUTH PLAIN AHVzZXIAc2VjcmV0", "AUTH PLAIN AHVzZXIAc2VjcmV0", "MAIL FROM:<a@b.c>"], [235, 503, 250]),
    (
      ["AUTH PLAIN AHVzZXIAbm8=", "AUTH PLAIN AHVzZXIAbm8=", "AUTH PLAIN AHVzZXIAbm8=", "NOOP"],
      [535, 535, 421]
    ),
  ])
  func authentication(lines: [String], codes: [Int]) {
    for pieces in [Int.max, 1] {
      var transcript = ServerTranscript(.closed)
      transcript.send("EHLO c.example\r\n")
      _ = transcript.said()
      for line in lines { transcript.send(line + "\r\n", pieces: pieces) }
      let expected = lines == ["AUTH LOGIN", "STARTTLS"] ? [334, 334] : codes
      #expect(transcript.codes() == expected)
    }
  }

  @Test(arguments: [1, 3, Int.max])
  func chunks(pieces: Int) {
    var transcript = ServerTranscript()
    transcript.send(envelope)
    _ = transcript.said()
    transcript.send(mail + "BDAT 7\r\nS: 1\r\n\r", pieces: pieces)
    transcript.send("BDAT 7 LAST\r\n\n.\r\n.\r\nRSET\r\n", pieces: pieces)
    #expect(transcript.codes() == [250, 250, 250, 250, 250])
    #expect(transcript.accepted.map(\.body) == [Array("S: 1\r\n\r\n.\r\n.\r\n".utf8)])
    transcript.send("BDAT 4 LAST\r\nQUITMAIL FROM:<bad@x.example>\r\nBDAT 6\r\nQUIT\r\n", pieces: pieces)
    transcript.send(mail + "BDAT 0 LAST\r\n" + mail + "BDAT 3\r\nabcDATA\r\n", pieces: pieces)
    #expect(transcript.codes() == [503, 550, 503, 250, 250, 250, 250, 250, 250, 503])
    transcript.send("RCPT TO:<c@d.example>\r\nMAIL FROM:<>\r\nBDAT 0 LAST\r\n", pieces: pieces)
    #expect(transcript.codes() == [503, 503, 250])
    #expect(transcript.accepted.last?.body == Array("abc\r\n".utf8))
    #expect(!transcript.isClosed)
  }

  @Test func chunkOverTheLimitIsSwallowed() {
    var options = SMTPServerOptions.open
    options.maximumSize = 10
    var transcript = ServerTranscript(options)
    transcript.send(envelope + "")
    _ = transcript.said()
    transcript.send(mail + "BDAT 12\r\nRSET\r\nRSET\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")
    #expect(transcript.codes() == [250, 250, 552, 503, 250])
    #expect(!transcript.isClosed)
  }

  @Test(arguments: [1, 100, Int.max])
  func sizesAndLines(pieces: Int) {
    var options = SMTPServerOptions.open
    options.maximumSize = 2_000
    let line = String(repeating: "x", count: 998)
    let table: [(String, Int)] = [
      (line + "\r\n" + line + "\r\n", 250), (line + "\r\n" + line + "\r\na", 552), (line + "x\r\n", 550),
      ("a\r\n.\(line)\r\n", 250), ("a\r\n.\(line)x\r\n", 550), ("", 250),
      (line + "\r\n" + line + "\r\n" + line, 552),
    ]
    for (content, code) in table {
      var transcript = ServerTranscript(options)
      transcript.send(envelope)
      transcript.send(mail + "DATA\r\n")
      _ = transcript.said()
      let end = content.isEmpty || content.utf8.last == 0x0A ? ".\r\n" : "\r\n.\r\n"
      transcript.send(content + end, pieces: pieces)
      transcript.send("NOOP\r\n")
      #expect(transcript.codes() == [code, 250])
    }
  }

  @Test func namesTheLine() {
    var transcript = ServerTranscript()
    transcript.send(envelope)
    transcript.send(mail + "DATA\r\n")
    _ = transcript.said()
    transcript.send("a\r\nb\r\n\(String(repeating: "x", count: 999))\r\n.\r\n")
    #expect(
      transcript.said().hasPrefix(
        "550 5.6.0 Line 3 is over 998 bytes long: encode the content as quoted-printable"))
    transcript.send(mail + "DATA\r\n")
    _ = transcript.said()
    transcript.send("a\r\nb\nc\r\n.\r\n")
    #expect(transcript.said().hasPrefix("550 5.6.0 Line 2 ends with a bare LF"))
  }

  @Test(arguments: [1, 7, Int.max])
  func lineLimits(pieces: Int) {
    var transcript = ServerTranscript(.closed)
    transcript.send("EHLO c\r\n")
    _ = transcript.said()
    transcript.send("NOOP \(String(repeating: "x", count: 2_041))\r\n", pieces: pieces)
    transcript.send("NOOP \(String(repeating: "x", count: 2_042))\r\n", pieces: pieces)
    transcript.send("AUTH PLAIN \(String(repeating: "A", count: 12_272))\r\n", pieces: pieces)
    transcript.send("AUTH PLAIN \(String(repeating: "A", count: 12_276))\r\n", pieces: pieces)
    #expect(transcript.codes() == [250, 500, 501, 500])
    transcript.send(String(repeating: "x", count: 70_000), pieces: 1_000)
    #expect(transcript.codes() == [500])
    #expect(transcript.isClosed)
  }

  @Test func tooManyRecipients() {
    var options = SMTPServerOptions.open
    options.maximumRecipients = 2
    var transcript = ServerTranscript(options)
    transcript.send(envelope)
    _ = transcript.said()
    transcript.send(mail + "RCPT TO:<b@y.example>\r\nRCPT TO:<c@y.example>\r\nDATA\r\n")
    transcript.send(".\r\n")
    #expect(transcript.codes() == [250, 250, 250, 452, 354, 250])
    #expect(transcript.accepted.first?.recipients.count == 2)
  }

  @Test func tooManyErrors() {
    var transcript = ServerTranscript()
    _ = transcript.said()
    for number in 1...9 {
      transcript.send("FOO\r\n")
      #expect(transcript.session.suggestedDelay == (number > 5 ? 1_000 : 0))
    }
    transcript.send("FOO\r\nNOOP\r\n")
    #expect(transcript.codes() == Array(repeating: 500, count: 9) + [421])
    #expect(transcript.isClosed)
  }

  @Test func commandsThatAreNotUTF8() {
    var transcript = ServerTranscript()
    _ = transcript.said()
    transcript.send(Array("EHLO ".utf8) + [0xFF, 0xFE, 0x0D, 0x0A])
    transcript.send("EHLO c\r\n")
    transcript.send(Array("MAIL FROM:<".utf8) + [0xC3] + Array("@b.example> SMTPUTF8\r\n".utf8))
    transcript.send([0x4E, 0xFF, 0x0D, 0x0A])
    #expect(transcript.codes() == [501, 250, 501, 500])
    #expect(!transcript.isClosed)
  }

  @Test func endings() {
    var idle = ServerTranscript()
    _ = idle.said()
    idle.session.shutDown()
    idle.pump()
    #expect(idle.codes() == [421])
    #expect(idle.isClosed)

    var busy = ServerTranscript()
    busy.send(envelope)
    busy.send(mail + "DATA\r\n")
    _ = busy.said()
    busy.session.shutDown()
    busy.pump()
    #expect(busy.codes() == [])
    busy.send("a\r\n.\r\n")
    #expect(busy.codes() == [250, 421])
    #expect(busy.accepted.count == 1)

    var slow = ServerTranscript()
    slow.send(envelope)
    slow.send(mail + "DATA\r\nabc")
    _ = slow.said()
    var late = ServerTranscript()
    _ = late.said()
    late.session.timeOut()
    late.pump()
    #expect(late.codes() == [421])
    #expect(late.isClosed)
  }

  @Test func inputDuringADecisionIsBounded() {
    var options = SMTPServerOptions.open
    options.maximumPendingInput = 100
    var session = SMTPServerSession(options)
    Array("EHLO c\r\n".utf8).withUnsafeBytes { session.receive($0) }
    _ = session.nextAction()
    Array("MAIL FROM:<>\r\n".utf8).withUnsafeBytes { session.receive($0) }
    guard case .mail = session.nextAction() else {
      Issue.record("no decision")
      return
    }
    #expect(session.waiting == .decision && !session.wantsInput)
    [UInt8](repeating: 0x41, count: 60).withUnsafeBytes { session.receive($0) }
    #expect(session.waiting == .decision)
    [UInt8](repeating: 0x41, count: 60).withUnsafeBytes { session.receive($0) }
    guard case .close = session.nextAction() else {
      Issue.record("not closed")
      return
    }
    session.decide(.senderOK)
    #expect(session.waiting == .closed)
  }
}
