import MailModel

/// A domain that may stand in From.
public struct SendingDomain: Sendable, Hashable {
  public var id: DomainID
  public var account: AccountID
  /// Lower-case ASCII (A-labels).
  public var name: String
  public var isVerified: Bool
  public var verifiedBy: DomainVerification?
  public var createdAt: Instant
}

public typealias DomainID = Identifier<SendingDomain>

/// By what a domain counts as verified.
public enum DomainVerification: String, Sendable, CaseIterable, Codable {
  case dns
  /// The operator's word.
  case operatorWord = "operator"
}

/// A key pair that signs for a domain.
public struct DKIMKey: Sendable, Hashable {
  public var id: DKIMKeyID
  public var domain: DomainID
  public var selector: String
  public var algorithm: DKIMAlgorithm
  /// PKCS#8.
  public var privateKeyPEM: String
  /// As it stands in the DNS record's `p=`.
  public var publicKeyBase64: String
  /// Whether new mail is signed with it.
  public var isActive: Bool
  public var createdAt: Instant
}

public typealias DKIMKeyID = Identifier<DKIMKey>

extension Connection {
  /// Adds a domain, verified when `verifiedBy` says by what. Throws `constraint` when the account has it.
  public func createDomain(
    account: AccountID, name: String, verifiedBy: DomainVerification?, at now: Instant
  ) throws -> SendingDomain {
    let id = DomainID(try nextNumber(.domain))
    try execute(
      """
      INSERT INTO sending_domain (id, account_id, name, verified_by, created_at) VALUES ($1, $2, $3, $4, $5)
      """, .of(id), .of(account), .of(name), .of(verifiedBy?.rawValue), .of(now))
    try bump(.configuration)
    return SendingDomain(
      id: id, account: account, name: name, isVerified: verifiedBy != nil, verifiedBy: verifiedBy,
      createdAt: now)
  }

  /// Those of one account or, with nil, of all.
  public func domains(account: AccountID? = nil) throws -> [SendingDomain] {
    try rows(
      """
      SELECT id, account_id, name, verified_by, created_at FROM sending_domain
      WHERE ($1 IS NULL OR account_id = $1) ORDER BY id
      """, .of(account), map: Self.domain)
  }

  public func domain(account: AccountID, name: String) throws -> SendingDomain? {
    try first(
      """
      SELECT id, account_id, name, verified_by, created_at FROM sending_domain
      WHERE account_id = $1 AND name = $2
      """, .of(account), .of(name), map: Self.domain)
  }

  private static func domain(_ row: Row) throws -> SendingDomain {
    let verifiedBy: DomainVerification? = row.isNull(3) ? nil : try row.word(3)
    return SendingDomain(
      id: row.id(0), account: row.id(1), name: row.text(2), isVerified: verifiedBy != nil,
      verifiedBy: verifiedBy, createdAt: row.instant(4))
  }

  /// Nil takes the verification back. False when there is no such domain.
  public func setVerification(_ verifiedBy: DomainVerification?, of domain: DomainID) throws -> Bool {
    let count = try change(
      "UPDATE sending_domain SET verified_by = $2 WHERE id = $1", .of(domain), .of(verifiedBy?.rawValue))
    try bump(.configuration)
    return count > 0
  }

  /// Removes the domain and its keys. False when there is no such domain.
  public func removeDomain(_ id: DomainID) throws -> Bool {
    try execute("DELETE FROM dkim_key WHERE domain_id = $1", .of(id))
    let count = try change("DELETE FROM sending_domain WHERE id = $1", .of(id))
    try bump(.configuration)
    return count > 0
  }

  public func addKey(
    domain: DomainID, selector: String, algorithm: DKIMAlgorithm, privateKeyPEM: String,
    publicKeyBase64: String, isActive: Bool = true, at now: Instant
  ) throws -> DKIMKey {
    let key = DKIMKey(
      id: DKIMKeyID(try nextNumber(.dkimKey)), domain: domain, selector: selector, algorithm: algorithm,
      privateKeyPEM: privateKeyPEM, publicKeyBase64: publicKeyBase64, isActive: isActive, createdAt: now)
    try execute(
      """
      INSERT INTO dkim_key
        (id, domain_id, selector, algorithm, private_key, public_key, is_active, created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """, .of(key.id), .of(domain), .of(selector), .of(algorithm.rawValue), .of(privateKeyPEM),
      .of(publicKeyBase64), .of(isActive), .of(now))
    try bump(.configuration)
    return key
  }

  /// Keys of a domain or, with nil, of all; oldest first.
  public func keys(domain: DomainID? = nil) throws -> [DKIMKey] {
    try rows(
      """
      SELECT id, domain_id, selector, algorithm, private_key, public_key, is_active, created_at
      FROM dkim_key WHERE ($1 IS NULL OR domain_id = $1) ORDER BY id
      """, .of(domain)
    ) { row in
      DKIMKey(
        id: row.id(0), domain: row.id(1), selector: row.text(2), algorithm: try row.word(3),
        privateKeyPEM: row.text(4), publicKeyBase64: row.text(5), isActive: row.bool(6),
        createdAt: row.instant(7))
    }
  }

  /// False when there is no such key.
  public func setKeyActive(_ isActive: Bool, key: DKIMKeyID) throws -> Bool {
    let count = try change("UPDATE dkim_key SET is_active = $2 WHERE id = $1", .of(key), .of(isActive))
    try bump(.configuration)
    return count > 0
  }
}
