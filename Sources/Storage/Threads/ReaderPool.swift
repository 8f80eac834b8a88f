import Logging
import MailModel
import Synchronization

/// Threads that read, each with a connection of its own.
final class ReaderPool: Sendable {
  private let mailbox: Mailbox<Job>
  private let logger: Logger
  private let health: @Sendable () -> Store.Health
  private let unavailable: @Sendable () -> Void
  private let running: Mutex<(count: Int, afterEnd: [@Sendable () -> Void])>

  /// - Parameters:
  ///   - health: while the database is known to be unreachable, nobody waits for it.
  ///   - unavailable: told when a reader could not reach it.
  init(
    limit: Int, logger: Logger, health: @escaping @Sendable () -> Store.Health,
    unavailable: @escaping @Sendable () -> Void
  ) {
    self.mailbox = Mailbox(limit: limit)
    self.logger = logger
    self.health = health
    self.unavailable = unavailable
    self.running = Mutex((0, []))
  }

  func submit(_ job: Job) {
    if case .unreachable(let reason) = health() { return job.finish(StoreError.unavailable(reason)) }
    if let refusal = mailbox.put(job) { job.finish(refusal) }
  }

  /// Adds a thread that works with a connection made by `open` on it.
  func addThread(_ open: @escaping @Sendable () throws -> Connection) throws -> WorkerThread {
    running.withLock { $0.count += 1 }
    do {
      return try WorkerThread.start("store-reader") { [self] in
        work(open)
        threadEnded()
      }
    } catch {
      threadEnded()
      throw error
    }
  }

  func close(_ completion: @escaping @Sendable () -> Void) {
    let isDone = running.withLock { running in
      if running.count > 0 { running.afterEnd.append(completion) }
      return running.count == 0
    }
    mailbox.close()
    if isDone { completion() }
  }

  /// The connection is made for the first job, and again for the next one should that fail.
  private func work(_ open: () throws -> Connection) {
    var connection: Connection?
    while let job = mailbox.takeFirst() {
      do {
        let current = try connection ?? open()
        connection = current
        try current.access { try read(job, current) }
        job.finish(nil)
      } catch {
        job.finish(error)
        if case .unavailable = error as? StoreError { unavailable() }
      }
    }
    do {
      try connection?.close()
    } catch {
      logger.error("could not close a reader of the database: \(error)")
    }
  }

  private func read(_ job: Job, _ connection: Connection) throws {
    try connection.begin(writing: false)
    defer { connection.rollback() }
    try job.run(connection)
    try connection.settle()
  }

  private func threadEnded() {
    let completions: [@Sendable () -> Void] = running.withLock { running in
      running.count -= 1
      guard running.count == 0 else { return [] }
      defer { running.afterEnd = [] }
      return running.afterEnd
    }
    for completion in completions { completion() }
  }
}
