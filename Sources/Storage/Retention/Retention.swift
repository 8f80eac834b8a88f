import MailModel

/// Removes what is older than it is to be kept, in slices of a few milliseconds with a pause after each, so that
/// nobody who commits meanwhile waits for more than one of them. What is still to be delivered stays.
public actor Retention {
  /// What one pass has found and done.
  public struct Report: Sendable, Hashable {
    /// Another server's turn: nothing was done.
    public var isSkipped = false
    public var removed: [RetainedTable: Int] = [:]
    /// When the oldest row was made that is left; tables without rows are not in it.
    public var oldest: [RetainedTable: Instant] = [:]
    /// Partitions dropped whole, by name; their rows are not among those removed. Only on PostgreSQL, like the rest.
    public var dropped: [String] = []
    /// Rows that are in the default partition because there was no other for their time, counted up to 1,000.
    public var strays: [RetainedTable: Int] = [:]
    /// What kept a partition from being made or dropped; the next pass tries again.
    public var obstacles: [String] = []

    public init() {}
  }

  /// One walk through a table: rows of those accounts that keep them for one age.
  private struct Walk: Hashable {
    var table: RetainedTable
    var age: Duration
    /// The table, or a partition of it.
    var source: String
  }

  /// Ids looked at in one slice, of which fewer may be removed.
  private static let sliceLimit = 200
  /// How long a walk goes on where it was; then it begins at the oldest row again, for what was still to be
  /// delivered when it came by.
  private static let walkTime = Duration.seconds(86_400)

  private let store: Store
  private let ages: RetentionAges
  private let pause: Duration
  /// Where each walk goes on.
  private var places: [Walk: Int64] = [:]
  private var placesSince = ContinuousClock.now
  private var policy: RetentionPolicy?

  /// - Parameters:
  ///   - ages: for accounts without their own.
  ///   - pause: the shortest time between two slices; they never take more than a fifth of the time.
  public init(store: Store, ages: RetentionAges, pause: Duration = .milliseconds(20)) {
    self.store = store
    self.ages = ages
    self.pause = pause
  }

  /// Removes all that is too old. May take long; cancelling its task ends it after a slice.
  public func pass(at now: Instant) async throws -> Report {
    var report = Report()
    let (isOurs, overrides) = try await store.read {
      (try $0.isOurTurn(role: "scheduler"), try $0.retentionOverrides())
    }
    guard isOurs else {
      report.isSkipped = true
      return report
    }
    let policy = RetentionPolicy(ages, overrides: overrides)
    forgetPlaces(unless: policy)
    try await makePartitions(at: now, &report)
    for table in RetainedTable.allCases {
      var count = 0
      for walk in try await walks(table, policy, at: now, &report) {
        do {
          count += try await self.walk(walk, policy, at: now)
        } catch let error as StoreError {
          // Else another server, whose turn it was until now, has dropped the partition.
          guard try await isGone(walk) else { throw error }
        }
      }
      report.removed[table] = count
      report.oldest[table] = try await store.read { try $0.oldest(table) }
    }
    return report
  }

  /// Where rows are to be looked for: in the whole table for all ages but the longest, after which whole partitions
  /// go; what can't go so is walked through too.
  private func walks(
    _ table: RetainedTable, _ policy: RetentionPolicy, at now: Instant, _ report: inout Report
  ) async throws -> [Walk] {
    let ages = policy.distinct(table.kind)
    let whole = table.rawValue
    let partitions = try await store.read { try $0.partitions() }.filter { $0.table == table }
    guard let longest = ages.last, !partitions.isEmpty else {
      return ages.map { Walk(table: table, age: $0, source: whole) }
    }
    let kept = try await drop(partitions, before: table.cutoff(longest, at: now), &report)
    report.strays[table] = try await store.read { try $0.strays(table) }
    return ages.dropLast().map { Walk(table: table, age: $0, source: whole) }
      + kept.map { Walk(table: table, age: longest, source: $0.name) }
  }

  private func forgetPlaces(unless policy: RetentionPolicy) {
    guard policy != self.policy || ContinuousClock.now - placesSince > Self.walkTime else { return }
    self.policy = policy
    places = [:]
    placesSince = .now
  }

  private func walk(_ walk: Walk, _ policy: RetentionPolicy, at now: Instant) async throws -> Int {
    let (table, end) = (walk.table, walk.table.cutoff(walk.age, at: now))
    var count = 0
    while true {
      try Task.checkCancellation()
      let place = places[walk] ?? 0
      let slice = try await store.read {
        try $0.candidates(
          table, from: walk.source, after: place, before: end, limit: Self.sliceLimit)
      }
      guard let last = slice.last?.id else { return count }
      let ids = slice.filter { policy.ages(of: $0.account)[table.kind] == walk.age }.map(\.id)
      let (reached, removed) = try await remove(table, ids)
      count += removed
      places[walk] = reached ?? last
    }
  }

  private func isGone(_ walk: Walk) async throws -> Bool {
    guard walk.source != walk.table.rawValue else { return false }
    return try await store.read { try $0.partitions() }.allSatisfy { $0.name != walk.source }
  }

  // MARK: Partitions

  private func makePartitions(at now: Instant, _ report: inout Report) async throws {
    guard try await !store.read({ try $0.missingPartitions(at: now) }).isEmpty else { return }
    await attempt(&report) {
      try await $0.write { db in try db.withShortLocks { try db.makePartitions(at: now) } }
    }
  }

  /// Drops the partitions whose rows are all before `cutoff`.
  /// - Returns: those to be walked through: what is before the cutoff and had to stay, and the default one.
  private func drop(
    _ partitions: [Partition], before cutoff: Int64, _ report: inout Report
  ) async throws -> [Partition] {
    var kept: [Partition] = []
    for partition in partitions {
      guard let range = partition.range else {
        kept.append(partition)
        continue
      }
      // A message may be a little younger than its original.
      guard range.upperBound + RetainedTable.slack <= cutoff else { continue }
      let isGone = await attempt(&report) { try await $0.write { try $0.drop(partition) } }
      if isGone == true { report.dropped.append(partition.name) } else { kept.append(partition) }
    }
    return kept
  }

  /// What fails here is not to keep the rest from being done.
  @discardableResult
  private func attempt<T>(_ report: inout Report, _ body: (Store) async throws -> T) async -> T? {
    do {
      return try await body(store)
    } catch {
      report.obstacles.append("\(error)")
      return nil
    }
  }

  // MARK: Slices

  /// Removes one slice, and rests.
  /// - Returns: how far it came, nil when to the end, and how many rows it removed.
  private func remove(_ table: RetainedTable, _ ids: [Int64]) async throws -> (reached: Int64?, rows: Int) {
    guard !ids.isEmpty else { return (nil, 0) }
    let begin = ContinuousClock.now
    let (looked, rows) = try await store.write { try $0.remove(table, ids) }
    try await Task.sleep(for: max(pause, (ContinuousClock.now - begin) * 4))
    return (looked < ids.count ? ids[looked - 1] : nil, rows)
  }
}
