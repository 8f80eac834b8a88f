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

public enum CampaignKind: String, Sendable, CaseIterable, Codable {
  case smtpToken = "smtp-token"
  case email, workflow
}

extension Connection {
  public func createCampaign(
    account: AccountID, kind: CampaignKind, name: String, email: EmailID? = nil, at now: Instant
  ) throws -> CampaignRecord { try pending() }

  public func campaign(_ id: CampaignID) throws -> CampaignRecord? { try pending() }

  public func campaigns(account: AccountID) throws -> [CampaignRecord] { try pending() }
}
