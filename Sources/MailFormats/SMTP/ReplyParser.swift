/// Why a server's bytes are no reply; the connection is of no more use.
public enum SMTPReplyError: Error, Sendable, Hashable {
  case lineTooLong
  case tooManyLines
  /// The text of a line that is none of a reply, shortened, bytes outside of printable ASCII replaced.
  case malformed(String)

  /// For people.
  public var text: String {
    switch self {
    case .lineTooLong: "the server's reply has a line over \(SMTPReplyParser.maximumLine) bytes"
    case .tooManyLines: "the server's reply has over \(SMTPReplyParser.maximumLines) lines"
    case .malformed(let line): "the server's reply is not SMTP: \(line)"
    }
  }
}

/// Cuts a server's bytes into replies (RFC 5321 section 4.2.1), however they are split over reads.
///
/// Tolerant where it is harmless: bare LF as line end, a missing text, differing codes in one reply (the last
/// counts). Bounded: 2,048 bytes a line, 128 lines.
public struct SMTPReplyParser: Sendable {
  public static let maximumLine = 2_048
  public static let maximumLines = 128

  public init() {}

  /// Takes bytes that the server sent.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer) {}

  /// The next complete reply; nil when more bytes are needed.
  public mutating func next() throws(SMTPReplyError) -> SMTPReply? { nil }

  /// Bytes taken that belong to no reply given yet. Not 0 behind the 220 of STARTTLS: an injection.
  public var bufferedBytes: Int { 0 }
}
