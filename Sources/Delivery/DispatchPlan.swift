import DequeModule
import MailModel
import Storage

/// What is due, in memory: a bounded window per destination over the queue on disk.
///
/// The store holds the truth; this holds what will be tried next. A destination whose window is full
/// is marked as having a backlog, and is filled again from disk when it has room. Destinations never
/// wait for each other: each has its own window and workers. Pure: no clock, no I/O; callers act on
/// the `Effect`s that come back.
struct DispatchPlan {
  struct Limits {
    /// Items in memory for one destination.
    var readyPerDestination = 1000
    /// Items in memory altogether; also the most destinations that are followed at once.
    var readyTotal = 20_000
    /// Bytes of message content that waiting items may hold; above it they are read again when due.
    var contentBytes = 64 << 20
    /// Connections altogether.
    var workers = 500
    /// Due messages taken up from disk at a time, beside what is in memory already; fewer where other servers want
    /// their share.
    var refill = 1000
    /// Connections to one destination.
    var workersPerDestination = 20
  }

  enum Effect {
    case resume(CheckedContinuation<QueueItem?, Never>, with: QueueItem?)
    case start(DestinationKey)
    case refill(DestinationKey, limit: Int)
  }

  struct Destination {
    var ready = Deque<QueueItem>()
    var waiting: [(worker: CheckedContinuation<QueueItem?, Never>, since: Instant)] = []
    var workers = 0
    /// In memory but not in `ready`: being tried or settled.
    var unsettled = 0
    var window: ConcurrencyWindow
    var hasBacklog = false
    var isRefilling = false
    var suspendedUntil: Instant?

    var isIdle: Bool {
      ready.isEmpty && workers == 0 && unsettled == 0 && !hasBacklog && !isRefilling && suspendedUntil == nil
    }
  }

  let limits: Limits
  private(set) var destinations: [DestinationKey: Destination] = [:]
  /// Every message in memory, so that none is taken up twice.
  private var loaded: Set<MessageID> = []
  /// Those of them that are being tried or settled, with whose they are and whether it is not the first try.
  private var unsettled: [MessageID: (account: AccountID, isRetry: Bool)] = [:]
  /// Messages settled while the queue was being read: the read may still show them as due.
  private var settledDuringRead: Set<MessageID> = []
  private var readsUnderWay = 0
  private(set) var readyCount = 0
  private(set) var contentBytes = 0
  private(set) var workerCount = 0
  private(set) var isDraining = false

  init(limits: Limits) {
    self.limits = limits
  }

  var unsettledCount: Int { loaded.count - readyCount }
  /// What is being tried or settled, by account.
  var inFlight: [AccountID: InFlight] {
    unsettled.values.reduce(into: [:]) { counts, message in
      if message.isRetry {
        counts[message.account, default: InFlight()].deferred += 1
      } else {
        counts[message.account, default: InFlight()].queued += 1
      }
    }
  }
  var hasRoom: Bool { readyCount < limits.readyTotal && destinations.count < limits.readyTotal }

  // MARK: - taking up

  /// Takes up messages just committed; those that find no room stay on disk until there is some.
  mutating func offer(_ items: [QueueItem], to key: (QueueItem) -> DestinationKey) -> [Effect] {
    var effects: [Effect] = []
    for item in items {
      let key = key(item)
      if destination(key).hasBacklog || !admit(item, to: key) {
        destinations[key]?.hasBacklog = true
      }
      staff(key, &effects)
    }
    return effects
  }

  /// The queue on disk has a due message for it; unless that one is in memory, it has to be read.
  mutating func noticeDue(_ id: MessageID, for key: DestinationKey) {
    guard !loaded.contains(id), !settledDuringRead.contains(id) else { return }
    noticeBacklog(of: key)
  }

  mutating func noticeBacklog(of key: DestinationKey) {
    if !destination(key).hasBacklog { destinations[key]?.hasBacklog = true }
  }

  /// To be called before the queue is read, and `readEnded` after its result was used.
  mutating func readBegins() { readsUnderWay += 1 }

