import Foundation
import Logging
import MailModel
import Testing

@testable import Storage

/// What only an engine at the end of a wire has.
@Suite(.enabled(if: TestDatabases.server != nil, TestDatabases.missing)) struct PostgreSQLTests {
  /// Holds the writer's thread until all of `items` wait, so that they share a transaction.
  private func together(_ store: Store, _ items: [@Sendable (Connection) throws -> Void]) async
    -> [StoreError?]
  {
    let gate = DispatchSemaphore(value: 0)
    store.submit({ _ in gate.wait() }, completion: { _ in })
    while store.statistics.waiting > 0 { await Task.yield() }
    return await withTaskGroup(of: (Int, StoreError?).self) { group in
      for (index, item) in items.enumerated() {
        group.addTask {
          do {
            try await store.write(item)
            return (index, nil)
          } catch {
            return (index, error as? StoreError ?? .other("\(error)"))
          }
        }
      }
      while store.statistics.waiting < items.count { await Task.yield() }
      gate.signal()
      var outcomes = [StoreError?](repeating: nil, count: items.count)
      for await (index, error) in group { outcomes[index] = error }
      return outcomes
    }
  }

  @Test func manyMessagesShareFewRoundTrips() async throws {
    let scratch = try Scratch(.postgres)
    let store = scratch.store
    let sample = Sample(store: store)
    let count = 500
    let items = (0..<count).map { number -> @Sendable (Connection) throws -> Void in
      let original = sample.original(size: 5_000)
      let new = sample.message(original, to: "u\(number)@example.com")
      return { db in
        try db.enqueue(original, [new])
        try db.ensureContact(account: sample.account, email: new.message.recipient, at: start)
      }
    }
    let before = store.statistics
    let outcomes = await together(store, items)
    let after = store.statistics
    #expect(outcomes.allSatisfy { $0 == nil })
    #expect(after.statements - before.statements > count * 5)
    let perItem = Double(after.roundTrips - before.roundTrips) / Double(count)
    #expect(perItem < 0.2, "\(perItem)")
    let ids = try await store.read { db in
      try db.due(domain: nil, now: start, limit: 1000).map(\.message)
    }
    let read = store.statistics
    let loaded = try await store.read { try $0.load(ids) }
    #expect(loaded.count == count)
    #expect(store.statistics.roundTrips - read.roundTrips < 20)
    let settled = store.statistics
    let endings = ids.map { id -> @Sendable (Connection) throws -> Void in
      let settlement = Settlement(
        message: id, campaign: sample.campaign, at: start, attempt: 1, preparedAt: start, edits: [1],
        result: .delivered(answer(250, "2.0.0", "ok")))
      return { try $0.settle(settlement) }
    }
    #expect(await together(store, endings).allSatisfy { $0 == nil })
    #expect(Double(store.statistics.roundTrips - settled.roundTrips) / Double(count) < 0.2)
    #expect(try await store.read { try $0.contact(account: sample.account, email: "u7@example.com") } != nil)
    await store.close()
  }

  /// The statement that fails is one that nobody waits for: the error is met by another item, or the commit.
  @Test func anItemWhoseStatementFailsLaterFailsAlone() async throws {
    let scratch = try Scratch(.postgres)
    let store = scratch.store
    let account = try await store.write { try $0.createAccount(name: "A", at: start) }.id
    let items = (0..<200).map { number -> @Sendable (Connection) throws -> Void in
      { db in
        try db.setSetting("k\(number)", [1])
        db.count(CampaignID(1), .sent, at: start)
        // Number 0 takes the name; the others of every fiftieth break the rule that it is taken once.
        let name = number % 50 == 0 ? "taken" : "n\(number)"
        try db.execute(
          "INSERT INTO sending_domain (id, account_id, name, created_at) VALUES ($1, $2, $3, 0)",
          .of(number + 1000), .of(account), .of(name))
      }
    }
    let outcomes = await together(store, items)
    let failed = outcomes.indices.filter { outcomes[$0] != nil }
    #expect(failed == [50, 100, 150])
    for index in failed {
      let isConstraint = if case .constraint = outcomes[index] { true } else { false }
      #expect(isConstraint, "\(String(describing: outcomes[index]))")
    }
    #expect(try await store.read { try $0.first("SELECT count(*) FROM setting") { $0.int(0) } } == 197)
    #expect(try await store.read { try $0.totals(campaign: CampaignID(1)) }.sent == 197)
    #expect(store.health == .healthy)
    await store.close()
  }

  @Test func longValuesFillNoBufferForGood() async throws {
    let scratch = try Scratch(.postgres)
    let store = scratch.store
    let sample = Sample(store: store)
    let messages = (0..<60).map { _ in
      let original = sample.original(size: 400_000)
      return (original, sample.message(original))
    }
    try await store.write { db in
      for (original, new) in messages { try db.enqueue(original, [new]) }
    }
    let ids = messages.map(\.1.message.id)
    let loaded = try await store.read { try $0.load(ids) }
    #expect(loaded.map(\.original.body.count) == Array(repeating: 400_000, count: 60))
    await store.close()
  }

  @Test func whatTextCantHoldIsReplaced() async throws {
    let scratch = try Scratch(.postgres)
    let sample = Sample(store: scratch.store)
    let original = OriginalContent(
      id: OriginalID(1), account: sample.account, body: [0, 255, 0, 13, 10], createdAt: start)
    var new = sample.message(original)
    new.message.subject = "a\u{0}é\u{0}"
    let message = new
    try await scratch.store.write { try $0.enqueue(original, [message]) }
    let stored = try await scratch.store.read { try $0.message(message.message.id) }
    #expect(stored?.message.subject == "a\u{FFFD}é\u{FFFD}")
    #expect(try await scratch.store.read { try $0.original(OriginalID(1)) }?.body == [0, 255, 0, 13, 10])
    await scratch.store.close()
  }

  @Test func aCommitIsOnDiskWhateverTheDatabaseIsSetTo() async throws {
    let database = try EmptyDatabase(.postgres, hasSchema: true)
    guard case .postgres(let url) = database.location else { return }
    try TestDatabases.script("ALTER DATABASE \(TestDatabases.name(url)) SET synchronous_commit = off")
    let store = try Store.open(.init(database.location), logger: Scratch.logger)
    let inForce = try await store.write { try $0.first("SHOW synchronous_commit") { $0.text(0) } }
    #expect(inForce == "on")
    await store.close()
  }

  @Test func moreComposedStatementsThanAreKept() async throws {
    let scratch = try Scratch(.postgres)
    let (sum, prepared) = try await scratch.store.write { db in
      let sum = try (0..<450).reduce(0) { sum, number in
        try sum + db.rows(composed: "SELECT \(number)", []) { $0.int(0) }.reduce(0, +)
      }
      return (sum, try db.first("SELECT count(*) FROM pg_prepared_statements") { $0.int(0) } ?? 0)
    }
    #expect(sum == 449 * 450 / 2)
    #expect(prepared < 230)
    await scratch.store.close()
  }

  /// Ends all sessions on the database, as an operator or a restart of the server does.
  private func endSessions(_ scratch: Scratch) throws {
    guard case .postgres(let url) = scratch.database.location else { return }
    try TestDatabases.script(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '\(TestDatabases.name(url))'"
    )
  }

  @Test func sessionsEndedUnderLoadLoseNothingThatWasPromised() async throws {
    let scratch = try Scratch(.postgres)
    let store = scratch.store
    let kept = Guarded<[Int]>([])
    let errors = Guarded<[StoreError]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<20 {
        group.addTask {
          for number in 0..<100 {
            let name = worker * 1000 + number
            do {
              try await store.write { try $0.setSetting("k\(name)", [1]) }
              kept.withLock { $0.append(name) }
            } catch let error as StoreError {
              errors.withLock { $0.append(error) }
            }
          }
        }
      }
      for promised in [100, 400, 700] {
        while kept.withLock({ $0.count }) < promised, errors.withLock({ $0.count }) < 1200 {
          await Task.yield()
        }
        try endSessions(scratch)
      }
      try await group.waitForAll()
    }
    let foreign = errors.withLock { $0 }.filter { if case .unavailable = $0 { false } else { true } }
    #expect(foreign.isEmpty, "\(foreign)")
    while store.health != .healthy { await Task.yield() }
    try await store.write { try $0.setSetting("after", [1]) }
    let stored = Set(try await store.read { try $0.rows("SELECT name FROM setting") { $0.text(0) } })
    let lost = kept.withLock { $0 }.filter { !stored.contains("k\($0)") }
    #expect(lost.isEmpty)
    #expect(stored.contains("after"))
    await store.close()
  }

  @Test func aSessionEndedWithinATransactionIsToldAndReplaced() async throws {
    let scratch = try Scratch(.postgres)
    let store = scratch.store
    let isInside = Guarded(false)
    let gate = DispatchSemaphore(value: 0)
    let outcome = Guarded<StoreError??>(nil)
    store.submit { db in
      try db.setSetting("open", [1])
      #expect(try db.setting("open") == [1])
      isInside.withLock { $0 = true }
      gate.wait()
    } completion: { result in
      let error: StoreError? = if case .failure(let error) = result { error as? StoreError } else { nil }
      outcome.withLock { $0 = .some(error) }
    }
    while !isInside.withLock({ $0 }) { await Task.yield() }
    try endSessions(scratch)
    gate.signal()
    while outcome.withLock({ $0 == nil }) { await Task.yield() }
    let isUnavailable = if case .unavailable?? = outcome.withLock({ $0 }) { true } else { false }
    #expect(isUnavailable)
    while store.health != .healthy { await Task.yield() }
    try await store.write { try $0.setSetting("after", [1]) }
    #expect(try await store.read { try $0.setting("open") } == nil)
    await store.close()
  }

  @Test func sessionsEndedWhileIdleAreNotNoticed() async throws {
    let scratch = try Scratch(.postgres)
    let store = scratch.store
    _ = try await store.read { try $0.accounts() }
    try endSessions(scratch)
    try await store.write { try $0.setSetting("a", [1]) }
    for _ in 0..<8 { #expect(try await store.read { try $0.setting("a") } == [1]) }
    await store.close()
  }

  @Test func anAnswerThatTakesTooLongEndsTheSession() throws {
    let location = try PostgreSQLLocation(url: try #require(TestDatabases.server))
    let driver = PostgreSQLDriver(location, .writer, traffic: PostgreSQLTraffic())
    try driver.connect()
    driver.session?.answerLimit = .milliseconds(200)
    #expect {
      try driver.run("SELECT pg_sleep(20)", []) { _ in true }
    } throws: { error in
      if case StoreError.unavailable = error { true } else { false }
    }
    #expect(driver.session == nil)
    try driver.connect()
    var one: Int64 = 0
    try driver.run("SELECT 1", []) { row in
      one = row.int64(0)
      return true
    }
    #expect(one == 1)
    driver.close()
  }

  @Test func aServerThatNeverAnswersIsGivenUpInTime() throws {
    // Connections are taken by the system, but nobody reads from them.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = bind(listener, address, length)
        _ = listen(listener, 5)
        _ = getsockname(listener, address, &length)
      }
    }
    let url = "postgres://u:geheim@127.0.0.1:\(UInt16(bigEndian: address.sin_port))/d?connect_timeout=2"
    let clock = ContinuousClock.now
    #expect {
      try Store.open(.init(.postgres(url: url)), logger: Scratch.logger)
    } throws: { error in
      let text = "\(error)"
      return text.contains("127.0.0.1") && text.contains("timeout") && !text.contains("geheim")
    }
    // Without the time-out it would wait for ever.
    #expect(ContinuousClock.now - clock < .seconds(60))
  }

  /// What is wrong with the URL, what the error must say.
  static let mistakes: [(change: @Sendable (String) -> String, words: [String])] = [
    ({ $0.replacing("postgres:brev", with: "postgres:geheim") }, ["password", "database.url"]),
    ({ $0.replacing("//postgres:", with: "//nobody:") }, ["nobody", "database.url"]),
    ({ $0.replacing(/\/[^\/]*$/, with: "/missing") }, ["\"missing\" does not exist", "Make the database"]),
    ({ $0.replacing(/:[0-9]+\//, with: ":1/") }, ["127.0.0.1:1", "refused", "Is the server running"]),
    ({ $0 + "?sslmode=require" }, ["SSL", "docs/postgresql.md"]),
    ({ $0 + "?bogus=geheim" }, ["can't be read", "bogus"]),
  ]

  @Test(arguments: mistakes.indices) func aWrongURLIsExplainedWithoutItsPassword(_ index: Int) throws {
    let url = Self.mistakes[index].change(try #require(TestDatabases.server))
    #expect {
      try Store.open(.init(.postgres(url: url)), logger: Scratch.logger)
    } throws: { error in
      let text = "\(error)"
      let isSafe = !text.contains("brev") && !text.contains("geheim")
      #expect(isSafe && Self.mistakes[index].words.allSatisfy { text.contains($0) }, "\(text)")
      return isSafe
    }
  }
}

@Suite struct DatabaseURLTests {
  @Test(arguments: [
    ("postgres://u:secret@h:5432/d", "postgres://u:(hidden)@h:5432/d"),
    ("postgres://u:se@cret:x@h/d?sslmode=require", "postgres://u:(hidden)@h/d?sslmode=require"),
    ("postgresql://u@h/d?password=secret&sslpassword=x&a=b", "postgresql://u@h/d?(hidden)&(hidden)&a=b"),
    ("postgres://h1,h2:6000/d", "postgres://h1,h2:6000/d"), ("u:secret", "(hidden)"),
  ])
  func passwordsAreHidden(_ url: String, _ shown: String) {
    #expect(DatabaseURL.redacted(url) == shown)
  }

  @Test(arguments: [
    ("postgres://u:p@h:5432/d", true), ("postgresql:///d", true), ("postgres://h/d?nonsense=1", false),
    ("postgres://u:%zz@h/d", false), ("mysql://h/d", false), ("", false), ("host=h dbname=d", false),
  ])
  func onlyURLsOfPostgreSQLAreTaken(_ url: String, _ isValid: Bool) {
    #expect(DatabaseURL.isValid(url) == isValid)
  }

  @Test(arguments: [
    ("23505", "constraint"), ("40P01", "busy"), ("57014", "busy"), ("53100", "full"),
    ("57P01", "unavailable"),
    ("08006", "unavailable"), ("53300", "unavailable"), ("58030", "unavailable"), ("XX001", "corrupt"),
    ("42601", "other"), ("22P02", "other"),
  ])
  func codesOfTheServerAreTranslated(_ state: String, _ name: String) {
    let error = StoreError.postgreSQL(state: state, text: "x")
    #expect(Mirror(reflecting: error).children.first?.label == name)
  }
}
