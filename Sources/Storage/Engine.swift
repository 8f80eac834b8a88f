#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Makes the connections of a store.
struct Engine: Sendable {
  private enum Place {
    case sqlite(path: String)
    case postgres(PostgreSQLLocation)
  }

  private let place: Place
  let traffic = PostgreSQLTraffic()

  init(_ location: Store.Location) throws {
    switch location {
    case .sqlite(let path): place = .sqlite(path: path)
    case .postgres(let url): place = .postgres(try PostgreSQLLocation(url: url))
    }
  }

  /// Throws when there is no database or no server.
  func writer() throws -> Connection.Driver {
    switch place {
    case .sqlite(let path):
      Self.makePrivateFile(path)
      return .sqlite(try SQLiteDriver(path: path, isReader: false))
    case .postgres(let location):
      let driver = PostgreSQLDriver(location, .writer, traffic: traffic)
      try driver.connect()
      return .postgres(driver)
    }
  }

  /// On PostgreSQL it connects when it is first used.
  func reader() throws -> Connection.Driver {
    switch place {
    case .sqlite(let path): .sqlite(try SQLiteDriver(path: path, isReader: true))
    case .postgres(let location): .postgres(PostgreSQLDriver(location, .reader, traffic: traffic))
    }
  }

  /// The database has private keys in it, and SQLite gives the files beside it the same permissions. An existing
  /// file is not opened: closing it would take away the locks that another store of this process has on it.
  private static func makePrivateFile(_ path: String) {
    let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if file >= 0 { close(file) }
  }
}

extension Connection {
  /// Connects again where the connection was lost; blocks.
  func reconnect() throws {
    if case .postgres(let driver) = driver { try driver.connect() }
  }

  /// The engine with its version and, if it is a server, where it is; for people.
  public func engineDescription() throws -> String {
    switch driver {
    case .sqlite: "SQLite \(try first("SELECT sqlite_version()") { $0.text(0) } ?? "")"
    case .postgres(let driver): driver.serverDescription
    }
  }

  /// What in the server's own settings could lose what is stored there, one sentence each, with what to do.
  public func engineWarnings() throws -> [String] {
    guard dialect == .postgres else { return [] }
    // Our own sessions set synchronous_commit: what the server says is in reset_val.
    let off = try rows(
      """
      SELECT name FROM pg_settings
      WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
        OR name = 'synchronous_commit' AND reset_val = 'off' ORDER BY name
      """
    ) { $0.text(0) }
    return off.compactMap { Self.risks[$0] }
  }

  private static let risks = [
    "fsync": """
    the PostgreSQL server runs with fsync off: a loss of power of its machine loses mail that was accepted, or the \
    whole database. Set fsync = on there and reload
    """,
    "full_page_writes": """
    the PostgreSQL server runs with full_page_writes off: a loss of power of its machine can leave half-written \
    pages, and with them damaged mail. Set full_page_writes = on there and reload
    """,
    "synchronous_commit": """
    the PostgreSQL server runs with synchronous_commit off: mail is safe, as Brevdue turns it on for itself, but \
    what other programs commit there is lost with the power. Set synchronous_commit = on there and reload
    """,
  ]
}
