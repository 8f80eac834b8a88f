import MailModel
import Storage
import Testing

@testable import Delivery

@Suite struct DispatchPlanTests {
  static let a = DestinationKey.domain("a.example")
  static let b = DestinationKey.domain("b.example")
  static let now = Instant(milliseconds: 1_000_000)

  @Test func asksForAWorkerForEachItemUpToTheWindow() {
    var plan = plan()
    #expect(starts(offer(&plan, ids: 1...2)) == 2)
    #expect(starts(offer(&plan, ids: 3...20)) == 3)
    #expect(plan.readyCount == 20)
  }

  @Test func takesUpEachMessageOnce() {
    var plan = plan()
    _ = offer(&plan, ids: 1...1)
    _ = offer(&plan, ids: 1...1)
    #expect(plan.readyCount == 1)
    #expect(plan.pop(Self.a)?.id == MessageID(1))
    _ = offer(&plan, ids: 1...1)
    #expect(plan.pop(Self.a) == nil)
    plan.settled(MessageID(1), at: Self.a)
    _ = offer(&plan, ids: 1...1)
    #expect(plan.readyCount == 1)
  }

  @Test func aMessageSettledWhileTheQueueWasReadIsNotTakenUpAgain() {
    var plan = plan()
    _ = offer(&plan, ids: 1...1)
    _ = plan.pop(Self.a)
    plan.readBegins()
    plan.settled(MessageID(1), at: Self.a)
    _ = plan.refilled(Self.a, with: [item(1)], isAll: true)
    plan.readEnded()
    #expect(plan.readyCount == 0)
  }

