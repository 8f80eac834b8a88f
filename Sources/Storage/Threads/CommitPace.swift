/// How long work that is there waits for more to share its commit with.
///
/// A commit costs a sync of the disk and the pages it touches whatever its size, so under load a few milliseconds
/// of waiting save more than they take. A lone caller never waits.
struct CommitPace: Sendable {
  /// A group of this size begins at once.
  static let enough = 64
  /// From this size on the last group tells of load.
  private static let loadFrom = 8
  /// What the first of a group waits for others under load.
  private static let underLoad = Duration.milliseconds(4)
  /// What work waits that nobody waits for; with it, how long a delivery may go unrecorded.
  private static let patience = Duration.milliseconds(5)

  private var isLoaded = false

  /// - Parameter items: size of the group that was just taken.
  mutating func took(_ items: Int) { isLoaded = items >= Self.loadFrom }

  /// From the arrival of the first of the group.
  /// - Parameter hasUrgent: whether somebody waits for some of it.
  func wait(hasUrgent: Bool) -> Duration {
    if isLoaded { return Self.underLoad }
    return hasUrgent ? .zero : Self.patience
  }
}
