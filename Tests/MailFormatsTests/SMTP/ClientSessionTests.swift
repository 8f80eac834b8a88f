import MailFormats
import MailModel
import Testing

/// Drives a client session; the server's part is in the test.
private struct ClientTranscript {
  var session: SMTPClientSession
  var log: [String] = []
  var outcomes: [Outcome] = []
  var limit = Int.max

  init(_ change: (inout SMTPClientOptions) -> Void = { _ in }) {
    var options = SMTPClientOptions(ehloName: "us.example")
    change(&options)
    session = SMTPClientSession(options)
  }

  /// What the client says after the server said this, `|` for line ends.
  mutating func after(_ reply: String, pieces: Int = .max) -> String {
    var rest = Array(reply.utf8)[...]
    while !rest.isEmpty {
      Array(rest.prefix(pieces)).withUnsafeBytes { session.receive($0) }
      rest = rest.dropFirst(pieces)
      pump()
    }
    return output()
  }

  mutating func pump() {
    while let action = session.nextAction() {
      switch action {
      case .startTLS:
        log.append("tls")
        session.secured()
      case .ready: log.append("ready")
      case .unusable(let outcome):
        log.append("unusable")
        outcomes.append(outcome)
      case .finished(let outcome):
        log.append("finished")
        outcomes.append(outcome)
      case .close: log.append("close")
      }
    }
  }

  mutating func output() -> String {
    var bytes: [UInt8] = []
    while session.hasOutput { bytes += session.takeOutput(limit: limit) }
    return String(
      decoding: bytes.filter { $0 != 0x0D }.map { $0 == 0x0A ? UInt8(ascii: "|") : $0 }, as: UTF8.self)
  }

  mutating func begin(_ body: String, _ options: EnvelopeOptions = .init(), to: String = "b@y.example")
    -> String
  {
    session.begin(
      SMTPTransaction(returnPath: "a@x.example", recipient: to, options: options, body: Array(body.utf8)))
    pump()
    return output()
  }

  /// Up to `.ready`, with these capabilities.
  mutating func setUp(_ capabilities: String...) {
    _ = after("220 hi\r\n")
    _ = after((["hi"] + capabilities).map { "250-\($0)\r\n" }.joined() + "250 HELP\r\n")
    log = []
  }
}

private let content = "S: 1\r\n\r\nhi\r\n"

