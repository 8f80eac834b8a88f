/// What differs between the engines, in one place. Statements and migrations are written once, in SQL that both
/// understand, with these marks:
///
/// - parameters are `$1`, `$2`, …
/// - in migrations, types are `INTEGER` (64 bits), `TEXT` and `BLOB`;
/// - a table that ends in `) /*clustered*/` has its rows in the order of its primary key where the engine can;
/// - one that ends in `) /*table*/` has none of this;
/// - `/*partitioned(id)*/` behind that: in PostgreSQL, ranges of this column are partitions; see `Partition`;
/// - a column behind a `+` is not to be looked up by an index. Only with numbers: see `unindexed`.
///
/// PostgreSQL compares text byte by byte here, as SQLite does, whatever the language of the database.
enum Dialect {
  case sqlite, postgres

  /// The text of a statement for this engine.
  func statement(_ sql: String) -> String {
    switch self {
    case .sqlite: Self.numberedParameters(sql)
    case .postgres: sql
    }
  }

  /// A column in a condition that SQLite is not to use an index for; PostgreSQL decides by what it knows of the data.
  func unindexed(_ column: String) -> String {
    switch self {
    case .sqlite: "+\(column)"
    case .postgres: column
    }
  }

  /// The text of a migration for this engine.
  func schema(_ sql: String) -> String {
    switch self {
    case .sqlite:
      Self.replace(
        "/*clustered*/", with: "STRICT, WITHOUT ROWID", in: Self.replace("/*table*/", with: "STRICT", in: sql)
      )
    case .postgres:
      [
        ("/*clustered*/", ""), ("/*table*/", ""), ("/*partitioned(", "PARTITION BY RANGE ("), (")*/", ")"),
        ("INTEGER", "BIGINT"), ("BLOB", "BYTEA"),
        ("TEXT", "TEXT COLLATE \"C\""),
      ].reduce(sql) { Self.replace($1.0, with: $1.1, in: $0) }
    }
  }

  /// SQLite takes `$1` for a name and numbers names as it meets them; `?1` says the number.
  private static func numberedParameters(_ sql: String) -> String {
    var bytes = Array(sql.utf8)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    for index in bytes.indices.dropLast()
    where bytes[index] == UInt8(ascii: "$") && digits.contains(bytes[index + 1]) {
      bytes[index] = UInt8(ascii: "?")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func replace(_ mark: String, with text: String, in sql: String) -> String {
    sql.split(separator: mark, omittingEmptySubsequences: false).joined(separator: text)
  }
}
