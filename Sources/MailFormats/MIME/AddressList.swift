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
  public init(_ text: String) throws(AddressListError) {
    let list = try AddressList(text)
    guard list.mailboxes.count == 1, !list.hasGroups, let mailbox = list.mailboxes.first else {
      throw AddressListError(offset: list.ranges.count > 1 ? list.ranges[1].lowerBound : 0)
    }
    self = mailbox
  }
}

/// The value of From, Sender, To, Cc, Reply-To (RFC 5322 3.4, obsolete forms of 4.4, UTF-8 of RFC 6532).
///
/// The whole value must fit the grammar. Groups are taken apart: their members count as mailboxes.
/// Source routes (`<@a:b@c>`) are refused, and so is an `@` in a display name without quotes.
public struct AddressList: Sendable, Hashable {
  /// Most mailboxes taken of one field.
  public static let limit = 10_000

  /// The mailboxes in order.
  public var mailboxes: [Mailbox]
  /// Where each mailbox stands in the bytes, from its name to its `>`; as many as `mailboxes`.
  public var ranges: [Range<Int>]
  /// There was at least one group (`name: …;`).
  public var hasGroups: Bool

  /// From a field's value.
  public init(parsing bytes: [UInt8], in range: Range<Int>) throws(AddressListError) {
    var reader = AddressReader(bytes, in: range)
    try reader.readList()
    mailboxes = reader.mailboxes
    ranges = reader.ranges
    hasGroups = reader.hasGroups
  }

  /// From text; ranges count its UTF-8 bytes.
  public init(_ text: String) throws(AddressListError) {
    let bytes = Array(text.utf8)
    try self.init(parsing: bytes, in: 0..<bytes.count)
  }
}

/// A value is not a list of addresses.
public struct AddressListError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where in the bytes the reader could not go on.
  public var offset: Int

  /// An error at a place.
  public init(offset: Int) {
    self.offset = offset
  }

  /// One clause for people.
  public var description: String { "not a list of addresses (RFC 5322 3.4), at octet \(offset)" }
}
