import MailModel

/// A part of a table on PostgreSQL, with the ids that are in it.
struct Partition: Sendable, Hashable {
  var table: RetainedTable
  var name: String
  /// Nil: what no other partition is for.
  var range: Range<Int64>?
}

extension RetainedTable {
  static let partitioned = allCases.filter(\.isPartitioned)

  /// Single sends are looked up by other things than their id, so they are in one piece.
  var isPartitioned: Bool { self != .send }

  /// How much time one partition is for. Bodies go soonest and are the largest, so their space comes back by the week.
  private var period: Int64 { (kind == .bodies ? 7 : 28) * 86_400_000 }
  /// Partitions that are there before they are needed: for three weeks at least.
  private var ahead: Int64 { kind == .bodies ? 3 : 1 }

  /// The ids of the partition that is for `instant` and of those ahead of it.
  func ranges(at instant: Instant) -> [Range<Int64>] {
    let first = max(0, instant.milliseconds - IdentifierGenerator.epochMilliseconds) / period
    return (first...first + ahead).map { ($0 * period) << 22..<(($0 + 1) * period) << 22 }
  }

  /// The ids of the partition that is for `id`; nil for an id that is of no time.
  func range(of id: Int64) -> Range<Int64>? {
    let number = (id >> 22) / period
    guard id >= 0, (number + 1) * period <= Int64.max >> 22 else { return nil }
    return (number * period) << 22..<((number + 1) * period) << 22
  }

  var defaultPartition: String { rawValue + "_default" }

  /// So that an insert never fails for want of a partition.
  static var defaultPartitions: String {
    partitioned.map { "CREATE TABLE \($0.defaultPartition) PARTITION OF \($0.rawValue) DEFAULT;" }
      .joined(separator: "\n")
  }
}

/// Tables in partitions by the time in their ids, on PostgreSQL: made ahead, and dropped instead of emptied.
extension Connection {
  /// Of all tables, by table and range; the default one last.
  func partitions() throws -> [Partition] {
    guard dialect == .postgres else { return [] }
    let found = try rows(
      """
      SELECT p.relname::text, c.relname::text, pg_get_expr(c.relpartbound, c.oid)
      FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
      WHERE p.relnamespace = current_schema()::regnamespace AND p.relkind = 'p'
      """
    ) { row -> Partition? in
      // Without a bound it has been dropped in this instant.
      guard let table = RetainedTable(rawValue: row.text(0)), let bound = row.optionalText(2) else {
        return nil
      }
      return Partition(table: table, name: row.text(1), range: try Self.range(bound: bound))
    }
    return found.compactMap { $0 }.sorted {
      ($0.table.rawValue, $0.range?.lowerBound ?? .max) < ($1.table.rawValue, $1.range?.lowerBound ?? .max)
    }
  }

  /// `FOR VALUES FROM ('1') TO ('2')`; nil for `DEFAULT`.
  private static func range(bound: String) throws -> Range<Int64>? {
    if bound == "DEFAULT" { return nil }
    let numbers = bound.split(separator: "'").compactMap { Int64($0) }
    guard numbers.count == 2, numbers[0] < numbers[1] else {
      throw StoreError.other("a partition that is not ours: \(bound)")
    }
    return numbers[0]..<numbers[1]
  }

  /// Ranges for `instant` and for the time ahead of it that have no partition yet.
  func missingPartitions(at instant: Instant) throws -> [(table: RetainedTable, range: Range<Int64>)] {
    guard dialect == .postgres else { return [] }
    let there = try partitions()
    return RetainedTable.partitioned.flatMap { table in
      table.ranges(at: instant).filter { range in
        !there.contains { $0.table == table && $0.range?.overlaps(range) == true }
      }.map { (table, $0) }
    }
  }

  /// Makes what is missing for `instant` and for the time ahead of it.
  func makePartitions(at instant: Instant) throws {
    for (table, range) in try missingPartitions(at: instant) { try makePartition(of: table, range) }
  }

