import MailModel

/// Builds a complete message from its pieces (RFC 5322, RFC 2045), byte for byte the same for the same input.
///
/// Lines end in CRLF and are at most 78 octets in the header, 76 in quoted-printable bodies, 998 in 7bit bodies.
public struct MIMEComposer: Sendable {
  public var from: [Mailbox]
  public var sender: Mailbox?
  public var to: [Mailbox] = []
  public var cc: [Mailbox] = []
  public var replyTo: [Mailbox] = []
  public var subject: String
  public var date: Instant
  /// With or without angle brackets, such as `1.2@example.com`.
  public var messageID: String
  /// Further fields, such as List-Unsubscribe, as text; put behind the usual ones.
  public var extraHeaders: [(name: String, value: String)] = []
  public var text: String?
  public var html: String?
  public var attachments: [MIMEAttachment] = []
  /// What boundaries are made from.
  public var boundarySeed: UInt64

  /// A message without content yet.
  public init(from: [Mailbox], subject: String, date: Instant, messageID: String, boundarySeed: UInt64) {
    self.from = from
    self.subject = subject
    self.date = date
    self.messageID = messageID
    self.boundarySeed = boundarySeed
  }

  /// The message's bytes.
  public func compose() throws(HeaderError) -> [UInt8] { [] }
}

/// A file to go with a composed message.
public struct MIMEAttachment: Sendable {
  public var name: String
  public var contentType: ContentType
  public var bytes: [UInt8]
  /// Set for an image that the HTML shows by `cid:`; without angle brackets.
  public var contentID: String?

  public init(name: String, contentType: ContentType, bytes: [UInt8], contentID: String? = nil) {
    self.name = name
    self.contentType = contentType
    self.bytes = bytes
    self.contentID = contentID
  }
}

/// A name or value that must not stand in a header.
public enum HeaderError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Empty, or with a character that is not printable ASCII, or with a colon.
  case invalidName(String)
  /// CR, LF, NUL or another control character in the value of the named field.
  case controlCharacter(field: String)
  /// The value can't be broken into lines of at most 998 octets.
  case tooLong(field: String)

  public var description: String { "" }
}
