/// How much is copied in one transaction.
struct SliceLimit {
  var rows = 5_000
  /// Of the values; a slice may have one row more than fits.
  var bytes = 4 << 20
}

/// Rows that follow one another in the order of the primary key.
struct Slice {
  var rows: [[SQLValue]] = []
  var byteCount = 0
}

extension TableShape {
  /// The rows behind `key` (nil: from the first on). Empty when there are no more.
  func slice(behind key: [SQLValue]?, of source: Connection, _ limit: SliceLimit) throws -> Slice {
    var slice = Slice()
    try source.each(selection(isFirst: key == nil, in: source.dialect, limit), key ?? []) { row in
      let values = columns.indices.map { value(Int32($0), of: row) }
      slice.rows.append(values)
      slice.byteCount += values.reduce(0) { $0 + $1.byteCount }
      return slice.byteCount < limit.bytes
    }
    return slice
  }

  func key(of row: [SQLValue]) -> [SQLValue] { keyPlaces.map { row[$0] } }

  /// The key of the last row in a table.
  func lastKey(in connection: Connection) throws -> [SQLValue]? {
    let order = key.map { "\($0.name) DESC" }.joined(separator: ", ")
    var last: [SQLValue]?
    try connection.each("SELECT \(keyList) FROM \(name) ORDER BY \(order) LIMIT 1", []) { row in
      last = keyValues(row)
      return false
    }
    return last
  }

  /// The values of a row that has only the key's columns.
  func keyValues(_ row: Row) -> [SQLValue] {
    key.indices.map { Self.value(Int32($0), key[$0].kind, of: row) }
  }

  private func value(_ place: Int32, of row: Row) -> SQLValue {
    Self.value(place, columns[Int(place)].kind, of: row)
  }

  private static func value(_ place: Int32, _ kind: Kind, of row: Row) -> SQLValue {
    switch kind {
    case .integer: .of(row.optionalInt64(place))
    case .text: .of(row.optionalText(place))
    case .blob: .of(row.optionalBytes(place))
    }
  }

  private func selection(isFirst: Bool, in dialect: Dialect, _ limit: SliceLimit) -> String {
    let page = """
      SELECT \(columnList) FROM \(name)\(isFirst ? "" : " WHERE \(behindKey)") \
      ORDER BY \(keyList) LIMIT \(limit.rows)
      """
    switch dialect {
    case .sqlite: return page  // A row at a time is read, and we stop when it is enough.
    case .postgres:
      // The answer comes whole: the server adds up the sizes, which it knows without reading long values.
      return """
        SELECT \(columnList) FROM (
          SELECT *, sum(\(sizeSum)) OVER (ORDER BY \(keyList) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            AS bytes_before FROM (\(page)) AS page) AS sized
        WHERE coalesce(bytes_before, 0) < \(limit.bytes) ORDER BY \(keyList)
        """
    }
  }

  private var sizeSum: String {
    columns.map { $0.kind == .integer ? "8" : "coalesce(octet_length(\($0.name)), 0)" }.joined(
      separator: " + ")
  }

  // MARK: Writing

  /// Rows for one statement where a statement costs a message each way.
  private static let rowsTogether = 50

  func insert(_ rows: [[SQLValue]], into target: Connection) throws {
    let together = target.dialect == .postgres ? Self.rowsTogether : 1
    var rest = rows[...]
    while !rest.isEmpty {
      let group = rest.prefix(rest.count >= together ? together : 1)
      try target.execute(composed: insertion(rows: group.count), Array(group.joined()))
      rest = rest.dropFirst(group.count)
    }
  }

  private func insertion(rows: Int) -> String {
    let groups = (0..<rows).map { row in
      "(" + columns.indices.map { "$\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
    }
    return "INSERT INTO \(name) (\(columnList)) VALUES \(groups.joined(separator: ", "))"
  }
}

extension SQLValue {
  /// What it takes, about.
  var byteCount: Int {
    switch self {
    case .null, .nullBlob: 0
    case .nullInteger, .integer: 8
    case .text(let text): text.utf8.count
    case .utf8(let bytes), .blob(let bytes): bytes.count
    }
  }
}

extension Connection {
  /// Hands each row of a statement put together at run time to `row` until that returns false.
  func each(_ sql: String, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws {
    switch driver {
    case .sqlite(let driver): try driver.run(composed: sql, arguments, row: row)
    case .postgres(let driver): try driver.run(composed: sql, arguments, row: row)
    }
  }

  /// Runs such a statement; nobody looks at its result.
  func execute(composed sql: String, _ arguments: [SQLValue]) throws {
    switch driver {
    case .sqlite(let driver): try driver.run(composed: sql, arguments) { _ in true }
    case .postgres(let driver): try driver.execute(composed: sql, arguments)
    }
  }

  /// Runs `work` in a transaction of its own.
  func transaction<T>(writing: Bool, _ work: () throws -> T) throws -> T {
    try begin(writing: writing)
    do {
      let result = try work()
      try commit()
      return result
    } catch {
      rollback()
      throw error
    }
  }
}
