#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A bounded queue between threads, for consumers that may block.
///
/// Unchecked: `waiting` and `isClosed` are only touched while `lock` is held.
final class Mailbox<Element: Sendable>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let arrived: UnsafeMutablePointer<pthread_cond_t>
  private let limit: Int
  private var waiting: [Element] = []
  private var isClosed = false

  init(limit: Int) {
    self.limit = limit
    lock = .allocate(capacity: 1)
    arrived = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(arrived, nil)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(lock)
    arrived.deallocate()
    lock.deallocate()
  }

  var count: Int { locked { waiting.count } }

  /// Nil when it was taken, else why not.
  func put(_ element: Element) -> StoreError? {
    locked {
      if isClosed { return .closed }
      if waiting.count >= limit { return .busy("\(waiting.count) requests are waiting") }
      waiting.append(element)
      pthread_cond_signal(arrived)
      return nil
    }
  }

  /// The element that has waited longest; nil once it is closed and drained.
  func takeFirst() -> Element? {
    locked {
      waitForSome()
      return waiting.isEmpty ? nil : waiting.removeFirst()
    }
  }

  /// Takes nothing more; what waits can still be taken.
  func close() {
    locked {
      isClosed = true
      pthread_cond_broadcast(arrived)
    }
  }

  private func waitForSome() {
    while waiting.isEmpty && !isClosed { pthread_cond_wait(arrived, lock) }
  }

  private func locked<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}
