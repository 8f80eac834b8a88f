import Composition
import Logging
import MailModel
import Storage
import Synchronization

/// Records outcomes. What the store can't take now is kept and tried again, and meanwhile nothing more
/// is delivered: a message delivered but not recorded would go out twice.
final class Settler: Sendable {
  private struct Waiting {
    var settlement: Settlement
    var key: DestinationKey
  }

  private let store: Store
  private let dispatcher: Dispatcher
  private let logger: Logger
  private let failed = Mutex<[Waiting]>([])

  init(store: Store, dispatcher: Dispatcher, logger: Logger) {
    self.store = store
    self.dispatcher = dispatcher
    self.logger = logger
  }

  /// False while outcomes can't be recorded.
  var isHealthy: Bool {
    if case .failed = store.health { return false }
    return failed.withLock { $0.isEmpty }
  }

  /// Hands the outcome to the group commit; does not wait for it.
  func settle(_ settlement: Settlement, at key: DestinationKey) {
    store.submit({ try $0.settle(settlement) }, urgency: .soon) { [self] result in
      switch result {
      case .success:
        dispatcher.settled(settlement.message, at: key)
      case .failure(let error):
        logger.error(
          "an outcome could not be recorded; delivery waits until it can",
          metadata: ["message": "\(settlement.message)", "error": "\(error)"])
        failed.withLock { $0.append(Waiting(settlement: settlement, key: key)) }
      }
    }
  }

  /// Tries again what could not be recorded. For a loop that comes by each second or so.
  func retryFailed() async {
    let waiting = failed.withLock { $0 }
    guard !waiting.isEmpty else { return }
    let settlements = waiting.map(\.settlement)
    do {
      try await store.write { connection in
        for settlement in settlements { try connection.settle(settlement) }
      }
    } catch {
      logger.warning("outcomes still can't be recorded", metadata: ["error": "\(error)"])
      return
    }
    failed.withLock { $0.removeFirst(waiting.count) }
    for item in waiting { dispatcher.settled(item.settlement.message, at: item.key) }
    logger.notice("outcomes are recorded again", metadata: ["count": "\(waiting.count)"])
  }
}
