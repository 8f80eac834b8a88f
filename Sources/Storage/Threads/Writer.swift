import Logging
import MailModel
import Synchronization

/// The one thread that writes. All work that has gathered while it was busy shares the next transaction.
///
/// Within a transaction items first run without savepoints, which would copy every page they touch. When one
/// fails after it has changed something, the transaction is rolled back and all of it run again with a savepoint
/// around each item, so that the failing one fails alone.
///
/// Unchecked: `connection` is only used on the writer's own thread (`run`); the rest is immutable or a lock.
final class Writer: @unchecked Sendable {
  /// A transaction is ended when it has lasted this long, however much more waits: it bounds what the first item
  /// waits for, and with it how many deliveries could be repeated after a crash.
  private static let longestTransaction = Duration.milliseconds(5)

  private struct State {
    var health = Store.Health.healthy
    var commits = 0
    var items = 0
    var afterEnd: [@Sendable () -> Void] = []
    var hasEnded = false
  }

  private let connection: Connection
  private let inbox: CommitInbox
  private let logger: Logger
  private let state = Mutex(State())

  init(_ connection: Connection, limit: Int, logger: Logger) {
    self.connection = connection
    self.inbox = CommitInbox(limit: limit)
    self.logger = logger
  }

  var health: Store.Health { state.withLock { $0.health } }

  var statistics: Store.Statistics {
    let waiting = inbox.count
    return state.withLock { Store.Statistics(commits: $0.commits, items: $0.items, waiting: waiting) }
  }

  func submit(_ job: Job, _ urgency: Store.Urgency) {
    if let reason = health.obstacle { return job.finish(StoreError.unavailable(reason)) }
    if let refusal = inbox.put(job, urgency) { job.finish(refusal) }
  }

  /// Has somebody else found the server away? A transaction without work finds out.
  func lookAtConnection() {
    if connection.dialect == .postgres { submit(ValueJob({ _ in }, { _ in }), .now) }
  }

  /// Takes no more; `completion` runs when what waited is done and the file is closed.
  func close(_ completion: @escaping @Sendable () -> Void) {
    let hasEnded = state.withLock { state in
      if !state.hasEnded { state.afterEnd.append(completion) }
      return state.hasEnded
    }
    inbox.close()
    if hasEnded { completion() }
  }

  /// Works until it is closed and nothing waits. This is the thread's body.
  func run() {
    while true {
      if case .unreachable = health, !becomeReachable() { break }
      var jobs = inbox.takeGroup()[...]
      if jobs.isEmpty { break }
      while !jobs.isEmpty { jobs = jobs.dropFirst(transaction(jobs)) }
    }
    do {
      try connection.close()
    } catch {
      logger.error("could not close the database: \(error)")
    }
    let completions = state.withLock { state in
      state.hasEnded = true
      defer { state.afterEnd = [] }
      return state.afterEnd
    }
    for completion in completions { completion() }
  }

  /// Tries to reach the server until it does, or false when the store is closed before. Whoever comes meanwhile is
  /// refused at once.
  private func becomeReachable() -> Bool {
    var backOff = BackOff()
    while true {
      do {
        try connection.access { try connection.reconnect() }
        state.withLock { $0.health = .healthy }
        logger.notice("the database can be reached again")
        return true
      } catch {
        backOff.failed(error)
        state.withLock { $0.health = .unreachable(Self.reason(error)) }
        for job in inbox.takeAll(until: ContinuousClock.now + backOff.delay) { job.finish(error) }
        if inbox.isDrained { return false }
      }
    }
  }

  private static func reason(_ error: any Error) -> String {
    if case .unavailable(let text) = error as? StoreError { text } else { "\(error)" }
  }

  /// Runs some of `jobs`, from the first, in one transaction, tells them how it went, and returns how many.
  private func transaction(_ jobs: ArraySlice<Job>) -> Int {
    if let reason = health.obstacle {
      for job in jobs { job.finish(StoreError.unavailable(reason)) }
      return jobs.count
    }
    var outcomes: [(any Error)?] = []
    connection.access {
      do {
        if try !runTogether(jobs, &outcomes) { try runApart(jobs, &outcomes) }
      } catch {
        connection.rollback()
        note(error)
        // None of them is kept, whatever became of each. Without even a transaction, all that wait have waited.
        outcomes = Array(repeating: error, count: outcomes.isEmpty ? jobs.count : outcomes.count)
      }
    }
    for (job, error) in zip(jobs, outcomes) { job.finish(error) }
    return outcomes.count
  }

