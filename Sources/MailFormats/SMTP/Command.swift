/// A command of an SMTP client (RFC 5321 section 4.1.1 and extensions), syntax checked.
public enum SMTPCommand: Sendable, Hashable {
  /// The client's name: 1 to 255 printable characters.
  case helo(String)
  case ehlo(String)
  case mail(SMTPPath, SMTPMailParameters)
  case recipient(SMTPPath, SMTPRecipientParameters)
  case data
  /// RFC 3030: the next `size` bytes are content.
  case chunk(size: Int, isLast: Bool)
  /// RFC 4954: mechanism in capitals; initial response still in base64, nil when there is none.
  case authenticate(mechanism: String, initial: [UInt8]?)
  case startTLS
  case reset
  case noop
  case help
  case verify
  case expand
  case quit
}

/// Why a line is no command, with the reply to give.
public struct SMTPCommandError: Error, Sendable, Hashable {
  public var reply: SMTPReply
  /// The connection can't go on: what follows may be no SMTP at all, or content.
  public var isFatal: Bool

  init(_ code: Int, _ enhanced: (UInt8, UInt16, UInt16), _ text: String, isFatal: Bool = false) {
    reply = SMTPReply(code, SMTPEnhancedStatus(enhanced.0, enhanced.1, enhanced.2), text)
    self.isFatal = isFatal
  }
}

extension SMTPCommand {
  /// Parses one line without its CRLF. Words are told apart without regard to case.
  public init(parsing line: UnsafeRawBufferPointer) throws(SMTPCommandError) {
    var parser = SMTPCommandParser(line)
    self = try parser.command()
  }
}
