import MailModel

/// One step from a schema version to the next. Once released it is never changed: later ones are added.
///
/// On PostgreSQL the release before may still be serving while a step is made, so a step only adds: tables, indexes,
/// columns that may be null or have a default. What the older release writes must stay right; what it no longer
/// needs goes away a release later, when nothing uses it. An index on a table that may be large holds up its
/// writers while it is built.
struct Migration {
  var version: Int
  var name: String
  /// Statements apart by semicolons, in the SQL described at `Dialect`.
  var sql: String
  /// What only PostgreSQL needs, in its own SQL; run after `sql`.
  var postgresSQL = ""
}

/// Brings a database up to date.
enum Schema {
  /// Append only; version is the place in the list, from 1.
  static let migrations: [Migration] = [
    firstMigration, nodeMigration, retentionMigration, periodMigration, templateMigration,
  ]

  static var newest: Int { migrations.last?.version ?? 0 }

  /// Applies what is missing, each step in a transaction of its own. A second process that starts meanwhile
  /// waits for the lock and then finds it done.
  /// - Parameter last: the version to stop at.
  static func migrate(_ connection: Connection, at now: Instant, upTo last: Int = newest) throws {
    switch connection.driver {
    case .sqlite: try applyMissing(connection, at: now, upTo: last)
    case .postgres(let driver):
      try driver.withoutTimeouts {
        // Held by the session, so it goes away with it, whatever happens.
        try driver.run("SELECT pg_advisory_lock($1)", [.integer(lockNumber)]) { _ in true }
        try applyMissing(connection, at: now, upTo: last)
        try makePartitions(connection, at: now)
        try driver.run("SELECT pg_advisory_unlock($1)", [.integer(lockNumber)]) { _ in true }
      }
    }
  }

  /// Any number that other programs on the same database are not likely to lock: "brevdue" in ASCII.
  static let lockNumber: Int64 = 0x62_7265_7664_7565

  private static func applyMissing(_ connection: Connection, at now: Instant, upTo last: Int) throws {
    if try currentVersion(connection) > 0 { try connection.checkPartitions() }
    while let next = try pendingMigration(connection), next.version <= last {
      try connection.begin(writing: true)
      do {
        // Looked up again under the lock: another process may have been here first.
        if try currentVersion(connection) == next.version - 1 {
          try connection.script(connection.dialect.schema(next.sql))
          if connection.dialect == .postgres { try connection.script(next.postgresSQL) }
          try connection.execute(
            "INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3)",
            .of(next.version), .of(next.name), .of(now))
        }
        try connection.commit()
      } catch {
        connection.rollback()
        throw error
      }
    }
  }

  /// Somebody who works with the tables for long, such as a backup, is not waited for, with everybody who writes
  /// behind: rows go to the default partition then, until the service that does the rest makes theirs.
  private static func makePartitions(_ connection: Connection, at now: Instant) throws {
    guard try !connection.missingPartitions(at: now).isEmpty else { return }
    do {
      try connection.transaction(writing: true) {
        try connection.withShortLocks { try connection.makePartitions(at: now) }
      }
    } catch StoreError.busy {
    }
  }

  private static func pendingMigration(_ connection: Connection) throws -> Migration? {
    let current = try currentVersion(connection)
    guard current <= newest else { throw StoreError.newerSchema(found: current, known: newest) }
    return migrations.first { $0.version == current + 1 }
  }

  /// What a database has, without touching it; nil when it has no tables of ours. Throws when it is newer than we know.
  static func version(of connection: Connection) throws -> Int? {
    guard try connection.tableNames().contains("schema_version") else { return nil }
    let first = try connection.first("SELECT name FROM schema_version WHERE version = 1") { $0.text(0) }
    guard first == migrations.first?.name else { return nil }
    let found = try connection.first("SELECT max(version) FROM schema_version") { $0.int(0) } ?? 0
    guard found <= newest else { throw StoreError.newerSchema(found: found, known: newest) }
    return found
  }

  /// Drops everything that migrations have made. Within a transaction.
  static func erase(_ connection: Connection) throws {
    let cascade = connection.dialect == .postgres ? " CASCADE" : ""
    for table in (StoreTable.leftOut + StoreTable.all.map(\.name)).reversed() {
      try connection.script("DROP TABLE IF EXISTS \(table)\(cascade)")
    }
    guard connection.dialect == .postgres else { return }
    for kind in Numbered.allCases { try connection.script("DROP SEQUENCE IF EXISTS \(kind.sequence)") }
    try connection.script("DROP FUNCTION IF EXISTS brevdue_clock()")
  }

  private static func currentVersion(_ connection: Connection) throws -> Int {
    try connection.script(
      connection.dialect.schema(
        """
        CREATE TABLE IF NOT EXISTS schema_version (
          version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
        ) /*table*/
        """))
    return try connection.first("SELECT coalesce(max(version), 0) FROM schema_version") { $0.int(0) } ?? 0
  }
}
