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

  public init(_ message: Message, _ disposition: Disposition, event: EventID) {
    self.message = message
    self.disposition = disposition
    self.event = event
  }
}

extension Connection {
  /// Stores an accepted original with one message per recipient, their SENT events and queue rows, and counts
  /// them as sent. The status of each is set by its disposition.
  public func enqueue(_ original: OriginalContent, _ messages: [NewMessage]) throws { let _: Void = try pending() }

  /// More messages of an original that is stored already.
  public func enqueue(_ messages: [NewMessage]) throws { let _: Void = try pending() }
}
