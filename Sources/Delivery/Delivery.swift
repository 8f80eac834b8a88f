import Composition
import Logging
import MailModel
import ServiceLifecycle
import Signing
import Storage
import Synchronization

/// The second half of a message's walk: take what is due, prepare it, carry it, record what came of it.
public final class Delivery: Service {
  public struct Configuration: Sendable {
    /// Connections to one destination.
    public var connectionsPerDestination = 20
    /// How long an idle connection is kept for more mail.
    public var idleSeconds: Int64 = 2
    /// Postfix's rule: connections end by age, not by count, so that slow hosts don't attract more load.
    public var connectionSecondsMax: Int64 = 300
    /// Rest of a destination none of whose hosts could be reached.
    public var unreachableSeconds: Int64 = 60

    public init() {}
  }

  /// What makes one recipient's copy.
  public struct Preparation: Sendable {
    /// Stands in the Received field that is put on top.
    public var hostname: String
    /// Known once the HTTP side listens; links of ours can be made only then.
    public var tracking: @Sendable () -> TrackingContext?
    /// The keys that sign for a message's From.
    public var signer: @Sendable (Message) throws -> DKIMSigner?

    public init(
      hostname: String, tracking: @escaping @Sendable () -> TrackingContext?,
      signer: @escaping @Sendable (Message) throws -> DKIMSigner?
    ) {
      self.hostname = hostname
      self.tracking = tracking
      self.signer = signer
    }
  }

  let configuration: Configuration
  let preparation: Preparation
  let store: Store
  let courier: any Courier
  let dispatcher: Dispatcher
  let settler: Settler
  let schedule = RetrySchedule()
  let seenHosts = SeenHosts()
  let logger: Logger
  private let executor: (any TaskExecutor)?

  /// - Parameters:
  ///   - executor: where messages are prepared and signed; the shared pool when there is none.
  ///   - key: which destination the mail of a domain goes to; `{ _ in .everything }` for capture and relay.
  public init(
    store: Store, courier: any Courier, preparation: Preparation,
    configuration: Configuration = Configuration(), executor: (any TaskExecutor)? = nil,
    logger: Logger, key: @escaping @Sendable (String) -> DestinationKey
  ) {
    self.store = store
    self.courier = courier
    self.preparation = preparation
    self.configuration = configuration
    self.logger = logger
    self.executor = executor
    var limits = DispatchPlan.Limits()
    limits.workersPerDestination = configuration.connectionsPerDestination
    if store.membership.isShared { limits.refill = 200 }
    dispatcher = Dispatcher(limits: limits, key: key)
    settler = Settler(store: store, dispatcher: dispatcher, logger: logger)
  }

  /// Takes up messages that were just committed, with their content in memory. Never blocks; what finds no
  /// room is read from disk later.
  public func offer(_ messages: [LoadedMessage]) {
    dispatcher.offer(
      messages.filter { store.membership.mayDeliver(ownedBy: $0.entry.owner) }.map { QueueItem($0) })
  }

  /// What waits in memory may not be ours any more: it is read again.
  public func forgetWaiting() { dispatcher.forgetReady() }

  /// Messages being tried or settled now.
  public var inFlightCount: Int { dispatcher.unsettledCount }

  /// The same by account.
  public var inFlight: [AccountID: InFlight] { dispatcher.inFlight }

  /// Runs until graceful shutdown: then what is being carried is carried to its end and recorded, and
  /// the rest stays in the queue.
  public func run() async throws {
    await withGracefulShutdownHandler {
      await withTaskExecutorPreference(executor) { await deliver() }
      await recordLastOutcomes()
    } onGracefulShutdown: {
      self.dispatcher.drain()
    }
  }

  private func deliver() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.scan() }
      group.addTask {
        for await refill in self.dispatcher.refills { await self.refill(refill) }
      }
      for await key in dispatcher.starts {
        group.addTask { await self.work(at: key) }
      }
    }
  }

  /// The store is closed after us: first everything that was carried is recorded.
  private func recordLastOutcomes() async {
    while dispatcher.unsettledCount > 0, !Task.isCancelled {
      // Never to be recorded: rather delivered again than waited for.
      if case .failed = store.health { return }
      await settler.retryFailed()
      try? await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// Hosts that have taken mail from us before, as far as remembered: a 451 from another is probably greylisting.
final class SeenHosts: Sendable {
  private static let limit = 10_000
  private let hosts = Mutex<Set<String>>([])

  func note(_ host: String?) {
    guard let host else { return }
    hosts.withLock { hosts in
      if hosts.count >= Self.limit { hosts.removeAll(keepingCapacity: true) }
      hosts.insert(host)
    }
  }

  func contains(_ host: String?) -> Bool {
    guard let host else { return true }
    return hosts.withLock { $0.contains(host) }
  }
}
