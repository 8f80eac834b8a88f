import DequeModule
import Logging
import MailModel
import Metrics
import Storage
import Synchronization

/// Opens and clicks on their way to the store: all that came while the last ones were written go as one piece of work,
/// so that a flood of them never takes the place of mail in the writer's queue.
///
/// Callers don't wait for the disk, unless so many wait already that those that come must be slowed down.
final class VisitQueue: Sendable {
  /// How many may wait before callers do.
  private static let limit = 10_000
  /// How many go to the writer at once: about 5 ms of its time.
  private static let batchLimit = 200

  private struct Waiting {
    var visits: Deque<Visit> = []
    /// Callers to be told when there is room.
    var held: [CheckedContinuation<Void, Never>] = []
    var isWriting = false
    /// Callers to be told when nothing waits any more.
    var drains: [CheckedContinuation<Void, Never>] = []

    /// Those who need wait no longer.
    mutating func letGo() -> [CheckedContinuation<Void, Never>] {
      guard visits.count <= VisitQueue.limit else { return [] }
      defer { held = [] }
      return held
    }
  }

  private let store: Store
  private let logger: Logger
  private let waiting = Mutex(Waiting())
  private let recorded: Metrics.Counter
  private let lost: Metrics.Counter

  init(store: Store, metrics: PrometheusMetrics, logger: Logger) {
    self.store = store
    self.logger = logger
    metrics.describe("brevdue_tracking_recorded_total", "Opens and clicks that were kept.")
    metrics.describe(
      "brevdue_tracking_lost_total", "Opens and clicks not kept: the store was away, or the message is gone.")
    recorded = Metrics.Counter(label: "brevdue_tracking_recorded_total", dimensions: [], factory: metrics)
    lost = Metrics.Counter(label: "brevdue_tracking_lost_total", dimensions: [], factory: metrics)
  }

  func add(_ visit: Visit) async {
    await withCheckedContinuation { continuation in
      let (isFull, starts) = waiting.withLock { waiting in
        waiting.visits.append(visit)
        let isFull = waiting.visits.count > Self.limit
        if isFull { waiting.held.append(continuation) }
        defer { waiting.isWriting = true }
        return (isFull, !waiting.isWriting)
      }
      if starts { writeNext() }
      if !isFull { continuation.resume() }
    }
  }

  /// Hands the next ones to the writer; what comes meanwhile waits for the writer's answer.
  private func writeNext() {
    let (batch, held) = waiting.withLock { waiting in
      let batch = Array(waiting.visits.prefix(Self.batchLimit))
      waiting.visits.removeFirst(batch.count)
      waiting.isWriting = !batch.isEmpty
      return (batch, waiting.letGo())
    }
    for caller in held { caller.resume() }
    guard !batch.isEmpty else { return tellDrained() }
    store.submit({ try $0.record(batch, judge: Self.judge) }, urgency: .soon) { result in
      self.count(result, of: batch.count)
      self.writeNext()
    }
  }

  /// Returns once all that has come is written: before the store is closed.
  func drain() async {
    await withCheckedContinuation { continuation in
      let isIdle = waiting.withLock { waiting in
        if waiting.isWriting { waiting.drains.append(continuation) }
        return !waiting.isWriting
      }
      if isIdle { continuation.resume() }
    }
  }

  private func tellDrained() {
    let drains = waiting.withLock { waiting in
      defer { waiting.drains = [] }
      return waiting.drains
    }
    for caller in drains { caller.resume() }
  }

  private static func judge(_ visit: inout Visit, deliveredAt: Instant?) {
    guard visit.detail.filteredEvent != true, FetchClassifier.isTooSoon(visit.at, after: deliveredAt) else {
      return
    }
    visit.detail.filter("too-fast")
  }

  private func count(_ result: Result<Int, any Error>, of batch: Int) {
    switch result {
    case .success(let kept):
      recorded.increment(by: Int64(kept))
      if kept < batch { lost.increment(by: Int64(batch - kept)) }
    case .failure(let error):
      lost.increment(by: Int64(batch))
      logger.warning("\(batch) opens and clicks were not kept", metadata: ["error": "\(error)"])
    }
  }
}

extension EventDetail {
  /// Keeps it from being counted as a person's.
  mutating func filter(_ reason: String) {
    filteredEvent = true
    filterReason = reason
  }
}
