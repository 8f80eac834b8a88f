import CPostgreSQL
import GRDBSQLite
import MailModel

/// The current row of a query; not to be kept. Columns count from 0.
struct Row {
  private enum Source {
    case sqlite(OpaquePointer)
    /// A whole result, and the row in it.
    case postgres(OpaquePointer, Int32)
  }

  private let source: Source

  init(_ statement: OpaquePointer) {
    source = .sqlite(statement)
  }

  init(_ result: OpaquePointer, _ row: Int32) {
    source = .postgres(result, row)
  }

  func isNull(_ column: Int32) -> Bool {
    switch source {
    case .sqlite(let statement): sqlite3_column_type(statement, column) == SQLITE_NULL
    case .postgres(let result, let row): PQgetisnull(result, row, column) == 1
    }
  }

  func int64(_ column: Int32) -> Int64 {
    switch source {
    case .sqlite(let statement): sqlite3_column_int64(statement, column)
    case .postgres: Self.bigEndian(postgresBytes(column))
    }
  }

  func int(_ column: Int32) -> Int { Int(truncatingIfNeeded: int64(column)) }

  func bool(_ column: Int32) -> Bool { int64(column) != 0 }

  /// Empty for null.
  func text(_ column: Int32) -> String {
    switch source {
    case .sqlite(let statement):
      guard let bytes = sqlite3_column_text(statement, column) else { return "" }
      let count = Int(sqlite3_column_bytes(statement, column))
      return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    case .postgres: return String(decoding: postgresBytes(column), as: UTF8.self)
    }
  }

  /// Empty for null.
  func bytes(_ column: Int32) -> [UInt8] {
    switch source {
    case .sqlite(let statement):
      guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
      return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    case .postgres: return Array(postgresBytes(column))
    }
  }

  /// A value in PostgreSQL's binary format; empty for null.
  private func postgresBytes(_ column: Int32) -> UnsafeRawBufferPointer {
    guard case .postgres(let result, let row) = source else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
  }

  /// A whole number of any width.
  private static func bigEndian(_ bytes: UnsafeRawBufferPointer) -> Int64 {
    let start: Int64 = bytes.first.map { $0 >= 0x80 } == true ? -1 : 0
    return bytes.reduce(start) { $0 << 8 | Int64($1) }
  }

  func id<Subject>(_ column: Int32) -> Identifier<Subject> { Identifier(int64(column)) }

  func instant(_ column: Int32) -> Instant { Instant(milliseconds: int64(column)) }

  func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
  func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
  func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
  func optionalInstant(_ column: Int32) -> Instant? { isNull(column) ? nil : instant(column) }
  func optionalID<Subject>(_ column: Int32) -> Identifier<Subject>? { isNull(column) ? nil : id(column) }

  /// One of an enumeration's words; a word that this release doesn't know is an error, not a guess.
  func word<Word: RawRepresentable<String>>(_ column: Int32, _ type: Word.Type = Word.self) throws -> Word {
    let text = text(column)
    guard let word = Word(rawValue: text) else { throw StoreError.other("unknown \(type) '\(text)'") }
    return word
  }
}
