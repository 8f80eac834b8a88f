import GRDBSQLite

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A prepared statement of one SQLite connection. GRDB opens and owns the connection; statements go to the C
/// interface, because the path of a message runs about ten of them: inserting an event of 900 bytes took
/// 3 µs this way and 5 to 6 µs through GRDB's statements, which also want the bytes copied into `Data`.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private let pointer: OpaquePointer
  private let parameterCount: Int

  init(_ sql: String, on handle: OpaquePointer) throws {
    var pointer: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
    guard code == SQLITE_OK, let pointer else { throw StoreError.sqlite(code, handle, sql) }
    self.handle = handle
    self.pointer = pointer
    self.parameterCount = Int(sqlite3_bind_parameter_count(pointer))
  }

  deinit {
    sqlite3_finalize(pointer)
  }

  /// Runs it to its end, handing each row to `row` until that returns false.
  func run(_ arguments: [SQLValue], row: (Row) throws -> Bool) throws {
    guard arguments.count == parameterCount else {
      throw StoreError.other("\(arguments.count) arguments for \(parameterCount) parameters: \(text)")
    }
    defer { sqlite3_reset(pointer) }
    try bind(arguments, from: 0, row)
  }

  /// Binds what is left from `index` on and steps. Long values are lent to SQLite, not copied: each keeps its
  /// bytes in place by a closure around all that follows.
  private func bind(_ arguments: [SQLValue], from index: Int, _ row: (Row) throws -> Bool) throws {
    for index in index..<arguments.count {
      let place = Int32(index + 1)
      switch arguments[index] {
      case .null, .nullInteger, .nullBlob: try check(sqlite3_bind_null(pointer, place))
      case .integer(let value): try check(sqlite3_bind_int64(pointer, place, value))
      case .text(var text):
        try check(text.withUTF8 { bindText(place, UnsafeRawBufferPointer($0), Self.copied) })
      case .utf8(let bytes):
        return try bytes.withUnsafeBytes { bytes in
          try check(bindText(place, bytes, nil))
          try bind(arguments, from: index + 1, row)
        }
      case .blob(let bytes):
        return try bytes.withUnsafeBytes { bytes in
          try check(bindBlob(place, bytes))
          try bind(arguments, from: index + 1, row)
        }
      }
    }
    try step(row)
  }

  private func step(_ row: (Row) throws -> Bool) throws {
    while true {
      switch sqlite3_step(pointer) {
      case SQLITE_ROW:
        guard try row(Row(pointer)) else { return }
      case SQLITE_DONE: return
      case let code: throw StoreError.sqlite(code, handle, text)
      }
    }
  }

  /// SQLite's `SQLITE_TRANSIENT`, which C spells as a cast of -1.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  private func bindText(
    _ place: Int32, _ bytes: UnsafeRawBufferPointer, _ destructor: sqlite3_destructor_type?
  ) -> Int32 {
    guard let base = bytes.baseAddress else { return sqlite3_bind_text(pointer, place, "", 0, nil) }
    return sqlite3_bind_text(
      pointer, place, base.assumingMemoryBound(to: CChar.self), Int32(clamping: bytes.count), destructor)
  }

  private func bindBlob(_ place: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let base = bytes.baseAddress else { return sqlite3_bind_zeroblob(pointer, place, 0) }
    return sqlite3_bind_blob64(pointer, place, base, UInt64(bytes.count), nil)
  }

  private func check(_ code: Int32) throws {
    if code != SQLITE_OK { throw StoreError.sqlite(code, handle, text) }
  }

  private var text: String { sqlite3_sql(pointer).map { String(cString: $0) } ?? "" }
}

extension StoreError {
  /// What SQLite's result code means to us.
  static func sqlite(_ code: Int32, _ handle: OpaquePointer?, _ sql: String = "") -> StoreError {
    // Not `sqlite3_system_errno`: a COMMIT that fails leaves there what an earlier error has put.
    let cause = errno
    let message = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? ""
    return sqlite(code, text: message, cause: cause, sql: sql)
  }

  /// - Parameter cause: the system's error number behind it; 0 when there is none.
  static func sqlite(_ code: Int32, text message: String, cause: Int32 = 0, sql: String = "") -> StoreError {
    let isOfTheSystem = [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xFF) && cause != 0
    let reason = isOfTheSystem ? ": \(String(cString: strerror(cause)))" : ""
    let text = "\(message)\(reason) (SQLite \(code))"
    if isNoRoom(code, cause) { return .full(text) }
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(text)
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_NOMEM: return .unavailable(text)
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt(text)
    case SQLITE_CONSTRAINT: return .constraint(text)
    default: return .other(sql.isEmpty ? text : "\(text) in: \(sql)")
    }
  }

  /// Whether room was missing and nothing else is wrong. Not so when a sync says it: then what was written before
  /// may be gone.
  private static func isNoRoom(_ code: Int32, _ cause: Int32) -> Bool {
    let (write, shared) = (SQLITE_IOERR | (3 << 8), SQLITE_IOERR | (19 << 8))
    return code & 0xFF == SQLITE_FULL || code == shared || (code == write && cause == EDQUOT)
  }
}
