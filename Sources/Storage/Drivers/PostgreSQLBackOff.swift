import Synchronization

/// When to try again to reach a server that could not be reached: soon at first, then every few seconds, at random so
/// that many that wait do not come at once.
struct BackOff {
  private static let longest = 3.0
  private var seconds = 0.1
  private var next: ContinuousClock.Instant?
  /// Why it was not reached the last time.
  var error: any Error = StoreError.unavailable("not connected to PostgreSQL")

  mutating func failed(_ error: any Error) {
    self.error = error
    next = ContinuousClock.now + delay
    seconds = min(Self.longest, seconds * 2)
  }

  var delay: Duration { .seconds(seconds * Double.random(in: 0.5...1)) }

  /// Throws the last error while it is too early for another try.
  func check() throws {
    if let next, ContinuousClock.now < next { throw error }
  }
}

/// What the connections of a store have asked of the server.
final class PostgreSQLTraffic: Sendable {
  private let sent = Atomic<Int>(0)
  private let waits = Atomic<Int>(0)

  var statements: Int { sent.load(ordering: .relaxed) }
  /// Times that somebody waited for an answer.
  var roundTrips: Int { waits.load(ordering: .relaxed) }

  func noteStatement() { sent.add(1, ordering: .relaxed) }
  func noteRoundTrip() { waits.add(1, ordering: .relaxed) }
}
