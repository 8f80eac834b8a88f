import MailModel
import Storage

/// A due message in memory. Its content is left on disk when too much of it is in memory already.
struct QueueItem: Sendable {
  var entry: QueueEntry
  var loaded: LoadedMessage?

  /// Found in the queue on disk.
  init(_ entry: QueueEntry) {
    self.entry = entry
  }

  /// Just committed, or read.
  init(_ loaded: LoadedMessage) {
    self.entry = loaded.entry
    self.loaded = loaded
  }

  var id: MessageID { entry.message }
  /// Content held in memory.
  var contentBytes: Int { loaded?.original.body.count ?? 0 }
}

/// Whose queue a message waits in: those of one destination share connections, limits and fate.
public enum DestinationKey: Sendable, Hashable {
  /// Everything goes to one place: a smarthost, or nowhere in capture mode.
  case everything
  case domain(String)

  /// The domain that its rows in the store have; nil for any.
  var domain: String? {
    if case .domain(let name) = self { return name }
    return nil
  }
}
