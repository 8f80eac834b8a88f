import MailModel

/// How one try at a message ended.
public struct Settlement: Sendable {
  public enum Result: Sendable {
    case delivered(RemoteAnswer)
    case deferred(RemoteAnswer, until: Instant)
    case bounced(RemoteAnswer)
    /// Out of time; the answer is the last one.
    case expired(RemoteAnswer)
    /// Capture mode: prepared and kept, never sent.
    case captured
    /// Never tried.
    case dropped(reason: String, text: String)
  }

  public var message: MessageID
  /// Whose it was to deliver.
  public var owner: NodeSession?
  /// The message's own.
  public var campaign: CampaignID?
  public var at: Instant
  /// 1 for the first try.
  public var attempt: Int
  /// Set when it was prepared at this try, which gives a PROCESSED event; `edits` are then kept.
  public var preparedAt: Instant?
  /// Composition's encoded edits.
  public var edits: [UInt8]?
  public var result: Result
  /// Class of a bounce or deferral.
  public var category: String?

  public init(
    message: MessageID, campaign: CampaignID?, at: Instant, attempt: Int, preparedAt: Instant? = nil,
    edits: [UInt8]? = nil, result: Result, category: String? = nil,
    owner: NodeSession? = nil
  ) {
    self.message = message
    self.campaign = campaign
    self.at = at
    self.attempt = attempt
    self.preparedAt = preparedAt
    self.edits = edits
    self.result = result
    self.category = category
    self.owner = owner
  }
}

extension Connection {
  /// Records the end of a try: status, queue row removed or given its next due time, events, edits, totals.
  /// What was cancelled meanwhile stays so, unless it was in fact delivered.
  public func settle(_ settlement: Settlement) throws {
    if let preparedAt = settlement.preparedAt {
      try insertEvent(newEvent(at: preparedAt), settlement.message, .processed, preparedAt, .null)
      if let edits = settlement.edits { try keepEdits(edits, of: settlement.message) }
    }
    switch settlement.result {
    case .delivered(let answer):
      try finish(settlement, .delivered, .delivered, settlement.detail(answer), .delivered)
    case .bounced(let answer):
      try finish(settlement, .bounced, .bounce, settlement.detail(answer), .bounced)
    case .expired(let answer):
      try finish(settlement, .expired, .bounce, settlement.detail(answer), .bounced)
    case .captured:
      try finish(settlement, .captured, nil, EventDetail(), nil)
    case .dropped(let reason, let text):
      var detail = EventDetail()
      detail.dropReason = reason
      detail.dropMessage = text
      try finish(settlement, .dropped, .dropped, detail, .dropped)
    case .deferred(let answer, let until):
      try deferMessage(settlement, answer, until: until)
    }
  }

  private func finish(
    _ settlement: Settlement, _ status: MessageStatus, _ type: EventType?, _ detail: EventDetail,
    _ counter: Counter?
  ) throws {
    try execute(
      composed: """
        UPDATE message SET status = $2, attempts = $3, processed_at = coalesce(processed_at, $4),
          completed_at = $5
        WHERE id = $1\(within(.message, "id", of: settlement.message.value))
        """,
      [
        .of(settlement.message), .of(status.rawValue), .of(settlement.attempt), .of(settlement.preparedAt),
        .of(settlement.at),
      ])
    try execute("DELETE FROM queue WHERE message_id = $1", .of(settlement.message))
    if let type {
      try insertEvent(
        newEvent(at: settlement.at), settlement.message, type, settlement.at, detail.stored)
    }
    if let counter { count(settlement.campaign, counter, at: settlement.at) }
  }

  private func deferMessage(_ settlement: Settlement, _ answer: RemoteAnswer, until: Instant) throws {
    // What was cancelled or otherwise ended meanwhile keeps its status; then there is no queue row either.
    try execute(
      composed: """
        UPDATE message SET status = 'deferred', attempts = $2, processed_at = coalesce(processed_at, $3)
        WHERE id = $1\(within(.message, "id", of: settlement.message.value))
          AND status IN ('queued', 'deferred')
        """, [.of(settlement.message), .of(settlement.attempt), .of(settlement.preparedAt)])
    // Whoever took it over meanwhile has its own say about the next try.
    try execute(
      """
      UPDATE queue SET due_at = $2, attempts = $3, owner = NULL
      WHERE message_id = $1 AND owner IS NOT DISTINCT FROM $4
      """, .of(settlement.message), .of(until), .of(settlement.attempt), .of(settlement.owner))
    var detail = settlement.detail(answer)
    detail.nextAttemptAt = until.milliseconds
    try insertEvent(
      newEvent(at: settlement.at), settlement.message, .deferred, settlement.at, detail.stored)
    if settlement.attempt == 1 { count(settlement.campaign, .deferred, at: settlement.at) }
  }

  private func keepEdits(_ edits: [UInt8], of message: MessageID) throws {
    try execute(
      """
      INSERT INTO message_edits (message_id, bytes) VALUES ($1, $2)
      ON CONFLICT (message_id) DO UPDATE SET bytes = excluded.bytes
      """, .of(message), .of(edits))
  }

  private func newEvent(at now: Instant) -> EventID { EventID(identifiers.next(at: now)) }
}

extension Settlement {
  /// The event's fields that come from the remote's answer.
  fileprivate func detail(_ answer: RemoteAnswer) -> EventDetail {
    var detail = EventDetail()
    detail.response = answer.code > 0 ? "\(answer.code) \(answer.text)" : answer.text
    detail.status = answer.enhancedStatus
    detail.category = category
    detail.stage = answer.stage.rawValue
    detail.attempt = attempt
    detail.host = answer.host
    detail.ipAddress = answer.ipAddress
    detail.tls = answer.tls
    return detail
  }
}
