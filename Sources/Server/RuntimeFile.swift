import Glibc
import Logging
import ServiceLifecycle
import Synchronization

/// Tells scripts where the server listens: `DATA/runtime.json`, there while the server is ready.
final class RuntimeFile: Service {
  private let path: String
  private let expected: Set<String>
  private let logger: Logger
  private let listeners = Mutex<[(name: String, address: String)]>([])

  /// - Parameter expected: names of the listeners without which the server is not ready.
  init(path: String, expected: Set<String>, logger: Logger) {
    self.path = path
    self.expected = expected
    self.logger = logger
    unlink(path)
  }

  var isReady: Bool {
    listeners.withLock { known in expected.isSubset(of: known.map(\.name)) }
  }

  /// A listener has its address; with the last of them the file is written.
  func note(_ name: String, _ address: String) {
    let all = listeners.withLock { known in
      known.append((name, address))
      return known
    }
    logger.notice("listening", metadata: ["listener": "\(name)", "address": "\(address)"])
    if isReady { write(all) }
  }

  func run() async throws {
    try? await gracefulShutdown()
    unlink(path)
  }

  /// Written aside and renamed, so that nobody reads half of it.
  private func write(_ listeners: [(name: String, address: String)]) {
    let entries = listeners.map { "\"\($0.name)\":\"\($0.address)\"" }.joined(separator: ",")
    let text = "{\"pid\":\(getpid()),\"listeners\":{\(entries)}}\n"
    let aside = path + ".new"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      return logger.error("the runtime file could not be written", metadata: ["path": "\(path)"])
    }
    let bytes = Array(text.utf8)
    let isWhole = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    close(descriptor)
    if !isWhole || rename(aside, path) != 0 {
      logger.error("the runtime file could not be written", metadata: ["path": "\(path)"])
    }
  }
}
