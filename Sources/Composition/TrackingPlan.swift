/// The places of an original where links and the pixel go, found once at accept. Only the tokens differ
/// between recipients.
public struct TrackingPlan: Sendable, Hashable {
  /// The URLs of the tracked links, entities decoded, in the order of the original; a token names one by
  /// its place here.
  public var links: [String]

  /// For the store, beside the original.
  public func encode() -> [UInt8] { [] }

  /// Reads what `encode` wrote; nil for damaged bytes.
  public init?(decoding blob: [UInt8]) { return nil }
}
