import MailModel

/// A person's or system's address with the name to show.
public struct Mailbox: Sendable, Hashable {
  /// The decoded display name; nil when there is none.
  public var displayName: String?
  /// The address.
  public var address: EmailAddress

  /// A mailbox.
  public init(displayName: String? = nil, address: EmailAddress) {
    self.displayName = displayName
    self.address = address
  }

  /// From text such as `Ann <ann@example.com>` or `ann@example.com`; exactly one mailbox.
  public init(_ text: String) throws(AddressListError) { throw .init(offset: 0) }
}

/// The value of From, Sender, To, Cc, Reply-To (RFC 5322 3.4, obsolete forms of 4.4, UTF-8 of RFC 6532).
///
/// The whole value must fit the grammar. Groups are taken apart: their members count as mailboxes.
/// Source routes (`<@a:b@c>`) are refused.
public struct AddressList: Sendable, Hashable {
  /// The mailboxes in order.
  public var mailboxes: [Mailbox]
  /// Where each mailbox stands in the bytes, from its name to its `>`; as many as `mailboxes`.
  public var ranges: [Range<Int>]
  /// There was at least one group (`name: …;`).
  public var hasGroups: Bool

  /// From a field's value.
  public init(parsing bytes: [UInt8], in range: Range<Int>) throws(AddressListError) { throw .init(offset: 0) }

  /// From text.
  public init(_ text: String) throws(AddressListError) { throw .init(offset: 0) }
}

/// A value is not a list of addresses.
public struct AddressListError: Error, Sendable, Hashable {
  /// Where in the bytes the reader could not go on.
  public var offset: Int

  public init(offset: Int) {
    self.offset = offset
  }
}
