/// A table whose rows are part of what a store holds.
struct StoreTable {
  let name: String
  /// Columns that are not copied, because they name servers that live.
  var blank: Set<String> = []
  /// Has rows before anybody has stored anything.
  var isHousekeeping = false

  /// All of them, each after those that it refers to. Columns are read from the database, so a migration that adds a
  /// table has to add it here or to `leftOut`, and one that adds a column has nothing to add.
  static let all: [StoreTable] = [
    StoreTable(name: "setting", isHousekeeping: true),
    StoreTable(name: "generation", isHousekeeping: true),
    StoreTable(name: "account"),
    StoreTable(name: "account_user"),
    StoreTable(name: "retention"),
    StoreTable(name: "access_token"),
    StoreTable(name: "campaign"),
    StoreTable(name: "campaign_total"),
    StoreTable(name: "campaign_period"),
    StoreTable(name: "smtp_token"),
    StoreTable(name: "sending_domain"),
    StoreTable(name: "dkim_key"),
    StoreTable(name: "email"),
    StoreTable(name: "email_version"),
    StoreTable(name: "template"),
    StoreTable(name: "contact"),
    StoreTable(name: "send", blank: ["owner"]),
    StoreTable(name: "original"),
    StoreTable(name: "original_body"),
    StoreTable(name: "message"),
    StoreTable(name: "message_edits"),
    StoreTable(name: "queue", blank: ["owner"]),
    StoreTable(name: "event"),
  ]

  /// Made by the migrations of the copy itself, about servers that live, and what `copyNumbers` is for.
  static let leftOut = ["schema_version", "node", "sequence"]
}

/// A table as the database has it.
struct TableShape {
  enum Kind: String {
    case integer, text, blob

    /// - Parameter type: as the catalogue of either engine spells it.
    init?(type: String) {
      switch type.lowercased() {
      case "integer", "bigint": self = .integer
      case "text": self = .text
      case "blob", "bytea": self = .blob
      default: return nil
      }
    }
  }

  struct Column {
    var name: String
    var kind: Kind
  }

  let name: String
  /// Those to copy.
  let columns: [Column]
  /// The columns of the primary key, in its order.
  let key: [Column]
  /// Where in `columns` those of `key` are.
  let keyPlaces: [Int]

  /// - Parameter found: name, type and place in the primary key (from 1; 0: none) of each column.
  init(_ table: StoreTable, _ found: [(name: String, type: String, place: Int)]) throws {
    name = table.name
    let columns = try found.filter { !table.blank.contains($0.name) }.map { column in
      guard let kind = Kind(type: column.type) else {
        throw StoreError.other("\(table.name).\(column.name) has the unknown type \(column.type)")
      }
      return (column: Column(name: column.name, kind: kind), place: column.place)
    }
    self.columns = columns.map(\.column)
    keyPlaces = columns.indices.filter { columns[$0].place > 0 }.sorted {
      columns[$0].place < columns[$1].place
    }
    key = keyPlaces.map { columns[$0].column }
    guard !key.isEmpty else { throw StoreError.other("the table \(name) has no primary key") }
  }

  var columnList: String { columns.map(\.name).joined(separator: ", ") }
  var keyList: String { key.map(\.name).joined(separator: ", ") }

  /// The condition for rows behind a key whose values are the first parameters.
  var behindKey: String {
    "(\(keyList)) > (\((1...key.count).map { "$\($0)" }.joined(separator: ", ")))"
  }
}

extension Connection {
  /// The tables of the database, ours or not.
  func tableNames() throws -> Set<String> {
    switch dialect {
    case .sqlite:
      return Set(try rows("SELECT name FROM sqlite_master WHERE type = 'table'") { $0.text(0) })
    case .postgres:
      return Set(
        try rows(
          """
          SELECT relname FROM pg_class
          WHERE relnamespace = to_regnamespace(current_schema()::text) AND relkind IN ('r', 'p')
            AND NOT relispartition
          """
        ) { $0.text(0) })
    }
  }

  /// The tables of a store that are there, each after those that it refers to.
  func tableShapes() throws -> [TableShape] {
    let names = try tableNames()
    return try StoreTable.all.filter { names.contains($0.name) }.map { table in
      try TableShape(table, try columns(of: table.name))
    }
  }

  private func columns(of table: String) throws -> [(name: String, type: String, place: Int)] {
    switch dialect {
    case .sqlite:
      return try rows("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid", .of(table)) {
        ($0.text(0), $0.text(1), $0.int(2))
      }
    case .postgres:
      // The vector of the key's columns counts from 0.
      return try rows(
        """
        SELECT a.attname, format_type(a.atttypid, NULL),
          coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
        FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        """, .of(table)
      ) { ($0.text(0), $0.text(1), $0.int(2)) }
    }
  }
}
