import MailModel

/// A server process on a shared database, as the others see it.
public struct Node: Sendable, Hashable {
  /// 0 to 511; part of the ids that it makes.
  public var number: Int
  public var name: String
  public var roles: String
  public var startedAt: Instant
  /// By the database's clock; nil when it has stopped or was given up.
  public var leaseUntil: Instant?
}

/// Leases, on PostgreSQL. The clock is the database's: those of the servers may differ.
extension Connection {
  /// Numbers for servers; those above are for commands.
  static let nodeNumbers = 512
  /// A number rests this long before another server may make ids with it.
  private static let numberRest: Int64 = 3_600_000

  /// Begins a session with a number of its own, or with `number` again.
  func join(_ server: Store.ServerDescription, number wanted: Int? = nil) throws -> (
    number: Int, session: NodeSession
  ) {
    try execute("LOCK TABLE node IN EXCLUSIVE MODE")
    let number = try wanted.map(reclaim) ?? freeNumber()
    let session = NodeSession(Int64.random(in: 1...Int64.max))
    try execute(
      """
      INSERT INTO node (number, session, name, roles, started_at, lease_until)
      VALUES ($1, $2, $3, $4, brevdue_clock(), brevdue_clock() + $5)
      ON CONFLICT (number) DO UPDATE SET session = excluded.session, name = excluded.name,
        roles = excluded.roles, started_at = excluded.started_at, lease_until = excluded.lease_until
      """, .of(number), .of(session), .of(server.name), .of(server.roles),
      .integer(server.lease.components.seconds * 1000))
    return (number, session)
  }

  private func freeNumber() throws -> Int {
    let taken = Set(
      try rows(
        "SELECT number FROM node WHERE session <> 0 OR lease_until > brevdue_clock() - $1",
        .integer(Self.numberRest)
      ) { $0.int(0) })
    guard let number = (0..<Self.nodeNumbers).first(where: { !taken.contains($0) }) else {
      throw StoreError.unavailable("\(taken.count) servers work on this database, which is as many as can")
    }
    return number
  }

  /// Our number again, which has rested since our session ended; after a long absence another may have it.
  private func reclaim(_ number: Int) throws -> Int {
    let holder = try first("SELECT session FROM node WHERE number = $1", .of(number)) { $0.int64(0) }
    guard holder == nil || holder == 0 else {
      throw StoreError.other("another server makes ids with our number \(number); start this one again")
    }
    return number
  }

  /// Extends the lease and gives the database's time; nil when the session is over.
  func renew(_ session: NodeSession, number: Int, lease: Duration) throws -> Instant? {
    try first(
      """
      UPDATE node SET lease_until = brevdue_clock() + $3 WHERE number = $1 AND session = $2
      RETURNING brevdue_clock()
      """, .of(number), .of(session), .integer(lease.components.seconds * 1000)
    ) { $0.instant(0) }
  }

  /// Ends the sessions whose lease has run out, and frees what belongs to no session. Returns the names of the
  /// servers given up, and how many messages and sends are free now. What a server that hangs holds locked is left
  /// to the next sweep.
  func sweep() throws -> (gone: [String], freed: Int) {
    let gone = try rows(
      """
      UPDATE node SET session = 0 WHERE number IN (
        SELECT number FROM node WHERE session <> 0 AND lease_until < brevdue_clock() FOR UPDATE SKIP LOCKED)
      RETURNING name
      """
    ) { $0.text(0) }
    return (gone, try freeOrphans())
  }

  /// Ends a session whose server stops or is known to be dead, and only that: not one that has come after it.
  func leave(_ session: NodeSession, number: Int) throws {
    try execute(
      "UPDATE node SET session = 0, lease_until = 0 WHERE number = $1 AND session = $2", .of(number),
      .of(session))
    _ = try freeOrphans()
  }

