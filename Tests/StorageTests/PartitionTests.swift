import MailModel
import Testing

@testable import Storage

/// Tables in partitions by time: there before they are needed, dropped when nobody needs them.
@Suite(.enabled(if: TestDatabases.server != nil, TestDatabases.missing)) struct PartitionTests {
  private static let day: Int64 = 86_400

  private func before(_ days: Int64) -> Instant { start.advanced(bySeconds: -days * Self.day) }

  /// A store with partitions for these many days before `start`.
  private func scratch(_ days: [Int64]) async throws -> Scratch {
    let scratch = try Scratch(.postgres)
    let instants = days.map(before)
    try await scratch.store.write { db in for instant in instants { try db.makePartitions(at: instant) } }
    return scratch
  }

  private func message(_ scratch: Scratch, _ days: Int64, isDelivered: Bool = true) async throws -> Message {
    var sample = Sample(store: scratch.store)
    sample.now = before(days)
    let message = try await sample.enqueue(dueAt: sample.now)
    if isDelivered {
      try await sample.settle(message, .delivered(answer(250, "2.0.0", "ok")), at: sample.now, edits: [1])
    }
    return message
  }

  /// The partition that a row is in.
  private func place(_ scratch: Scratch, _ table: RetainedTable, _ id: Int64) async throws -> String? {
    let sql = "SELECT tableoid::regclass::text FROM \(table.rawValue) WHERE \(table.key) = $1"
    return try await scratch.store.read { try $0.rows(composed: sql, [.integer(id)]) { $0.text(0) }.first }
  }

  private func names(_ scratch: Scratch, _ table: RetainedTable) async throws -> [String] {
    try await scratch.store.read { try $0.partitions() }.filter { $0.table == table }.map(\.name)
  }

  @Test func openingMakesThemAhead() async throws {
    let database = try EmptyDatabase(.postgres)
    let store = try Store.open(.init(database.location), logger: Scratch.logger)
    let partitions = try await store.read { try $0.partitions() }
    for table in RetainedTable.partitioned {
      let own = partitions.filter { $0.table == table }
      #expect(own.last?.name == table.defaultPartition && own.last?.range == nil)
      let ranges = own.compactMap(\.range)
      let covered = IdentifierGenerator.first(at: .now().advanced(bySeconds: 21 * Self.day))
      #expect(ranges.contains { $0.contains(covered) }, "\(table) three weeks ahead")
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }, "no gaps")
    }
    #expect(try await store.read { try $0.missingPartitions(at: .now()) }.isEmpty)
    // Once more by another process: nothing is left to do.
    let again = try Store.open(.init(database.location), logger: Scratch.logger)
    #expect(try await again.read { try $0.partitions() } == partitions)
    for store in [store, again] { await store.close() }
  }

  @Test func rowsAreInThePartitionOfTheirTime() async throws {
    let scratch = try await scratch([])
    let message = try await message(scratch, 0)
    let (id, original) = (message.id.value, message.original.value)
    #expect(try await place(scratch, .event, id) == "event_20261228")
    #expect(try await place(scratch, .message, id) == "message_20261228")
    #expect(try await place(scratch, .original, original) == "original_20261228")
    #expect(try await place(scratch, .originalBody, original) == "original_body_20270111")
    #expect(try await place(scratch, .messageEdits, id) == "message_edits_20270111")
    await scratch.store.close()
  }

  @Test func whatIsWhollyPastIsDropped() async throws {
    let scratch = try await scratch([500, 50])
    let store = scratch.store
    let old = try await message(scratch, 500)
    let recent = try await message(scratch, 50)
    let retention = Retention(store: store, ages: RetentionAges(), pause: .zero)
    let report = try await retention.pass(at: start)
    #expect(report.removed.values.allSatisfy { $0 == 0 }, "dropped, not deleted")
    #expect(report.obstacles.isEmpty, "\(report.obstacles)")
    #expect(Set(report.dropped.map { $0.prefix { !$0.isNumber } }).count == 5, "\(report.dropped)")
    #expect(try await store.read { try $0.message(old.id) } == nil)
    #expect(try await store.read { try $0.events(message: old.id) }.isEmpty)
    #expect(try await store.read { try $0.message(recent.id) } != nil)
    #expect(try await store.read { try $0.events(message: recent.id) }.count == 3)
    #expect(try await store.read { try $0.content(message: recent.id) } == nil)
    #expect(try await retention.pass(at: start).dropped.isEmpty)
    await store.close()
  }

  @Test func whatIsQueuedKeepsItsPartition() async throws {
    let scratch = try await scratch([500])
    let store = scratch.store
    let waiting = try await message(scratch, 500, isDelivered: false)
    let done = try await message(scratch, 500)
    let retention = Retention(store: store, ages: RetentionAges(), pause: .zero)
    _ = try await retention.pass(at: start)
    #expect(try await store.read { try $0.load([waiting.id]) }.count == 1)
    #expect(try await store.read { try $0.message(done.id) } == nil, "the others in it are deleted")
    let sample = Sample(store: store)
    try await sample.settle(waiting, .delivered(answer(250, "2.0.0", "ok")))
    let report = try await retention.pass(at: start)
    #expect(report.dropped.contains { $0.hasPrefix("message_2") })
    #expect(try await store.read { try $0.message(waiting.id) } == nil)
    await store.close()
  }

  @Test func aPartitionStaysForTheAccountThatKeepsItsMailLongest() async throws {
    let scratch = try await scratch([500])
    let store = scratch.store
    let other = AccountID(2)
    var sample = Sample(store: store)
    sample.now = before(500)
    let own = try await sample.enqueue()
    sample.account = other
    let others = try await sample.enqueue()
    try await store.write { db in
      try db.execute("DELETE FROM queue")
      let long = Duration.seconds(600 * Self.day)
      try db.setRetention(RetentionOverride(bodies: long, events: long, messages: long), account: other)
    }
    let report = try await Retention(store: store, ages: RetentionAges(), pause: .zero).pass(at: start)
    #expect(report.dropped.isEmpty)
    #expect(report.removed[.message] == 1 && report.removed[.originalBody] == 1)
    #expect(try await store.read { try $0.message(own.id) } == nil)
    #expect(try await store.read { try $0.content(message: others.id) } != nil)
    await store.close()
  }

  @Test func strayRowsAreSeenAndTakenIntoAPartitionMadeLater() async throws {
    let scratch = try await scratch([])
    let store = scratch.store
    let message = try await message(scratch, 90)
    #expect(try await place(scratch, .event, message.id.value) == "event_default")
    let report = try await Retention(store: store, ages: RetentionAges(), pause: .zero).pass(at: start)
    #expect(report.strays[.event] == 3)
    let then = before(90)
    try await store.write { try $0.makePartitions(at: then) }
    #expect(try await place(scratch, .event, message.id.value) == "event_20261005")
    #expect(try await store.read { try $0.events(message: message.id) }.count == 3)
    #expect(try await store.read { try $0.strays(.event) } == 0)
    await store.close()
  }

  @Test func theServiceMakesWhatIsMissing() async throws {
    let scratch = try await scratch([])
    let later = start.advanced(bySeconds: 200 * Self.day)
    let report = try await Retention(store: scratch.store, ages: RetentionAges(), pause: .zero).pass(
      at: later)
    #expect(report.obstacles.isEmpty, "\(report.obstacles)")
    #expect(try await scratch.store.read { try $0.missingPartitions(at: later) }.isEmpty)
    await scratch.store.close()
  }

  /// Who waits for a lock on a table keeps everybody else waiting behind: that must not last.
  @Test func aTableInUseIsLeftForLater() async throws {
    let scratch = try await scratch([500])
    let store = scratch.store
    guard case .postgres(let url) = scratch.database.location else { return }
    let session = try PostgreSQLSession(PostgreSQLLocation(url: url))
    try session.script("BEGIN; SELECT 1 FROM message")
    let retention = Retention(store: store, ages: RetentionAges(), pause: .zero)
    let report = try await retention.pass(at: start)
    #expect(report.obstacles.contains { $0.contains("lock timeout") }, "\(report.obstacles)")
    #expect(!report.dropped.contains { $0.hasPrefix("message_2") })
    try session.script("COMMIT")
    #expect(try await retention.pass(at: start).dropped.contains { $0.hasPrefix("message_2") })
    await store.close()
  }

  /// What is done late to a message whose partitions are gone, or for a time that has none, is no error.
  @Test func lateRowsGoToTheDefaultPartition() async throws {
    let scratch = try await scratch([500])
    let store = scratch.store
    let old = try await message(scratch, 500)
    let retention = Retention(store: store, ages: RetentionAges(), pause: .zero)
    _ = try await retention.pass(at: start)
    #expect(try await store.read { try $0.message(old.id) } == nil)
    let sample = Sample(store: store)
    try await sample.settle(old, .deferred(answer(450, "4.0.0", "later"), until: start), edits: [1])
    #expect(try await place(scratch, .event, old.id.value) == "event_default")
    let visits = [Visit.Kind.open, .click].map {
      Visit($0, message: old.id, at: start, detail: EventDetail())
    }
    #expect(try await store.write { try $0.record(visits) } == 0)
    // Accepted by a server whose clock is far ahead.
    let early = try await message(scratch, -400)
    #expect(try await place(scratch, .message, early.id.value) == "message_default")
    #expect(try await store.read { try $0.message(early.id) } != nil)
    let report = try await retention.pass(at: start)
    #expect(
      report.removed[.event] == 2 && report.removed[.messageEdits] == 1, "gone as elsewhere")
    #expect(try await place(scratch, .event, early.id.value) == "event_default")
    await store.close()
  }

  @Test func serversMakeThemAtTheSameTime() async throws {
    let scratch = try await scratch([])
    let stores = [scratch.store, try scratch.another(node: 7), try scratch.another(node: 8)]
    for round in 1...4 {
      let later = start.advanced(bySeconds: Int64(round) * 200 * Self.day)
      let reports = try await withThrowingTaskGroup(of: Retention.Report.self) { group in
        for store in stores {
          group.addTask {
            try await Retention(store: store, ages: RetentionAges(), pause: .zero).pass(at: later)
          }
        }
        return try await group.reduce(into: [Retention.Report]()) { $0.append($1) }
      }
      let obstacles = reports.flatMap(\.obstacles)
      #expect(obstacles.allSatisfy { $0.contains("another process") || $0.contains("lock timeout") })
      #expect(try await scratch.store.read { try $0.missingPartitions(at: later) }.isEmpty)
    }
    for store in stores { await store.close() }
  }

  /// A backup may hold what a new partition needs for hours; mail must be taken meanwhile.
  @Test func openingDoesNotWaitForWhoReadsForLong() async throws {
    let database = try EmptyDatabase(.postgres, hasSchema: true)
    guard case .postgres(let url) = database.location else { return }
    let session = try PostgreSQLSession(PostgreSQLLocation(url: url))
    let ahead = RetainedTable.event.ranges(at: .now()).last
    let partition = try CopyEnds.writing(database.location) { db in
      try #require(try db.partitions().first { $0.table == .event && $0.range == ahead })
    }
    try session.script("DROP TABLE \(partition.name)")
    try session.script("BEGIN; SELECT 1 FROM event")
    let store = try Store.open(.init(database.location), logger: Scratch.logger)
    #expect(try await !store.read { try $0.missingPartitions(at: .now()) }.isEmpty)
    await store.close()
    try session.script("COMMIT")
    let again = try Store.open(.init(database.location), logger: Scratch.logger)
    #expect(try await again.read { try $0.missingPartitions(at: .now()) }.isEmpty)
    await again.close()
  }

  @Test(arguments: [
    (0, true), (Int64.max, false), (-1, false), (1_800_000_000_000 << 20, true),
  ])
  func idsOfNoTimeHaveNoPartition(_ id: Int64, _ hasRange: Bool) {
    for table in RetainedTable.partitioned {
      #expect(table.range(of: id)?.contains(id) == (hasRange ? true : nil))
    }
  }
}
