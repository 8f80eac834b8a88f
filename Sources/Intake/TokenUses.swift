import MailModel
import Storage
import Synchronization

/// When access tokens were used last, coarsely: noted in memory by requests, and written in one go by whoever
/// comes by now and then.
final class TokenUses: Sendable {
  /// A token that was noted is left alone for so long.
  static let secondsBetween: Int64 = 60

  private struct State {
    /// When each was noted last; bounded by the number of tokens there are.
    var noted: [AccessTokenID: Instant] = [:]
    /// What is still to be written.
    var unwritten: [AccessTokenID: Instant] = [:]
  }

  private let state = Mutex(State())

  func note(_ id: AccessTokenID, at now: Instant) {
    state.withLock { state in
      if let last = state.noted[id], now < last.advanced(bySeconds: Self.secondsBetween) { return }
      state.noted[id] = now
      state.unwritten[id] = now
    }
  }

  /// Writes what was noted since the last time; what can't be written now is kept for the next.
  func write(to store: Store) async throws {
    let uses = state.withLock { state in
      defer { state.unwritten = [:] }
      return state.unwritten
    }
    if uses.isEmpty { return }
    do {
      try await store.write { connection in
        for (id, instant) in uses { try connection.touchAccessToken(id, at: instant) }
      }
    } catch {
      state.withLock { $0.unwritten.merge(uses) { newer, _ in newer } }
      throw error
    }
  }
}
