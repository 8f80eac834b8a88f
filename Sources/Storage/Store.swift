import Logging
import MailModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The one way to what is kept: reads on their own threads, writes by one thread that lets all work that
/// waited share a commit.
public final class Store: Sendable {
  /// Where a database is.
  public enum Location: Sendable, Hashable {
    /// A file, whose folder must exist.
    case sqlite(path: String)
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?…`, as libpq understands it.
    case postgres(url: String)
  }

  /// Where the database is and how much may wait for it.
  public struct Configuration: Sendable {
    public var location: Location
    /// 0 to 1023: part of every id made through this store. Two processes on one database must differ: the
    /// server takes 0, a command a number from its process id (the default). On a shared database a server is
    /// given its number.
    public var node: Int
    /// Set for a server. On PostgreSQL it becomes one of those that share the database; an SQLite file has one
    /// server at a time, whose data folder is locked.
    public var server: ServerDescription?
    /// The place of the server before this one, of which the caller knows that it is dead: its session is ended at
    /// once, and nobody waits for its lease. One that is over already is passed by.
    public var predecessor: NodePlace?
    /// Connections, and threads, that read.
    public var readerCount = 4
    /// Work items that may wait for the writer before `busy` is the answer.
    public var pendingLimit = 20_000

    public init(path: String, node: Int? = nil) {
      self.init(.sqlite(path: path), node: node)
    }

    public init(_ location: Location, node: Int? = nil) {
      self.location = location
      self.node = node ?? Connection.nodeNumbers + Int(getpid()) % Connection.nodeNumbers
    }
  }

  /// What a server tells the others, for people.
  public struct ServerDescription: Sendable, Hashable {
    public var name: String
    public var roles: String
    /// How long the others wait for a sign of life; whole seconds, a few times `Store.heartbeatInterval`.
    public var lease: Duration

    public init(name: String, roles: String, lease: Duration = .seconds(15)) {
      self.name = name
      self.roles = roles
      self.lease = lease
    }
  }

  /// Whether what is written can be trusted to stay.
  public enum Health: Sendable, Hashable {
    case healthy
    /// The last transaction found the disk full; work is still taken, and with the next that is kept all is well.
    case full(String)
    /// A commit failed in a way that leaves the disk in doubt; no write is taken until a restart.
    case failed(String)
    /// The server of the database can't be reached, for this reason; all work is refused until it can.
    case unreachable(String)
    /// This server may not take part, for this reason; it looks again by itself.
    case unfit(String)

    /// Why no work is taken; nil when it is.
    public var obstacle: String? {
      switch self {
      case .healthy, .full: nil
      case .failed(let reason), .unreachable(let reason), .unfit(let reason): reason
      }
    }
  }

  /// Whether somebody waits for a piece of work to be on disk.
  public enum Urgency: Sendable, Hashable {
    case now
    /// Nobody does: up to 5 ms may pass for others to share the commit with.
    case soon
  }

  /// What the writer has done since it was opened.
  public struct Statistics: Sendable, Hashable {
    /// Commits that returned.
    public var commits = 0
    /// Work items within them.
    public var items = 0
    /// Work items that wait now.
    public var waiting = 0
    /// Statements sent to a database server, by writer and readers.
    public var statements = 0
    /// Times that one of them waited for the server's answer.
    public var roundTrips = 0
  }

  /// Makes ids for messages, originals, events and sends.
  public let identifiers: IdentifierGenerator
  private let writer: Writer
  private let readers: ReaderPool
  /// Those not joined yet.
  private let threads: Mutex<[WorkerThread]>
  private let traffic: PostgreSQLTraffic
  /// This process among those that share the database.
  public let membership: Membership
  let server: ServerDescription

  /// Opens the database, makes it if there is none, and brings its schema up to date. Blocks; safe when several
  /// processes do it at once.
  public static func open(_ configuration: Configuration, logger: Logger) throws -> Store {
    let engine = try Engine(configuration.location)
    let driver = try engine.writer()
    let membership = try prepare(driver, configuration, logger)
    let identifiers = IdentifierGenerator(
      node: membership.isShared ? membership.number : configuration.node)
    let connection = Connection(driver, identifiers: identifiers, membership: membership)
    let writer = Writer(connection, limit: configuration.pendingLimit, logger: logger)
    let readers = ReaderPool(
      limit: configuration.pendingLimit, logger: logger, health: { writer.health },
      unavailable: { writer.lookAtConnection() })
    var threads = [try WorkerThread.start("store-writer") { writer.run() }]
    for _ in 1...max(1, configuration.readerCount) {
      threads.append(
        try readers.addThread {
          Connection(try engine.reader(), identifiers: identifiers, membership: membership)
        })
    }
    return Store(
      writer: writer, readers: readers, threads: threads, connection: connection, traffic: engine.traffic,
      server: configuration.server)
  }

  /// Brings the schema up to date and, for a server on a shared database, begins its session.
  private static func prepare(
    _ driver: Connection.Driver, _ configuration: Configuration, _ logger: Logger
  ) throws -> Membership {
    let connection = Connection(driver, identifiers: IdentifierGenerator(node: configuration.node))
    return try connection.access {
      try connection.refuseUnfinishedCopy()
      try Schema.migrate(connection, at: .now())
      guard let server = configuration.server, connection.dialect == .postgres else { return .sole }
      if let predecessor = configuration.predecessor { end(predecessor, connection, logger) }
      let begin = ContinuousClock.now
      let (number, session) = try inTransaction(connection) { try connection.join(server) }
      return Membership(session, number: number, lease: server.lease, since: begin)
    }
  }

  /// Apart from joining, which holds up the heartbeats of all. What goes wrong costs the time of a lease only.
  private static func end(_ predecessor: NodePlace, _ connection: Connection, _ logger: Logger) {
    do {
      try inTransaction(connection) {
        try connection.leave(predecessor.session, number: predecessor.number)
      }
    } catch {
      logger.warning(
        "what the server before had is taken up only when its lease has run out",
        metadata: ["error": "\(error)"])
    }
  }

  private static func inTransaction<T>(_ connection: Connection, _ body: () throws -> T) throws -> T {
    try connection.begin(writing: true)
    do {
      let result = try body()
      try connection.commit()
      return result
    } catch {
      connection.rollback()
      throw error
    }
  }

  private init(
    writer: Writer, readers: ReaderPool, threads: [WorkerThread], connection: Connection,
    traffic: PostgreSQLTraffic, server: ServerDescription?
  ) {
    identifiers = connection.identifiers
    membership = connection.membership
    self.server = server ?? ServerDescription(name: "", roles: "")
    self.writer = writer
    self.threads = Mutex(threads)
    self.readers = readers
    self.traffic = traffic
  }

  deinit {
    readers.close {}
    writer.close {}
    for thread in takeThreads() { thread.detach() }
  }

  private func takeThreads() -> [WorkerThread] {
    threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
  }

  public var health: Health {
    if case .healthy = writer.health, let reason = membership.obstacle { return .unfit(reason) }
    return writer.health
  }

  public var statistics: Statistics {
    var statistics = writer.statistics
    statistics.statements = traffic.statements
    statistics.roundTrips = traffic.roundTrips
    return statistics
  }

  /// Runs `work` within a transaction that it may share with others', and returns its result once that
  /// transaction is on disk. When `work` throws, nothing of it is kept and others are not touched.
  ///
  /// `work` may be run more than once before it counts, so it does nothing but database work.
  ///
  /// - Parameter ahead: announces what `work` will look up. What is made for that may be kept when `work` throws.
  public func write<T: Sendable>(
    ahead: (@Sendable (Connection) -> Void)? = nil,
    _ work: @escaping @Sendable (Connection) throws -> T
  ) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      submit(ahead: ahead, work) { continuation.resume(with: $0) }
    }
  }

  /// `write` for callers that can't wait, such as event loops. `completion` runs on the writer's thread, once,
  /// after the commit: it must be quick and not block. When the store can't take the work it is called at once,
  /// on the caller's thread.
  public func submit<T: Sendable>(
    ahead: (@Sendable (Connection) -> Void)? = nil,
    _ work: @escaping @Sendable (Connection) throws -> T, urgency: Urgency = .now,
    completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    // Looked at here, when the times in `work` have been taken: with a wrong clock they are wrong for good.
    if let reason = membership.obstacle { return completion(.failure(StoreError.unavailable(reason))) }
    writer.submit(ValueJob(ahead: ahead, work, completion), urgency)
  }

  /// `write` for what keeps our place among the servers, and must be done whether we are fit or not.
  func writeAsMember<T: Sendable>(_ work: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      writer.submit(ValueJob(work) { continuation.resume(with: $0) }, .now)
    }
  }

  /// Runs `work` on a reader's thread; all that it reads is of one moment. Writing there is an error.
  public func read<T: Sendable>(_ work: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      read(work) { continuation.resume(with: $0) }
    }
  }

  /// `read` for callers that can't wait; `completion` is called on a thread of the store.
  public func read<T: Sendable>(
    _ work: @escaping @Sendable (Connection) throws -> T,
    completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    readers.submit(ValueJob(work, completion))
  }

  /// Takes no more work, finishes what waits, closes the file.
  public func close() async {
    await withCheckedContinuation { continuation in
      readers.close { continuation.resume() }
    }
    await withCheckedContinuation { continuation in
      writer.close { continuation.resume() }
    }
    await WorkerThread.join(takeThreads())
  }
}
