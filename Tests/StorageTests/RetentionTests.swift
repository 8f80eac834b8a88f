import MailModel
import Testing

@testable import Storage

/// What goes, when, and what must never go.
@Suite struct RetentionTests {
  private static let day: Int64 = 86_400

  /// A store with messages accepted so many days before `start`, the oldest first.
  private struct Aged {
    let scratch: Scratch
    var store: Store { scratch.store }
    var messages: [Message] = []

    init(_ engine: TestEngine) throws { scratch = try Scratch(engine) }

    mutating func add(_ days: Int64, account: AccountID = AccountID(1_000_001), isDelivered: Bool = true)
      async throws
    {
      var sample = Sample(store: store, account: account)
      sample.now = start.advanced(bySeconds: -days * day)
      let message = try await sample.enqueue(dueAt: sample.now, plan: [7])
      if isDelivered {
        try await sample.settle(
          message, .delivered(answer(250, "2.0.0", "ok")), at: sample.now, edits: [1, 2])
      }
      messages.append(message)
    }

    func pass(_ ages: RetentionAges = RetentionAges()) async throws -> Retention.Report {
      try await Retention(store: store, ages: ages, pause: .zero).pass(at: start)
    }

    /// For each message, which of its rows are there: body, edits, events, message, original.
    func kept() async throws -> [String] {
      let messages = messages
      return try await store.read { db in
        try messages.map { message in
          func has(_ sql: String, _ id: Int64) throws -> Bool {
            try !db.rows(composed: sql, [.integer(id)]) { _ in true }.isEmpty
          }
          let (id, original) = (message.id.value, message.original.value)
          var kept = ""
          if try has("SELECT 1 FROM original_body WHERE original_id = $1", original) { kept += "b" }
          if try has("SELECT 1 FROM message_edits WHERE message_id = $1", id) { kept += "d" }
          if try has("SELECT 1 FROM event WHERE message_id = $1", id) { kept += "e" }
          if try has("SELECT 1 FROM message WHERE id = $1", id) { kept += "m" }
          if try has("SELECT 1 FROM original WHERE id = $1", original) { kept += "o" }
          return kept
        }
      }
    }
  }

  @Test(arguments: TestEngine.all) func eachKindHasItsAge(on engine: TestEngine) async throws {
    var aged = try Aged(engine)
    // On PostgreSQL a body may stay a week longer, where it is in a partition with younger ones.
    for days in [401, 399, 38, 29] as [Int64] { try await aged.add(days) }
    let report = try await aged.pass()
    #expect(try await aged.kept() == ["", "emo", "emo", "bdemo"])
    if engine == .sqlite { #expect(report.removed[.originalBody] == 3) }
    #expect(report.removed[.event] == 3, "SENT, PROCESSED, DELIVERED")
    #expect(report.removed[.message] == 1)
    #expect(report.oldest[.message] == aged.messages[1].createdAt)
    let (gone, last) = (aged.messages[1].id, aged.messages[3].id)
    #expect(try await aged.store.read { try $0.content(message: gone) } == nil)
    #expect(try await aged.store.read { try $0.content(message: last) } != nil)
    #expect(try await aged.store.read { try $0.message(gone) }?.message.status == .delivered)
    let totals = try await aged.store.read { try $0.totals(campaign: CampaignID(100_001)) }
    #expect(totals.sent == 4 && totals.delivered == 4, "totals outlive what they count")
    #expect(try await aged.pass().removed.values.allSatisfy { $0 == 0 })
    await aged.store.close()
  }

  @Test(arguments: TestEngine.all) func whatIsQueuedStaysAtAnyAge(on engine: TestEngine) async throws {
    var aged = try Aged(engine)
    try await aged.add(900, isDelivered: false)
    try await aged.add(899)
    try await aged.add(898, isDelivered: false)
    // Two recipients of one original, of which one waits.
    var sample = Sample(store: aged.store)
    sample.now = start.advanced(bySeconds: -897 * Self.day)
    let original = sample.original(plan: [7])
    let pair = [sample.message(original), sample.message(original, to: "bob@example.com")]
    try await aged.store.write { try $0.enqueue(original, pair) }
    try await sample.settle(pair[1].message, .delivered(answer(250, "2.0.0", "ok")))
    aged.messages += pair.map(\.message)
    _ = try await aged.pass()
    #expect(try await aged.kept() == ["bemo", "", "bemo", "bemo", "bo"])
    let waiting = [aged.messages[0].id, aged.messages[2].id, aged.messages[3].id]
    #expect(try await aged.store.read { try $0.load(waiting) }.count == 3, "and can be delivered")
    await aged.store.close()
  }

  @Test(arguments: TestEngine.all) func accountsHaveAgesOfTheirOwn(on engine: TestEngine) async throws {
    var aged = try Aged(engine)
    let (short, long, plain) = (AccountID(1), AccountID(2), AccountID(3))
    for account in [short, long, plain] { try await aged.add(500, account: account) }
    for account in [short, long, plain] { try await aged.add(60, account: account) }
    for account in [short, long, plain] { try await aged.add(8, account: account) }
    let retention = Retention(store: aged.store, ages: RetentionAges(), pause: .zero)
    try await aged.store.write { db in
      try db.setRetention(RetentionOverride(bodies: days(7), events: days(50)), account: short)
      try db.setRetention(
        RetentionOverride(bodies: days(90), events: days(600), messages: days(600)), account: long)
    }
    _ = try await retention.pass(at: start)
    #expect(try await aged.kept() == ["", "emo", "", "mo", "bdemo", "emo", "emo", "bdemo", "bdemo"])
    // What a pass has gone over already is looked at again when an age has changed.
    try await aged.store.write { try $0.setRetention(RetentionOverride(bodies: days(1)), account: long) }
    _ = try await retention.pass(at: start)
    #expect(try await aged.kept() == ["", "", "", "mo", "emo", "emo", "emo", "emo", "bdemo"])
    try await aged.store.write { try $0.setRetention(RetentionOverride(), account: short) }
    #expect(try await aged.store.read { try $0.retentionOverrides() }.keys.sorted() == [long])
    await aged.store.close()
  }

  private func days(_ count: Int64) -> Duration { .seconds(count * Self.day) }

  @Test(arguments: TestEngine.all) func sendsGoWithMessagesOnceComplete(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let old = start.advanced(bySeconds: -401 * Self.day)
    let ids = (0..<2).map { _ in SendID(scratch.store.identifiers.next(at: old)) }
    try await scratch.store.write { db in
      for (number, id) in ids.enumerated() {
        _ = try db.insertSend(
          Send(
            id: id, statusID: "s\(number)", account: AccountID(1), email: EmailID(1), sendKey: nil,
            request: [1], requestedAt: old))
      }
      try db.completeSend(ids[0], result: "SENT", at: old)
    }
    let report = try await Retention(store: scratch.store, ages: RetentionAges(), pause: .zero)
      .pass(at: start)
    #expect(report.removed[.send] == 1)
    #expect(try await scratch.store.read { try $0.unfinishedSends(limit: 9) }.map(\.id) == [ids[1]])
    await scratch.store.close()
  }

  /// Much is removed while somebody else commits: nobody waits for all of it.
  @Test(arguments: TestEngine.all) func sendersAreNotHeldUp(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let store = scratch.store
    var sample = Sample(store: store)
    sample.now = start.advanced(bySeconds: -500 * Self.day)
    for _ in 0..<20 {
      let batch = (0..<100).map { _ in
        let original = sample.original(size: 5_000)
        return (original, sample.message(original))
      }
      try await store.write { db in
        for (original, new) in batch { try db.enqueue(original, [new]) }
        try db.execute("DELETE FROM queue")
      }
    }
    let isOver = Guarded(false)
    async let waits = { () async throws -> [Duration] in
      var waits: [Duration] = []
      while !isOver.withLock({ $0 }) {
        let begin = ContinuousClock.now
        try await store.write { try $0.setSetting("sender", [1]) }
        waits.append(ContinuousClock.now - begin)
      }
      return waits
    }()
    let begin = ContinuousClock.now
    let report = try await Retention(store: store, ages: RetentionAges()).pass(at: start)
    let duration = ContinuousClock.now - begin
    isOver.withLock { $0 = true }
    #expect(RetainedTable.allCases.map { report.removed[$0] } == [2000, 0, 2000, 2000, 2000, 0])
    let sorted = try await waits.sorted()
    let longest = try #require(sorted.last)
    #expect(sorted.count > 20)
    #expect(
      longest < duration / 5, "longest \(longest), median \(sorted[sorted.count / 2]), pass \(duration)")
    await store.close()
  }

