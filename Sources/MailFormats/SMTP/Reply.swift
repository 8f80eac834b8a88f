/// A reply of an SMTP server (RFC 5321 section 4.2).
public struct SMTPReply: Sendable, Hashable {
  /// 200 to 559; the first digit says how it went.
  public var code: Int
  /// Enhanced status code; nil where none belongs (greeting, EHLO, 354, 334) or none was sent.
  public var enhanced: SMTPEnhancedStatus?
  /// The text line by line, without codes. Empty means one empty line.
  public var lines: [String]

  public init(_ code: Int, _ enhanced: SMTPEnhancedStatus?, _ lines: [String]) {
    self.code = code
    self.enhanced = enhanced
    self.lines = lines
  }

  public init(_ code: Int, _ enhanced: SMTPEnhancedStatus, _ line: String) {
    self.init(code, enhanced, [line])
  }

  /// Without an enhanced status code.
  public init(_ code: Int, _ lines: [String]) {
    self.init(code, nil, lines)
  }

  /// Without an enhanced status code.
  public init(_ code: Int, _ line: String) {
    self.init(code, nil, [line])
  }

  /// 2yz: done.
  public var isPositive: Bool { 200...299 ~= code }
  /// 3yz: go on.
  public var isIntermediate: Bool { 300...399 ~= code }
  /// 4yz: not now.
  public var isTemporary: Bool { 400...499 ~= code }
  /// 5yz: never.
  public var isPermanent: Bool { 500...599 ~= code }

  /// All lines joined by spaces, with the enhanced status code in front if one was sent, without the
  /// reply code: what `RemoteAnswer.text` holds.
  public var text: String {
    let words = lines.joined(separator: " ")
    guard let enhanced else { return words }
    return words.isEmpty ? enhanced.description : "\(enhanced) \(words)"
  }

  /// Longest text on one line; with codes and CRLF it stays below the 512 bytes of RFC 5321
  /// section 4.5.3.1.5.
  static let maximumTextOfLine = 480

  /// Appends the reply as it goes over the wire, CRLF included. Control characters and bytes over 126
  /// become `?`, so that no text, whoever it came from, can forge a second reply; long lines are split.
  public func encode(into output: inout [UInt8]) {
    for (index, line) in lines.enumerated() {
      var rest = line.utf8[...]
      while rest.count > Self.maximumTextOfLine {
        appendLine(rest.prefix(Self.maximumTextOfLine), isLast: false, into: &output)
        rest = rest.dropFirst(Self.maximumTextOfLine)
      }
      appendLine(rest, isLast: index == lines.count - 1, into: &output)
    }
    if lines.isEmpty { appendLine(""[...].utf8, isLast: true, into: &output) }
  }

  private func appendLine(_ text: Substring.UTF8View, isLast: Bool, into output: inout [UInt8]) {
    Self.append(code, into: &output)
    output.append(isLast ? UInt8(ascii: " ") : UInt8(ascii: "-"))
    if let enhanced {
      Self.append(Int(enhanced.level), into: &output)
      output.append(UInt8(ascii: "."))
      Self.append(Int(enhanced.subject), into: &output)
      output.append(UInt8(ascii: "."))
      Self.append(Int(enhanced.detail), into: &output)
      output.append(UInt8(ascii: " "))
    }
    for byte in text { output.append(0x20...0x7E ~= byte ? byte : UInt8(ascii: "?")) }
    output.append(0x0D)
    output.append(0x0A)
  }

  private static func append(_ number: Int, into output: inout [UInt8]) {
    if number >= 10 { append(number / 10, into: &output) }
    output.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  /// The reply as bytes, CRLF included.
  public var bytes: [UInt8] {
    var output: [UInt8] = []
    encode(into: &output)
    return output
  }
}

extension SMTPReply {
  /// 250 2.0.0
  public static let ok = SMTPReply(250, .init(2, 0, 0), "OK")
  /// 250 2.1.0, to MAIL
  public static let senderOK = SMTPReply(250, .init(2, 1, 0), "Sender OK")
  /// 250 2.1.5, to RCPT
  public static let recipientOK = SMTPReply(250, .init(2, 1, 5), "Recipient OK")
  /// 235 2.7.0, to AUTH (RFC 4954 section 4)
  public static let authenticated = SMTPReply(235, .init(2, 7, 0), "Authentication successful")
  /// 535 5.7.8: user or password is wrong; which one is not said.
  public static let authenticationFailed = SMTPReply(
    535, .init(5, 7, 8), "Authentication failed: user name or password is wrong")
  /// 454 4.7.0: can't be checked now.
  public static let authenticationUnavailable = SMTPReply(
    454, .init(4, 7, 0), "Authentication is not possible at the moment, please try again later")
  /// 451 4.3.0: a fault of ours.
  public static let localError = SMTPReply(
    451, .init(4, 3, 0), "Something went wrong here, please try again later")
  /// 452 4.3.1: no room, on disk or in memory.
  public static let insufficientStorage = SMTPReply(
    452, .init(4, 3, 1), "No room at the moment, please try again later")
  /// 421 4.3.2: shutting down.
  public static let shuttingDown = SMTPReply(
    421, .init(4, 3, 2), "Service is shutting down, please reconnect")
  /// 421 4.4.2: waited too long for the client.
  public static let timeout = SMTPReply(421, .init(4, 4, 2), "Timeout, closing the connection")
  /// 421 4.7.0: too many connections from the client.
  public static let tooManyConnections = SMTPReply(
    421, .init(4, 7, 0), "Too many connections, please try again later")
}
