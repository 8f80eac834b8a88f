import ArgumentParser
import Glibc
import MailModel
import Storage

/// `--by` and `--last`: totals of spans of time beside those of all time.
struct IntervalOptions: ParsableArguments {
  @Option(name: .long, help: "Also what was counted in each hour, day, week or month.")
  var by: StatisticsInterval?

  @Option(name: .long, help: ArgumentHelp("How many of them, to now.", valueName: "number"))
  var last: Int?

  func validate() throws {
    if let last, !(1...1000).contains(last) { throw ValidationError("--last takes 1 to 1000.") }
    if last != nil, by == nil { throw ValidationError("--last goes with --by.") }
  }

  /// What was asked for, oldest first; nil when nothing was.
  func counted(_ campaign: CampaignID, _ connection: Connection) throws -> CountedIntervals? {
    guard let by else { return nil }
    let spans = by.spans(last ?? by.usual, until: .now())
    let totals = try connection.totals(campaign: campaign, in: spans)
    return CountedIntervals(interval: by, counted: zip(spans, totals).map { ($0, $1) })
  }
}

/// A unit of statistics.
enum StatisticsInterval: String, CaseIterable, ExpressibleByArgument {
  case hour, day, week, month

  /// How many are shown when nobody says.
  var usual: Int {
    switch self {
    case .hour: 24
    case .day: 30
    case .week, .month: 12
    }
  }

  /// The last `count` of them in the zone of the machine, oldest first; the last has `now` in it. Weeks begin on Monday
  /// (ISO 8601).
  func spans(_ count: Int, until now: Instant) -> [Range<Instant>] {
    let begins = ((1 - count)...1).map { begin(of: $0, from: now) }
    return zip(begins, begins.dropFirst()).map { $0..<$1 }
  }

  /// When the interval begins that is `offset` after that of `now`.
  private func begin(of offset: Int, from now: Instant) -> Instant {
    var seconds = time_t(now.milliseconds / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    (parts.tm_min, parts.tm_sec) = (0, 0)
    // An hour is always as long; the others are what the zone makes of them, which `mktime` finds out.
    if self == .hour { return Self.instant(mktime(&parts) + offset * 3600) }
    parts.tm_hour = 0
    parts.tm_isdst = -1
    switch self {
    case .hour, .day: parts.tm_mday += Int32(offset)
    case .week: parts.tm_mday += Int32(offset * 7) - (parts.tm_wday + 6) % 7
    case .month:
      parts.tm_mday = 1
      parts.tm_mon += Int32(offset)
    }
    return Self.instant(mktime(&parts))
  }

  private static func instant(_ seconds: time_t) -> Instant {
    Instant(milliseconds: Int64(seconds) * 1000)
  }
}

/// What was counted in spans of time.
struct CountedIntervals: Sendable {
  let interval: StatisticsInterval
  let counted: [(span: Range<Instant>, totals: CampaignTotals)]

  var json: JSON {
    .array(
      counted.map { span, totals in
        .object([
          "start": .string(span.lowerBound.iso8601), "end": .string(span.upperBound.iso8601),
          "totals": totals.json,
        ])
      })
  }

  /// For people: a line for each in which something was counted.
  var table: String {
    var table = Table([
      interval.rawValue.uppercased(), "SENT", "DELIVERED", "BOUNCED", "DROPPED", "OPENED", "CLICKED",
    ])
    for (span, totals) in counted where totals != CampaignTotals() {
      let begin = span.lowerBound.local
      table.add(
        interval == .hour ? String(begin.prefix(16)) : String(begin.prefix(10)), "\(totals.sent)",
        "\(totals.delivered)", "\(totals.bounced)", "\(totals.dropped)", "\(totals.openedUnique)",
        "\(totals.clickedUnique)")
    }
    return table.text()
  }
}