  @Test func agesAreReadAndWritten() {
    for (text, seconds) in [("1h", 3600), ("36h", 129_600), ("30d", 2_592_000), ("36500d", 3_153_600_000)] {
      #expect(RetentionAge.parse(text) == .seconds(seconds))
      #expect(RetentionAge.text(.seconds(seconds)) == text)
    }
    #expect(RetentionAge.parse("8w") == days(56))
    for text in ["", "d", "30", "0d", "-1d", "1.5d", "36501d", "9999999d", "30 d", "30m", "٣d", "1h\u{301}"] {
      #expect(RetentionAge.parse(text) == nil, "\(text)")
    }
  }

  @Test func whatDependsIsNotKeptLonger() {
    let ages = RetentionAges(bodies: days(30), events: days(400), messages: days(20))
    #expect(ages.problem?.contains("messages are kept for 20d, but their bodies for 30d") == true)
    #expect(RetentionAges().problem == nil)
    #expect(RetentionOverride(messages: days(300)).problem(over: RetentionAges())?.contains("events") == true)
    #expect(RetentionOverride(events: days(9), messages: days(300)).problem(over: RetentionAges()) == nil)
    // The configuration has changed since: messages stay for those that depend on them.
    let own = [AccountID(1): RetentionOverride(events: days(90))]
    let policy = RetentionPolicy(
      RetentionAges(bodies: days(1), events: days(2), messages: days(3)), overrides: own)
    #expect(policy.ages(of: AccountID(1)).messages == days(90))
    #expect(policy.ages(of: AccountID(2)).messages == days(3))
    #expect(policy.ages(of: nil).messages == days(3))
  }
}

/// Which of several servers removes.
@Suite(.enabled(if: TestDatabases.server != nil, TestDatabases.missing)) struct RetentionTurnTests {
  @Test func oneServerWithTheRoleAtATime() async throws {
    let database = try EmptyDatabase(.postgres, hasSchema: true)
    let stores = try ["http,smtp", "delivery,scheduler", "http,scheduler"].map { roles in
      var configuration = Store.Configuration(database.location)
      configuration.server = Store.ServerDescription(name: roles, roles: roles, lease: .seconds(3600))
      return try Store.open(configuration, logger: Scratch.logger)
    }
    func turns() async throws -> [Bool] {
      var turns: [Bool] = []
      for store in stores {
        let retention = Retention(store: store, ages: RetentionAges(), pause: .zero)
        turns.append(try await !retention.pass(at: .now()).isSkipped)
      }
      return turns
    }
    #expect(try await turns() == [false, true, false])
    try await stores[1].leave()
    #expect(try await turns() == [false, false, true])
    for store in stores { await store.close() }
  }
}
