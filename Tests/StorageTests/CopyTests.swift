import Foundation
import MailModel
import Synchronization
import Testing

@testable import Storage

/// Copies between databases of every pair of engines.
@Suite struct CopyTests {
  struct Pair: CustomTestStringConvertible {
    var source: TestEngine
    var target: TestEngine
    var testDescription: String { "\(source) to \(target)" }

    static let all = TestEngine.all.flatMap { source in
      TestEngine.all.map { Pair(source: source, target: $0) }
    }
  }

  struct Stop: Error {}

  private func quiet(_: CopyProgress) {}

  /// Opens a database as a copy does, which is as it is.
  private func look<T>(_ location: Store.Location, _ body: (Connection) throws -> T) throws -> T {
    try CopyEnds.writing(location, body)
  }

  /// All rows of all tables, as text.
  private func dump(_ location: Store.Location) throws -> [String: [String]] {
    try look(location) { db in
      var found: [String: [String]] = [:]
      for shape in try db.tableShapes() {
        let slice = try shape.slice(behind: nil, of: db, SliceLimit(rows: 1_000_000, bytes: 1 << 30))
        found[shape.name] = slice.rows.map { row in row.map(Self.text).joined(separator: "|") }
      }
      return found
    }
  }

  private static func text(_ value: SQLValue) -> String {
    guard case .blob(let bytes) = value, bytes.count > 1000 else { return "\(value)" }
    return "\(bytes.count) bytes, \(bytes.hashValue)"
  }

  /// Something in every table, with NULLs, other scripts, nothing at all, and long values.
  private func fill(_ scratch: Scratch, messages: Int = 20, bodySize: Int = 300) async throws {
    let sample = Sample(store: scratch.store)
    let account = try await scratch.store.write { db in
      try db.setSetting("secret", [0, 1, 255])
      let account = try db.createAccount(name: "Köök ✉️ 株式会社", at: start)
      _ = try db.createUser(
        account: account.id, email: "ann@example.com", passwordHash: "hash", role: .owner, at: start)
      try db.ensureContact(account: account.id, email: "õie@näide.ee", at: start)
      return account.id
    }
    try await scratch.store.write { db in
      _ = try db.insertSend(
        Send(
          id: SendID(1), statusID: "s1", account: account, email: EmailID(2), sendKey: nil,
          request: [], requestedAt: start))
    }
    for number in 0..<messages {
      let original = sample.original(size: bodySize, plan: number % 2 == 0 ? nil : [])
      let new = sample.message(original, to: "u\(number)@example.com")
      try await scratch.store.write { try $0.enqueue(original, [new]) }
      if number % 3 == 0 {
        try await sample.settle(new.message, .delivered(answer(250, "2.0.0", "määrab ✓")), edits: [1, 2, 3])
      }
    }
  }

  @Test func everyTableIsCopiedOrLeftOutOnPurpose() throws {
    let known = Set(StoreTable.all.map(\.name) + StoreTable.leftOut)
    for engine in TestEngine.all {
      let database = try EmptyDatabase(engine, hasSchema: true)
      try look(database.location) { db in
        try Schema.migrate(db, at: start)
        let found = try db.tableNames().filter { !$0.hasPrefix("sqlite_") }
        #expect(found == known, "a migration has made a table that Copy/StoreTables.swift does not know")
        for table in StoreTable.all {
          #expect(try db.tableShapes().contains { $0.name == table.name && !$0.columns.isEmpty })
        }
      }
    }
  }

  @Test(arguments: Pair.all) func everythingArrives(_ pair: Pair) async throws {
    let source = try Scratch(pair.source)
    try await fill(source)
    // Living servers do not move.
    try await source.store.write { db in
      try db.execute("UPDATE queue SET owner = 5")
      try db.execute(
        """
        INSERT INTO node (number, session, name, roles, started_at, lease_until) VALUES (1, 0, 'n', 'r', 0, 0)
        """)
    }
    await source.store.close()
    let target = try EmptyDatabase(pair.target)
    let report = try StoreCopy.move(
      from: source.database.location, to: target.location, overwrite: false, observer: quiet)
    #expect(report.differing == [])
    #expect(report.rows == report.tables.reduce(0) { $0 + $1.target.rows })
    #expect(report.tables.first { $0.name == "message" }?.target.rows == 20)
    #expect(try dump(source.database.location) == dump(target.location))
    let copy = try Store.open(.init(target.location, node: 0), logger: Scratch.logger)
    let (nodes, owned, next) = try await copy.write { db in
      (
        try db.nodes(), try db.first("SELECT count(*) FROM queue WHERE owner IS NOT NULL") { $0.int(0) },
        try db.createAccount(name: "another", at: start).id.value
      )
    }
    #expect(nodes == [])
    #expect(owned == 0)
    #expect(next == Numbered.account.first + 1)
    await copy.close()
  }

