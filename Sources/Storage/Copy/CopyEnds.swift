import MailModel
import Synchronization

extension Store.Location {
  /// For people and logs; without secrets.
  public var text: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    case .postgres(let url): DatabaseURL.redacted(url)
    }
  }

  /// `sqlite:PATH` or `postgres://…`; nil when it is neither.
  public init?(text: String) {
    if text.hasPrefix("sqlite:"), text.count > "sqlite:".count {
      self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
    } else if DatabaseURL.isValid(text) {
      self = .postgres(url: text)
    } else {
      return nil
    }
  }
}

/// The two sides of a copy. Both belong to the thread that the copy runs on.
enum CopyEnds {
  /// Opens what is copied; nothing in it is changed.
  static func reading<T>(_ location: Store.Location, _ body: (Connection) throws -> T) throws -> T {
    if case .sqlite(let path) = location, !CopyFile.exists(path) {
      throw CopyRefusal(
        "There is no file \(path).",
        next: "Is it the right place? `brevdue doctor --settings` shows what is configured.")
    }
    return try with(try Engine(location).reader()) { connection in
      guard try Schema.version(of: connection) != nil else {
        throw CopyRefusal(
          "\(location.text) holds nothing of Brevdue's.",
          next: "Is it the right database? `doctor` shows which is in use.")
      }
      try connection.refuseUnfinishedCopy()
      return try body(connection)
    }
  }

  /// Opens where the copy goes; makes the file where there is none.
  static func writing<T>(_ location: Store.Location, _ body: (Connection) throws -> T) throws -> T {
    try with(try Engine(location).writer(), body)
  }

  static func with<T>(_ driver: Connection.Driver, _ body: (Connection) throws -> T) throws -> T {
    let connection = Connection(driver, identifiers: IdentifierGenerator(node: 0))
    defer { try? connection.close() }
    return try connection.access {
      try connection.reconnect()
      try connection.limitForCopying()
      return try body(connection)
    }
  }

  /// Runs blocking work on a thread of its own.
  static func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    let outcome = Outcome<T>()
    let thread = try WorkerThread.start("store-copy") {
      let result = Result { try work() }
      outcome.result.withLock { $0 = result }
    }
    await WorkerThread.join([thread])
    guard let result = outcome.result.withLock({ $0 }) else { throw StoreError.other("the copy did not end") }
    return try result.get()
  }

  private final class Outcome<T: Sendable>: Sendable {
    let result = Mutex<Result<T, any Error>?>(nil)
  }
}

extension Connection {
  func limitForCopying() throws {
    if case .postgres(let driver) = driver { try driver.limitForCopying() }
  }

  /// Something that differs when the database has been changed since. Not within a transaction.
  func fingerprint(of location: Store.Location) throws -> String {
    switch location {
    case .sqlite(let path): return try CopyFile.fingerprint(path)
    case .postgres:
      // Counted by the server; after a crash of it the counts begin again, and so does the copy.
      return try first(
        """
        SELECT d.oid::bigint, (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
          FROM pg_stat_user_tables WHERE schemaname = current_schema())
        FROM pg_database d WHERE d.datname = current_database()
        """
      ) { "database \($0.int64(0)) with \($0.int64(1)) changes" } ?? ""
    }
  }

  /// Throws when a server works on the database. An SQLite file has a lock beside it for that.
  func refuseRunningServers(_ location: Store.Location) throws {
    let servers = try liveServers()
    guard servers.isEmpty else {
      throw CopyRefusal(
        "A server works on \(location.text): \(servers.joined(separator: ", ")).",
        next: "Stop it. After one that was killed, wait 15 s.")
    }
  }
}

extension Engine {
  /// Takes what write-ahead logging keeps beside a file into it, so that the file alone says whether anything has
  /// changed.
  static func foldLog(of location: Store.Location) throws {
    guard case .sqlite(let path) = location, CopyFile.size(path + "-wal") > 0 else { return }
    try CopyEnds.writing(location) { _ in }
  }
}