  mutating func readEnded() {
    readsUnderWay -= 1
    if readsUnderWay == 0 { settledDuringRead.removeAll() }
  }

  /// The due messages found for a destination; `isAll` when there are no more of them on disk.
  mutating func refilled(_ key: DestinationKey, with items: [QueueItem], isAll: Bool) -> [Effect] {
    var effects: [Effect] = []
    var everyoneFitted = true
    _ = destination(key)
    for item in items where !loaded.contains(item.id) && !settledDuringRead.contains(item.id) {
      everyoneFitted = admit(item, to: key) && everyoneFitted
    }
    destinations[key]?.isRefilling = false
    destinations[key]?.hasBacklog = !(isAll && everyoneFitted)
    staff(key, &effects)
    return effects
  }

  /// Reads that destinations with room and a backlog need now.
  mutating func refillsNeeded(now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for key in destinations.keys { refillIfLow(key, now: now, &effects) }
    return effects
  }

  private mutating func destination(_ key: DestinationKey) -> Destination {
    if let known = destinations[key] { return known }
    let new = Destination(window: ConcurrencyWindow(ceiling: limits.workersPerDestination))
    destinations[key] = new
    return new
  }

  private mutating func admit(_ item: QueueItem, to key: DestinationKey) -> Bool {
    guard !loaded.contains(item.id) else { return true }
    guard !isDraining, readyCount < limits.readyTotal,
      let ready = destinations[key]?.ready.count, ready < limits.readyPerDestination
    else { return false }
    var item = item
    if contentBytes + item.contentBytes > limits.contentBytes { item.loaded = nil }
    contentBytes += item.contentBytes
    loaded.insert(item.id)
    readyCount += 1
    destinations[key]?.ready.append(item)
    return true
  }

  private mutating func refillIfLow(_ key: DestinationKey, now: Instant, _ effects: inout [Effect]) {
    guard !isDraining, let known = destinations[key], known.hasBacklog, !known.isRefilling,
      known.ready.count <= limits.readyPerDestination / 2, readyCount < limits.readyTotal
    else { return }
    if let until = known.suspendedUntil {
      guard until <= now else { return }
      destinations[key]?.suspendedUntil = nil
    }
    destinations[key]?.isRefilling = true
    // What is in memory stands first in the queue on disk too, so ask for that many more.
    effects.append(.refill(key, limit: min(limits.refill, limits.readyPerDestination) + known.unsettled))
  }

  // MARK: - workers

  /// Hands waiting items to idle workers, and asks for more workers where the window allows.
  private mutating func staff(_ key: DestinationKey, _ effects: inout [Effect]) {
    guard !isDraining else { return }
    while let worker = destinations[key]?.waiting.last?.worker, let item = pop(key) {
      destinations[key]?.waiting.removeLast()
      effects.append(.resume(worker, with: item))
    }
    guard let known = destinations[key], known.suspendedUntil == nil, !known.ready.isEmpty else { return }
    // One for each item in hand or waiting, as far as the window allows. A new worker takes a moment to
    // come; until then its item counts as waiting.
    let wanted = min(known.window.limit, known.unsettled + known.ready.count)
    for _ in known.workers..<max(known.workers, wanted) where workerCount < limits.workers {
      destinations[key]?.workers += 1
      workerCount += 1
      effects.append(.start(key))
    }
  }

  /// The next item for a worker; nil when there is none now.
  mutating func pop(_ key: DestinationKey) -> QueueItem? {
    guard !isDraining, let item = destinations[key]?.ready.popFirst() else { return nil }
    destinations[key]?.unsettled += 1
    unsettled[item.id] = (item.entry.account, item.entry.attempts > 0)
    readyCount -= 1
    contentBytes -= item.contentBytes
    return item
  }

