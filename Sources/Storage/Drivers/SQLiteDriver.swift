import GRDB
import GRDBSQLite

/// One connection to an SQLite file. Confined to one thread at a time: the one within `access`.
final class SQLiteDriver {
  private let queue: DatabaseQueue
  let handle: OpaquePointer
  /// Statements whose text is a literal, by the literal's address, which saves hashing the text.
  private var literals: [UnsafeRawPointer: SQLiteStatement] = [:]
  private var composed: [String: SQLiteStatement] = [:]
  private let dialect = Dialect.sqlite

  /// - Parameter isReader: a smaller cache, and writing is an error.
  init(path: String, isReader: Bool, pageSize: Int = 8192) throws {
    let configuration = Self.configuration(isReader: isReader, pageSize: pageSize)
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      handle = try queue.unsafeRead { database in
        guard let handle = database.sqliteConnection else { throw StoreError.closed }
        return handle
      }
    } catch let error as DatabaseError {
      throw StoreError.sqlite(error.extendedResultCode.rawValue, text: "\(path): \(error.message ?? "")")
    }
  }

  private static func configuration(isReader: Bool, pageSize: Int) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReader
    configuration.busyMode = .timeout(5)
    configuration.allowsUnsafeTransactions = true
    configuration.prepareDatabase { database in
      if !isReader {
        // Has to come first: a file's page size is fixed by its first write.
        try database.execute(sql: "PRAGMA page_size = \(pageSize)")
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
      }
      try database.execute(sql: "PRAGMA cache_size = \(isReader ? -8192 : -32768)")
      try database.execute(sql: "PRAGMA temp_store = MEMORY")
      try database.execute(sql: "PRAGMA mmap_size = 0")
    }
    return configuration
  }

  /// Where GRDB lets the connection be used; everything below is called within it.
  func access<T>(_ body: () throws -> T) rethrows -> T {
    try queue.unsafeRead { _ in try body() }
  }

  func run(_ sql: StaticString, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws {
    try statement(sql).run(arguments, row: row)
  }

  func run(composed sql: String, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws {
    try statement(composed: sql).run(arguments, row: row)
  }

  /// Runs statements apart by semicolons, once.
  func script(_ sql: String) throws {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw StoreError.sqlite(code, handle, sql) }
  }

  /// Rows that the last statement inserted, updated or deleted.
  var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The same for all statements since the connection was opened.
  var totalChanges: Int64 { sqlite3_total_changes64(handle) }

  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Hands the statements back, then closes the file.
  func close() throws {
    literals = [:]
    composed = [:]
    try queue.close()
  }

  private func statement(_ sql: StaticString) throws -> SQLiteStatement {
    let key = UnsafeRawPointer(sql.utf8Start)
    if let statement = literals[key] { return statement }
    let statement = try SQLiteStatement(dialect.statement(sql.description), on: handle)
    literals[key] = statement
    return statement
  }

  private func statement(composed sql: String) throws -> SQLiteStatement {
    if let statement = composed[sql] { return statement }
    if composed.count >= 200 { composed = [:] }
    let statement = try SQLiteStatement(dialect.statement(sql), on: handle)
    composed[sql] = statement
    return statement
  }
}
