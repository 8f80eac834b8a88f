/// How many connections one destination may have at once, learnt from how it answers.
///
/// The idea is Postfix's: fractional steps up for each success, so that it takes a whole cohort of
/// successes to add one connection; trouble in connecting or a 421 halves it. Replies about one
/// message (a refused recipient) say nothing about the destination's capacity and are not fed here.
public struct ConcurrencyWindow: Sendable, Hashable {
  /// Connections to begin with at a destination nothing is known of.
  static let initial: Double = 5

  private let ceiling: Double
  private var size: Double

  public init(ceiling: Int) {
    self.ceiling = Double(max(ceiling, 1))
    self.size = min(Self.initial, self.ceiling)
  }

  public var limit: Int { Int(size) }

  /// A message was taken, or refused on its own account. Only a full window may grow.
  public mutating func succeeded(whileUsing connections: Int) {
    guard connections >= limit else { return }
    size = min(size + 1 / size, ceiling)
  }

  /// The host could not be reached, closed on us, or said that we are too many.
  public mutating func congested() {
    size = max(size / 2, 1)
  }
}
