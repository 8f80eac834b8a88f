import Foundation
import MailModel
import Testing

@testable import Storage

@Suite struct StoreTests {
  @Test(arguments: TestEngine.all) func keepsWhatWasWrittenOverARestart(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write { try $0.setSetting("colour", Array("blue".utf8)) }
    await scratch.store.close()
    let again = try scratch.another()
    #expect(try await again.read { try $0.setting("colour") } == Array("blue".utf8))
    await again.close()
  }

  @Test func nobodyElseMayReadTheFiles() async throws {
    let scratch = try Scratch(.sqlite)
    try await scratch.store.write { try $0.setSetting("a", [1]) }
    for file in try FileManager.default.contentsOfDirectory(atPath: scratch.database.folder) {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch.database.folder + "/" + file)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(file)")
    }
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func manyWaitingWritersShareFewCommits(on engine: TestEngine) async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let before = store.statistics
    await withDiscardingTaskGroup { group in
      for number in 0..<2000 {
        group.addTask { try? await store.write { try $0.setSetting("k\(number)", [1]) } }
      }
    }
    let after = store.statistics
    #expect(after.items - before.items == 2000)
    #expect(after.commits - before.commits < 600)
    #expect(try await store.read { try $0.first("SELECT count(*) FROM setting") { $0.int(0) } } == 2000)
    await store.close()
  }

  @Test(arguments: TestEngine.all) func anItemThatFailsAfterChangingSomethingFailsAlone(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let failures = Guarded(0)
    await withDiscardingTaskGroup { group in
      for number in 0..<300 {
        group.addTask {
          do {
            try await store.write { db in
              try db.setSetting("k\(number)", [1])
              db.count(CampaignID(1), .sent, at: start)
              if number % 10 == 0 { throw Refused() }
            }
          } catch {
            failures.withLock { $0 += 1 }
          }
        }
      }
    }
    #expect(failures.withLock { $0 } == 30)
    #expect(try await store.read { try $0.first("SELECT count(*) FROM setting") { $0.int(0) } } == 270)
    #expect(try await store.read { try $0.totals(campaign: CampaignID(1)) }.sent == 270)
    #expect(store.health == .healthy)
    await store.close()
  }

  @Test(arguments: TestEngine.all) func aBrokenConstraintIsToldAsSuchAndLeavesTheStoreWorking(
    on engine: TestEngine
  ) async throws {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let account = try await store.write { try $0.createAccount(name: "A", at: start) }
    _ = try await store.write {
      try $0.createDomain(account: account.id, name: "brand.example", verifiedBy: nil, at: start)
    }
    await #expect {
      try await store.write {
        try $0.createDomain(account: account.id, name: "brand.example", verifiedBy: nil, at: start)
      }
    } throws: { error in
      if case StoreError.constraint = error { true } else { false }
    }
    #expect(try await store.read { try $0.domains() }.count == 1)
    await store.close()
  }

  @Test func aFullDiskIsToldAndWaitedFor() async throws {
    let scratch = try Scratch(.sqlite)
    let store = scratch.store
    // SQLite's own limit gives the error that a full disk gives.
    try await store.write { try $0.script("PRAGMA max_page_count = 1") }
    await #expect {
      try await store.write { try $0.setSetting("large", [UInt8](repeating: 1, count: 5_000_000)) }
    } throws: { error in
      if case StoreError.full = error { true } else { false }
    }
    guard case .full = store.health else {
      Issue.record("\(store.health)")
      return
    }
    #expect(store.health.complaint?.contains("full") == true)
    try await store.read { _ in }
    #expect(store.health != .healthy, "reading says nothing about room")
    #expect(await store.examine() == .healthy)
    try await store.write { try $0.script("PRAGMA max_page_count = 1000000") }
    try await store.write { try $0.setSetting("large", [UInt8](repeating: 1, count: 5_000_000)) }
    #expect(store.health.complaint == nil)
    await store.close()
  }

  @Test(arguments: [
    (Int32(13), Int32(0), "full"),  // SQLITE_FULL
    (4874, 0, "full"),  // the shared memory can't grow
    (778, EDQUOT, "full"), (778, EIO, "unavailable"),  // a write
    (1034, ENOSPC, "unavailable"), (1034, EIO, "unavailable"),  // a sync: what was written before is in doubt
    (11, 0, "corrupt"), (5, 0, "busy"),
  ])
  func errorsOfTheDiskAreToldApart(code: Int32, cause: Int32, expected: String) {
    let name =
      switch StoreError.sqlite(code, text: "text", cause: cause) {
      case .full: "full"
      case .unavailable: "unavailable"
      case .corrupt: "corrupt"
      case .busy: "busy"
      default: "other"
      }
    #expect(name == expected)
  }

  @Test(arguments: TestEngine.all) func readersCantWrite(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    await #expect(throws: StoreError.self) {
      try await scratch.store.read { try $0.setSetting("a", [1]) }
    }
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func moreWorkThanMayWaitIsRefusedAtOnce(on engine: TestEngine) async throws
  {
    let scratch = try Scratch(engine, pendingLimit: 4)
    let store = scratch.store
    let gate = DispatchSemaphore(value: 0)
    let results = Guarded<[Bool]>([])
    store.submit { _ in
      gate.wait()
    } completion: { _ in
    }
    while store.statistics.waiting > 0 { await Task.yield() }
    for _ in 0..<6 {
      store.submit { _ in
      } completion: { result in
        let isBusy = if case .failure(StoreError.busy) = result { true } else { false }
        results.withLock { $0.append(isBusy) }
      }
    }
    #expect(results.withLock { $0 } == [true, true])
    gate.signal()
    await store.close()
    #expect(results.withLock { $0.count } == 6)
  }

  @Test(arguments: TestEngine.all) func closeFinishesWhatWaitsAndTakesNothingMore(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let done = Guarded(0)
    for number in 0..<100 {
      store.submit {
        try $0.setSetting("k\(number)", [1])
      } completion: { _ in
        done.withLock { $0 += 1 }
      }
    }
    await store.close()
    #expect(done.withLock { $0 } == 100)
    await #expect(throws: StoreError.closed) { try await store.write { _ in } }
    await #expect(throws: StoreError.closed) { try await store.read { _ in } }
  }

  @Test(arguments: TestEngine.all) func aSecondProcessSeesChangesAndCanMakeThem(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let other = try scratch.another()
    _ = try await other.write { try $0.createAccount(name: "A", at: start) }
    #expect(try await scratch.store.read { try $0.generations() }.configuration == 1)
    _ = try await scratch.store.write { try $0.createAccount(name: "B", at: start) }
    let names = try await other.read { try $0.accounts() }.map(\.name)
    #expect(names == ["A", "B"])
    await other.close()
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all)
  func severalThatStartAtOnceOnAnEmptyDatabaseAgree(on engine: TestEngine) async throws {
    let database = try EmptyDatabase(engine)
    let opened = await withTaskGroup(of: Store?.self) { group in
      for node in 0..<4 {
        group.addTask {
          await withCheckedContinuation { continuation in
            Thread.detachNewThread {
              let configuration = Store.Configuration(database.location, node: node)
              continuation.resume(returning: try? Store.open(configuration, logger: Scratch.logger))
            }
          }
        }
      }
      return await group.reduce(into: [Store]()) { stores, store in store.map { stores.append($0) } }
    }
    #expect(opened.count == 4)
    for store in opened { await store.close() }
  }

  @Test(arguments: TestEngine.all) func aNewerSchemaIsRefused(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write {
      try $0.execute("INSERT INTO schema_version (version, name, applied_at) VALUES (999, 'later', 0)")
    }
    await scratch.store.close()
    #expect(throws: StoreError.newerSchema(found: 999, known: Schema.newest)) { try scratch.another() }
  }

  @Test func aFileThatIsNoDatabaseIsRefusedWithAReason() throws {
    let path = NSTemporaryDirectory() + "storage-test-" + UUID().uuidString
    try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: StoreError.self) {
      try Store.open(Store.Configuration(path: path), logger: Scratch.logger)
    }
  }

  @Test(arguments: TestEngine.all) func aSettingIsMadeOnce(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let values = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for number in UInt8(0)..<20 {
        group.addTask { try await scratch.store.write { try $0.setting("secret", orStore: { [number] }) } }
      }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(values.count == 1)
    await scratch.store.close()
  }
}