  /// Without savepoints. False, with everything rolled back, when an item failed that had changed something.
  private func runTogether(_ jobs: ArraySlice<Job>, _ outcomes: inout [(any Error)?]) throws -> Bool {
    let deadline = ContinuousClock.now + Self.longestTransaction
    try begin()
    guard try lookAhead(jobs) else { return false }
    for job in jobs {
      let mark = connection.changeMark
      do {
        try job.run(connection)
        connection.keepItemTotals()
        outcomes.append(nil)
      } catch {
        connection.itemTotals.removeAll(keepingCapacity: true)
        guard connection.isInTransaction, !Self.endsTransaction(error) else { throw error }
        guard connection.changeMark == mark else {
          connection.rollback()
          return false
        }
        outcomes.append(error)
      }
      if ContinuousClock.now >= deadline { break }
    }
    do {
      try commit(outcomes.count)
    } catch {
      // Some item's statement, found out only now.
      guard connection.hasFailedStatement, !Self.endsTransaction(error) else { throw error }
      connection.rollback()
      return false
    }
    return true
  }

  /// Looks up what items have announced, of no more than can be run in time: what is not, announces it again. False,
  /// with everything rolled back, when it failed.
  private func lookAhead(_ jobs: ArraySlice<Job>) throws -> Bool {
    for job in jobs.prefix(CommitPace.enough) { job.announce(connection) }
    do {
      try connection.lookUpAnnounced()
      return true
    } catch {
      guard connection.hasFailedStatement, !Self.endsTransaction(error) else { throw error }
      connection.rollback()
      return false
    }
  }

  /// With a savepoint around each item that was run before (and the one that failed).
  private func runApart(_ jobs: ArraySlice<Job>, _ outcomes: inout [(any Error)?]) throws {
    let count = outcomes.count + 1
    outcomes.removeAll()
    try begin()
    for job in jobs.prefix(count) {
      try connection.savepoint()
      do {
        try job.run(connection)
        try connection.releaseSavepoint()
        connection.keepItemTotals()
        outcomes.append(nil)
      } catch {
        connection.itemTotals.removeAll(keepingCapacity: true)
        guard connection.isInTransaction, !Self.endsTransaction(error) else { throw error }
        try connection.rollbackToSavepoint()
        outcomes.append(error)
      }
    }
    try commit(outcomes.count)
  }

  private func begin() throws {
    connection.totals.removeAll(keepingCapacity: true)
    connection.itemTotals.removeAll(keepingCapacity: true)
    connection.announced = AnnouncedContacts()
    try connection.begin(writing: true)
  }

  private func commit(_ items: Int) throws {
    try connection.writeTotals()
    try connection.commit()
    let wasFull = state.withLock { state in
      state.commits += 1
      state.items += items
      guard case .full = state.health else { return false }
      state.health = .healthy
      return true
    }
    if wasFull { logger.notice("the disk of the database has room again: mail is taken") }
  }

  /// Errors of the disk or the lock concern everybody, not the item that met them.
  private static func endsTransaction(_ error: any Error) -> Bool {
    guard let error = error as? StoreError else { return false }
    switch error {
    case .full, .unavailable, .corrupt: return true
    case .busy, .constraint, .missed, .newerSchema, .unfinishedCopy, .closed, .other: return false
    }
  }

  /// After a failed write or sync nobody knows what the disk holds, and asking again would give a false yes. A
  /// server knows what its disk holds: when it answers again all is well.
  private func note(_ error: any Error) {
    switch error as? StoreError {
    case .unavailable(let text), .corrupt(let text):
      guard connection.dialect == .sqlite else {
        state.withLock { $0.health = .unreachable(text) }
        return logger.error("a transaction failed: \(error)")
      }
      state.withLock { $0.health = .failed(text) }
      logger.critical(
        """
        the database can't be written: \(error). What the disk holds of the last transaction can't be known, so \
        nobody was told yes, and no mail is taken until a restart. Look at the disk and the kernel's log, then \
        restart; what was accepted is kept
        """)
    case .full(let text):
      let isNews = state.withLock { state in
        defer { state.health = .full(text) }
        return state.health == .healthy
      }
      guard isNews else { return }
      logger.error(
        """
        \(error). Nothing of the last transaction is kept; senders are told to come again. Make room: it then \
        goes on by itself
        """)
    case .busy, .constraint, .missed, .newerSchema, .unfinishedCopy, .closed, .other, nil:
      logger.error("a transaction failed: \(error)")
    }
  }
}
