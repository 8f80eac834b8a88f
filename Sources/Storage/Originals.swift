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
  public func original(_ id: OriginalID) throws -> OriginalContent? {
    try originals([id]).first
  }

  /// Those of `ids` that are kept, in no order.
  func originals(_ ids: Set<OriginalID>) throws -> [OriginalContent] {
    try rows(of: ids.map(\.value).sorted(), originalSQL) { row in
      OriginalContent(
        id: row.id(0), account: row.id(1), body: row.bytes(2), plan: row.optionalBytes(3),
        createdAt: row.instant(4))
    }
  }

  private func originalSQL(of id: Int64) -> String {
    """
    SELECT o.id, o.account_id, b.bytes, o.plan, o.created_at
    FROM original o JOIN original_body b ON b.original_id = o.id
    WHERE o.id = $1\(within(.original, "o.id", of: id))\(within(.originalBody, "b.original_id", of: id))
    """
  }

  func insert(_ original: OriginalContent) throws {
    try execute(
      "INSERT INTO original (id, account_id, size, plan, created_at) VALUES ($1, $2, $3, $4, $5)",
      .of(original.id), .of(original.account), .of(original.body.count), .of(original.plan),
      .of(original.createdAt))
    try execute(
      "INSERT INTO original_body (original_id, bytes) VALUES ($1, $2)", .of(original.id),
      .of(original.body))
  }

  /// Nil when there is no such message or its original is no longer kept.
  public func content(message: MessageID) throws -> MessageContent? {
    let found = try first(
      """
      SELECT m.original_id, e.bytes FROM message m LEFT JOIN message_edits e ON e.message_id = m.id
      WHERE m.id = $1
      """, .of(message), map: { (OriginalID($0.int64(0)), $0.optionalBytes(1)) })
    guard let (id, edits) = found, let original = try original(id) else { return nil }
    return MessageContent(original: original, edits: edits)
  }
}
