import MailModel
import Testing

@testable import Storage

@Suite struct EventTests {
  @Test(arguments: TestEngine.all) func opensAndClicksAreCountedOncePerMessageAndInAll(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let sample = Sample(store: store)
    let first = try await sample.enqueue(plan: [4, 5])
    let second = try await sample.enqueue()
    for message in [first, second] {
      try await sample.settle(message, .delivered(answer(250, "2.0.0", "ok")))
    }
    var bot = EventDetail()
    bot.filteredEvent = true
    bot.filterReason = "proxy"
    var click = EventDetail()
    click.url = "https://example.com/?a=\"b\""
    click.linkId = 3
    let (botDetail, clickDetail) = (bot, click)
    try await store.write { db in
      let kept = try db.record([
        Visit(.open, message: first.id, at: start, detail: botDetail),
        Visit(.open, message: first.id, at: start, detail: EventDetail()),
        Visit(.click, message: second.id, at: start, detail: clickDetail),
        Visit(.open, message: first.id, at: start.advanced(bySeconds: 9), detail: EventDetail()),
      ])
      #expect(kept == 4)
      let again = Visit(.click, message: second.id, at: start.advanced(bySeconds: 1), detail: clickDetail)
      #expect(try db.record([again]) == 1)
    }
    let totals = try await store.read { try $0.totals(campaign: CampaignID(100_001)) }
    var expected = CampaignTotals()
    (expected.sent, expected.delivered, expected.opened, expected.openedUnique) = (2, 2, 3, 2)
    (expected.clicked, expected.clickedUnique) = (2, 1)
    #expect(totals == expected)
    #expect(totals.openRate == 100)
    #expect(totals.clickThroughRate == 50)
    let stored = try await store.read { try $0.message(first.id) }
    #expect(stored?.opens == 2)
    #expect(stored?.firstOpenAt == start)
    let events = try await store.read { try $0.events(message: second.id) }
    #expect(events.last?.detail == clickDetail)
    #expect(try await store.read { try $0.trackingPlan(message: first.id) } == [4, 5])
    await store.close()
  }

  @Test(arguments: TestEngine.all) func nothingIsKeptForAMessageThatIsntThere(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    var filtered = EventDetail()
    filtered.filteredEvent = true
    let visits = [(Visit.Kind.open, EventDetail()), (.open, filtered), (.click, EventDetail())].map {
      Visit($0.0, message: MessageID(5), at: start, detail: $0.1)
    }
    #expect(try await scratch.store.write { try $0.record(visits) } == 0)
    await scratch.store.close()
  }

  /// Totals of a time are of what happened in it, whenever the message was sent; quarters of an hour are the least.
  @Test(arguments: TestEngine.all) func totalsOfSpansOfTime(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    var sample = Sample(store: scratch.store)
    let message = try await sample.enqueue()
    let later = start.advanced(bySeconds: 3600)
    sample.now = later
    _ = try await sample.enqueue()
    try await sample.settle(message, .delivered(answer(250, "2.0.0", "ok")), at: later)
    let visits = [899, 900, 3600].map {
      Visit(.click, message: message.id, at: start.advanced(bySeconds: $0), detail: EventDetail())
    }
    _ = try await scratch.store.write { try $0.record(visits) }
    let spans = [(-900, 0), (0, 900), (900, 1800), (0, 3600), (3600, 4500), (0, 4500)].map {
      start.advanced(bySeconds: $0.0)..<start.advanced(bySeconds: $0.1)
    }
    let found = try await scratch.store.read { try $0.totals(campaign: CampaignID(100_001), in: spans) }
    #expect(found.map(\.sent) == [0, 1, 0, 1, 1, 2])
    #expect(found.map(\.delivered) == [0, 0, 0, 0, 1, 1])
    #expect(found.map(\.clicked) == [0, 1, 1, 2, 1, 3])
    #expect(found.map(\.clickedUnique) == [0, 1, 0, 1, 0, 1])
    #expect(found.map(\.openedUnique) == [0, 1, 0, 1, 0, 1])
    #expect(try await scratch.store.read { try $0.totals(campaign: CampaignID(100_001)) } == found.last)
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func whoJudgesKnowsWhenItWasDelivered(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let sample = Sample(store: scratch.store)
    let (delivered, queued) = (try await sample.enqueue(), try await sample.enqueue())
    try await sample.settle(delivered, .delivered(answer(250, "2.0.0", "ok")))
    let visits = [delivered, queued].map {
      Visit(.open, message: $0.id, at: start.advanced(bySeconds: 1), detail: EventDetail())
    }
    let kept = try await scratch.store.write { db in
      try db.record(visits) { $0.detail.filteredEvent = $1 == start }
    }
    #expect(kept == 2)
    #expect(try await scratch.store.read { try $0.message(delivered.id) }?.opens == 0)
    #expect(try await scratch.store.read { try $0.message(queued.id) }?.opens == 1)
    #expect(
      try await scratch.store.read { try $0.events(message: delivered.id) }.last?.detail.filteredEvent == true
    )
    await scratch.store.close()
  }

  @Test func everyFieldOfADetailComesBack() throws {
    var detail = EventDetail()
    detail.response = "550 \"x\"\r\n\u{0}é😀/\\"
    detail.status = "5.1.1"
    detail.category = "unknown-user"
    detail.stage = "rcpt"
    detail.attempt = 3
    detail.host = "mx"
    detail.ipAddress = "2001:db8::1"
    detail.tls = "TLSv1.2"
    detail.nextAttemptAt = .max
    detail.userAgent = "curl"
    detail.url = "https://e.x/"
    detail.linkId = 0
    detail.filteredEvent = false
    detail.filterReason = "r"
    detail.dropReason = "d"
    detail.dropMessage = ""
    guard case .utf8(let bytes) = detail.stored else {
      Issue.record("no JSON")
      return
    }
    #expect(try EventDetail(stored: bytes) == detail)
  }

  @Test(arguments: TestEngine.all) func messagesAreListedNewestFirstByWhatIsAsked(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let account = try await store.write { try $0.createAccount(name: "Brand", at: start) }.id
    let sample = Sample(store: store)
    var messages: [Message] = []
    for number in 0..<10 { messages.append(try await sample.enqueue(to: "U\(number % 3)@example.com")) }
    try await sample.settle(messages[1], .bounced(answer(550, "5.1.1", "no")))
    try await sample.settle(messages[2], .delivered(answer(250, "2.0.0", "ok")))
    let first = messages[0].id
    let queries: [(MessageQuery, [Int])] = [
      (MessageQuery(limit: 3), [9, 8, 7]),
      (MessageQuery(recipient: "u1@EXAMPLE.com"), [7, 4, 1]),
      (MessageQuery(status: .queued, before: messages[4].id), [3, 0]),
      (MessageQuery(account: sample.account, status: .queued, limit: 2), [9, 8]),
      (MessageQuery(status: .bounced), account == sample.account ? [1] : []),
      (MessageQuery(account: sample.account, status: .delivered), [2]),
      (MessageQuery(account: AccountID(5)), []),
      (MessageQuery(account: sample.account, campaign: sample.campaign, before: messages[2].id), [1, 0]),
      (MessageQuery(recipient: "u0@example.com", status: .queued, limit: 2), [9, 6]),
    ]
    for (query, expected) in queries {
      let found = try await store.read { try $0.messages(query) }.map(\.message.id)
      #expect(found == expected.map { messages[$0].id }, "\(query)")
    }
    #expect(try await store.read { try $0.message(first, account: AccountID(5)) } == nil)
    await store.close()
  }
}
