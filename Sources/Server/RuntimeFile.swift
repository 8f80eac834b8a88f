import Delivery
import Glibc
import Logging
import MailModel
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Tells scripts and commands about the running server: `DATA/runtime.json`, there while the server is ready.
/// It says where the server listens, and how many messages are on their way.
final class RuntimeFile: Service {
  private struct State {
    var listeners: [(name: String, address: String)] = []
    var inFlight: [AccountID: InFlight] = [:]
  }

  /// How soon the file follows what it tells; it is written only when that has changed.
  private static let interval = Duration.milliseconds(250)

  private let path: String
  private let expected: Set<String>
  private let threads: NIOThreadPool
  private let inFlight: @Sendable () -> [AccountID: InFlight]
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameters:
  ///   - expected: names of the listeners without which the server is not ready.
  ///   - threads: where the file is written once the server runs.
  init(
    path: String, expected: Set<String>, threads: NIOThreadPool,
    inFlight: @escaping @Sendable () -> [AccountID: InFlight], logger: Logger
  ) {
    self.path = path
    self.expected = expected
    self.threads = threads
    self.inFlight = inFlight
    self.logger = logger
    unlink(path)
  }

  var isReady: Bool { state.withLock { isReady($0) } }

  private func isReady(_ state: State) -> Bool {
    expected.isSubset(of: state.listeners.map(\.name))
  }

  /// A listener has its address; with the last of them the file is written.
  func note(_ name: String, _ address: String) {
    logger.notice("listening", metadata: ["listener": "\(name)", "address": "\(address)"])
    state.withLock { state in
      state.listeners.append((name, address))
      if isReady(state) { write(state) }
    }
  }

  func run() async throws {
    // With roles that listen nowhere it is ready at once.
    if expected.isEmpty { await note(inFlight()) }
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let now = inFlight()
      if state.withLock({ $0.inFlight != now }) { await note(now) }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
    }
    unlink(path)
  }

  private func note(_ now: [AccountID: InFlight]) async {
    try? await threads.runIfActive { [self] in
      state.withLock { state in
        state.inFlight = now
        if isReady(state) { write(state) }
      }
    }
  }

  /// Written aside and renamed, so that nobody reads half of it. One at a time: called with the lock held.
  private func write(_ state: State) {
    let aside = path + ".new"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      return logger.error("the runtime file could not be written", metadata: ["path": "\(path)"])
    }
    let bytes = Array(Self.text(state).utf8)
    let isWhole = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    close(descriptor)
    if !isWhole || rename(aside, path) != 0 {
      logger.error("the runtime file could not be written", metadata: ["path": "\(path)"])
    }
  }

  private static func text(_ state: State) -> String {
    let listeners = state.listeners.map { "\"\($0.name)\":\"\($0.address)\"" }.joined(separator: ",")
    let inFlight = state.inFlight.sorted { $0.key.value < $1.key.value }.map { account, counts in
      "{\"account\":\(account),\"queued\":\(counts.queued),\"deferred\":\(counts.deferred)}"
    }.joined(separator: ",")
    return "{\"pid\":\(getpid()),\"listeners\":{\(listeners)},\"inFlight\":[\(inFlight)]}\n"
  }
}
