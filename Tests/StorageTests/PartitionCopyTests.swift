import Foundation
import MailModel
import Testing

@testable import Storage

/// Copies of and into databases whose tables are in partitions.
@Suite(.enabled(if: TestDatabases.server != nil, TestDatabases.missing)) struct PartitionCopyTests {
  private static let day: Int64 = 86_400
  private static let ages: [Int64] = [700, 400, 301, 300, 90, 31, 8, 0]

  private func quiet(_: CopyProgress) {}

  /// A store with mail of two years, of which nothing has been removed.
  private func aged(_ engine: TestEngine) async throws -> Scratch {
    let scratch = try Scratch(engine)
    for days in Self.ages {
      var sample = Sample(store: scratch.store)
      sample.now = start.advanced(bySeconds: -days * Self.day)
      let message = try await sample.enqueue(dueAt: sample.now, plan: [7])
      guard days > 8 else { continue }
      try await sample.settle(message, .delivered(answer(250, "2.0.0", "ok")), at: sample.now, edits: [1])
    }
    return scratch
  }

  private func move(_ source: Store.Location, _ target: Store.Location, slices: SliceLimit = SliceLimit())
    throws -> CopyReport
  {
    try StoreCopy.move(from: source, to: target, overwrite: false, limit: slices, observer: quiet)
  }

  /// Every row is where it belongs.
  private func expectNoStrays(_ location: Store.Location) throws {
    try CopyEnds.writing(location) { db in
      for table in RetainedTable.partitioned {
        #expect(try db.strays(table) == 0, "\(table)")
        let count = try db.rows(composed: "SELECT count(*) FROM \(table.rawValue)", []) { $0.int(0) }
        #expect(count.first ?? 0 >= 6, "\(table)")
      }
    }
  }

  @Test(arguments: TestEngine.all, [SliceLimit().rows, 3])
  func oldRowsGetPartitionsOfTheirTimeAndComeBack(from engine: TestEngine, rows: Int) async throws {
    let source = try await aged(engine)
    await source.store.close()
    let target = try EmptyDatabase(.postgres)
    let slices = SliceLimit(rows: rows, bytes: 1 << 20)
    let report = try move(source.database.location, target.location, slices: slices)
    #expect(report.differing == [])
    try expectNoStrays(target.location)
    let back = try EmptyDatabase(.sqlite)
    let second = try move(target.location, back.location, slices: slices)
    #expect(second.differing == [])
    #expect(second.tables.map(\.target) == report.tables.map(\.source))
    // What is too old goes with its partitions, as if it had grown old there.
    let store = try Store.open(.init(target.location, node: 0), logger: Scratch.logger)
    let pass = try await Retention(store: store, ages: RetentionAges(), pause: .zero).pass(at: start)
    #expect(pass.dropped.contains { $0.hasPrefix("message_2") })
    #expect(pass.dropped.filter { $0.hasPrefix("original_body_2") }.count >= 4)
    #expect(try await store.read { try $0.messages(MessageQuery(limit: 100)) }.count == Self.ages.count - 1)
    await store.close()
  }

  @Test func aBackupReplacesADatabaseWithPartitions() async throws {
    let source = try await aged(.postgres)
    let file = NSTemporaryDirectory() + "partition-backup-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    let made = try StoreCopy.backUp(
      source.database.location, to: file, overwrite: false, observer: quiet)
    #expect(made.tables.first { $0.name == "event" }?.target.rows == Self.ages.count * 3 - 4)
    await source.store.close()
    // Once over itself and once over a newer one: what is there goes away with its partitions.
    for location in [source.database.location, try EmptyDatabase(.postgres, hasSchema: true).location] {
      let report = try await StoreCopy.restore(file, to: location, overwrite: true, observer: quiet)
      #expect(report.differing == [])
      #expect(report.tables.map(\.target) == made.tables.map(\.target))
      try expectNoStrays(location)
    }
  }

  /// Of a time before tables had partitions: as today, without.
  private func makeWithout(_ location: Store.Location) throws {
    try CopyEnds.writing(location) { db in
      var sql = Schema.firstMigration.sql
      for table in RetainedTable.partitioned { sql.replace("/*partitioned(\(table.key))*/", with: "") }
      try db.script(
        """
        CREATE TABLE schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL);
        INSERT INTO schema_version VALUES (1, 'first release', 0), (2, 'nodes', 0), (3, 'retention', 0);
        """)
      try db.script(db.dialect.schema(sql))
      try db.script(Numbered.sequences)
      for migration in Schema.migrations.dropFirst().prefix(2) {
        try db.script(db.dialect.schema(migration.sql))
        try db.script(migration.postgresSQL)
      }
    }
  }

  @Test func aDatabaseOfATimeWithoutPartitionsIsMadeAnewByABackup() async throws {
    let database = try EmptyDatabase(.postgres)
    try makeWithout(database.location)
    let original = OriginalContent(
      id: OriginalID(1 << 30), account: AccountID(1), body: [1], createdAt: start)
    try CopyEnds.writing(database.location) { db in
      try db.transaction(writing: true) { try db.insert(original) }
    }
    #expect {
      try Store.open(.init(database.location), logger: Scratch.logger)
    } throws: { error in
      "\(error)".contains("before its tables were partitioned") && "\(error)".contains("brevdue restore")
    }
    let file = NSTemporaryDirectory() + "partition-backup-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    _ = try StoreCopy.backUp(database.location, to: file, overwrite: false, observer: quiet)
    let report = try await StoreCopy.restore(file, to: database.location, overwrite: true, observer: quiet)
    #expect(report.differing == [])
    let store = try Store.open(.init(database.location, node: 0), logger: Scratch.logger)
    #expect(try await store.read { try $0.original(original.id) }?.body == [1])
    await store.close()
  }
}
