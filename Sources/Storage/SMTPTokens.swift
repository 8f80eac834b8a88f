import MailModel

/// User name and password for SMTP submission; owns a campaign.
public struct SMTPToken: Sendable, Hashable {
  /// The user name: `abcdefghij@ACCOUNT.smtp.brevdue`.
  public var id: String
  public var account: AccountID
  public var campaign: CampaignID
  public var campaignName: String
  /// Whether recipients that are not contacts become contacts.
  public var createContact: Bool
  /// SHA-256 of the password.
  public var passwordHash: [UInt8]
  /// Address of the user who made it.
  public var createdBy: String?
  public var createdAt: Instant
  /// Nil: never.
  public var expiresAt: Instant?
  public var deletedAt: Instant?
}

extension Connection {
  /// Makes the token and its campaign.
  public func createSMTPToken(
    id: String, account: AccountID, campaignName: String, createContact: Bool, passwordHash: [UInt8],
    createdBy: String?, at now: Instant, expiresAt: Instant? = nil
  ) throws -> SMTPToken {
    let campaign = try createCampaign(account: account, kind: .smtpToken, name: campaignName, at: now)
    try execute(
      """
      INSERT INTO smtp_token
        (id, account_id, campaign_id, create_contact, password_hash, created_by, created_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """, .of(id), .of(account), .of(campaign.id), .of(createContact), .of(passwordHash), .of(createdBy),
      .of(now), .of(expiresAt))
    try bump(.configuration)
    return SMTPToken(
      id: id, account: account, campaign: campaign.id, campaignName: campaignName,
      createContact: createContact, passwordHash: passwordHash, createdBy: createdBy, createdAt: now,
      expiresAt: expiresAt)
  }

  /// Tokens that match all that is given, in order of id; `after` is the last id of the page before.
  public func smtpTokens(
    account: AccountID? = nil, campaignName: String? = nil, campaign: CampaignID? = nil,
    after: String? = nil, limit: Int = 1000, includingDeleted: Bool = false
  ) throws -> [SMTPToken] {
    try rows(
      """
      SELECT t.id, t.account_id, t.campaign_id, c.name, t.create_contact, t.password_hash, t.created_by,
        t.created_at, t.expires_at, t.deleted_at
      FROM smtp_token t JOIN campaign c ON c.id = t.campaign_id
      WHERE ($1 IS NULL OR t.account_id = $1) AND ($2 IS NULL OR c.name = $2)
        AND ($3 IS NULL OR t.campaign_id = $3) AND t.id > $4 AND ($5 = 1 OR t.deleted_at IS NULL)
      ORDER BY t.id LIMIT $6
      """, .of(account), .of(campaignName), .of(campaign), .of(after ?? ""), .of(includingDeleted),
      .of(limit), map: Self.smtpToken)
  }

  /// The token with this user name unless it is deleted.
  public func smtpToken(_ id: String) throws -> SMTPToken? {
    try first(
      """
      SELECT t.id, t.account_id, t.campaign_id, c.name, t.create_contact, t.password_hash, t.created_by,
        t.created_at, t.expires_at, t.deleted_at
      FROM smtp_token t JOIN campaign c ON c.id = t.campaign_id
      WHERE t.id = $1 AND t.deleted_at IS NULL
      """, .of(id), map: Self.smtpToken)
  }

  private static func smtpToken(_ row: Row) -> SMTPToken {
    SMTPToken(
      id: row.text(0), account: row.id(1), campaign: row.id(2), campaignName: row.text(3),
      createContact: row.bool(4), passwordHash: row.bytes(5), createdBy: row.optionalText(6),
      createdAt: row.instant(7), expiresAt: row.optionalInstant(8), deletedAt: row.optionalInstant(9))
  }

  /// Gives the token a new password; nil when the account has no such token.
  public func resetSMTPToken(_ id: String, account: AccountID, passwordHash: [UInt8]) throws -> SMTPToken? {
    let count = try change(
      """
      UPDATE smtp_token SET password_hash = $3 WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL
      """, .of(id), .of(account), .of(passwordHash))
    guard count > 0 else { return nil }
    try bump(.configuration)
    return try smtpToken(id)
  }

  /// False when the account has no such token. The campaign and its totals stay.
  public func deleteSMTPToken(_ id: String, account: AccountID, at now: Instant) throws -> Bool {
    let count = try change(
      """
      UPDATE smtp_token SET deleted_at = $3 WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL
      """, .of(id), .of(account), .of(now))
    try bump(.configuration)
    return count > 0
  }
}
