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

/// What a user may do.
public enum UserRole: String, Sendable, CaseIterable, Codable {
  case owner, member
}

extension Connection {
  /// Makes an account; numbers start at 1000001.
  public func createAccount(name: String, at now: Instant) throws -> AccountRecord {
    let id = AccountID(try nextNumber(.account))
    try execute(
      "INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3)", .of(id), .of(name), .of(now))
    try bump(.configuration)
    return AccountRecord(id: id, name: name, createdAt: now)
  }

  /// All accounts, oldest first.
  public func accounts() throws -> [AccountRecord] {
    try rows("SELECT id, name, created_at FROM account ORDER BY id", map: Self.account)
  }

  public func account(_ id: AccountID) throws -> AccountRecord? {
    try first("SELECT id, name, created_at FROM account WHERE id = $1", .of(id), map: Self.account)
  }

  private static func account(_ row: Row) -> AccountRecord {
    AccountRecord(id: row.id(0), name: row.text(1), createdAt: row.instant(2))
  }

  /// Throws `constraint` when the address has a user already.
  public func createUser(
    account: AccountID, email: String, passwordHash: String, role: UserRole, at now: Instant
  ) throws -> User {
    let user = User(
      id: UserID(try nextNumber(.user)), account: account, email: email.lowercased(),
      passwordHash: passwordHash, role: role, createdAt: now)
    try execute(
      """
      INSERT INTO account_user (id, account_id, email, password_hash, role, created_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .of(user.id), .of(account), .of(user.email), .of(passwordHash), .of(role.rawValue), .of(now))
    try bump(.configuration)
    return user
  }

  public func users(account: AccountID) throws -> [User] {
    try rows(
      """
      SELECT id, account_id, email, password_hash, role, created_at FROM account_user
      WHERE account_id = $1 ORDER BY id
      """, .of(account), map: Self.user)
  }

  /// The user with this address, in any case.
  public func user(email: String) throws -> User? {
    try first(
      "SELECT id, account_id, email, password_hash, role, created_at FROM account_user WHERE email = $1",
      .of(email.lowercased()), map: Self.user)
  }

  private static func user(_ row: Row) throws -> User {
    User(
      id: row.id(0), account: row.id(1), email: row.text(2), passwordHash: row.text(3),
      role: try row.word(4), createdAt: row.instant(5))
  }

  /// False when there is no such user.
  public func setPasswordHash(_ hash: String, of user: UserID) throws -> Bool {
    let count = try change(
      "UPDATE account_user SET password_hash = $2 WHERE id = $1", .of(user), .of(hash))
    try bump(.configuration)
    return count > 0
  }
}
