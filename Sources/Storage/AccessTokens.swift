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
  ) throws -> AccessToken {
    let token = AccessToken(
      id: AccessTokenID(try nextNumber(.accessToken)), account: account, name: name, scopes: scopes,
      hash: hash, createdAt: now)
    try execute(
      """
      INSERT INTO access_token (id, account_id, name, scopes, hash, created_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .of(token.id), .of(account), .of(name), .of(scopes.joined(separator: " ")), .of(hash), .of(now))
    try bump(.configuration)
    return token
  }

  /// Those of one account or, with nil, of all; oldest first.
  public func accessTokens(account: AccountID? = nil, includingRevoked: Bool = false) throws -> [AccessToken]
  {
    try rows(
      """
      SELECT id, account_id, name, scopes, hash, created_at, last_used_at, revoked_at FROM access_token
      WHERE ($1 IS NULL OR account_id = $1) AND ($2 = 1 OR revoked_at IS NULL) ORDER BY id
      """, .of(account), .of(includingRevoked), map: Self.accessToken)
  }

  /// The token with this hash unless it is revoked.
  public func accessToken(hash: [UInt8]) throws -> AccessToken? {
    try first(
      """
      SELECT id, account_id, name, scopes, hash, created_at, last_used_at, revoked_at FROM access_token
      WHERE hash = $1 AND revoked_at IS NULL
      """, .of(hash), map: Self.accessToken)
  }

  private static func accessToken(_ row: Row) -> AccessToken {
    AccessToken(
      id: row.id(0), account: row.id(1), name: row.text(2),
      scopes: row.text(3).split(separator: " ").map(String.init), hash: row.bytes(4),
      createdAt: row.instant(5), lastUsedAt: row.optionalInstant(6), revokedAt: row.optionalInstant(7))
  }

  /// False when the account has no such token or it was revoked before.
  public func revokeAccessToken(_ id: AccessTokenID, account: AccountID, at now: Instant) throws -> Bool {
    let count = try change(
      """
      UPDATE access_token SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL
      """, .of(id), .of(account), .of(now))
    try bump(.configuration)
    return count > 0
  }

  /// Notes the last use; later than what is noted already.
  public func touchAccessToken(_ id: AccessTokenID, at now: Instant) throws {
    try execute(
      """
      UPDATE access_token SET last_used_at = $2
      WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)
      """, .of(id), .of(now))
  }
}
