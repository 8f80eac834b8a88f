import Composition
import MailModel

/// What was accepted, shared by the messages of all its recipients while they are in memory.
public final class OriginalContent: Sendable {
  public let bytes: [UInt8]
  public let plan: TrackingPlan?

  public init(bytes: [UInt8], plan: TrackingPlan?) {
    self.bytes = bytes
    self.plan = plan
  }
}

/// A due message in memory. Its content is left on disk when too much of it is in memory already.
public struct QueueItem: Sendable {
  public var message: Message
  /// The recipient's domain, lower-case A-labels: what the queue is kept by.
  public var domain: String
  public var sizeBytes: Int
  /// Tries so far.
  public var attempts: Int
  public var expiresAt: Instant
  public var content: OriginalContent?
  /// How the as-sent bytes differ from the original; known from the first try on.
  public var edits: [Edit]?

  public init(
    message: Message, domain: String, sizeBytes: Int, attempts: Int, expiresAt: Instant,
    content: OriginalContent? = nil, edits: [Edit]? = nil
  ) {
    self.message = message
    self.domain = domain
    self.sizeBytes = sizeBytes
    self.attempts = attempts
    self.expiresAt = expiresAt
    self.content = content
    self.edits = edits
  }
}

/// Whose queue a message waits in: those of one destination share connections, limits and fate.
public enum DestinationKey: Sendable, Hashable {
  /// Everything goes to one place: a smarthost, or nowhere in capture mode.
  case everything
  case domain(String)

  /// The domain that its rows in the store have; nil for any.
  var domain: String? {
    if case .domain(let name) = self { return name }
    return nil
  }
}
