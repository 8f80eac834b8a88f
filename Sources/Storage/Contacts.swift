import MailModel

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

extension Connection {
  /// Finds or makes the contact and sets `properties` on it; properties not named stay as they are.
  @discardableResult
  public func upsertContact(
    account: AccountID, email: String, properties: [String: String], at now: Instant
  ) throws -> Contact { try pending() }

  public func contact(account: AccountID, email: String) throws -> Contact? { try pending() }
}
