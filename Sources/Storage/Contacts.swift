import MailModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A person mail is sent to, known by address.
public struct Contact: Sendable, Hashable {
  public var id: ContactID
  public var account: AccountID
  /// Lower case.
  public var email: String
  public var properties: [String: String]
  public var createdAt: Instant
  public var updatedAt: Instant
}

public typealias ContactID = Identifier<Contact>

/// Contacts that the work items of a transaction will ask for, looked up for all of them together.
struct AnnouncedContacts {
  struct Key: Hashable {
    var account: AccountID
    var email: String
  }

  /// Values of the statement for each.
  var wanted: [Key: [SQLValue]] = [:]
  private var found: [Key: Contact] = [:]

  /// Always in one order, so that two processes wait for each other's rows rather than deadlock.
  var values: [[SQLValue]] {
    wanted.sorted { ($0.key.account, $0.key.email) < ($1.key.account, $1.key.email) }.map(\.value)
  }

  mutating func keep(_ contact: Contact) {
    found[Key(account: contact.account, email: contact.email)] = contact
  }

  /// Once: who asks again may find it changed.
  mutating func take(_ account: AccountID, _ email: String) -> Contact? {
    found.isEmpty ? nil : found.removeValue(forKey: Key(account: account, email: email))
  }
}

extension Connection {
  /// Finds or makes the contact and sets `properties` on it; properties not named stay as they are.
  @discardableResult
  public func upsertContact(
    account: AccountID, email: String, properties: [String: String], at now: Instant
  ) throws -> Contact {
    let email = email.lowercased()
    var contact = try foundOrMade(account: account, email: email, properties: properties, at: now)
    let merged = contact.properties.merging(properties) { _, new in new }
    guard merged != contact.properties else { return contact }
    contact.properties = merged
    contact.updatedAt = now
    try execute(
      "UPDATE contact SET properties = $2, updated_at = $3 WHERE id = $1", .of(contact.id),
      Self.stored(merged), .of(now))
    return contact
  }

  /// Says that `upsertContact` will be called, for `Store.write(ahead:)`.
  public func announceContact(
    account: AccountID, email: String, properties: [String: String], at now: Instant
  ) {
    guard dialect == .postgres else { return }
    let email = email.lowercased()
    announced.wanted[.init(account: account, email: email)] = Self.arguments(account, email, properties, now)
  }

  /// Finds or makes all that were announced in one round trip.
  func lookUpAnnounced() throws {
    // A single one is found as quickly by the work itself.
    guard announced.wanted.count > 1 else { return }
    for contact in try rows(composed: Self.foundOrMadeSQL, each: announced.values, map: Self.contact) {
      announced.keep(contact)
    }
  }

  /// Makes the contact unless there is one.
  public func ensureContact(account: AccountID, email: String, at now: Instant) throws {
    switch dialect {
    case .sqlite: try upsertContact(account: account, email: email, properties: [:], at: now)
    case .postgres:
      // One statement that nobody need wait for.
      try execute(
        """
        INSERT INTO contact (id, account_id, email, properties, created_at, updated_at)
        SELECT nextval('number_contact'), $1, $2, '{}', $3, $3
        WHERE NOT EXISTS (SELECT 1 FROM contact WHERE account_id = $1 AND email = $2)
        ON CONFLICT (account_id, email) DO NOTHING
        """, .of(account), .of(email.lowercased()), .of(now))
    }
  }

  private func foundOrMade(
    account: AccountID, email: String, properties: [String: String], at now: Instant
  ) throws -> Contact {
    if dialect == .postgres {
      if let contact = announced.take(account, email) { return contact }
      // Again when another process has made it between our look and our insert.
      while true {
        if let contact = try foundOrMadeAtOnce(account, email, properties, now) { return contact }
      }
    }
    if let contact = try contact(account: account, email: email) { return contact }
    return try insertContact(account: account, email: email, properties: properties, at: now)
  }

  /// In one round trip; SQLite can't insert within a query and need not.
  private func foundOrMadeAtOnce(
    _ account: AccountID, _ email: String, _ properties: [String: String], _ now: Instant
  ) throws -> Contact? {
    try rows(
      composed: Self.foundOrMadeSQL, Self.arguments(account, email, properties, now), map: Self.contact
    ).first
  }

  private static func arguments(
    _ account: AccountID, _ email: String, _ properties: [String: String], _ now: Instant
  ) -> [SQLValue] {
    [.of(account), .of(email), stored(properties), .of(now)]
  }

  /// Locked: another process may be changing other properties of it.
  private static let foundOrMadeSQL = """
    WITH found AS (
      SELECT id, account_id, email, properties, created_at, updated_at FROM contact
      WHERE account_id = $1 AND email = $2 FOR UPDATE
    ), made AS (
      INSERT INTO contact (id, account_id, email, properties, created_at, updated_at)
      SELECT nextval('number_contact'), $1, $2, $3, $4, $4 WHERE NOT EXISTS (SELECT 1 FROM found)
      ON CONFLICT (account_id, email) DO NOTHING
      RETURNING id, account_id, email, properties, created_at, updated_at
    )
    SELECT * FROM found UNION ALL SELECT * FROM made
    """

  private func insertContact(
    account: AccountID, email: String, properties: [String: String], at now: Instant
  ) throws -> Contact {
    let id = ContactID(try nextNumber(.contact))
    try execute(
      """
      INSERT INTO contact (id, account_id, email, properties, created_at, updated_at)
      VALUES ($1, $2, $3, $4, $5, $5)
      """, .of(id), .of(account), .of(email), Self.stored(properties), .of(now))
    return Contact(
      id: id, account: account, email: email, properties: properties, createdAt: now, updatedAt: now)
  }

  private static func stored(_ properties: [String: String]) -> SQLValue {
    if properties.isEmpty { return .text("{}") }
    var json = JSONWriter()
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) { json.add(name: name, value) }
    return json.finish()
  }

  public func contact(account: AccountID, email: String) throws -> Contact? {
    try first(
      """
      SELECT id, account_id, email, properties, created_at, updated_at FROM contact
      WHERE account_id = $1 AND email = $2
      """, .of(account), .of(email.lowercased()), map: Self.contact)
  }

  private static func contact(_ row: Row) throws -> Contact {
    let properties = row.bytes(3)
    return Contact(
      id: row.id(0), account: row.id(1), email: row.text(2),
      properties: properties.count <= 2
        ? [:] : try JSONDecoder().decode([String: String].self, from: Data(properties)),
      createdAt: row.instant(4), updatedAt: row.instant(5))
  }
}
