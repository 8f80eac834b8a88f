import MailModel

/// A bearer token for the HTTP API; its secret is shown once and only its hash kept.
public struct AccessToken: Sendable, Hashable {
  public var id: AccessTokenID
  public var account: AccountID
  public var name: String
  public var scopes: [String]
  /// SHA-256 of the token.
  public var hash: [UInt8]
  public var createdAt: Instant
  public var lastUsedAt: Instant?
  public var revokedAt: Instant?
}

public typealias AccessTokenID = Identifier<AccessToken>

extension Connection {
  public func createAccessToken(
    account: AccountID, name: String, scopes: [String], hash: [UInt8], at now: Instant
  ) throws -> AccessToken { try pending() }

  /// Those of one account or, with nil, of all; oldest first.
  public func accessTokens(account: AccountID? = nil, includingRevoked: Bool = false) throws -> [AccessToken] {
    try pending()
  }

  /// The token with this hash unless it is revoked.
  public func accessToken(hash: [UInt8]) throws -> AccessToken? { try pending() }

  /// False when the account has no such token or it was revoked before.
  public func revokeAccessToken(_ id: AccessTokenID, account: AccountID, at now: Instant) throws -> Bool {
    try pending()
  }

  /// Notes the last use; later than what is noted already.
  public func touchAccessToken(_ id: AccessTokenID, at now: Instant) throws { let _: Void = try pending() }
}
