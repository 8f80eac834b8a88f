import MailModel

/// Messages of one account that are being tried or recorded just now. In the store they still wait: this says
/// how many of those that it counts as queued or deferred are not really waiting.
public struct InFlight: Sendable, Hashable {
  /// At their first try.
  public var queued: Int
  /// Tried before.
  public var deferred: Int

  public init(queued: Int = 0, deferred: Int = 0) {
    self.queued = queued
    self.deferred = deferred
  }
}
