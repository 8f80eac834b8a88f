import MailFormats

/// Drives a server session as a driver would, with a policy of its own, and keeps what happened.
struct ServerTranscript {
  var session: SMTPServerSession
  /// All the server said.
  var output: [UInt8] = []
  var accepted: [SubmittedMessage] = []
  var isClosed = false
  var closes = 0
  /// What the next read starts behind; a fresh line for each decision.
  var log: [String] = []

  init(_ options: SMTPServerOptions = .open) {
    session = SMTPServerSession(options)
    session.start()
    pump()
  }

  /// Everything said since the last call, without CRs.
  mutating func said() -> String {
    defer { output = [] }
    return String(decoding: output.filter { $0 != 0x0D }, as: UTF8.self)
  }

  /// The codes of the replies (last lines) said since the last call.
  mutating func codes() -> [Int] {
    said().split(separator: "\n").compactMap { line in
      line.dropFirst(3).first == "-" ? nil : Int(line.prefix(3))
    }
  }

  mutating func send(_ text: String, pieces: Int = .max) {
    send(Array(text.utf8), pieces: pieces)
  }

  /// Sends in reads of at most `pieces` bytes.
  mutating func send(_ bytes: [UInt8], pieces: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
      piece.withUnsafeBytes { session.receive($0) }
      pump()
    }
  }

  mutating func pump() {
    while let action = session.nextAction() { perform(action) }
    output += session.takeOutput()
  }

  private mutating func perform(_ action: SMTPServerAction) {
    switch action {
    case .authenticate(let user, let password):
      log.append("auth")
      let isRight = user == Array("user".utf8) && password == Array("secret".utf8)
      session.decide(isRight ? .authenticated : .authenticationFailed)
    case .mail(let path, _):
      log.append("mail \(path.address)")
      session.decide(path.address.hasPrefix("bad") ? SMTPReply(550, .init(5, 7, 1), "No") : .senderOK)
    case .recipient(let path, _):
      log.append("rcpt \(path.address)")
      session.decide(path.address.hasPrefix("bad") ? SMTPReply(550, .init(5, 1, 1), "No") : .recipientOK)
    case .accept(let message):
      log.append("accept \(message.body.count)")
      accepted.append(message)
      session.decide(SMTPReply(250, .init(2, 0, 0), "Queued"))
    case .startTLS:
      log.append("tls")
      session.secured()
    case .close:
      isClosed = true
      closes += 1
    }
  }
}

extension SMTPServerOptions {
  /// No AUTH needed.
  static var open: SMTPServerOptions {
    var options = SMTPServerOptions(hostname: "mx.example")
    options.requiresAuthentication = false
    return options
  }

  /// As for clients from elsewhere, but AUTH in clear text allowed.
  static var closed: SMTPServerOptions {
    var options = SMTPServerOptions(hostname: "mx.example")
    options.allowsPlaintextAuthentication = true
    return options
  }
}

let envelope = "EHLO c.example\r\n"
let mail = "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
