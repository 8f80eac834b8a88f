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

  /// What in the server's own settings could lose mail, one sentence each.
  public func engineWarnings() throws -> [String] {
    guard dialect == .postgres else { return [] }
    let off = try rows(
      """
      SELECT name FROM pg_settings
      WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name
      """
    ) { $0.text(0) }
    return off.map { "the PostgreSQL server runs with \($0) off: a loss of power can lose accepted mail" }
  }
}
