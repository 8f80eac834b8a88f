import MailModel

/// A message with what has become of it.
public struct StoredMessage: Sendable {
  public var message: Message
  /// Tries made.
  public var attempts: Int
  /// When it was first prepared.
  public var processedAt: Instant?
  /// When it reached its final status.
  public var completedAt: Instant?
  /// Counted opens and clicks (those of scanners and proxies are only events).
  public var opens: Int
  public var clicks: Int
  public var firstOpenAt: Instant?
  public var firstClickAt: Instant?
}

/// Which messages to list, newest first; all that is given must match.
public struct MessageQuery: Sendable, Hashable {
  public var account: AccountID?
  /// Whole address, in any case.
  public var recipient: String?
  public var status: MessageStatus?
  public var campaign: CampaignID?
  /// Only those with a smaller id: the last of the page before.
  public var before: MessageID?
  public var limit: Int

  public init(
    account: AccountID? = nil, recipient: String? = nil, status: MessageStatus? = nil,
    campaign: CampaignID? = nil, before: MessageID? = nil, limit: Int = 50
  ) {
    self.account = account
    self.recipient = recipient
    self.status = status
    self.campaign = campaign
    self.before = before
    self.limit = limit
  }

  /// Neither of the conditions that leave few messages is given.
  fileprivate var isBroad: Bool { recipient == nil && campaign == nil }
}

/// The yes-or-no properties of a message, in one column.
struct MessageFlags: OptionSet {
  let rawValue: Int64

  static let tracked = MessageFlags(rawValue: 1)
  static let is8Bit = MessageFlags(rawValue: 2)
  static let isUTF8 = MessageFlags(rawValue: 4)

  init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  init(_ message: Message) {
    self = []
    if message.isTracked { insert(.tracked) }
    if message.options.is8Bit { insert(.is8Bit) }
    if message.options.isUTF8 { insert(.isUTF8) }
  }
}

extension Connection {
  public func messages(_ query: MessageQuery) throws -> [StoredMessage] {
    try planForValues()
    if query.status == .queued, query.isBroad { return try queuedMessages(query) }
    // The index by status is per account.
    guard query.account == nil, let status = query.status, status != .queued, query.isBroad else {
      return try messagesOfIndex(query)
    }
    var found: [StoredMessage] = []
    for account in try accounts() {
      var query = query
      query.account = account.id
      found += try messagesOfIndex(query)
    }
    return Array(found.sorted { $0.message.id > $1.message.id }.prefix(query.limit))
  }

  /// What is best for a rare status is bad for a frequent one, and the other way round: a plan that is to do for every
  /// value reads very much for some.
  private func planForValues() throws {
    if dialect == .postgres { try execute("SET LOCAL plan_cache_mode = force_custom_plan") }
  }

  /// What the queue has not tried yet; the queue is all that has to be walked through.
  private func queuedMessages(_ query: MessageQuery) throws -> [StoredMessage] {
    var conditions = ["attempts = 0"]
    var arguments: [SQLValue] = []
    func add(_ condition: String, _ value: SQLValue) {
      arguments.append(value)
      conditions.append("\(condition)$\(arguments.count)")
    }
    if let account = query.account { add("account_id = ", .of(account)) }
    if let before = query.before { add("message_id < ", .of(before)) }
    arguments.append(.of(query.limit))
    return try rows(
      composed: """
        SELECT \(Self.messageColumns) FROM (
          SELECT message_id FROM queue WHERE \(conditions.joined(separator: " AND "))
          ORDER BY message_id DESC LIMIT $\(arguments.count)) q
        JOIN message m ON m.id = q.message_id ORDER BY m.id DESC
        """, arguments, map: Self.storedMessage)
  }

