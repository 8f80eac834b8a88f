import NIOCore

/// The inbound connections of one event loop. One clock for all of them, each second, is much cheaper than a
/// timer for each, and limits are tens of seconds long. Used on its loop only.
final class ConnectionRegistry {
  private var handlers: [ObjectIdentifier: SMTPServerHandler] = [:]
  private var clock: RepeatedTask?
  /// No new messages: the listener shuts down.
  private(set) var isDraining = false

  func startClock(on eventLoop: any EventLoop) {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    clock = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      bound.value.tick()
    }
  }

  func add(_ handler: SMTPServerHandler) {
    handlers[ObjectIdentifier(handler)] = handler
  }

  func remove(_ handler: SMTPServerHandler) {
    handlers[ObjectIdentifier(handler)] = nil
  }

  /// Tells all connections to finish what is under way.
  func drain() {
    isDraining = true
    for handler in Array(handlers.values) { handler.shutDown() }
  }

  /// Closes what is left, and stops the clock.
  func closeAll() {
    clock?.cancel()
    for handler in Array(handlers.values) { handler.closeAtOnce() }
  }

  private func tick() {
    let now = NIODeadline.now()
    for handler in Array(handlers.values) { handler.tick(now) }
  }
}
