import MailModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Names one stretch of a server's life on a shared database: from its start, or from the loss of its lease, to the
/// next. What a session owns nobody else delivers; when it is over, its number never comes again.
public typealias NodeSession = Identifier<Membership>

/// A server's place among those that share a database: its number, and the session that holds it.
public struct NodePlace: Sendable, Hashable {
  /// 0 to 511.
  public var number: Int
  public var session: NodeSession

  public init(number: Int, session: NodeSession) {
    self.number = number
    self.session = session
  }
}

/// This process among those that share a database: what it may deliver, and until when.
///
/// On SQLite it is the only one, and everything is its own. On PostgreSQL it holds a lease that `Store.heartbeat`
/// renews; deadlines are kept on this machine's monotonic clock, counted from before the renewal was asked for, so
/// that neither a clock that jumps nor a process that was stopped for a while makes it last too long.
public final class Membership: Sendable {
  /// How long a lease lasts unless renewed, by the database's clock.
  let lease: Duration
  /// Delivery stops this long before the lease ends.
  private static let margin = Duration.seconds(3)
  /// A clock further off than this from the database's would deliver early, or give up, what is not due.
  static let clockTolerance: Int64 = 10_000

  private struct State {
    var session: NodeSession
    var validUntil: ContinuousClock.Instant
    /// Why the last heartbeat found this process unfit.
    var unfit: String?
    var takesNew = false
    /// This machine's wall clock less its monotonic one, when it was last found to agree with the database's.
    var clockOffset = Membership.clockOffset()

    /// Why this process takes no part now. A clock that is set is noticed at once, not only at the next heartbeat:
    /// what is accepted or given up in between would have the wrong times for good.
    func obstacle() -> String? {
      if let unfit { return unfit }
      guard abs(Membership.clockOffset() - clockOffset) > Membership.clockTolerance else { return nil }
      return "this machine's clock has just been set; it is compared with the database's in a moment"
    }
  }

  /// Nil: the only one.
  private let state: Mutex<State?>
  /// Whether other processes may deliver from the same database.
  public let isShared: Bool
  /// 0 to 511: part of the ids that it makes.
  let number: Int

  /// The only process that delivers.
  static let sole = Membership()

  private init() {
    state = Mutex(nil)
    isShared = false
    number = 0
    lease = .zero
  }

  init(_ session: NodeSession, number: Int, lease: Duration, since begin: ContinuousClock.Instant) {
    state = Mutex(State(session: session, validUntil: begin + lease - Self.margin))
    isShared = true
    self.number = number
    self.lease = lease
  }

  /// The session; nil when it is the only process.
  public var session: NodeSession? { state.withLock { $0?.session } }

  /// Where this process is now among the servers; nil when it is the only one.
  public var place: NodePlace? { session.map { NodePlace(number: number, session: $0) } }

  /// Whom a message accepted now belongs to: us, or with nil, whoever takes it up first.
  public var ownerOfNew: NodeSession? {
    guard isShared else { return nil }
    return state.withLock { state in
      guard let state, state.takesNew, state.obstacle() == nil else { return nil }
      return state.session
    }
  }

  /// Whether a message may be delivered by us now.
  public func mayDeliver(ownedBy owner: NodeSession?) -> Bool {
    guard isShared else { return true }
    let now = ContinuousClock.now
    return state.withLock { state in
      guard let state else { return false }
      return state.session == owner && now < state.validUntil && state.obstacle() == nil
    }
  }

  /// Why this process takes no part; nil when it does.
  public var obstacle: String? { isShared ? state.withLock { $0?.obstacle() } : nil }

  /// Delivery says whether it has room; until then, and without, what comes in is left for any process to take up.
  public func setTakesNew(_ takesNew: Bool) {
    if isShared { state.withLock { $0?.takesNew = takesNew } }
  }

  func renewed(since begin: ContinuousClock.Instant) {
    state.withLock { state in
      state?.validUntil = begin + lease - Self.margin
      state?.unfit = nil
      state?.clockOffset = Self.clockOffset()
    }
  }

  func rejoined(_ session: NodeSession, since begin: ContinuousClock.Instant) {
    state.withLock { state in
      state?.session = session
      state?.validUntil = begin + lease - Self.margin
    }
  }

  func becameUnfit(_ reason: String) {
    state.withLock { $0?.unfit = reason }
  }

  /// Milliseconds.
  private static func clockOffset() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant.now().milliseconds - Int64(time.tv_sec) * 1000 - Int64(time.tv_nsec) / 1_000_000
  }
}
