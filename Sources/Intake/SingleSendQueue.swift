import DequeModule
import Synchronization

/// Work that waits in memory for one of several workers; bounded in number and bytes, first in first out.
final class WorkQueue<Item: Sendable>: Sendable {
  private struct State {
    var items: Deque<(item: Item, bytes: Int)> = []
    /// Of all items.
    var bytes = 0
    var waiting: Deque<CheckedContinuation<Item?, Never>> = []
    var isClosed = false
  }

  private let state = Mutex(State())
  let limit: Int
  let byteLimit: Int

  init(limit: Int, byteLimit: Int) {
    self.limit = limit
    self.byteLimit = byteLimit
  }

  /// False when it is full or closed: the item was not taken. One item of any size finds room in an empty queue.
  func offer(_ item: Item, bytes: Int) -> Bool {
    let worker: CheckedContinuation<Item?, Never>?? = state.withLock { state in
      guard !state.isClosed else { return nil }
      if let worker = state.waiting.popFirst() { return .some(worker) }
      guard state.items.count < limit, state.items.isEmpty || state.bytes + bytes <= byteLimit else {
        return nil
      }
      state.items.append((item, bytes))
      state.bytes += bytes
      return .some(nil)
    }
    guard let worker else { return false }
    worker?.resume(returning: item)
    return true
  }

  /// The next item; nil once closed.
  func next() async -> Item? {
    await withCheckedContinuation { continuation in
      let answer: Item?? = state.withLock { state in
        if state.isClosed { return .some(nil) }
        if let first = state.items.popFirst() {
          state.bytes -= first.bytes
          return first.item
        }
        state.waiting.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Lets all workers go; what still waits is dropped from memory.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      state.items = []
      state.bytes = 0
      defer { state.waiting = [] }
      return state.waiting
    }
    for worker in waiting { worker.resume(returning: nil) }
  }

  var count: Int { state.withLock { $0.items.count } }
}
