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
  /// Whose it is to deliver; nil when it is nobody's, or when there is only one process.
  public var owner: NodeSession?

  /// The row of a message that was just enqueued.
  public init(
    message: MessageID, account: AccountID, original: OriginalID, domain: String, dueAt: Instant,
    attempts: Int = 0, expiresAt: Instant, isHeld: Bool = false, owner: NodeSession? = nil
  ) {
    self.message = message
    self.account = account
    self.original = original
    self.domain = domain
    self.dueAt = dueAt
    self.attempts = attempts
    self.expiresAt = expiresAt
    self.isHeld = isHeld
    self.owner = owner
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

  public init(queued: Int = 0, deferred: Int = 0, held: Int = 0) {
    self.queued = queued
    self.deferred = deferred
    self.held = held
  }
}

extension Connection {
  /// A page of the index by due time: what is due by `now` and not held, after `cursor`, earliest first.
  public func dueDestinations(after cursor: QueueCursor, now: Instant, limit: Int) throws -> [DueDestination]
  {
    func destination(_ row: Row) -> DueDestination {
      DueDestination(domain: row.text(0), cursor: QueueCursor(dueAt: row.instant(1), message: row.id(2)))
    }
    // What another process has is not for us to find.
    let owner = membership.session.map { [SQLValue.of($0)] } ?? []
    func isOurs(_ place: Int) -> String {
      owner.isEmpty ? "" : "AND (owner IS NULL OR owner = $\(place))"
    }
    // In two steps because an operator's retry makes very many due at one instant, and a comparison of pairs
    // would start at the first of them for each page.
    var page = try rows(
      composed: """
        SELECT domain, due_at, message_id FROM queue
        WHERE is_held = 0 AND due_at = $1 AND message_id > $2 AND due_at <= $3 \(isOurs(5))
        ORDER BY due_at, message_id LIMIT $4
        """, [.of(cursor.dueAt), .of(cursor.message), .of(now), .of(limit)] + owner, map: destination)
    guard page.count < limit else { return page }
    page += try rows(
      composed: """
        SELECT domain, due_at, message_id FROM queue
        WHERE is_held = 0 AND due_at > $1 AND due_at <= $2 \(isOurs(4))
        ORDER BY due_at, message_id LIMIT $3
        """, [.of(cursor.dueAt), .of(now), .of(limit - page.count)] + owner, map: destination)
    return page
  }

  /// What is due by `now` and not held, after `cursor`, for one domain or, with nil, for any, earliest first.
  public func due(
    domain: String?, after cursor: QueueCursor = .start, now: Instant, limit: Int
  ) throws -> [QueueEntry] {
    let ofDomain = domain == nil ? "" : "AND domain = $5"
    let name = domain.map { [SQLValue.text($0)] } ?? []
    let page = try rows(
      composed: """
        SELECT \(Self.queueColumns) FROM queue
        WHERE is_held = 0 AND due_at = $1 AND message_id > $2 AND due_at <= $3 \(ofDomain)
        ORDER BY due_at, message_id LIMIT $4
        """, [.of(cursor.dueAt), .of(cursor.message), .of(now), .of(limit)] + name, map: Self.queueEntry)
    guard page.count < limit else { return page }
    return try page
      + rows(
        composed: """
          SELECT \(Self.queueColumns) FROM queue
          WHERE is_held = 0 AND due_at > $1 AND due_at <= $2 \(domain == nil ? "" : "AND domain = $4")
          ORDER BY due_at, message_id LIMIT $3
          """, [.of(cursor.dueAt), .of(now), .of(limit - page.count)] + name, map: Self.queueEntry)
  }

  /// In the order that `queueEntry` reads.
  static let queueColumns =
    "message_id, account_id, original_id, domain, due_at, attempts, expires_at, is_held, owner"

  static func queueEntry(_ row: Row) -> QueueEntry {
    QueueEntry(
      message: row.id(0), account: row.id(1), original: row.id(2), domain: row.text(3),
      dueAt: row.instant(4), attempts: row.int(5), expiresAt: row.instant(6), isHeld: row.bool(7),
      owner: row.optionalID(8))
  }

  /// Queued messages with their content, in the order given; those no longer queued are left out.
  public func load(_ ids: [MessageID]) throws -> [LoadedMessage] {
    var originals: [OriginalID: OriginalContent] = [:]
    var loaded: [LoadedMessage] = []
    loaded.reserveCapacity(ids.count)
    let queued = try rows(of: ids.map(\.value), queuedMessageSQL, map: Self.queuedMessage)
    for original in try self.originals(Set(queued.map(\.1.original))) { originals[original.id] = original }
    for (message, entry, edits) in queued {
      guard let original = originals[entry.original] else { continue }
      loaded.append(LoadedMessage(message: message, entry: entry, original: original, edits: edits))
    }
    return loaded
  }

  private static func queuedMessage(_ row: Row) throws -> (Message, QueueEntry, [UInt8]?) {
    let message = try message(row)
    let entry = QueueEntry(
      message: message.id, account: message.account, original: message.original, domain: row.text(22),
      dueAt: row.instant(23), attempts: row.int(24), expiresAt: row.instant(25), isHeld: row.bool(26),
      owner: row.optionalID(28))
    return (message, entry, row.optionalBytes(27))
  }

  private func queuedMessageSQL(of id: Int64) -> String {
    """
    SELECT \(Self.messageColumns), q.domain, q.due_at, q.attempts, q.expires_at, q.is_held, e.bytes, q.owner
    FROM queue q JOIN message m ON m.id = q.message_id\(within(.message, "m.id", of: id))
      LEFT JOIN message_edits e ON e.message_id = q.message_id\(within(.messageEdits, "e.message_id", of: id))
    WHERE q.message_id = $1
    """
  }

  /// The earliest due time later than `instant` of what is not held.
  public func nextDue(after instant: Instant) throws -> Instant? {
    try first(
      "SELECT due_at FROM queue WHERE is_held = 0 AND due_at > $1 ORDER BY due_at LIMIT 1", .of(instant)
    ) { $0.instant(0) }
  }

  /// Of one account or, with nil, of all.
  public func queueCounts(account: AccountID? = nil) throws -> QueueCounts {
    func count(_ sql: StaticString) throws -> Int { try first(sql, .of(account)) { $0.int(0) } ?? 0 }
    let deferred: Int
    let held: Int
    let waiting: Int
    if account == nil {
      // Each counted from one index.
      waiting = try first("SELECT count(*) FROM queue WHERE is_held = 0") { $0.int(0) } ?? 0
      deferred =
        try first("SELECT count(*) FROM queue WHERE attempts > 0 AND is_held = 0") { $0.int(0) } ?? 0
      held = try first("SELECT count(*) FROM queue WHERE is_held = 1") { $0.int(0) } ?? 0
    } else {
      waiting = try count("SELECT count(*) FROM queue WHERE account_id = $1 AND is_held = 0")
      deferred = try count(
        "SELECT count(*) FROM queue WHERE account_id = $1 AND attempts > 0 AND is_held = 0")
      held = try count("SELECT count(*) FROM queue WHERE account_id = $1 AND is_held = 1")
    }
    return QueueCounts(queued: waiting - deferred, deferred: deferred, held: held)
  }
}
