import MailModel

/// One thing that is counted per campaign.
public enum Counter: Int, Sendable, CaseIterable {
  case sent, deferred, delivered, bounced, dropped, opened, openedUnique, clicked, clickedUnique
}

/// What became of a campaign's messages, kept up with every event.
public struct CampaignTotals: Sendable, Hashable {
  /// Messages accepted for sending.
  public var sent = 0
  /// Messages that had to wait for a second try at least once.
  public var deferred = 0
  public var delivered = 0
  /// Refused for good, or expired.
  public var bounced = 0
  /// Never tried, or cancelled.
  public var dropped = 0
  /// All opens; those of scanners and proxies are not counted.
  public var opened = 0
  /// Messages opened at least once.
  public var openedUnique = 0
  public var clicked = 0
  public var clickedUnique = 0

  public init() {}

  public subscript(counter: Counter) -> Int {
    get { self[keyPath: Self.path(counter)] }
    set { self[keyPath: Self.path(counter)] = newValue }
  }

  private static func path(_ counter: Counter) -> WritableKeyPath<CampaignTotals, Int> {
    switch counter {
    case .sent: \.sent
    case .deferred: \.deferred
    case .delivered: \.delivered
    case .bounced: \.bounced
    case .dropped: \.dropped
    case .opened: \.opened
    case .openedUnique: \.openedUnique
    case .clicked: \.clicked
    case .clickedUnique: \.clickedUnique
    }
  }

  static func + (left: CampaignTotals, right: CampaignTotals) -> CampaignTotals {
    var sum = left
    for counter in Counter.allCases { sum[counter] += right[counter] }
    return sum
  }

  /// Percent of sent, 0 when nothing was sent.
  public var deliveredRate: Double { Self.percent(delivered, of: sent) }
  /// Percent of sent.
  public var bounceRate: Double { Self.percent(bounced, of: sent) }
  /// Messages opened, percent of delivered.
  public var openRate: Double { Self.percent(openedUnique, of: delivered) }
  /// Messages clicked in, percent of delivered.
  public var clickRate: Double { Self.percent(clickedUnique, of: delivered) }
  /// Messages clicked in, percent of opened.
  public var clickThroughRate: Double { Self.percent(clickedUnique, of: openedUnique) }

  /// Rounded to 3 decimals.
  static func percent(_ part: Int, of whole: Int) -> Double {
    guard whole > 0 else { return 0 }
    return (Double(part) * 100_000 / Double(whole)).rounded() / 1000
  }
}

/// A quarter of an hour of a campaign.
struct CampaignPeriod: Hashable {
  /// Every zone's hours and days begin with one.
  static let milliseconds: Int64 = 15 * 60 * 1000

  let campaign: CampaignID
  let start: Instant

  init(_ campaign: CampaignID, at time: Instant) {
    self.campaign = campaign
    let (_, rest) = time.milliseconds.quotientAndRemainder(dividingBy: Self.milliseconds)
    start = time.advanced(byMilliseconds: -(rest < 0 ? rest + Self.milliseconds : rest))
  }
}

extension Connection {
  /// Adds to a campaign's total, and to that of the time; written once per transaction, however often it is called.
  public func count(_ campaign: CampaignID?, _ counter: Counter, at time: Instant) {
    guard let campaign else { return }
    itemTotals.append((CampaignPeriod(campaign, at: time), counter))
  }

  /// The item that counted them has succeeded.
  func keepItemTotals() {
    for (period, counter) in itemTotals { totals[period, default: .init()][counter] += 1 }
    itemTotals.removeAll(keepingCapacity: true)
  }

  /// Adds what was counted to what is stored; the last thing before a commit.
  func writeTotals() throws {
    guard !totals.isEmpty else { return }
    // Always in one order, so that two processes wait for each other's rows rather than deadlock.
    let periods = totals.sorted { ($0.key.campaign, $0.key.start) < ($1.key.campaign, $1.key.start) }
    let campaigns = Dictionary(periods.map { ($0.key.campaign, $0.value) }, uniquingKeysWith: +)
    for (campaign, totals) in campaigns.sorted(by: { $0.key < $1.key }) {
      try execute(composed: Self.addToTotal, [.of(campaign)] + totals.values)
    }
    for (period, totals) in periods {
      try execute(composed: Self.addToPeriod, [.of(period.campaign), .of(period.start)] + totals.values)
    }
  }

  private static let addToTotal = addition(to: "campaign_total", key: ["campaign_id"])
  private static let addToPeriod = addition(to: "campaign_period", key: ["campaign_id", "start_at"])

  /// A statement that adds counts to a row, whose key are its first parameters, or makes it.
  private static func addition(to table: String, key: [String]) -> String {
    let columns = CampaignTotals.columns
    let parameters = (1...(key.count + columns.count)).map { "$\($0)" }
    let sums = columns.map { "\($0) = \(table).\($0) + excluded.\($0)" }
    return """
      INSERT INTO \(table) (\((key + columns).joined(separator: ", ")))
      VALUES (\(parameters.joined(separator: ", ")))
      ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(sums.joined(separator: ", "))
      """
  }

  public func totals(campaign: CampaignID) throws -> CampaignTotals {
    try totals(campaigns: [campaign])[campaign] ?? CampaignTotals()
  }

  /// Totals of those that have any.
  public func totals(campaigns: [CampaignID]) throws -> [CampaignID: CampaignTotals] {
    var result: [CampaignID: CampaignTotals] = [:]
    for campaign in campaigns {
      result[campaign] = try rows(
        composed: """
          SELECT \(CampaignTotals.columns.joined(separator: ", ")) FROM campaign_total WHERE campaign_id = $1
          """, [.of(campaign)], map: CampaignTotals.init
      ).first
    }
    return result
  }

  /// What was counted in each span of time; spans begin and end with quarters of an hour.
  public func totals(campaign: CampaignID, in spans: [Range<Instant>]) throws -> [CampaignTotals] {
    try rows(
      composed: """
        SELECT \(Self.sums) FROM campaign_period WHERE campaign_id = $1 AND start_at >= $2 AND start_at < $3
        """, each: spans.map { [.of(campaign), .of($0.lowerBound), .of($0.upperBound)] },
      map: CampaignTotals.init)
  }

  private static let sums = CampaignTotals.columns
    .map { "CAST(coalesce(sum(\($0)), 0) AS BIGINT)" }.joined(separator: ", ")
}

extension CampaignTotals {
  /// In the order of the counters.
  fileprivate static let columns = [
    "sent", "deferred", "delivered", "bounced", "dropped", "opened", "opened_unique", "clicked",
    "clicked_unique",
  ]

  /// In the order of the columns.
  fileprivate var values: [SQLValue] { Counter.allCases.map { .of(self[$0]) } }

  /// From the columns.
  fileprivate init(_ row: Row) {
    self.init()
    for counter in Counter.allCases { self[counter] = row.int(Int32(counter.rawValue)) }
  }
}
