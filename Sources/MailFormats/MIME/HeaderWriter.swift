import MailModel

/// Writes header fields: checks, encodes (RFC 2047, RFC 2231) and folds at 78 octets (RFC 5322 2.1.1).
public struct HeaderWriter: Sendable {
  /// What has been written so far; every field ends in CRLF.
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// A field of free text, such as Subject.
  public mutating func text(_ name: String, _ value: String) throws(HeaderError) {}

  /// A field whose value is ASCII with a syntax of its own, such as Message-ID: folded at spaces only,
  /// never encoded.
  public mutating func structured(_ name: String, _ value: String) throws(HeaderError) {}

  /// A list of mailboxes. Nothing is written when it is empty.
  public mutating func mailboxes(_ name: String, _ mailboxes: [Mailbox]) throws(HeaderError) {}

  /// A value with parameters, such as `Content-Type: text/plain; charset=utf-8`.
  public mutating func parameterized(
    _ name: String, _ value: String, _ parameters: [HeaderParameter]
  ) throws(HeaderError) {}

  /// A date field.
  public mutating func date(_ name: String, _ instant: Instant) throws(HeaderError) {}
}
