import MailModel

/// What statistics hang on: one per SMTP token, per e-mail, per workflow step.
public struct CampaignRecord: Sendable, Hashable {
  public var id: CampaignID
  public var account: AccountID
  public var kind: CampaignKind
  public var name: String
  public var email: EmailID?
  public var createdAt: Instant
}

/// What a campaign counts for.
public enum CampaignKind: String, Sendable, CaseIterable, Codable {
  case smtpToken = "smtp-token"
  case email, workflow
}

extension Connection {
  public func createCampaign(
    account: AccountID, kind: CampaignKind, name: String, email: EmailID? = nil, at now: Instant
  ) throws -> CampaignRecord {
    let id = CampaignID(try nextNumber(.campaign))
    try execute(
      """
      INSERT INTO campaign (id, account_id, kind, name, email_id, created_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .of(id), .of(account), .of(kind.rawValue), .of(name), .of(email), .of(now))
    return CampaignRecord(id: id, account: account, kind: kind, name: name, email: email, createdAt: now)
  }

  public func campaign(_ id: CampaignID) throws -> CampaignRecord? {
    try first(
      "SELECT id, account_id, kind, name, email_id, created_at FROM campaign WHERE id = $1", .of(id),
      map: Self.campaign)
  }

  public func campaigns(account: AccountID) throws -> [CampaignRecord] {
    try rows(
      """
      SELECT id, account_id, kind, name, email_id, created_at FROM campaign WHERE account_id = $1
      ORDER BY id
      """, .of(account), map: Self.campaign)
  }

  private static func campaign(_ row: Row) throws -> CampaignRecord {
    CampaignRecord(
      id: row.id(0), account: row.id(1), kind: try row.word(2), name: row.text(3),
      email: row.optionalID(4), createdAt: row.instant(5))
  }
}
