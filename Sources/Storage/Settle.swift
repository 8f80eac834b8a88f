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
    edits: [UInt8]? = nil, result: Result, category: String? = nil
  ) {
    self.message = message
    self.campaign = campaign
    self.at = at
    self.attempt = attempt
    self.preparedAt = preparedAt
    self.edits = edits
    self.result = result
    self.category = category
  }
}

extension Connection {
  /// Records the end of a try: status, queue row removed or given its next due time, events, edits, totals.
  /// What was cancelled meanwhile stays so, unless it was in fact delivered.
  public func settle(_ settlement: Settlement) throws { let _: Void = try pending() }
}
