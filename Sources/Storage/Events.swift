import MailModel

/// What is needed to answer a click and to judge an open.
public struct TrackingTarget: Sendable {
  public var message: MessageID
  public var account: AccountID
  public var campaign: CampaignID?
  public var status: MessageStatus
  /// When it was delivered (or otherwise ended).
  public var completedAt: Instant?
  /// Composition's encoded tracking plan, which has the links' URLs.
  public var plan: [UInt8]?
}

extension Connection {
  public func append(_ event: Event) throws { let _: Void = try pending() }

  /// Events of a message, oldest first.
  public func events(message: MessageID) throws -> [Event] { try pending() }

  public func trackingTarget(message: MessageID) throws -> TrackingTarget? { try pending() }

  /// Keeps an OPEN event and, unless `detail.filteredEvent` is true, counts it. False when there is no such
  /// message.
  @discardableResult
  public func recordOpen(message: MessageID, at now: Instant, detail: EventDetail) throws -> Bool {
    try pending()
  }

  /// Keeps a CLICK event and, unless `detail.filteredEvent` is true, counts it; a click in a message that was
  /// never opened counts as its first open too. False when there is no such message.
  @discardableResult
  public func recordClick(message: MessageID, at now: Instant, detail: EventDetail) throws -> Bool {
    try pending()
  }
}
