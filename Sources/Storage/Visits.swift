import MailModel

/// An open or a click, as it is to be kept.
public struct Visit: Sendable {
  public enum Kind: Sendable { case open, click }

  public var kind: Kind
  public var message: MessageID
  public var at: Instant
  /// With `filteredEvent` set it is kept but not counted.
  public var detail: EventDetail

  public init(_ kind: Kind, message: MessageID, at: Instant, detail: EventDetail) {
    self.kind = kind
    self.message = message
    self.at = at
    self.detail = detail
  }
}

extension Connection {
  /// Keeps opens and clicks and counts them, each message looked at and changed once however many there are of it. A
  /// click in a message that was never opened counts as its first open too: who clicks has opened, with images off.
  ///
  /// - Parameter judge: has the last word on what is a person's, with the time at which the message was delivered (nil
  ///   when it is not known to be).
  /// - Returns: how many were kept; those of messages that are no longer there are not.
  public func record(_ visits: [Visit], judge: (inout Visit, Instant?) -> Void = { _, _ in }) throws -> Int {
    // Always in one order, so that two processes wait for each other's rows rather than deadlock.
    let byMessage = Dictionary(grouping: visits, by: \.message).sorted { $0.key < $1.key }
    let known = try visited(byMessage.map(\.key))
    var kept = 0
    for (message, visits) in byMessage {
      guard var visited = known[message] else { continue }
      for var visit in visits {
        judge(&visit, visited.deliveredAt)
        if visit.detail.filteredEvent != true { visited.count(visit) }
        try insertEvent(
          EventID(identifiers.next(at: visit.at)), message, visit.kind == .open ? .open : .click, visit.at,
          visit.detail.stored)
      }
      try keep(visited, message)
      kept += visits.count
    }
    return kept
  }

  private func visited(_ messages: [MessageID]) throws -> [MessageID: VisitedMessage] {
    // Elsewhere somebody may count at the same time.
    let locked = dialect == .postgres ? " FOR UPDATE" : ""
    let found = try rows(of: messages.map(\.value)) { id in
      """
      SELECT id, campaign_id, status, completed_at, opens, clicks, first_open_at, first_click_at FROM message
      WHERE id = $1\(within(.message, "id", of: id))\(locked)
      """
    } map: { row in
      let isDelivered = try row.word(2) as MessageStatus == .delivered
      return (
        row.id(0) as MessageID,
        VisitedMessage(
          campaign: row.optionalID(1), deliveredAt: isDelivered ? row.optionalInstant(3) : nil,
          opens: row.int(4), clicks: row.int(5), firstOpenAt: row.optionalInstant(6),
          firstClickAt: row.optionalInstant(7))
      )
    }
    return Dictionary(found, uniquingKeysWith: { first, _ in first })
  }

  private func keep(_ visited: VisitedMessage, _ message: MessageID) throws {
    guard !visited.counted.isEmpty else { return }
    for counted in visited.counted { count(visited.campaign, counted.counter, at: counted.at) }
    try execute(
      composed: """
        UPDATE message SET opens = $2, clicks = $3, first_open_at = $4, first_click_at = $5
        WHERE id = $1\(within(.message, "id", of: message.value))
        """,
      [
        .of(message), .of(visited.opens), .of(visited.clicks), .of(visited.firstOpenAt),
        .of(visited.firstClickAt),
      ])
  }
}

/// What visits change of a message.
private struct VisitedMessage {
  var campaign: CampaignID?
  var deliveredAt: Instant?
  var opens: Int
  var clicks: Int
  var firstOpenAt: Instant?
  var firstClickAt: Instant?
  var counted: [(counter: Counter, at: Instant)] = []

  mutating func count(_ visit: Visit) {
    switch visit.kind {
    case .open: countOpen(at: visit.at)
    case .click:
      clicks += 1
      counted.append((.clicked, visit.at))
      if clicks == 1 { counted.append((.clickedUnique, visit.at)) }
      firstClickAt = firstClickAt ?? visit.at
      if opens == 0 { countOpen(at: visit.at) }
    }
  }

  private mutating func countOpen(at now: Instant) {
    opens += 1
    counted.append((.opened, now))
    if opens == 1 { counted.append((.openedUnique, now)) }
    firstOpenAt = firstOpenAt ?? now
  }
}