  /// Takes up to `count` more items whose content is on disk, to be read in one go with the first.
  mutating func popWithoutContent(_ key: DestinationKey, count: Int) -> [QueueItem] {
    var items: [QueueItem] = []
    while items.count < count, let first = destinations[key]?.ready.first, first.loaded == nil,
      let item = pop(key)
    {
      items.append(item)
    }
    return items
  }

  /// A worker found nothing and waits; nil is its sign to end.
  mutating func wait(
    _ worker: CheckedContinuation<QueueItem?, Never>, for key: DestinationKey, since now: Instant
  )
    -> [Effect]
  {
    if isDraining { return [.resume(worker, with: nil)] }
    var effects: [Effect] = []
    if let item = pop(key) { return [.resume(worker, with: item)] }
    destinations[key]?.waiting.append((worker, now))
    refillIfLow(key, now: now, &effects)
    return effects
  }

  /// The window has shrunk below what is at work: a worker that asks for more shall end.
  func hasTooManyWorkers(_ key: DestinationKey) -> Bool {
    guard let known = destinations[key] else { return false }
    return known.workers > known.window.limit
  }

  mutating func workerEnded(_ key: DestinationKey) -> [Effect] {
    destinations[key]?.workers -= 1
    workerCount -= 1
    var effects: [Effect] = []
    staff(key, &effects)
    return effects
  }

  /// Lets workers go that have waited since before `limit`, and forgets destinations at rest.
  mutating func retireIdle(waitingSince limit: Instant) -> [Effect] {
    var effects: [Effect] = []
    for (key, known) in destinations {
      for (index, waiter) in known.waiting.enumerated().reversed() where waiter.since < limit {
        destinations[key]?.waiting.remove(at: index)
        effects.append(.resume(waiter.worker, with: nil))
      }
      if known.isIdle { destinations[key] = nil }
    }
    return effects
  }

  // MARK: - outcomes

  /// The outcome of a message is on disk (or it was given back): it is no longer in memory.
  mutating func settled(_ id: MessageID, at key: DestinationKey) {
    guard loaded.remove(id) != nil else { return }
    destinations[key]?.unsettled -= 1
    unsettled[id] = nil
    if readsUnderWay > 0 { settledDuringRead.insert(id) }
  }

  mutating func succeeded(_ key: DestinationKey) -> [Effect] {
    let workers = destinations[key]?.workers ?? 0
    destinations[key]?.window.succeeded(whileUsing: workers)
    var effects: [Effect] = []
    staff(key, &effects)
    return effects
  }

  mutating func congested(_ key: DestinationKey) {
    destinations[key]?.window.congested()
  }

  /// No host of the destination can be reached: everything waiting for it shares the outcome, and
  /// what is still on disk is left alone until `until`.
  mutating func unreachable(_ key: DestinationKey, until: Instant) -> [QueueItem] {
    destinations[key]?.window.congested()
    destinations[key]?.suspendedUntil = until
    var items: [QueueItem] = []
    while let item = pop(key) { items.append(item) }
    return items
  }

  /// Ends suspensions that are over.
  mutating func resumeSuspended(now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for (key, known) in destinations {
      guard let until = known.suspendedUntil, until <= now else { continue }
      destinations[key]?.suspendedUntil = nil
      staff(key, &effects)
    }
    return effects
  }

  /// Somebody changed the queue on disk (hold, cancel, retry): forget what is not being tried yet.
  mutating func forgetReady() {
    for (key, known) in destinations {
      destinations[key]?.suspendedUntil = nil
      if known.ready.isEmpty { continue }
      for item in known.ready { loaded.remove(item.id) }
      readyCount -= known.ready.count
      destinations[key]?.ready.removeAll()
      destinations[key]?.hasBacklog = true
    }
    contentBytes = 0
  }

  /// Nothing more is handed out; workers end as they ask for the next item.
  mutating func drain() -> [Effect] {
    isDraining = true
    var effects: [Effect] = []
    for (key, known) in destinations {
      for waiter in known.waiting { effects.append(.resume(waiter.worker, with: nil)) }
      destinations[key]?.waiting.removeAll()
    }
    return effects
  }
}
