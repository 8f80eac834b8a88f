import MailModel
import Testing

@testable import Storage

@Suite struct QueueTests {
  @Test(arguments: TestEngine.all) func anAcceptedMessageCanBeLoadedWithItsBytes(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let sample = Sample(store: scratch.store)
    let original = sample.original(size: 10_240, plan: [1, 2, 3])
    var first = sample.message(original)
    first.message.options = EnvelopeOptions(
      is8Bit: true, isUTF8: true, dsnNotify: "SUCCESS,FAILURE", dsnOriginalRecipient: "rfc822;ann+2B@e.x",
      dsnReturn: "HDRS", dsnEnvelopeID: "q\"1\u{1}é")
    let messages = [first, sample.message(original, to: "bob@Other.example")]
    try await scratch.store.write { try $0.enqueue(original, messages) }
    let ids = messages.map(\.message.id)
    let loaded = try await scratch.store.read { try $0.load(ids + [MessageID(1)]) }
    #expect(loaded.map(\.message.id) == ids)
    #expect(loaded.first?.original.body == original.body)
    #expect(loaded.first?.original.plan == [1, 2, 3])
    #expect(loaded.first?.message.options == first.message.options)
    #expect(loaded.first?.edits == nil)
    #expect(loaded.last?.message.options == EnvelopeOptions())
    #expect(loaded.last?.message.recipient == "bob@Other.example")
    #expect(loaded.last?.entry.attempts == 0)
    #expect(loaded.last?.message.isTracked == true)
    await scratch.store.close()
  }

  /// Result, status, the last event, whether it is still queued.
  static let endings: [(Settlement.Result, MessageStatus, EventType, Bool)] = [
    (.delivered(answer(250, "2.0.0", "ok")), .delivered, .delivered, false),
    (.bounced(answer(550, "5.1.1", "no such user")), .bounced, .bounce, false),
    (.expired(answer(451, "4.4.1", "try later")), .expired, .bounce, false),
    (
      .deferred(answer(451, "4.7.1", "grey"), until: start.advanced(bySeconds: 60)), .deferred, .deferred,
      true
    ),
    (.captured, .captured, .processed, false),
    (.dropped(reason: "BLOCKED_DOMAIN", text: "not there"), .dropped, .dropped, false),
  ]