  /// Makes nobody's what is a session's.
  func free(_ session: NodeSession) throws {
    try execute("UPDATE queue SET owner = NULL WHERE owner = $1", .of(session))
    try execute("UPDATE send SET owner = NULL WHERE owner = $1 AND completed_at IS NULL", .of(session))
    try bump(.queue)
  }

  /// A server that was stopped for a while may have stored something in the name of a session long over, so this is
  /// about every session that is not there.
  private func freeOrphans() throws -> Int {
    let messages = try change(
      """
      UPDATE queue SET owner = NULL WHERE message_id IN (
        SELECT message_id FROM queue
        WHERE owner IS NOT NULL AND owner NOT IN (SELECT session FROM node WHERE session <> 0)
        FOR UPDATE SKIP LOCKED)
      """)
    let sends = try change(
      """
      UPDATE send SET owner = NULL WHERE id IN (
        SELECT id FROM send
        WHERE completed_at IS NULL AND owner IS NOT NULL
          AND owner NOT IN (SELECT session FROM node WHERE session <> 0)
        FOR UPDATE SKIP LOCKED)
      """)
    if messages + sends > 0 { try bump(.queue) }
    return messages + sends
  }

  /// The servers that work on the database or have done so lately, by number; on SQLite none.
  public func nodes() throws -> [Node] {
    try rows("SELECT number, name, roles, started_at, lease_until, session FROM node ORDER BY number") {
      row in
      Node(
        number: row.int(0), name: row.text(1), roles: row.text(2), startedAt: row.instant(3),
        leaseUntil: row.int64(5) == 0 ? nil : row.instant(4))
    }
  }

  /// The servers whose lease has not run out, by name; on SQLite none.
  func liveServers() throws -> [String] {
    guard dialect == .postgres, try tableNames().contains("node") else { return [] }
    return try rows(
      "SELECT name FROM node WHERE session <> 0 AND lease_until > brevdue_clock() ORDER BY number"
    ) { $0.text(0) }
  }

  /// Takes up what is due by `now` and not held, for one domain or, with nil, for any, earliest first: what is
  /// ours already, then what is nobody's. Nothing when our session is over.
  func claim(_ session: NodeSession, domain: String?, now: Instant, limit: Int) throws -> [QueueEntry] {
    let ofDomain = domain == nil ? "" : "AND domain = $4"
    let arguments: [SQLValue] =
      [.of(session), .of(now), .of(limit)] + (domain.map { [.text($0)] } ?? [])
    let own = try rows(
      composed: """
        SELECT \(Self.queueColumns) FROM queue
        WHERE owner = $1 AND is_held = 0 AND due_at <= $2 \(ofDomain) ORDER BY due_at, message_id LIMIT $3
        """, arguments, map: Self.queueEntry)
    guard own.count < limit else { return own }
    let free = try rows(
      composed: """
        WITH picked AS (
          SELECT message_id FROM queue
          WHERE owner IS NULL AND is_held = 0 AND due_at <= $2 \(ofDomain)
            AND EXISTS (SELECT 1 FROM node WHERE session = $1 AND lease_until > brevdue_clock())
          ORDER BY due_at, message_id LIMIT $3 FOR UPDATE SKIP LOCKED)
        UPDATE queue SET owner = $1 WHERE message_id IN (SELECT message_id FROM picked)
        RETURNING \(Self.queueColumns)
        """, arguments, map: Self.queueEntry)
    return own + free.sorted { ($0.dueAt, $0.message) < ($1.dueAt, $1.message) }
  }

  /// Makes unfinished sends that are nobody's ours.
  func claimSends(_ session: NodeSession, limit: Int) throws {
    try execute(
      """
      UPDATE send SET owner = $1 WHERE id IN (
        SELECT id FROM send WHERE completed_at IS NULL AND owner IS NULL
          AND EXISTS (SELECT 1 FROM node WHERE session = $1 AND lease_until > brevdue_clock())
        ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
      """, .of(session), .of(limit))
  }
}
