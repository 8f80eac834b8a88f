import NIOCore
import Synchronization

/// Results of MX look-ups by domain, so that a run of messages to one domain asks once.
/// Bounded: when full, what has expired goes, and if that is not enough, everything.
final class MailHostCache: Sendable {
  private struct Entry {
    var result: MXResult
    var expiry: NIODeadline
  }

  private static let capacity = 20_000
  /// Seconds: a wrong answer must not live long, and the times of answers that say "no" are not known here.
  private static let longest = 300
  private static let longestNegative = 60
  private static let temporary = 5

  private let entries = Mutex<[String: Entry]>([:])

  subscript(domain: String) -> MXResult? {
    get {
      entries.withLock { entries in
        guard let entry = entries[domain], entry.expiry > .now() else { return nil }
        return entry.result
      }
    }
    set {
      guard let newValue else { return }
      let entry = Entry(result: newValue, expiry: .now() + .seconds(MailHostCache.lifetime(newValue)))
      entries.withLock { entries in
        if entries.count >= MailHostCache.capacity { MailHostCache.makeRoom(&entries) }
        entries[domain] = entry
      }
    }
  }

  private static func makeRoom(_ entries: inout [String: Entry]) {
    let now = NIODeadline.now()
    entries = entries.filter { $0.value.expiry > now }
    if entries.count >= capacity { entries.removeAll() }
  }

  private static func lifetime(_ result: MXResult) -> Int64 {
    switch result {
    case .hosts(let hosts): Int64(min(hosts.map(\.timeToLive).min() ?? 0, longest))
    case .nullMX, .noSuchDomain: Int64(longestNegative)
    case .temporary: Int64(temporary)
    }
  }
}
