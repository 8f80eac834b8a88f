import Logging
import MailModel

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
      self.node = node ?? 1
    }
  }

  /// Whether what is written can be trusted to stay.
  public enum Health: Sendable, Hashable {
    case healthy
    /// A commit failed in a way that leaves the disk in doubt; no write is taken until a restart.
    case failed(String)
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

  /// Opens the database, makes it if there is none, and brings its schema up to date. Blocks; safe when several
  /// processes do it at once.
  public static func open(_ configuration: Configuration, logger: Logger) throws -> Store {
    Store(identifiers: IdentifierGenerator(node: configuration.node))
  }

  init(identifiers: IdentifierGenerator) {
    self.identifiers = identifiers
  }

  public var health: Health { .healthy }
  public var statistics: Statistics { Statistics() }

  /// Runs `work` within a transaction that it may share with others', and returns its result once that
  /// transaction is on disk. When `work` throws, nothing of it is kept and others are not touched.
  ///
  /// `work` may be run more than once before it counts, so it does nothing but database work.
  public func write<T: Sendable>(_ work: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try pending()
  }

  /// `write` for callers that can't wait, such as event loops. `completion` runs on the writer's thread, once,
  /// after the commit: it must be quick and not block. When too much waits it is called with `busy` at once.
  public func submit<T: Sendable>(
    _ work: @escaping @Sendable (Connection) throws -> T,
    completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    completion(.failure(StoreError.other("not built yet")))
  }

  /// Runs `work` on a reader's thread; all that it reads is of one moment. Writing there is an error.
  public func read<T: Sendable>(_ work: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try pending()
  }

  /// Takes no more work, finishes what waits, closes the file.
  public func close() async {}
}