  /// Says each condition in the words of the index that is to serve it, and the account's so that SQLite does not take
  /// its index where another is the better one.
  private func messagesOfIndex(_ query: MessageQuery) throws -> [StoredMessage] {
    var conditions: [String] = []
    var arguments: [SQLValue] = []
    func add(_ condition: String, _ value: SQLValue) {
      arguments.append(value)
      conditions.append("\(condition)$\(arguments.count)")
    }
    if let recipient = query.recipient { add("lower(m.recipient) = ", .utf8(Self.lowercased(recipient))) }
    func column(_ name: String, isIndexed: Bool) -> String {
      (isIndexed ? name : dialect.unindexed(name)) + " = "
    }
    if let campaign = query.campaign {
      add(column("m.campaign_id", isIndexed: query.recipient == nil), .of(campaign))
    }
    if let account = query.account {
      add(column("m.account_id", isIndexed: query.isBroad), .of(account))
    }
    if let status = query.status {
      add("m.status = ", .of(status.rawValue))
      if status != .queued { conditions.append("m.status <> 'queued'") }
    }
    if let before = query.before { add("m.id < ", .of(before)) }
    let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
    arguments.append(.of(query.limit))
    return try rows(
      composed: """
        SELECT \(Self.messageColumns) FROM message m \(filter) ORDER BY m.id DESC LIMIT $\(arguments.count)
        """, arguments, map: Self.storedMessage)
  }

  /// As `lower` does it in both engines, to letters of ASCII alone.
  private static func lowercased(_ text: String) -> [UInt8] {
    text.utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
  }

  public func message(_ id: MessageID, account: AccountID? = nil) throws -> StoredMessage? {
    try rows(
      composed: """
        SELECT \(Self.messageColumns) FROM message m WHERE m.id = $1 AND ($2 IS NULL OR m.account_id = $2)
        """, [.of(id), .of(account)], map: Self.storedMessage
    ).first
  }

  /// In the order that `storedMessage` reads.
  static let messageColumns = """
    m.id, m.account_id, m.original_id, m.status, m.attempts, m.processed_at, m.completed_at, m.opens, \
    m.clicks, m.first_open_at, m.first_click_at, m.campaign_id, m.created_at, m.flags, m.source, \
    m.token_id, m.email_id, m.recipient, m.sender, m.return_path, m.subject, m.dsn
    """

  static func storedMessage(_ row: Row) throws -> StoredMessage {
    StoredMessage(
      message: try message(row), attempts: row.int(4), processedAt: row.optionalInstant(5),
      completedAt: row.optionalInstant(6), opens: row.int(7), clicks: row.int(8),
      firstOpenAt: row.optionalInstant(9), firstClickAt: row.optionalInstant(10))
  }

  static func message(_ row: Row) throws -> Message {
    let flags = MessageFlags(rawValue: row.int64(13))
    return Message(
      id: row.id(0), account: row.id(1), original: row.id(2), recipient: row.text(17),
      sender: row.text(18), returnPath: row.text(19), subject: row.text(20), status: try row.word(3),
      source: try row.word(14), token: row.optionalText(15), email: row.optionalID(16),
      campaign: row.optionalID(11), createdAt: row.instant(12), isTracked: flags.contains(.tracked),
      options: try EnvelopeOptions(
        is8Bit: flags.contains(.is8Bit), isUTF8: flags.contains(.isUTF8), storedDSN: row.bytes(21)))
  }

  func insert(_ message: Message, status: MessageStatus, completedAt: Instant? = nil) throws {
    try execute(
      """
      INSERT INTO message (id, account_id, original_id, status, attempts, completed_at, opens, clicks,
        campaign_id, created_at, flags, source, token_id, email_id, recipient, sender, return_path,
        subject, dsn)
      VALUES ($1, $2, $3, $4, 0, $5, 0, 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
      """, .of(message.id), .of(message.account), .of(message.original), .of(status.rawValue),
      .of(completedAt), .of(message.campaign), .of(message.createdAt),
      .integer(MessageFlags(message).rawValue), .of(message.source.rawValue), .of(message.token),
      .of(message.email), .of(message.recipient), .of(message.sender), .of(message.returnPath),
      .of(message.subject), message.options.storedDSN)
  }
}
