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
    itemTotals.append((CampaignPeriod(campaign, at: time), counter, 1))
  }

  /// The item that counted them has succeeded.
  func keepItemTotals() {
    for (period, counter, amount) in itemTotals { totals[period, default: .init()][counter] += amount }
    itemTotals.removeAll(keepingCapacity: true)
  }

  /// Adds what was counted to what is stored; the last thing before a commit.
  func writeTotals() throws {
    guard !totals.isEmpty else { return }
    // Always in one order, so that two processes wait for each other's rows rather than deadlock.
    let periods = totals.sorted { ($0.key.campaign, $0.key.start) < ($1.key.campaign, $1.key.start) }
    let campaigns = Dictionary(periods.map { ($0.key.campaign, $0.value) }, uniquingKeysWith: +)
    for (campaign, totals) in campaigns.sorted(by: { $0.key < $1.key }) {
      try execute(
        """
        INSERT INTO campaign_total (campaign_id, sent, deferred, delivered, bounced, dropped, opened,
          opened_unique, clicked, clicked_unique)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (campaign_id) DO UPDATE SET
          sent = campaign_total.sent + excluded.sent,
          deferred = campaign_total.deferred + excluded.deferred,
          delivered = campaign_total.delivered + excluded.delivered,
          bounced = campaign_total.bounced + excluded.bounced,
          dropped = campaign_total.dropped + excluded.dropped,
          opened = campaign_total.opened + excluded.opened,
          opened_unique = campaign_total.opened_unique + excluded.opened_unique,
          clicked = campaign_total.clicked + excluded.clicked,
          clicked_unique = campaign_total.clicked_unique + excluded.clicked_unique
        """, .of(campaign), .of(totals.sent), .of(totals.deferred), .of(totals.delivered),
        .of(totals.bounced), .of(totals.dropped), .of(totals.opened), .of(totals.openedUnique),
        .of(totals.clicked), .of(totals.clickedUnique))
    }
    for (period, totals) in periods { try add(totals, to: period) }
  }

  private func add(_ totals: CampaignTotals, to period: CampaignPeriod) throws {
    try execute(
      """
      INSERT INTO campaign_period (campaign_id, start_at, sent, deferred, delivered, bounced, dropped, opened,
        opened_unique, clicked, clicked_unique)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
      ON CONFLICT (campaign_id, start_at) DO UPDATE SET
        sent = campaign_period.sent + excluded.sent,
        deferred = campaign_period.deferred + excluded.deferred,
        delivered = campaign_period.delivered + excluded.delivered,
        bounced = campaign_period.bounced + excluded.bounced,
        dropped = campaign_period.dropped + excluded.dropped,
        opened = campaign_period.opened + excluded.opened,
        opened_unique = campaign_period.opened_unique + excluded.opened_unique,
        clicked = campaign_period.clicked + excluded.clicked,
        clicked_unique = campaign_period.clicked_unique + excluded.clicked_unique
      """, .of(period.campaign), .of(period.start), .of(totals.sent), .of(totals.deferred),
      .of(totals.delivered), .of(totals.bounced), .of(totals.dropped), .of(totals.opened),
      .of(totals.openedUnique), .of(totals.clicked), .of(totals.clickedUnique))
  }

  public func totals(campaign: CampaignID) throws -> CampaignTotals {
    try totals(campaigns: [campaign])[campaign] ?? CampaignTotals()
  }

  /// Totals of those that have any.
  public func totals(campaigns: [CampaignID]) throws -> [CampaignID: CampaignTotals] {
    var result: [CampaignID: CampaignTotals] = [:]
    for campaign in campaigns {
      result[campaign] = try first(
        """
        SELECT sent, deferred, delivered, bounced, dropped, opened, opened_unique, clicked, clicked_unique
        FROM campaign_total WHERE campaign_id = $1
        """, .of(campaign), map: CampaignTotals.init)
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

  private static let sums = [
    "sent", "deferred", "delivered", "bounced", "dropped", "opened", "opened_unique", "clicked",
    "clicked_unique",
  ].map { "CAST(coalesce(sum(\($0)), 0) AS BIGINT)" }.joined(separator: ", ")
}

extension CampaignTotals {
  /// Columns in the order of the counters.
  fileprivate init(_ row: Row) {
    self.init()
    for counter in Counter.allCases { self[counter] = row.int(Int32(counter.rawValue)) }
  }
}
