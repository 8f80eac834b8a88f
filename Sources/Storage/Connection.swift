import MailModel

/// One connection within a transaction. It has the SQL of every aggregate as methods, is only lent to the work
/// that is given to `Store`, and must not leave it.
public final class Connection {
  /// Makes ids for messages, originals, events and sends.
  public let identifiers: IdentifierGenerator

  init(identifiers: IdentifierGenerator) {
    self.identifiers = identifiers
  }
}
