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
  public func count(_ campaign: CampaignID?, _ counter: Counter, by amount: Int = 1) {}

  public func totals(campaign: CampaignID) throws -> CampaignTotals { try pending() }

  /// Totals of those that have any.
  public func totals(campaigns: [CampaignID]) throws -> [CampaignID: CampaignTotals] { try pending() }
}
