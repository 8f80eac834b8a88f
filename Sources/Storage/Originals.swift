import MailModel

/// What was accepted, stored once for all its recipients.
public struct OriginalContent: Sendable {
  public var id: OriginalID
  public var account: AccountID
  /// The message as accepted, CRLF line ends.
  public var body: [UInt8]
  /// Composition's encoded tracking plan.
  public var plan: [UInt8]?
  public var createdAt: Instant

  public init(
    id: OriginalID, account: AccountID, body: [UInt8], plan: [UInt8]? = nil, createdAt: Instant
  ) {
    self.id = id
    self.account = account
    self.body = body
    self.plan = plan
    self.createdAt = createdAt
  }
}

/// The two parts of the bytes of one message; Composition puts them together.
public struct MessageContent: Sendable {
  public var original: OriginalContent
  /// Composition's encoded edits; nil until the message was first prepared.
  public var edits: [UInt8]?
}

extension Connection {
  public func original(_ id: OriginalID) throws -> OriginalContent? { try pending() }

  /// Nil when there is no such message or its original is no longer kept.
  public func content(message: MessageID) throws -> MessageContent? { try pending() }
}
