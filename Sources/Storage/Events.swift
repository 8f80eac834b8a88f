import MailModel

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

  /// The encoded tracking plan of a message, which has its links' URLs; nil when it has none or is no longer kept.
  public func trackingPlan(message: MessageID) throws -> [UInt8]? {
    try rows(
      composed: """
        SELECT o.plan FROM message m JOIN original o ON o.id = m.original_id
        WHERE m.id = $1\(within(.message, "m.id", of: message.value))
        """, [.of(message)], map: { $0.optionalBytes(0) }
    ).first ?? nil
  }
}
