import MailModel

/// A tenant.
public struct AccountRecord: Sendable, Hashable {
  public var id: AccountID
  public var name: String
  public var createdAt: Instant
}

/// A person who logs in.
public struct User: Sendable, Hashable {
  public var id: UserID
  public var account: AccountID
  /// Lower case.
  public var email: String
  /// Self-describing text of the password's hash.
  public var passwordHash: String
  public var role: UserRole
  public var createdAt: Instant
}

public typealias UserID = Identifier<User>

public enum UserRole: String, Sendable, CaseIterable, Codable {
  case owner, member
}

extension Connection {
  /// Makes an account; numbers start at 1000001.
  public func createAccount(name: String, at now: Instant) throws -> AccountRecord { try pending() }

  /// All accounts, oldest first.
  public func accounts() throws -> [AccountRecord] { try pending() }

  public func account(_ id: AccountID) throws -> AccountRecord? { try pending() }

  /// Throws `constraint` when the address has a user already.
  public func createUser(
    account: AccountID, email: String, passwordHash: String, role: UserRole, at now: Instant
  ) throws -> User { try pending() }

  public func users(account: AccountID) throws -> [User] { try pending() }

  /// The user with this address, in any case.
  public func user(email: String) throws -> User? { try pending() }

  /// False when there is no such user.
  public func setPasswordHash(_ hash: String, of user: UserID) throws -> Bool { try pending() }
}