  @Test(arguments: Pair.all) func nothingAtAllArrives(_ pair: Pair) async throws {
    let source = try Scratch(pair.source)
    await source.store.close()
    let target = try EmptyDatabase(pair.target)
    let report = try StoreCopy.move(
      from: source.database.location, to: target.location, overwrite: false, observer: quiet)
    #expect(report.differing == [])
    #expect(report.rows == 0)
    let copy = try Store.open(.init(target.location, node: 0), logger: Scratch.logger)
    #expect(
      try await copy.write { try $0.createAccount(name: "first", at: start).id.value }
        == Numbered.account.first)
    await copy.close()
  }

  @Test(arguments: Pair.all) func longBodiesGoInSmallSlices(_ pair: Pair) async throws {
    let source = try Scratch(pair.source)
    try await fill(source, messages: 4, bodySize: 5_000_000)
    await source.store.close()
    let target = try EmptyDatabase(pair.target)
    let slices = Guarded<[Int]>([])
    let report = try StoreCopy.move(
      from: source.database.location, to: target.location, overwrite: false,
      limit: SliceLimit(rows: 100, bytes: 1 << 20)
    ) { progress in
      if progress.table == "original_body", progress.step == .copying {
        slices.withLock { $0.append(progress.bytes) }
      }
    }
    #expect(report.differing == [])
    #expect(slices.withLock { $0.count } == 4)
    #expect(try dump(source.database.location) == dump(target.location))
  }

  @Test(arguments: Pair.all) func aCopyGoesOnWhereItWas(_ pair: Pair) async throws {
    let source = try Scratch(pair.source)
    try await fill(source, messages: 40)
    await source.store.close()
    let target = try EmptyDatabase(pair.target)
    let limit = SliceLimit(rows: 7, bytes: 1 << 20)
    var (runs, copied) = (0, 0)
    // Ended after every few slices, again and again: within tables and between them.
    while true {
      runs += 1
      let slices = Guarded((count: 0, rows: 0))
      let report = try? StoreCopy.move(
        from: source.database.location, to: target.location, overwrite: false, limit: limit
      ) { progress in
        guard progress.step == .copying else { return }
        let count = slices.withLock { slices in
          slices.count += 1
          return slices.count
        }
        if count == 4 { throw Stop() }
      }
      if let report {
        #expect(report.isResumed)
        #expect(report.differing == [])
        copied = report.rows
        #expect(report.rows < report.tables.reduce(0) { $0 + $1.target.rows })
        break
      }
      // Half a store is nobody's store.
      #expect(throws: StoreError.unfinishedCopy(source: source.database.location.text)) {
        try Store.open(.init(target.location, node: 0), logger: Scratch.logger)
      }
      guard runs < 100 else { break }
    }
    #expect(runs > 4)
    #expect(copied > 0)
    #expect(try dump(source.database.location) == dump(target.location))
    #expect(try look(target.location) { try $0.copyNote() } == nil)
  }

  @Test(arguments: Pair.all) func aChangedSourceBeginsAgain(_ pair: Pair) async throws {
    let source = try Scratch(pair.source)
    try await fill(source)
    await source.store.close()
    let target = try EmptyDatabase(pair.target)
    #expect(throws: Stop.self) {
      try StoreCopy.move(from: source.database.location, to: target.location, overwrite: false) { progress in
        if progress.table == "message" { throw Stop() }
      }
    }
    let store = try Store.open(.init(source.database.location, node: 0), logger: Scratch.logger)
    // A row that had been copied already, and whose count stays.
    try await store.write { try $0.execute("UPDATE account SET name = 'changed'") }
    await store.close()
    let report = try StoreCopy.move(
      from: source.database.location, to: target.location, overwrite: false, observer: quiet)
    #expect(!report.isResumed)
    #expect(report.differing == [])
    #expect(try dump(source.database.location) == dump(target.location))
  }

  @Test(arguments: TestEngine.all) func aSourceThatIsChangedMeanwhileIsNotCopied(on engine: TestEngine)
    async throws
  {
    let source = try Scratch(engine)
    try await fill(source)
    let target = try EmptyDatabase(.sqlite)
    let location = source.database.location
    await source.store.close()
    let first = Guarded(true)
    #expect(throws: CopyRefusal.self) {
      try StoreCopy.move(from: location, to: target.location, overwrite: false) { progress in
        let isFirst = first.withLock { first in
          defer { first = false }
          return first
        }
        if isFirst {
          try CopyEnds.writing(location) { db in
            try db.transaction(writing: true) { try db.execute("UPDATE account SET name = 'late'") }
          }
        }
      }
    }
    let report = try StoreCopy.move(from: location, to: target.location, overwrite: false, observer: quiet)
    #expect(!report.isResumed)
    #expect(try dump(location) == dump(target.location))
  }

  @Test(arguments: [
    ("sqlite:data/brevdue.db", "sqlite:data/brevdue.db"), ("sqlite:", nil), ("data/brevdue.db", nil),
    ("mysql://h/d", nil), ("postgres://u:secret@h/d", "postgres://u:(hidden)@h/d"),
  ])
  func databasesAreNamed(_ text: String, _ shown: String?) {
    #expect(Store.Location(text: text)?.text == shown)
  }

  @Test(arguments: Pair.all) func aTargetWithDataIsLeftAlone(_ pair: Pair) async throws {
    let source = try Scratch(pair.source)
    try await fill(source, messages: 1)
    await source.store.close()
    let target = try Scratch(pair.target)
    try await fill(target, messages: 2)
    await target.store.close()
    let before = try dump(target.database.location)
    #expect(throws: CopyRefusal.self) {
      try StoreCopy.move(
        from: source.database.location, to: target.database.location, overwrite: false, observer: quiet)
    }
    #expect(try dump(target.database.location) == before)
    let report = try StoreCopy.move(
      from: source.database.location, to: target.database.location, overwrite: true, observer: quiet)
    #expect(report.differing == [])
    #expect(try dump(source.database.location) == dump(target.database.location))
  }

  @Test(arguments: TestEngine.all) func whatANewerReleaseWroteIsRefused(on engine: TestEngine) async throws {
    let newer = try Scratch(engine)
    try await newer.store.write { db in
      try db.execute("INSERT INTO schema_version (version, name, applied_at) VALUES (999, 'future', 0)")
    }
    await newer.store.close()
    let refusal = StoreError.newerSchema(found: 999, known: Schema.newest)
    for other in TestEngine.all {
      let target = try EmptyDatabase(other)
      #expect(throws: refusal) {
        try StoreCopy.move(
          from: newer.database.location, to: target.location, overwrite: false, observer: quiet)
      }
      let source = try Scratch(other)
      await source.store.close()
      #expect(throws: refusal) {
        try StoreCopy.move(
          from: source.database.location, to: newer.database.location, overwrite: true, observer: quiet)
      }
    }
    let folder = try EmptyDatabase(.sqlite).folder
    #expect(throws: refusal) {
      try StoreCopy.backUp(
        newer.database.location, to: folder + "-backup.db", overwrite: false, observer: quiet)
    }
    #expect(!FileManager.default.fileExists(atPath: folder + "-backup.db.partial"))
  }

  @Test(arguments: Pair.all) func anOlderSchemaIsCopiedAndBroughtUpToDate(_ pair: Pair) throws {
    let source = try EmptyDatabase(pair.source)
    try look(source.location) { db in
      try Schema.migrate(db, at: start, upTo: 1)
      try db.execute("INSERT INTO account (id, name, created_at) VALUES (1000001, 'old', 5)")
    }
    let target = try EmptyDatabase(pair.target)
    let report = try StoreCopy.move(
      from: source.location, to: target.location, overwrite: false, observer: quiet)
    #expect(report.differing == [])
    #expect(try look(source.location) { try Schema.version(of: $0) } == 1)
    #expect(try look(target.location) { try Schema.version(of: $0) } == Schema.newest)
  }

  @Test func whatIsNotOursIsNotTouched() throws {
    for engine in TestEngine.all {
      let (source, target) = (try EmptyDatabase(.sqlite), try EmptyDatabase(engine))
      try look(source.location) { try Schema.migrate($0, at: start) }
      try look(target.location) { try $0.script("CREATE TABLE account (id TEXT)") }
      #expect(throws: CopyRefusal.self) {
        try StoreCopy.move(from: source.location, to: target.location, overwrite: true, observer: quiet)
      }
      #expect(try look(target.location) { try $0.tableNames() }.contains("account"))
    }
  }
}
