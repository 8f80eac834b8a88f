#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// What waits for the writer: a bounded queue that gives out groups, each to share one commit.
///
/// Unchecked: everything below `lock` is only touched while it is held.
final class CommitInbox: @unchecked Sendable {
  /// What the writer's thread is asleep for; nobody is woken for less.
  private enum Wanted {
    case nothing, anything, urgent, enough
  }

  private let limit: Int
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let arrived: UnsafeMutablePointer<pthread_cond_t>
  private var waiting: [Job] = []
  private var hasUrgent = false
  private var firstArrival = ContinuousClock.now
  private var wanted = Wanted.nothing
  private var pace = CommitPace()
  private var isClosed = false

  init(limit: Int) {
    self.limit = limit
    lock = .allocate(capacity: 1)
    arrived = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(arrived, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(lock)
    arrived.deallocate()
    lock.deallocate()
  }

  var count: Int { locked { waiting.count } }

  /// Nil when it was taken, else why not.
  func put(_ job: Job, _ urgency: Store.Urgency) -> StoreError? {
    locked {
      if isClosed { return .closed }
      if waiting.count >= limit { return .busy("\(waiting.count) requests are waiting") }
      if waiting.isEmpty { firstArrival = .now }
      if urgency == .now { hasUrgent = true }
      waiting.append(job)
      if isReady { pthread_cond_signal(arrived) }
      return nil
    }
  }

  /// The next group, waiting for one if need be; empty once it is closed and drained.
  func takeGroup() -> [Job] {
    locked {
      sleep(until: nil, for: .anything)
      gather()
      pace.took(waiting.count)
      hasUrgent = false
      var taken: [Job] = []
      swap(&taken, &waiting)
      waiting.reserveCapacity(min(taken.count, 1024))
      return taken
    }
  }

  /// What has come by `end`, which may be nothing; sooner when it is closed.
  func takeAll(until end: ContinuousClock.Instant) -> [Job] {
    locked {
      sleep(until: end, for: .nothing)
      hasUrgent = false
      defer { waiting = [] }
      return waiting
    }
  }

  /// Closed, with nothing left to take.
  var isDrained: Bool { locked { isClosed && waiting.isEmpty } }

  /// Takes nothing more; what waits can still be taken.
  func close() {
    locked {
      isClosed = true
      pthread_cond_broadcast(arrived)
    }
  }

  /// Sleeps for as long as the pace allows others to join.
  private func gather() {
    let patient = pace.wait(hasUrgent: false)
    let urgent = pace.wait(hasUrgent: true)
    if urgent > .zero {
      sleep(until: firstArrival + urgent, for: .enough)
    } else {
      sleep(until: firstArrival + patient, for: .urgent)
    }
  }

  /// Whether what the writer sleeps for is there.
  private var isReady: Bool {
    switch wanted {
    case .nothing: false
    case .anything: !waiting.isEmpty
    case .urgent: hasUrgent || waiting.count >= CommitPace.enough
    case .enough: waiting.count >= CommitPace.enough
    }
  }

  private func sleep(until end: ContinuousClock.Instant?, for wanted: Wanted) {
    self.wanted = wanted
    defer { self.wanted = .nothing }
    while !isReady, !isClosed {
      guard let end else {
        pthread_cond_wait(arrived, lock)
        continue
      }
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return }
      var time = Self.monotonicTime(in: left)
      pthread_cond_timedwait(arrived, lock, &time)
    }
  }

  private static func monotonicTime(in duration: Duration) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let (seconds, attoseconds) = duration.components
    let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
    time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    return time
  }

  private func locked<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}
