import GRDBSQLite
import MailModel

/// The current row of a query; not to be kept. Columns count from 0.
struct Row {
  private let statement: OpaquePointer

  init(_ statement: OpaquePointer) {
    self.statement = statement
  }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  func int(_ column: Int32) -> Int { Int(truncatingIfNeeded: int64(column)) }

  func bool(_ column: Int32) -> Bool { int64(column) != 0 }

  /// Empty for null.
  func text(_ column: Int32) -> String {
    guard let bytes = sqlite3_column_text(statement, column) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// Empty for null.
  func bytes(_ column: Int32) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
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