@Suite struct ClientSessionTests {
  @Test(arguments: [1, 5, Int.max])
  func pipelined(pieces: Int) {
    var client = ClientTranscript()
    #expect(client.after("220-hi\r\n220 there\r\n", pieces: pieces) == "EHLO us.example|")
    #expect(
      client.after("250-hi\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1000\r\n", pieces: pieces) == "")
    #expect(client.log == ["ready"])
    #expect(client.begin(content) == "MAIL FROM:<a@x.example> SIZE=12|RCPT TO:<b@y.example>|DATA|")
    #expect(client.session.waiting == .reply(.mail))
    #expect(client.after("250 1\r\n250 2\r\n354 3\r\n", pieces: pieces) == "S: 1||hi|.|")
    #expect(client.session.waiting == .reply(.dot))
    #expect(client.after("250 2.6.0 queued\r\n", pieces: pieces) == "")
    #expect(client.log == ["ready", "finished"])
    let answer = RemoteAnswer(stage: .dot, code: 250, enhancedStatus: "2.6.0", text: "2.6.0 queued")
    #expect(client.outcomes == [.delivered(answer)])
    #expect(client.begin(content).hasPrefix("MAIL"))
    _ = client.after("250 1\r\n250 2\r\n354 3\r\n", pieces: pieces)
    _ = client.after("250 4\r\n", pieces: pieces)
    client.session.quit()
    #expect(client.output() == "QUIT|")
    #expect(client.after("221 bye\r\n") == "")
    #expect(client.log.last == "close")
  }

  @Test func oneByOne() {
    var client = ClientTranscript()
    #expect(client.after("220 hi\r\n") == "EHLO us.example|")
    #expect(client.after("502 what\r\n") == "HELO us.example|")
    #expect(client.after("250 hi\r\n") == "")
    #expect(client.begin(content) == "MAIL FROM:<a@x.example>|")
    #expect(client.after("250 ok\r\n") == "RCPT TO:<b@y.example>|")
    #expect(client.after("550 no\r\n") == "")
    #expect(
      client.outcomes.last == .permanent(.init(stage: .rcpt, code: 550, enhancedStatus: "5.0.0", text: "no")))
    #expect(client.begin(content) == "RSET|")
    #expect(client.after("250 ok\r\n") == "MAIL FROM:<a@x.example>|")
    #expect(client.after("250 ok\r\n") == "RCPT TO:<b@y.example>|")
    #expect(client.after("250 ok\r\n") == "DATA|")
    #expect(client.after("354 ok\r\n") == "S: 1||hi|.|")
    #expect(client.after("250 ok\r\n") == "")
    #expect(client.outcomes.count == 2)
    #expect(client.log.filter { $0 == "close" }.isEmpty)
  }

  /// Replies to MAIL, RCPT, DATA and what follows, with what is said in between, and the outcome.
  @Test(arguments: [
    ("550 5.1.8 a\r\n503 b\r\n503 c\r\n", "", "permanent mail 550 5.1.8", true),
    ("450 a\r\n503 b\r\n503 c\r\n", "", "temporary mail 450 4.2.0", true),
    ("250 a\r\n550 5.1.1 b\r\n503 c\r\n", "", "permanent rcpt 550 5.1.1", true),
    ("250 a\r\n451 b\r\n354 c\r\n", ".|", "", true),
    ("250 a\r\n451 4.7.1 b\r\n354 c\r\n554 d\r\n", ".|", "temporary rcpt 451 4.7.1", true),
    ("250 a\r\n550 5.1.1 b\r\n354 c\r\n250 d\r\n", ".|", "permanent rcpt 550 5.1.1", true),
    ("550 a\r\n550 b\r\n354 c\r\n250 d\r\n", ".|", "permanent mail 550 5.0.0", true),
    ("250 a\r\n250 b\r\n451 c\r\n", "", "temporary data 451 4.3.0", true),
    ("250 a\r\n250 b\r\n250 c\r\n", "", "temporary data 250 2.0.0", false),
    ("250 a\r\n250 b\r\n354 c\r\n", "S: 1||hi|.|", "", true),
    ("421 a\r\n", "", "temporary mail 421 4.3.2", false),
    ("250 a\r\n421 4.7.0 b\r\n", "", "temporary rcpt 421 4.7.0", false),
    ("550 a\r\n421 b\r\n", "", "permanent mail 550 5.0.0", false),
    ("250 a\r\n250 b\r\njunk\r\n", "", "temporary data 0 4.5.0", false),
  ])
  func replies(replies: String, said: String, outcome: String, isUsable: Bool) {
    for pieces in [1, Int.max] {
      var client = ClientTranscript()
      client.setUp("PIPELINING")
      _ = client.begin(content)
      #expect(client.after(replies, pieces: pieces) == said)
      #expect(client.outcomes.last.map(summary) ?? "" == outcome)
      #expect(client.log.contains("close") == !isUsable)
      if isUsable, !outcome.isEmpty {
        let next = client.begin(content)
        #expect(next.hasPrefix("MAIL") || next.hasPrefix("RSET|MAIL"))
        #expect(
          client.after(
            next.hasPrefix("RSET") ? "250 r\r\n250 a\r\n250 b\r\n354 c\r\n" : "250 a\r\n250 b\r\n354 c\r\n")
            == "S: 1||hi|.|")
        #expect(client.after("250 ok\r\n") == "")
        #expect(summary(client.outcomes.last) == "delivered dot 250 2.0.0")
      }
    }
  }

  private func summary(_ outcome: Outcome?) -> String {
    switch outcome {
    case .delivered(let answer): "delivered \(answer.stage) \(answer.code) \(answer.enhancedStatus)"
    case .temporary(let answer): "temporary \(answer.stage) \(answer.code) \(answer.enhancedStatus)"
    case .permanent(let answer): "permanent \(answer.stage) \(answer.code) \(answer.enhancedStatus)"
    case nil: ""
    }
  }

  @Test(arguments: [
    (["554 5.7.1 blocked\r\n"], "temporary greeting 554 5.7.1"),
    (["521 no mail\r\n"], "permanent greeting 521 5.0.0"),
    (["421 busy\r\n"], "temporary greeting 421 4.3.2"), (["250 hi\r\n"], "temporary greeting 250 2.0.0"),
    (["220 hi\r\n", "451 x\r\n"], "temporary ehlo 451 4.3.0"),
    (["220 hi\r\n", "550 x\r\n", "550 y\r\n"], "temporary ehlo 550 5.0.0"),
    (["HTTP/1.1 400 Bad Request\r\n"], "temporary greeting 0 4.5.0"),
    (["220 hi\r\n", "250 hi\r\n"], "temporary starttls 0 4.7.0"),
    (["220 hi\r\n", "250-hi\r\n250 STARTTLS\r\n", "454 x\r\n"], "temporary starttls 454 4.7.0"),
    (["220 hi\r\n", "250-hi\r\n250 STARTTLS\r\n", "220 go\r\n250-evil\r\n"], "temporary starttls 0 4.7.0"),
    (["220 hi\r\n", "250-hi\r\n250 STARTTLS\r\n", "220 go\r\n2"], "temporary starttls 0 4.7.0"),
  ])
  func unusable(replies: [String], outcome: String) {
    var client = ClientTranscript { $0.tls = .required }
    for reply in replies { _ = client.after(reply) }
    #expect(client.outcomes.map { summary($0) } == [outcome])
    #expect(client.log == ["unusable", "close"])
    #expect(!client.session.isReady)
  }

  @Test func startTLSAndAuthentication() {
    var client = ClientTranscript {
      $0.user = "user"
      $0.password = "secret"
    }
    _ = client.after("220 hi\r\n")
    #expect(client.after("250-hi\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n") == "STARTTLS|")
    #expect(client.after("220 go\r\n") == "EHLO us.example|")
    #expect(client.session.isSecure)
    #expect(client.after("250-hi\r\n250 AUTH=LOGIN\r\n") == "AUTH LOGIN|")
    #expect(client.after("334 VXNlcm5hbWU6\r\n") == "dXNlcg==|")
    #expect(client.after("334 UGFzc3dvcmQ6\r\n") == "c2VjcmV0|")
    #expect(client.after("235 ok\r\n") == "")
    #expect(client.log == ["tls", "ready"])
    #expect(!client.session.capabilities.startTLS)
  }

  @Test func opportunisticGoesOnInClearText() {
    var client = ClientTranscript()
    _ = client.after("220 hi\r\n")
    #expect(client.after("250-hi\r\n250 STARTTLS\r\n") == "STARTTLS|")
    #expect(client.after("454 not now\r\n") == "")
    #expect(client.log == ["ready"])
    var clear = ClientTranscript { $0.user = "u" }
    _ = clear.after("220 hi\r\n")
    _ = clear.after("250-hi\r\n250 AUTH PLAIN\r\n")
    #expect(clear.outcomes.map(summary) == ["temporary auth 0 4.7.0"])
    var refused = ClientTranscript {
      $0.user = "u"
      $0.tls = .implicit
    }
    _ = refused.after("220 hi\r\n")
    #expect(refused.after("250-hi\r\n250 AUTH LOGIN PLAIN\r\n") == "AUTH PLAIN AHUA|")
    _ = refused.after("535 5.7.8 no\r\n")
    #expect(refused.outcomes.map(summary) == ["temporary auth 535 5.7.8"])
  }

  @Test(arguments: [1, 2, 3, 5, 16, Int.max])
  func dotsAreDoubled(limit: Int) {
    let table: [(String, String)] = [
      ("", ".|"), (".\r\n", "..|.|"), ("..\r\n.\r\n", "...|..|.|"), ("a.\r\n.b\r\n", "a.|..b|.|"),
      ("a", "a|.|"),
      (".", "..|.|"), ("a\r\n\r\n.", "a||..|.|"), ("\r\n.\r\n", "|..|.|"),
      ("a\r\n.b\r\nc.\r\nd\r\n", "a|..b|c.|d|.|"),
    ]
    for (body, sent) in table {
      var client = ClientTranscript()
      client.limit = limit
      client.setUp("PIPELINING")
      _ = client.begin(body)
      #expect(client.after("250 a\r\n250 b\r\n354 c\r\n") == sent)
    }
  }

  @Test(arguments: ["a\nb\r\n", "a\rb\r\n", "a\r\r\n", "\n", "a\r", "\n\r", "a\r\n\n"])
  func strayLineEndsNeverLeave(body: String) {
    var client = ClientTranscript()
    client.setUp("PIPELINING")
    #expect(client.begin(body) == "")
    #expect(client.outcomes.map(summary) == ["permanent mail 0 5.6.0"])
    #expect(client.session.isReady)
    #expect(client.begin("S: 1\r\n\r\n", to: "a@b>\r\nRSET") == "")
    #expect(client.outcomes.last.map(summary) == "permanent mail 0 5.1.3")
  }

  @Test func needs() {
    let utf8 = EnvelopeOptions(isUTF8: true)
    let table: [(body: String, options: EnvelopeOptions, to: String, offered: [String], result: String)] = [
      ("S: 1\r\n\r\n\u{e9}\r\n", .init(), "b@y.example", [], "permanent mail 0 5.6.3"),
      (
        "S: 1\r\n\r\n\u{e9}\r\n", .init(), "b@y.example", ["8BITMIME"],
        "MAIL FROM:<a@x.example> BODY=8BITMIME|"
      ),
      ("S: 1\r\n\r\n\u{e9}\r\n", utf8, "b@y.example", ["8BITMIME"], "MAIL FROM:<a@x.example> BODY=8BITMIME|"),
      ("S: \u{e9}\r\n\r\n", utf8, "b@y.example", ["8BITMIME"], "permanent mail 0 5.6.7"),
      ("S: 1\r\n\r\n", .init(), "\u{e9}@y.example", ["8BITMIME"], "permanent mail 0 5.6.7"),
      ("S: 1\r\n\r\n", utf8, "\u{e9}@y.example", ["SMTPUTF8"], "MAIL FROM:<a@x.example> SMTPUTF8|"),
      ("S: 1\r\n\r\n", .init(), "b@y.example", ["SIZE 7"], "permanent mail 0 5.3.4"),
      ("S: 1\r\n\r\n", .init(), "b@y.example", ["SIZE 0"], "MAIL FROM:<a@x.example> SIZE=8|"),
      (
        "S: 1\r\n\r\n", .init(dsnReturn: "HDRS", dsnEnvelopeID: "x"), "b@y.example", ["DSN"],
        "MAIL FROM:<a@x.example> RET=HDRS ENVID=x|"
      ),
      ("S: 1\r\n\r\n", .init(dsnReturn: "HDRS"), "b@y.example", [], "MAIL FROM:<a@x.example>|"),
    ]
    for row in table {
      var client = ClientTranscript()
      _ = client.after("220 hi\r\n")
      _ = client.after("250-hi\r\n" + row.offered.map { "250-\($0)\r\n" }.joined() + "250 HELP\r\n")
      let said = client.begin(row.body, row.options, to: row.to)
      #expect((said.isEmpty ? client.outcomes.last.map(summary) ?? "" : said) == row.result)
    }
  }

  @Test func endings() {
    var early = ClientTranscript()
    early.session.timeOut()
    early.pump()
    #expect(early.outcomes.map(summary) == ["temporary greeting 0 4.4.1"])

    var lost = ClientTranscript()
    lost.setUp("PIPELINING")
    _ = lost.begin(content)
    _ = lost.after("250 a\r\n250 b\r\n354 c\r\n")
    lost.session.connectionClosed("reset by peer")
    lost.pump()
    #expect(lost.outcomes.map(summary) == ["temporary dot 0 4.4.2"])
    #expect(lost.log == ["finished", "close"])

    var idle = ClientTranscript()
    idle.setUp()
    #expect(idle.after("421 bye\r\n") == "")
    #expect(idle.log == ["close"])
    #expect(idle.outcomes.isEmpty && !idle.session.isReady)

    var early552 = ClientTranscript()
    early552.setUp("PIPELINING")
    _ = early552.begin(content)
    Array("250 a\r\n250 b\r\n354 c\r\n552 5.3.4 too big\r\n".utf8).withUnsafeBytes {
      early552.session.receive($0)
    }
    early552.pump()
    #expect(early552.outcomes.map(summary) == ["permanent data 552 5.3.4"])
    #expect(early552.log == ["finished", "close"])
  }
}
