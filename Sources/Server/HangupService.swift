import ServiceLifecycle
import UnixSignals

/// Calls a function at each SIGHUP.
struct HangupService: Service {
  let action: @Sendable () -> Void

  init(_ action: @escaping @Sendable () -> Void) {
    self.action = action
  }

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { action() }
  }
}
