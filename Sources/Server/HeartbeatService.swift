import Logging
import ServiceLifecycle
import Storage

/// Keeps this server's lease on a shared database, and takes over from servers that lost theirs where it is told to.
struct HeartbeatService: Service {
  let store: Store
  /// Whether it takes over from others, too.
  let sweeps: Bool
  let logger: Logger
  /// What is in memory is no longer ours.
  let onLoss: @Sendable () -> Void
  let onNewSession: @Sendable () async -> Void

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while true {
        try? await Task.sleep(for: Store.heartbeatInterval)
        if Task.isCancelled { return }
        await beat()
      }
    }
  }

  private func beat() async {
    do {
      let (state, gone, freed) = try await store.heartbeat(sweeps: sweeps)
      for name in gone {
        logger.warning(
          "a server has stopped answering; others take over its mail", metadata: ["server": "\(name)"])
      }
      if freed > 0 { logger.notice("mail without a server was taken over", metadata: ["count": "\(freed)"]) }
      switch state {
      case .alive: break
      case .rejoined:
        logger.warning("this server had lost its lease on the database; what it had was taken over by others")
        onLoss()
        await onNewSession()
      case .unfit(let reason):
        logger.error("this server takes no mail and delivers none", metadata: ["reason": "\(reason)"])
        onLoss()
      }
    } catch {
      logger.warning("the lease could not be renewed", metadata: ["error": "\(error)"])
    }
  }
}
