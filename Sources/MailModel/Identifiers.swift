/// A number that names one `Subject`; the type keeps a message's id from being taken for an account's.
@frozen
public struct Identifier<Subject>: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let value: Int64

  @inlinable
  public init(_ value: Int64) {
    self.value = value
  }

  /// From the decimal text that people and JSON use; nil when it is not a positive number.
  @inlinable
  public init?(_ text: String) {
    guard let value = Int64(text), value > 0 else { return nil }
    self.value = value
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

  public var description: String { String(value) }
}

/// What has an id but no noun of its own in this module.
public enum Account {}
public enum Campaign {}
public enum Email {}
public enum Original {}

/// The tenant's number; HubSpot's `portalId`.
public typealias AccountID = Identifier<Account>
public typealias CampaignID = Identifier<Campaign>
public typealias EmailID = Identifier<Email>
/// What was accepted, stored once for all its recipients.
public typealias OriginalID = Identifier<Original>
public typealias MessageID = Identifier<Message>
public typealias EventID = Identifier<Event>
