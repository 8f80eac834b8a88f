import MailModel

/// HubL that an account's e-mails share: what they `include`, `extend` and `import`.
public struct StoredTemplate: Sendable, Hashable {
  public var account: AccountID
  /// As templates write it, such as `layouts/shop.html`.
  public var name: String
  public var source: String
  public var updatedAt: Instant

  public init(account: AccountID, name: String, source: String, updatedAt: Instant) {
    self.account = account
    self.name = name
    self.source = source
    self.updatedAt = updatedAt
  }

  /// Longest name, in bytes.
  public static let nameLimit = 200
  /// Longest source, in bytes.
  public static let sizeLimit = 1024 * 1024
}

extension Connection {
  /// Stores a template, in place of one with the same name.
  public func setTemplate(account: AccountID, name: String, source: String, at now: Instant) throws {
    try execute(
      """
      INSERT INTO template (account_id, name, source, updated_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT (account_id, name) DO UPDATE SET source = excluded.source, updated_at = excluded.updated_at
      """, .of(account), .of(name), .of(source), .of(now))
  }

  /// False when there is none.
  public func deleteTemplate(account: AccountID, name: String) throws -> Bool {
    try change("DELETE FROM template WHERE account_id = $1 AND name = $2", .of(account), .of(name)) > 0
  }

  public func template(account: AccountID, name: String) throws -> StoredTemplate? {
    try first(
      "SELECT account_id, name, source, updated_at FROM template WHERE account_id = $1 AND name = $2",
      .of(account), .of(name), map: Self.template)
  }

  /// All of an account, by name.
  public func templates(account: AccountID) throws -> [StoredTemplate] {
    try rows(
      "SELECT account_id, name, source, updated_at FROM template WHERE account_id = $1 ORDER BY name",
      .of(account), map: Self.template)
  }

  private static func template(_ row: Row) -> StoredTemplate {
    StoredTemplate(account: row.id(0), name: row.text(1), source: row.text(2), updatedAt: row.instant(3))
  }
}
