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
  public func append(_ event: Event) throws {
    try insertEvent(event.id, event.message, event.type, event.at, event.detail.stored)
  }

  func insertEvent(
    _ id: EventID, _ message: MessageID, _ type: EventType, _ at: Instant, _ detail: SQLValue
  ) throws {
    try execute(
      "INSERT INTO event (message_id, id, type, at, detail) VALUES ($1, $2, $3, $4, $5)", .of(message),
      .of(id), .of(type.rawValue), .of(at), detail)
  }

  /// Events of a message, oldest first.
  public func events(message: MessageID) throws -> [Event] {
    try rows(
      "SELECT id, type, at, detail FROM event WHERE message_id = $1 ORDER BY at, id", .of(message)
    ) { row in
      Event(
        id: row.id(0), message: message, type: try row.word(1), at: row.instant(2),
        detail: try EventDetail(stored: row.bytes(3)))
    }
  }

  public func trackingTarget(message: MessageID) throws -> TrackingTarget? {
    try rows(
      composed: """
        SELECT m.account_id, m.campaign_id, m.status, m.completed_at, o.plan
        FROM message m LEFT JOIN original o ON o.id = m.original_id
        WHERE m.id = $1\(within(.message, "m.id", of: message.value))
        """, [.of(message)]
    ) { row in
      TrackingTarget(
        message: message, account: row.id(0), campaign: row.optionalID(1), status: try row.word(2),
        completedAt: row.optionalInstant(3), plan: row.optionalBytes(4))
    }.first
  }

  /// When the remote server took the message; nil when it has not. Reads no content, which a click's target does.
  public func deliveredAt(message: MessageID) throws -> Instant? {
    try rows(
      composed: """
        SELECT completed_at FROM message
        WHERE id = $1\(within(.message, "id", of: message.value)) AND status = 'delivered'
        """, [.of(message)], map: { $0.optionalInstant(0) }
    ).first ?? nil
  }

  /// Keeps an OPEN event and, unless `detail.filteredEvent` is true, counts it. False when there is no such
  /// message.
  @discardableResult
  public func recordOpen(message: MessageID, at now: Instant, detail: EventDetail) throws -> Bool {
    if detail.filteredEvent == true { return try recordUncounted(.open, message, now, detail) }
    let counted = try rows(
      composed: """
        UPDATE message SET opens = opens + 1, first_open_at = coalesce(first_open_at, $2)
        WHERE id = $1\(within(.message, "id", of: message.value)) RETURNING campaign_id, opens
        """, [.of(message), .of(now)], map: { ($0.optionalID(0) as CampaignID?, $0.int(1)) })
    guard let (campaign, opens) = counted.first else { return false }
    count(campaign, .opened)
    if opens == 1 { count(campaign, .openedUnique) }
    try insertEvent(EventID(identifiers.next(at: now)), message, .open, now, detail.stored)
    return true
  }

  /// Keeps a CLICK event and, unless `detail.filteredEvent` is true, counts it; a click in a message that was
  /// never opened counts as its first open too. False when there is no such message.
  @discardableResult
  public func recordClick(message: MessageID, at now: Instant, detail: EventDetail) throws -> Bool {
    if detail.filteredEvent == true { return try recordUncounted(.click, message, now, detail) }
    let counted = try rows(
      composed: """
        UPDATE message SET clicks = clicks + 1, first_click_at = coalesce(first_click_at, $2)
        WHERE id = $1\(within(.message, "id", of: message.value)) RETURNING campaign_id, clicks, opens
        """, [.of(message), .of(now)], map: { ($0.optionalID(0) as CampaignID?, $0.int(1), $0.int(2)) })
    guard let (campaign, clicks, opens) = counted.first else { return false }
    count(campaign, .clicked)
    if clicks == 1 { count(campaign, .clickedUnique) }
    if opens == 0 { try countOpenByClick(message, campaign, now) }
    try insertEvent(EventID(identifiers.next(at: now)), message, .click, now, detail.stored)
    return true
  }

  /// Who clicks has opened, with images off.
  private func countOpenByClick(_ message: MessageID, _ campaign: CampaignID?, _ now: Instant) throws {
    try execute(
      composed: """
        UPDATE message SET opens = 1, first_open_at = $2 WHERE id = $1\(within(.message, "id", of: message.value))
        """, [.of(message), .of(now)])
    count(campaign, .opened)
    count(campaign, .openedUnique)
  }

  private func recordUncounted(
    _ type: EventType, _ message: MessageID, _ now: Instant, _ detail: EventDetail
  ) throws -> Bool {
    let exists = try first("SELECT 1 FROM message WHERE id = $1", .of(message), map: { _ in true })
    guard exists != nil else { return false }
    try insertEvent(EventID(identifiers.next(at: now)), message, type, now, detail.stored)
    return true
  }
}
