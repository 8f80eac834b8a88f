import Logging
import MailModel
import ServiceLifecycle
import Storage

/// Finding what is due on disk.
extension Delivery {
  /// How often the queue on disk is looked at for what has become due.
  private static let tick = Duration.milliseconds(200)
  /// Rows of the due index looked at in one read.
  private static let pageRows = 1000
  /// Now and then the index is walked from its start, in case the clock was set back.
  private static let ticksPerFullScan = 1500
  /// More often where other servers may let go of what was ours to pass by.
  private static let ticksPerFullScanShared = 25
  /// Pages of the index looked at in one tick.
  private static let pagesPerTick = 20
  /// With this many messages waiting in memory, what comes in is left to all servers.
  private static let ownedWaitingMax = 500
  private static let ticksPerSettleRetry = 5

  func scan() async {
    var cursor = QueueCursor.start
    var seen: Generations?
    var isFailing = false
    for tick in 1... {
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      do {
        let generations = try await store.read { try $0.generations() }
        if let seen, seen.queue != generations.queue { dispatcher.forgetReady() }
        if seen?.queue != generations.queue || tick.isMultiple(of: ticksPerFullScan) { cursor = .start }
        seen = generations
        try await discover(from: &cursor)
        isFailing = false
      } catch {
        if !isFailing { logger.warning("the queue could not be read", metadata: ["error": "\(error)"]) }
        isFailing = true
      }
      if tick.isMultiple(of: Self.ticksPerSettleRetry) { await settler.retryFailed() }
      dispatcher.tick(now: .now(), idleSeconds: configuration.idleSeconds)
      store.membership.setTakesNew(dispatcher.readyCount < Self.ownedWaitingMax)
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.tick) }
    }
  }

  private var ticksPerFullScan: Int {
    store.membership.isShared ? Self.ticksPerFullScanShared : Self.ticksPerFullScan
  }

  /// Walks the due index on from `cursor` and marks the destinations of what is not in memory.
  private func discover(from cursor: inout QueueCursor) async throws {
    for _ in 0..<Self.pagesPerTick where dispatcher.hasRoom {
      let (now, start) = (Instant.now(), cursor)
      var page: [DueDestination] = []
      try await dispatcher.reading {
        try await store.read { try $0.dueDestinations(after: start, now: now, limit: Self.pageRows) }
      } apply: { plan, found in
        for row in found { plan.noticeDue(row.cursor.message, for: dispatcher.key(row.domain)) }
        page = found
        return plan.refillsNeeded(now: now)
      }
      if let last = page.last { cursor = last.cursor }
      if page.count < Self.pageRows { return }
    }
  }

  func refill(_ refill: Dispatcher.Refill) async {
    do {
      try await dispatcher.reading {
        try await store.takeDue(domain: refill.key.domain, now: .now(), limit: refill.limit)
      } apply: { plan, entries in
        plan.refilled(refill.key, with: entries.map { QueueItem($0) }, isAll: entries.count < refill.limit)
      }
    } catch {
      logger.warning("the queue could not be read", metadata: ["error": "\(error)"])
      dispatcher.refillFailed(refill.key)
    }
  }
}
