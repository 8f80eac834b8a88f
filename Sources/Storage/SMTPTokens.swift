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
  ) throws -> SMTPToken { try pending() }

  /// Tokens that match all that is given, in order of id; `after` is the last id of the page before.
  public func smtpTokens(
    account: AccountID? = nil, campaignName: String? = nil, campaign: CampaignID? = nil,
    after: String? = nil, limit: Int = 1000, includingDeleted: Bool = false
  ) throws -> [SMTPToken] { try pending() }

  /// The token with this user name unless it is deleted.
  public func smtpToken(_ id: String) throws -> SMTPToken? { try pending() }

  /// Gives the token a new password; nil when the account has no such token.
  public func resetSMTPToken(_ id: String, account: AccountID, passwordHash: [UInt8]) throws -> SMTPToken? {
    try pending()
  }

  /// False when the account has no such token. The campaign and its totals stay.
  public func deleteSMTPToken(_ id: String, account: AccountID, at now: Instant) throws -> Bool {
    try pending()
  }
}
