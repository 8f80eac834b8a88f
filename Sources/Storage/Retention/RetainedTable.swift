import MailModel

/// The tables that grow, in the order in which they are emptied: what depends on a row goes before it.
public enum RetainedTable: String, Sendable, CaseIterable {
  case originalBody = "original_body"
  case messageEdits = "message_edits"
  case event
  case message
  case original
  case send

  /// A message and its original are made together, which of them first differs. This is far more than can lie
  /// between their ids.
  static let slackMilliseconds: Int64 = 10_000
  static let slack = slackMilliseconds << 22

  var kind: RetainedKind {
    switch self {
    case .originalBody, .messageEdits: .bodies
    case .event: .events
    case .message, .original, .send: .messages
    }
  }

  /// The column that has the id, and with it the time.
  var key: String {
    switch self {
    case .originalBody: "original_id"
    case .messageEdits, .event: "message_id"
    case .message, .original, .send: "id"
    }
  }

  /// Its ids are those of originals.
  var isByOriginal: Bool { self == .originalBody || self == .original }

  /// What is before this id is older than `age`. An original is needed as long as its messages.
  func cutoff(_ age: Duration, at now: Instant) -> Int64 {
    let before = Instant(milliseconds: now.milliseconds - age.components.seconds * 1000)
    return IdentifierGenerator.first(at: before) - (self == .original ? Self.slack : 0)
  }

  /// A slice of ids with the account that each belongs to, after $1 and before $2, at most $3.
  /// - Parameter source: the table, or a partition of it.
  func candidatesSQL(from source: String) -> String {
    switch self {
    case .originalBody:
      """
      SELECT b.original_id, o.account_id FROM \(source) b LEFT JOIN original o ON o.id = b.original_id
      WHERE b.original_id > $1 AND b.original_id < $2 ORDER BY b.original_id LIMIT $3
      """
    case .messageEdits:
      """
      SELECT e.message_id, m.account_id FROM \(source) e LEFT JOIN message m ON m.id = e.message_id
      WHERE e.message_id > $1 AND e.message_id < $2 ORDER BY e.message_id LIMIT $3
      """
    case .event:
      """
      SELECT e.message_id, m.account_id FROM (
        SELECT DISTINCT message_id FROM \(source)
        WHERE message_id > $1 AND message_id < $2 ORDER BY message_id LIMIT $3) e
      LEFT JOIN message m ON m.id = e.message_id ORDER BY e.message_id
      """
    case .message, .original, .send:
      "SELECT id, account_id FROM \(source) WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3"
    }
  }

  /// Removes what belongs to one id unless it is still needed for delivery, and gives a row for each row removed.
  var removalSQL: String {
    switch self {
    case .originalBody, .original:
      """
      DELETE FROM \(rawValue) WHERE \(key) = $1 AND NOT EXISTS (
        SELECT 1 FROM queue WHERE message_id > $2 AND message_id < $3 AND original_id = $1) RETURNING 1
      """
    case .messageEdits, .event, .message:
      """
      DELETE FROM \(rawValue) WHERE \(key) = $1 AND NOT EXISTS (SELECT 1 FROM queue WHERE message_id = $1)
      RETURNING 1
      """
    case .send: "DELETE FROM send WHERE id = $1 AND completed_at IS NOT NULL RETURNING 1"
    }
  }

  func removalArguments(_ id: Int64) -> [SQLValue] {
    isByOriginal
      ? [.integer(id), .integer(id - Self.slack), .integer(id + Self.slack)] : [.integer(id)]
  }

  var oldestSQL: String { "SELECT \(key) FROM \(rawValue) ORDER BY \(key) LIMIT 1" }
}

extension Connection {
  /// How long a slice may last, so that whoever commits behind it waits no longer.
  private static let sliceTime = Duration.milliseconds(3)

  /// Ids of a slice, smallest first, with whose they are.
  func candidates(
    _ table: RetainedTable, from source: String, after: Int64, before: Int64, limit: Int
  ) throws -> [(id: Int64, account: AccountID?)] {
    try rows(
      composed: table.candidatesSQL(from: source), [.integer(after), .integer(before), .of(limit)]
    ) { ($0.int64(0), $0.optionalID(1)) }
  }

  /// Removes what belongs to `ids`, in their order, until a few milliseconds have passed.
  /// - Returns: how many of the ids were looked at, and how many rows removed.
  func remove(_ table: RetainedTable, _ ids: [Int64]) throws -> (looked: Int, rows: Int) {
    let deadline = ContinuousClock.now + Self.sliceTime
    // At the end of a wire many go in one round trip.
    let step = dialect == .sqlite ? 1 : 50
    var looked = 0
    var count = 0
    while looked < ids.count {
      let part = ids[looked..<min(looked + step, ids.count)]
      count += try rows(composed: table.removalSQL, each: part.map(table.removalArguments)) { _ in 1 }.count
      looked += part.count
      if ContinuousClock.now >= deadline { break }
    }
    return (looked, count)
  }

  /// When the oldest row was made; nil when there is none.
  func oldest(_ table: RetainedTable) throws -> Instant? {
    try rows(composed: table.oldestSQL, []) { IdentifierGenerator.instant(of: $0.int64(0)) }.first
  }

  /// Of the servers that share a database and have the role, the one with the smallest number does what only one
  /// is to do.
  func isOurTurn(role: String) throws -> Bool {
    guard membership.isShared else { return true }
    let nodes = try rows(
      """
      SELECT number, roles FROM node WHERE session <> 0 AND lease_until > brevdue_clock() ORDER BY number
      """
    ) { ($0.int(0), $0.text(1)) }
    return nodes.first { $0.1.split(separator: ",").contains { $0 == role } }?.0 == membership.number
  }
}
