import Logging
import MailModel

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The one way to what is kept: reads on their own threads, writes by one thread that lets all work that
/// waited share a commit.
public final class Store: Sendable {
  /// Where the database is and how much may wait for it.
  public struct Configuration: Sendable {
    /// Path of the SQLite file; its folder must exist.
    public var path: String
    /// 0 to 1023: part of every id made through this store. Two processes on one database must differ: the
    /// server takes 0, a command a number from its process id (the default).
    public var node: Int
    /// Connections, and threads, that read.
    public var readerCount = 4
    /// Work items that may wait for the writer before `busy` is the answer.
    public var pendingLimit = 20_000

    public init(path: String, node: Int? = nil) {
      self.path = path
      self.node = node ?? 1 + Int(getpid()) % 1023
    }
  }

  /// Whether what is written can be trusted to stay.
  public enum Health: Sendable, Hashable {
    case healthy
    /// A commit failed in a way that leaves the disk in doubt; no write is taken until a restart.
    case failed(String)
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
  }

  /// Makes ids for messages, originals, events and sends.
  public let identifiers: IdentifierGenerator
  private let writer: Writer
  private let readers: ReaderPool

  /// Opens the database, makes it if there is none, and brings its schema up to date. Blocks; safe when several
  /// processes do it at once.
  public static func open(_ configuration: Configuration, logger: Logger) throws -> Store {
    let identifiers = IdentifierGenerator(node: configuration.node)
    let path = configuration.path
    makePrivateFile(path)
    let connection = Connection(
      .sqlite(try SQLiteDriver(path: path, isReader: false)), identifiers: identifiers)
    try connection.access { try Schema.migrate(connection, at: .now()) }
    let writer = Writer(connection, limit: configuration.pendingLimit, logger: logger)
    let readers = ReaderPool(limit: configuration.pendingLimit, logger: logger)
    for _ in 1...max(1, configuration.readerCount) {
      try readers.addThread {
        Connection(.sqlite(try SQLiteDriver(path: path, isReader: true)), identifiers: identifiers)
      }
    }
    try WorkerThread.start("store-writer") { writer.run() }
    return Store(identifiers: identifiers, writer: writer, readers: readers)
  }

  /// The database has private keys in it, and SQLite gives the files beside it the same permissions. An existing
  /// file is not opened: closing it would take away the locks that another store of this process has on it.
  private static func makePrivateFile(_ path: String) {
    let flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC
    #if canImport(Glibc)
      let file = Glibc.open(path, flags, 0o600)
      if file >= 0 { _ = Glibc.close(file) }
    #else
      let file = Musl.open(path, flags, 0o600)
      if file >= 0 { _ = Musl.close(file) }
    #endif
  }

  private init(identifiers: IdentifierGenerator, writer: Writer, readers: ReaderPool) {
    self.identifiers = identifiers
    self.writer = writer
    self.readers = readers
  }

  deinit {
    readers.close {}
    writer.close {}
  }

  public var health: Health { writer.health }
  public var statistics: Statistics { writer.statistics }

  /// Runs `work` within a transaction that it may share with others', and returns its result once that
  /// transaction is on disk. When `work` throws, nothing of it is kept and others are not touched.
  ///
  /// `work` may be run more than once before it counts, so it does nothing but database work.
  public func write<T: Sendable>(_ work: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      submit(work) { continuation.resume(with: $0) }
    }
  }

  /// `write` for callers that can't wait, such as event loops. `completion` runs on the writer's thread, once,
  /// after the commit: it must be quick and not block. When the store can't take the work it is called at once,
  /// on the caller's thread.
  public func submit<T: Sendable>(
    _ work: @escaping @Sendable (Connection) throws -> T, urgency: Urgency = .now,
    completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    writer.submit(ValueJob(work, completion), urgency)
  }

  /// Runs `work` on a reader's thread; all that it reads is of one moment. Writing there is an error.
  public func read<T: Sendable>(_ work: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      readers.submit(ValueJob(work) { continuation.resume(with: $0) })
    }
  }

  /// Takes no more work, finishes what waits, closes the file.
  public func close() async {
    await withCheckedContinuation { continuation in
      readers.close { continuation.resume() }
    }
    await withCheckedContinuation { continuation in
      writer.close { continuation.resume() }
    }
  }
}
