import MailModel

/// The row of a message that is still to be delivered.
public struct QueueEntry: Sendable, Hashable {
  public var message: MessageID
  public var account: AccountID
  public var original: OriginalID
  /// Destination: the recipient's domain.
  public var domain: String
  public var dueAt: Instant
  /// Tries made.
  public var attempts: Int
  public var expiresAt: Instant
  public var isHeld: Bool

  /// The row of a message that was just enqueued.
  public init(
    message: MessageID, account: AccountID, original: OriginalID, domain: String, dueAt: Instant,
    attempts: Int = 0, expiresAt: Instant, isHeld: Bool = false
  ) {
    self.message = message
    self.account = account
    self.original = original
    self.domain = domain
    self.dueAt = dueAt
    self.attempts = attempts
    self.expiresAt = expiresAt
    self.isHeld = isHeld
  }
}

/// A place in the queue by due time, to go on from.
public struct QueueCursor: Sendable, Hashable {
  public var dueAt: Instant
  public var message: MessageID

  public init(dueAt: Instant, message: MessageID) {
    self.dueAt = dueAt
    self.message = message
  }

  /// Before all.
  public static var start: QueueCursor {
    QueueCursor(dueAt: Instant(milliseconds: .min), message: MessageID(0))
  }
}

/// What the index by due time knows of a message.
public struct DueDestination: Sendable, Hashable {
  public var domain: String
  public var cursor: QueueCursor
}

/// A queued message with all that is needed to prepare and send it.
public struct LoadedMessage: Sendable {
  public var message: Message
  public var entry: QueueEntry
  /// Messages of one original share its bytes.
  public var original: OriginalContent
  /// Edits kept at an earlier try; with them the bytes are the same as then.
  public var edits: [UInt8]?

  public init(message: Message, entry: QueueEntry, original: OriginalContent, edits: [UInt8]? = nil) {
    self.message = message
    self.entry = entry
    self.original = original
    self.edits = edits
  }
}

/// Rows of the queue by state; a held one counts only as held.
public struct QueueCounts: Sendable, Hashable {
  /// Not tried yet.
  public var queued = 0
  /// Tried and waiting for the next try.
  public var deferred = 0
  public var held = 0
}

extension Connection {
  /// A page of the index by due time: what is due by `now` and not held, after `cursor`, earliest first.
  public func dueDestinations(after cursor: QueueCursor, now: Instant, limit: Int) throws -> [DueDestination] {
    try pending()
  }

  /// What is due by `now` and not held, after `cursor`, for one domain or, with nil, for any, earliest first.
  public func due(
    domain: String?, after cursor: QueueCursor = .start, now: Instant, limit: Int
  ) throws -> [QueueEntry] { try pending() }

  /// Queued messages with their content, in the order given; those no longer queued are left out.
  public func load(_ ids: [MessageID]) throws -> [LoadedMessage] { try pending() }

  /// The earliest due time later than `instant` of what is not held.
  public func nextDue(after instant: Instant) throws -> Instant? { try pending() }

  /// Of one account or, with nil, of all.
  public func queueCounts(account: AccountID? = nil) throws -> QueueCounts { try pending() }
}
