import MailModel
import Storage
import Synchronization

/// The plan behind a lock, with its effects carried out: what workers, the scanner and intake share.
final class Dispatcher: Sendable {
  /// Workers to start. Bounded: the plan counts a worker as soon as it asks for it.
  let starts: AsyncStream<DestinationKey>
  /// Reads of the queue to make. Bounded: one at a time for each destination followed.
  let refills: AsyncStream<Refill>

  struct Refill: Sendable {
    let key: DestinationKey
    let limit: Int
  }

  private let plan: Mutex<DispatchPlan>
  private let startsIn: AsyncStream<DestinationKey>.Continuation
  private let refillsIn: AsyncStream<Refill>.Continuation
  /// Which destination the mail of a domain goes to.
  let key: @Sendable (String) -> DestinationKey

  /// - Parameter key: which destination the mail of a domain goes to.
  init(limits: DispatchPlan.Limits, key: @escaping @Sendable (String) -> DestinationKey) {
    plan = Mutex(DispatchPlan(limits: limits))
    (starts, startsIn) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.workers))
    (refills, refillsIn) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.readyTotal))
    self.key = key
  }

  /// Takes up messages that were just committed.
  func offer(_ items: [QueueItem]) {
    perform(plan.withLock { $0.offer(items) { key($0.entry.domain) } })
  }

  /// The next message for a worker of `key`; waits for one, nil when the worker shall end.
  func next(_ key: DestinationKey) async -> QueueItem? {
    let (item, isSurplus) = plan.withLock { plan in
      plan.hasTooManyWorkers(key) ? (nil, true) : (plan.pop(key), false)
    }
    if item != nil || isSurplus { return item }
    return await withCheckedContinuation { worker in
      perform(plan.withLock { $0.wait(worker, for: key, since: .now()) })
    }
  }

  func nextWithoutContent(_ key: DestinationKey, count: Int) -> [QueueItem] {
    plan.withLock { $0.popWithoutContent(key, count: count) }
  }

  func workerEnded(_ key: DestinationKey) {
    perform(plan.withLock { $0.workerEnded(key) })
  }

  func settled(_ id: MessageID, at key: DestinationKey) {
    plan.withLock { $0.settled(id, at: key) }
  }

  func succeeded(_ key: DestinationKey) {
    perform(plan.withLock { $0.succeeded(key) })
  }

  func congested(_ key: DestinationKey) {
    plan.withLock { $0.congested(key) }
  }

  func unreachable(_ key: DestinationKey, until: Instant) -> [QueueItem] {
    plan.withLock { $0.unreachable(key, until: until) }
  }

  // MARK: - reading the queue

  /// Reads the queue with `read` in such a way that nothing settled meanwhile is taken up again.
  func reading<T>(_ read: () async throws -> T, apply: (inout DispatchPlan, T) -> [DispatchPlan.Effect])
    async rethrows
  {
    plan.withLock { $0.readBegins() }
    do {
      let found = try await read()
      let effects = plan.withLock { plan in
        defer { plan.readEnded() }
        return apply(&plan, found)
      }
      perform(effects)
    } catch {
      plan.withLock { $0.readEnded() }
      throw error
    }
  }

  /// Messages whose content could not be read go back to the queue on disk.
  func giveBack(_ items: [QueueItem], to key: DestinationKey) {
    plan.withLock { plan in
      for item in items { plan.settled(item.id, at: key) }
      plan.noticeBacklog(of: key)
    }
  }

  func refillFailed(_ key: DestinationKey) {
    perform(plan.withLock { $0.refilled(key, with: [], isAll: false) })
  }

  /// Messages in memory that no worker has taken yet.
  var readyCount: Int { plan.withLock { $0.readyCount } }

  var hasRoom: Bool { plan.withLock { $0.hasRoom } }

  /// What falls due by the clock: workers idle too long end, suspensions end, backlogs are read.
  func tick(now: Instant, idleSeconds: Int64) {
    perform(
      plan.withLock { plan in
        plan.retireIdle(waitingSince: now.advanced(bySeconds: -idleSeconds)) + plan.resumeSuspended(now: now)
          + plan.refillsNeeded(now: now)
      })
  }

  func forgetReady() {
    plan.withLock { $0.forgetReady() }
  }

  /// Hands out nothing more; ends the streams so that their readers end.
  func drain() {
    perform(plan.withLock { $0.drain() })
    startsIn.finish()
    refillsIn.finish()
  }

  /// Messages being tried or settled now.
  var unsettledCount: Int { plan.withLock { $0.unsettledCount } }
  var inFlight: [AccountID: InFlight] { plan.withLock { $0.inFlight } }

  private func perform(_ effects: [DispatchPlan.Effect]) {
    for effect in effects {
      switch effect {
      case .resume(let worker, let item): worker.resume(returning: item)
      case .start(let key): startsIn.yield(key)
      case .refill(let key, let limit): refillsIn.yield(Refill(key: key, limit: limit))
      }
    }
  }
}