  @Test func aFullWindowLeavesTheRestOnDiskAndNobodyElseWaits() {
    var plan = plan(readyPerDestination: 4)
    _ = offer(&plan, ids: 1...10)
    #expect(plan.readyCount == 4)
    _ = plan.offer([item(100)], to: { _ in Self.b })
    #expect(plan.pop(Self.b)?.id == MessageID(100))
    #expect(refills(plan.refillsNeeded(now: Self.now)).isEmpty)
    for id in 1...2 { #expect(plan.pop(Self.a)?.id == MessageID(Int64(id))) }
    // Two are being tried: the read must look past them.
    #expect(refills(plan.refillsNeeded(now: Self.now)) == [6])
    #expect(refills(plan.refillsNeeded(now: Self.now)).isEmpty, "one read at a time")
    _ = plan.refilled(Self.a, with: (1...6).map { item($0) }, isAll: false)
    #expect(plan.readyCount == 4)
    #expect(plan.pop(Self.a)?.id == MessageID(3))
  }

  @Test func newMailDoesNotOvertakeABacklog() {
    var plan = plan(readyPerDestination: 2)
    _ = offer(&plan, ids: 1...3)
    _ = plan.pop(Self.a)
    _ = offer(&plan, ids: 4...4)
    #expect(plan.readyCount == 1)
  }

  @Test func anUnreachableDestinationGivesUpItsItemsAndRests() {
    var plan = plan()
    _ = offer(&plan, ids: 1...3)
    _ = plan.pop(Self.a)
    #expect(plan.unreachable(Self.a, until: Self.now.advanced(bySeconds: 60)).count == 2)
    for id in 1...3 { plan.settled(MessageID(Int64(id)), at: Self.a) }
    for _ in 1...3 { _ = plan.workerEnded(Self.a) }
    #expect(starts(offer(&plan, ids: 9...9)) == 0)
    #expect(starts(plan.resumeSuspended(now: Self.now.advanced(bySeconds: 61))) == 1)
  }

  @Test func contentIsLeftOnDiskAboveTheLimit() {
    var plan = plan(contentBytes: 25)
    _ = offer(&plan, ids: 1...4)
    #expect(plan.pop(Self.a)?.loaded != nil)
    #expect(plan.pop(Self.a)?.loaded != nil)
    #expect(plan.popWithoutContent(Self.a, count: 16).map(\.id.value) == [3, 4])
    #expect(plan.contentBytes == 0)
  }

  @Test func forgetsWhatWasNotTriedYetWhenTheQueueIsChanged() {
    var plan = plan()
    _ = offer(&plan, ids: 1...3)
    _ = plan.pop(Self.a)
    plan.forgetReady()
    #expect(plan.readyCount == 0)
    #expect(refills(plan.refillsNeeded(now: Self.now)) == [1001])
    _ = plan.refilled(Self.a, with: [item(1), item(2)], isAll: true)
    #expect(plan.readyCount == 1)
  }

  @Test func workersBeyondAShrunkWindowEnd() {
    var plan = plan()
    _ = offer(&plan, ids: 1...5)
    #expect(!plan.hasTooManyWorkers(Self.a))
    plan.congested(Self.a)
    #expect(plan.hasTooManyWorkers(Self.a))
    for _ in 1...3 { _ = plan.workerEnded(Self.a) }
    #expect(!plan.hasTooManyWorkers(Self.a))
  }

  @Test func tellsWhatIsInFlightByAccount() {
    var plan = plan()
    var other = item(4)
    other.entry.account = AccountID(2)
    other.entry.attempts = 3
    _ = plan.offer([item(1), item(2), item(3), other], to: { _ in Self.a })
    #expect(plan.inFlight.isEmpty)
    for _ in 1...2 { _ = plan.pop(Self.a) }
    #expect(plan.inFlight == [AccountID(1): InFlight(queued: 2)])
    for _ in 1...2 { _ = plan.pop(Self.a) }
    #expect(plan.inFlight == [AccountID(1): InFlight(queued: 3), AccountID(2): InFlight(deferred: 1)])
    for id in [1, 4] { plan.settled(MessageID(Int64(id)), at: Self.a) }
    plan.settled(MessageID(99), at: Self.a)
    #expect(plan.inFlight == [AccountID(1): InFlight(queued: 2)])
  }

  @Test func drainingHandsOutNothing() {
    var plan = plan()
    _ = offer(&plan, ids: 1...3)
    _ = plan.drain()
    #expect(plan.pop(Self.a) == nil)
    #expect(starts(offer(&plan, ids: 4...4)) == 0)
  }

  // MARK: -

  private func plan(readyPerDestination: Int = 1000, contentBytes: Int = 1 << 20) -> DispatchPlan {
    var limits = DispatchPlan.Limits()
    limits.readyPerDestination = readyPerDestination
    limits.contentBytes = contentBytes
    return DispatchPlan(limits: limits)
  }

  private func offer(_ plan: inout DispatchPlan, ids: ClosedRange<Int64>) -> [DispatchPlan.Effect] {
    plan.offer(ids.map { item($0) }, to: { _ in Self.a })
  }

  /// With ten bytes of content.
  private func item(_ id: Int64) -> QueueItem {
    let (account, original) = (AccountID(1), OriginalID(1))
    let message = Message(
      id: MessageID(id), account: account, original: original, recipient: "x@a.example",
      sender: "s@ours.example", returnPath: "s@ours.example", subject: "", source: .smtp, createdAt: Self.now)
    let entry = QueueEntry(
      message: message.id, account: account, original: original, domain: "a.example", dueAt: Self.now,
      attempts: 0,
      expiresAt: Self.now.advanced(bySeconds: 3600), isHeld: false)
    let content = OriginalContent(
      id: original, account: account, body: [UInt8](repeating: 65, count: 10), createdAt: Self.now)
    return QueueItem(LoadedMessage(message: message, entry: entry, original: content))
  }

  private func starts(_ effects: [DispatchPlan.Effect]) -> Int {
    effects.count { if case .start = $0 { true } else { false } }
  }

  private func refills(_ effects: [DispatchPlan.Effect]) -> [Int] {
    effects.compactMap { if case .refill(_, let limit) = $0 { limit } else { nil } }
  }
}
