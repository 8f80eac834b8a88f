import MailModel

/// One step from a schema version to the next. Once released it is never changed: later ones are added.
struct Migration {
  var version: Int
  var name: String
  /// Statements apart by semicolons, in the SQL described at `Dialect`.
  var sql: String
}

/// Brings a database up to date.
enum Schema {
  /// Append only; version is the place in the list, from 1.
  static let migrations: [Migration] = [firstMigration]

  static var newest: Int { migrations.last?.version ?? 0 }

  /// Applies what is missing, each step in a transaction of its own. A second process that starts meanwhile
  /// waits for the lock and then finds it done.
  static func migrate(_ connection: Connection, at now: Instant) throws {
    while let next = try pendingMigration(connection) {
      try connection.begin(writing: true)
      do {
        // Looked up again under the lock: another process may have been here first.
        if try currentVersion(connection) == next.version - 1 {
          try connection.script(connection.dialect.schema(next.sql))
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

  private static func pendingMigration(_ connection: Connection) throws -> Migration? {
    let current = try currentVersion(connection)
    guard current <= newest else { throw StoreError.newerSchema(found: current, known: newest) }
    return migrations.first { $0.version == current + 1 }
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
