import MailModel

/// Which queued messages an operator means; all that is given must match, nothing given means all.
public struct QueueFilter: Sendable, Hashable {
  public var account: AccountID?
  public var message: MessageID?
  public var domain: String?

  public init(account: AccountID? = nil, message: MessageID? = nil, domain: String? = nil) {
    self.account = account
    self.message = message
    self.domain = domain
  }
}

/// What an operator can do to queued messages.
public enum QueueChange: String, Sendable, CaseIterable {
  /// Not to be tried until released.
  case hold
  case release
  /// Taken out of the queue with status `cancelled` and a DROPPED event.
  case cancel
  /// Due now.
  case retry
}

extension Connection {
  /// Rows by id; `after` is the last id of the page before.
  public func queue(_ filter: QueueFilter, after: MessageID? = nil, limit: Int) throws -> [QueueEntry] {
    try pending()
  }

  /// Makes the change to at most `limit` rows that it is not made to yet, by id after `after`, and tells the
  /// server. Returns how many and the last id looked at, to go on from; nil when there were no more.
  public func change(
    _ change: QueueChange, _ filter: QueueFilter, after: MessageID?, limit: Int, at now: Instant
  ) throws -> (count: Int, last: MessageID?) { try pending() }
}

extension Store {
  /// Makes the change to all that match, in slices that don't hold up senders. Returns how many.
  public func change(_ change: QueueChange, _ filter: QueueFilter, at now: Instant) async throws -> Int {
    try pending()
  }
}
