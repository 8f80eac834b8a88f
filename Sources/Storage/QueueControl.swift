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
    try queueRows(filter, after: after, limit: limit, condition: nil)
  }

  private func queueRows(
    _ filter: QueueFilter, after: MessageID?, limit: Int, condition: String?
  ) throws -> [QueueEntry] {
    var conditions = ["message_id > $1"]
    var arguments: [SQLValue] = [.of(after ?? MessageID(0)), .of(limit)]
    func add(_ column: String, _ value: SQLValue) {
      arguments.append(value)
      // By id in any case, so that all slices together are one pass.
      conditions.append("\(dialect.unindexed(column)) = $\(arguments.count)")
    }
    if let account = filter.account { add("account_id", .of(account)) }
    if let message = filter.message {
      arguments.append(.of(message))
      conditions.append("message_id = $\(arguments.count)")
    }
    if let domain = filter.domain { add("domain", .of(domain)) }
    if let condition { conditions.append(condition) }
    return try rows(
      composed: """
        SELECT \(Self.queueColumns) FROM queue
        WHERE \(conditions.joined(separator: " AND ")) ORDER BY message_id LIMIT $2
        """, arguments, map: Self.queueEntry)
  }

  /// Makes the change to at most `limit` rows that it is not made to yet, by id after `after`, and tells the
  /// server. Returns how many and the last id looked at, to go on from; nil when there were no more.
  public func change(
    _ change: QueueChange, _ filter: QueueFilter, after: MessageID?, limit: Int, at now: Instant
  ) throws -> (count: Int, last: MessageID?) {
    let entries = try queueRows(filter, after: after, limit: limit, condition: Self.unchanged(change))
    for entry in entries { try apply(change, to: entry.message, at: now) }
    if !entries.isEmpty { try bump(.queue) }
    return (entries.count, entries.count < limit ? nil : entries.last?.message)
  }

  /// Which rows a change would make a difference to.
  private static func unchanged(_ change: QueueChange) -> String? {
    switch change {
    case .hold: "+is_held = 0"
    case .release: "+is_held = 1"
    case .cancel: nil
    case .retry: "+is_held = 0"
    }
  }

  private func apply(_ change: QueueChange, to message: MessageID, at now: Instant) throws {
    switch change {
    case .hold: try execute("UPDATE queue SET is_held = 1 WHERE message_id = $1", .of(message))
    case .release: try execute("UPDATE queue SET is_held = 0 WHERE message_id = $1", .of(message))
    case .retry:
      try execute(
        "UPDATE queue SET due_at = $2 WHERE message_id = $1 AND due_at > $2", .of(message), .of(now))
    case .cancel: try cancel(message, at: now)
    }
  }

  private func cancel(_ message: MessageID, at now: Instant) throws {
    let campaign = try first(
      """
      UPDATE message SET status = 'cancelled', completed_at = $2 WHERE id = $1 RETURNING campaign_id
      """, .of(message), .of(now), map: { $0.optionalID(0) as CampaignID? })
    try execute("DELETE FROM queue WHERE message_id = $1", .of(message))
    var detail = EventDetail()
    detail.dropReason = "CAMPAIGN_CANCELLED"
    detail.dropMessage = "taken out of the queue by an operator"
    try insertEvent(EventID(identifiers.next(at: now)), message, .dropped, now, detail.stored)
    count(campaign ?? nil, .dropped, at: now)
  }
}

extension Store {
  /// Makes the change to all that match, in slices that don't hold up senders. Returns how many.
  public func change(_ change: QueueChange, _ filter: QueueFilter, at now: Instant) async throws -> Int {
    var total = 0
    var last: MessageID?
    repeat {
      let after = last
      let slice = try await write { try $0.change(change, filter, after: after, limit: 500, at: now) }
      total += slice.count
      last = slice.last
    } while last != nil
    return total
  }
}