  @Test(arguments: endings.indices, TestEngine.all) func settles(_ index: Int, on engine: TestEngine)
    async throws
  {
    let (result, status, type, isQueued) = Self.endings[index]
    let scratch = try Scratch(engine)
    let message = try await Sample(store: scratch.store).enqueue()
    let done = start.advanced(bySeconds: 2)
    try await Sample(store: scratch.store).settle(message, result, at: done, edits: [9, 9])
    let (stored, events, content, queued) = try await scratch.store.read { db in
      (
        try db.message(message.id), try db.events(message: message.id), try db.content(message: message.id),
        try db.queue(QueueFilter(message: message.id), limit: 1)
      )
    }
    #expect(stored?.message.status == status)
    #expect(stored?.attempts == 1)
    #expect(stored?.processedAt == done)
    #expect(stored?.completedAt == (status.isFinal ? done : nil))
    #expect(events.map(\.type).prefix(2) == [.sent, .processed])
    #expect(events.last?.type == type)
    #expect(content?.edits == [9, 9])
    #expect(queued.isEmpty != isQueued)
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func theRemotesWordsAreInTheEvent(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let sample = Sample(store: scratch.store)
    let message = try await sample.enqueue()
    try await sample.settle(
      message, .deferred(answer(451, "4.7.1", "say \"please\"\\\u{7}"), until: start.advanced(bySeconds: 60)))
    let detail = try await scratch.store.read { try $0.events(message: message.id) }.last?.detail
    #expect(detail?.response == "451 say \"please\"\\\u{7}")
    #expect(detail?.status == "4.7.1")
    #expect(detail?.stage == "dot")
    #expect(detail?.attempt == 1)
    #expect(detail?.host == "mx.example.com")
    #expect(detail?.tls == "TLSv1.3")
    #expect(detail?.nextAttemptAt == start.advanced(bySeconds: 60).milliseconds)
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func pagesWalkTheDueInOrderAndOnlyOnce(on engine: TestEngine) async throws
  {
    let scratch = try Scratch(engine)
    let sample = Sample(store: scratch.store)
    for number in 0..<25 {
      let due = start.advanced(bySeconds: Int64(number % 5))
      _ = try await sample.enqueue(to: "u\(number)@d\(number % 2).example", dueAt: due)
    }
    let late = try await sample.enqueue(dueAt: start.advanced(bySeconds: 1000))
    let now = start.advanced(bySeconds: 10)
    var seen: [DueDestination] = []
    var page: [DueDestination]
    repeat {
      let cursor = seen.last?.cursor ?? .start
      page = try await scratch.store.read { try $0.dueDestinations(after: cursor, now: now, limit: 7) }
      seen += page
    } while !page.isEmpty
    #expect(Set(seen.map(\.cursor.message)).count == 25)
    #expect(seen.map(\.cursor.dueAt) == seen.map(\.cursor.dueAt).sorted())
    let paged = try await scratch.store.read { db in
      var entries: [QueueEntry] = []
      while true {
        let cursor = entries.last.map { QueueCursor(dueAt: $0.dueAt, message: $0.message) } ?? .start
        let page = try db.due(domain: "d0.example", after: cursor, now: now, limit: 2)
        if page.isEmpty { return entries }
        entries += page
      }
    }
    #expect(paged.count == 13)
    let (one, any, next, counts) = try await scratch.store.read { db in
      (
        try db.due(domain: "d1.example", now: now, limit: 100), try db.due(domain: nil, now: now, limit: 100),
        try db.nextDue(after: now), try db.queueCounts()
      )
    }
    #expect(one.count == 12)
    #expect(any.count == 25)
    #expect(next == start.advanced(bySeconds: 1000))
    #expect(counts == QueueCounts(queued: 26, deferred: 0, held: 0))
    #expect(late.status == .queued)
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func anOperatorHoldsReleasesRetriesAndCancels(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let sample = Sample(store: store)
    var messages: [Message] = []
    for number in 0..<6 { messages.append(try await sample.enqueue(to: "u\(number)@d\(number % 2).example")) }
    try await sample.settle(
      messages[0], .deferred(answer(451, "4.0.0", "no"), until: start.advanced(bySeconds: 60)))
    let first = messages[0].id
    let d0 = QueueFilter(domain: "d0.example")
    #expect(try await store.change(.hold, d0, at: start) == 3)
    #expect(try await store.change(.hold, d0, at: start) == 0)
    #expect(try await store.read { try $0.queueCounts() } == QueueCounts(queued: 3, deferred: 0, held: 3))
    #expect(try await store.read { try $0.due(domain: nil, now: start, limit: 10) }.count == 3)
    #expect(try await store.change(.release, QueueFilter(), at: start) == 3)
    #expect(try await store.read { try $0.queueCounts(account: sample.account) }.deferred == 1)
    _ = try await store.change(.retry, QueueFilter(message: first), at: start)
    #expect(try await store.read { try $0.due(domain: nil, now: start, limit: 10) }.count == 6)
    #expect(try await store.change(.cancel, d0, at: start) == 3)
    #expect(try await store.read { try $0.queueCounts() } == QueueCounts(queued: 3, deferred: 0, held: 0))
    #expect(try await store.read { try $0.message(first) }?.message.status == .cancelled)
    #expect(try await store.read { try $0.generations() }.queue > 0)
    await store.close()
  }

  @Test(arguments: TestEngine.all) func aTryThatEndsAfterACancelDoesNotBringTheMessageBack(
    on engine: TestEngine
  ) async throws {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let sample = Sample(store: store)
    let message = try await sample.enqueue()
    _ = try await store.change(.cancel, QueueFilter(), at: start)
    try await sample.settle(message, .deferred(answer(451, "4.0.0", "no"), until: start))
    #expect(try await store.read { try $0.message(message.id) }?.message.status == .cancelled)
    #expect(try await store.read { try $0.queueCounts() } == QueueCounts())
    try await sample.settle(message, .delivered(answer(250, "2.0.0", "ok")))
    #expect(try await store.read { try $0.message(message.id) }?.message.status == .delivered)
    await store.close()
  }

  @Test(arguments: TestEngine.all) func whatIsNeverTriedIsKeptWithItsReason(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let sample = Sample(store: scratch.store)
    let original = sample.original()
    var new = sample.message(original)
    new.disposition = .drop(reason: "PREVIOUSLY_BOUNCED", text: "bounced in May")
    let dropped = new
    try await scratch.store.write { try $0.enqueue(original, [dropped]) }
    let stored = try await scratch.store.read { try $0.message(dropped.message.id) }
    let events = try await scratch.store.read { try $0.events(message: dropped.message.id) }
    #expect(stored?.message.status == .dropped)
    #expect(events.map(\.type) == [.dropped])
    #expect(events.first?.detail.dropReason == "PREVIOUSLY_BOUNCED")
    #expect(try await scratch.store.read { try $0.queueCounts() } == QueueCounts())
    await scratch.store.close()
  }
}
