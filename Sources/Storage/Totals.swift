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

  mutating func add(_ amount: Int, to counter: Counter) {
    switch counter {
    case .sent: sent += amount
    case .deferred: deferred += amount
    case .delivered: delivered += amount
    case .bounced: bounced += amount
    case .dropped: dropped += amount
    case .opened: opened += amount
    case .openedUnique: openedUnique += amount
    case .clicked: clicked += amount
    case .clickedUnique: clickedUnique += amount
    }
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

extension Connection {
  /// Adds to a campaign's total; written once per transaction, however often it is called.
  public func count(_ campaign: CampaignID?, _ counter: Counter, by amount: Int = 1) {
    guard let campaign else { return }
    itemTotals.append((campaign, counter, amount))
  }

  /// The item that counted them has succeeded.
  func keepItemTotals() {
    for (campaign, counter, amount) in itemTotals {
      totals[campaign, default: .init()].add(amount, to: counter)
    }
    itemTotals.removeAll(keepingCapacity: true)
  }

  /// Adds what was counted to what is stored; the last thing before a commit.
  func writeTotals() throws {
    // Always in one order, so that two processes wait for each other's rows rather than deadlock.
    for (campaign, totals) in totals.count < 2 ? Array(totals) : totals.sorted(by: { $0.key < $1.key }) {
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
        """, .of(campaign)
      ) { row in
        var totals = CampaignTotals()
        for (column, counter) in Counter.allCases.enumerated() {
          totals.add(row.int(Int32(column)), to: counter)
        }
        return totals
      }
    }
    return result
  }
}