  /// Makes what is missing for rows that are about to be copied in, however old they are; without, they would all be in
  /// the default partition.
  func makePartitions(of table: RetainedTable, for ids: some Sequence<Int64>) throws {
    guard dialect == .postgres, table.isPartitioned else { return }
    let there = try partitions().filter { $0.table == table }.compactMap(\.range)
    let missing = Set(ids.compactMap(table.range(of:))).filter { range in
      !there.contains { $0.overlaps(range) }
    }
    for range in missing.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      try makePartition(of: table, range)
    }
  }

  /// A condition that says in numbers which partition a row is in, to go with one on its id; nothing on SQLite.
  ///
  /// By an id that is a parameter, PostgreSQL has no plan that is good for every value, and makes one anew for each,
  /// which takes twice as long as the change of a row. With this it finds one plan, for one partition.
  func within(_ table: RetainedTable, _ column: String, of id: Int64) -> String {
    guard dialect == .postgres, let range = table.range(of: id) else { return "" }
    return " AND \(column) >= \(range.lowerBound) AND \(column) < \(range.upperBound)"
  }

  /// All rows of a statement run with each of `ids` in turn, in few round trips.
  /// - Parameter sql: the statement for an id; the same for all of a partition.
  func rows<T>(of ids: [Int64], _ sql: (Int64) -> String, map: (Row) throws -> T) throws -> [T] {
    var found: [T] = []
    var rest = ids[...]
    while let first = rest.first {
      let text = sql(first)
      let group = dialect == .sqlite ? rest : rest.prefix { sql($0) == text }
      found += try rows(composed: text, each: group.map { [.integer($0)] }, map: map)
      rest = rest.dropFirst(group.count)
    }
    return found
  }

  /// Apart from its table first, so that nobody who uses that has to wait; with what has got into the default
  /// partition meanwhile, from where on nobody adds to that.
  private func makePartition(of table: RetainedTable, _ range: Range<Int64>) throws {
    let day = try first(
      "SELECT to_char(to_timestamp($1::bigint / 1000) AT TIME ZONE 'UTC', 'YYYYMMDD')",
      .of(IdentifierGenerator.instant(of: range.lowerBound))
    ) { $0.text(0) }
    let name = "\(table.rawValue)_\(day ?? "\(range.lowerBound)")"
    let (from, to) = (range.lowerBound, range.upperBound)
    try script(
      """
      CREATE TABLE \(name) (LIKE \(table.rawValue));
      LOCK TABLE \(table.defaultPartition) IN ACCESS EXCLUSIVE MODE;
      WITH moved AS (
        DELETE FROM \(table.defaultPartition) WHERE \(table.key) >= \(from) AND \(table.key) < \(to) RETURNING *)
      INSERT INTO \(name) SELECT * FROM moved;
      ALTER TABLE \(table.rawValue) ATTACH PARTITION \(name) FOR VALUES FROM (\(from)) TO (\(to));
      """)
  }

  /// Whether something in the range is still to be delivered.
  func hasQueued(_ table: RetainedTable, _ range: Range<Int64>) throws -> Bool {
    let slack = table.isByOriginal ? RetainedTable.slack : 0
    let found = try first(
      "SELECT 1 FROM queue WHERE message_id >= $1 AND message_id < $2 LIMIT 1",
      .integer(max(0, range.lowerBound - slack)), .integer(range.upperBound + slack)
    ) { _ in true }
    return found != nil
  }

  /// Drops a partition unless something in it is still to be delivered; then false.
  func drop(_ partition: Partition) throws -> Bool {
    guard let range = partition.range, try !hasQueued(partition.table, range) else { return false }
    try withShortLocks { try script("DROP TABLE IF EXISTS \"\(partition.name)\"") }
    return true
  }

  /// For changes of tables in use: who waits for such a lock keeps all others waiting, so it is rather not had.
  func withShortLocks(_ body: () throws -> Void) throws {
    guard
      try first("SELECT pg_try_advisory_xact_lock($1)", .integer(Schema.lockNumber), map: { $0.bool(0) })
        == true
    else { throw StoreError.busy("another process changes the tables just now") }
    try execute("SET LOCAL lock_timeout = '300ms'")
    try body()
    try execute("SET LOCAL lock_timeout = '5s'")
  }

  /// Rows in the default partition, counted up to 1,000.
  func strays(_ table: RetainedTable) throws -> Int {
    let count = try rows(
      composed: "SELECT count(*) FROM (SELECT 1 FROM \(table.defaultPartition) LIMIT 1000) s", []
    ) { $0.int(0) }
    return count.first ?? 0
  }

  /// Throws for a database of a time when tables had no partitions.
  func checkPartitions() throws {
    guard dialect == .postgres else { return }
    let kind = try first("SELECT relkind::text FROM pg_class WHERE oid = to_regclass('message')") {
      $0.text(0)
    }
    guard kind == "r" else { return }
    throw StoreError.other(
      "it was made before its tables were partitioned, by a state of Brevdue older than the first release; nothing was "
        + "changed. `brevdue backup FILE`, then `brevdue restore FILE --force`, make it anew with all that it holds"
    )
  }
}
