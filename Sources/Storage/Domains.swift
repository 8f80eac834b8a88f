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

/// Names of RFC 6376 and RFC 8463.
public enum DKIMAlgorithm: String, Sendable, CaseIterable, Codable {
  case rsaSHA256 = "rsa-sha256"
  case ed25519SHA256 = "ed25519-sha256"
}

extension Connection {
  /// Adds a domain, verified when `verifiedBy` says by what. Throws `constraint` when the account has it.
  public func createDomain(
    account: AccountID, name: String, verifiedBy: DomainVerification?, at now: Instant
  ) throws -> SendingDomain { try pending() }

  /// Those of one account or, with nil, of all.
  public func domains(account: AccountID? = nil) throws -> [SendingDomain] { try pending() }

  public func domain(account: AccountID, name: String) throws -> SendingDomain? { try pending() }

  /// Nil takes the verification back. False when there is no such domain.
  public func setVerification(_ verifiedBy: DomainVerification?, of domain: DomainID) throws -> Bool {
    try pending()
  }

  /// Removes the domain and its keys. False when there is no such domain.
  public func removeDomain(_ id: DomainID) throws -> Bool { try pending() }

  public func addKey(
    domain: DomainID, selector: String, algorithm: DKIMAlgorithm, privateKeyPEM: String,
    publicKeyBase64: String, isActive: Bool = true, at now: Instant
  ) throws -> DKIMKey { try pending() }

  /// Keys of a domain or, with nil, of all; oldest first.
  public func keys(domain: DomainID? = nil) throws -> [DKIMKey] { try pending() }

  /// False when there is no such key.
  public func setKeyActive(_ isActive: Bool, key: DKIMKeyID) throws -> Bool { try pending() }
}
