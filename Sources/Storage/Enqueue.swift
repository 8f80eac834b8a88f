import MailModel

/// A message to be stored, and what is to be done with it.
public struct NewMessage: Sendable {
  public enum Disposition: Sendable, Hashable {
    /// To be tried at `dueAt`, given up at `expiresAt`. `domain` is the recipient's, lower-case ASCII, and names
    /// the destination.
    case queue(domain: String, dueAt: Instant, expiresAt: Instant)
    /// Never to be tried: kept as `dropped` with a DROPPED event.
    case drop(reason: String, text: String)
  }

  public var message: Message
  public var disposition: Disposition
  /// Id of its SENT (or DROPPED) event.
  public var event: EventID
  /// Whose it is to deliver; see `Membership.ownerOfNew`.
  public var owner: NodeSession?

  public init(
    _ message: Message, _ disposition: Disposition, event: EventID, owner: NodeSession? = nil
  ) {
    self.message = message
    self.disposition = disposition
    self.event = event
    self.owner = owner
  }
}

extension Connection {
  /// Stores an accepted original with one message per recipient, their SENT events and queue rows, and counts
  /// them as sent. The status of each is set by its disposition.
  public func enqueue(_ original: OriginalContent, _ messages: [NewMessage]) throws {
    try insert(original)
    try enqueue(messages)
  }

  /// More messages of an original that is stored already.
  public func enqueue(_ messages: [NewMessage]) throws {
    for new in messages {
      switch new.disposition {
      case .queue(let domain, let dueAt, let expiresAt):
        try insert(new.message, status: .queued)
        try insertQueueRow(new, domain: domain, dueAt: dueAt, expiresAt: expiresAt)
        try insertEvent(new, .sent, .null)
        count(new.message.campaign, .sent, at: new.message.createdAt)
      case .drop(let reason, let text):
        var detail = EventDetail()
        detail.dropReason = reason
        detail.dropMessage = text
        try insert(new.message, status: .dropped, completedAt: new.message.createdAt)
        try insertEvent(new, .dropped, detail.stored)
        count(new.message.campaign, .dropped, at: new.message.createdAt)
      }
    }
  }

  private func insertQueueRow(
    _ new: NewMessage, domain: String, dueAt: Instant, expiresAt: Instant
  ) throws {
    let message = new.message
    try execute(
      """
      INSERT INTO queue
        (message_id, account_id, original_id, domain, due_at, attempts, expires_at, is_held, owner)
      VALUES ($1, $2, $3, $4, $5, 0, $6, 0, $7)
      """, .of(message.id), .of(message.account), .of(message.original), .of(domain), .of(dueAt),
      .of(expiresAt), .of(new.owner))
  }

  private func insertEvent(_ new: NewMessage, _ type: EventType, _ detail: SQLValue) throws {
    try insertEvent(new.event, new.message.id, type, new.message.createdAt, detail)
  }
}
