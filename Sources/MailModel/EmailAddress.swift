/// An address as RFC 5322 `addr-spec` and RFC 6531 (UTF-8) allow it: `local@domain`.
///
/// Two addresses are equal when their bytes are: the local part exactly, the domain without regard to
/// ASCII case. It never holds CR, LF, NUL or another control character.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
  /// Longest local part in octets (RFC 5321 4.5.3.1.1).
  public static let localPartLimit = 64
  /// Longest domain in octets (RFC 5321 4.5.3.1.2).
  public static let domainLimit = 255

  /// The part before the `@`, without the quotes and backslashes it may have been written with.
  public let localPart: String
  /// The part after the `@`: ASCII letters in lower case, U-labels as written, an address literal with
  /// its brackets.
  public let domain: String

  /// From an `addr-spec` alone: no display name, no angle brackets, no comments, no white space.
  public init(_ text: String) throws(EmailAddressError) {
    try self.init(Array(text.utf8))
  }

  /// From the bytes of an `addr-spec` alone.
  public init(_ bytes: [UInt8]) throws(EmailAddressError) {
    try self.init(bytes, in: 0..<bytes.count)
  }

  /// From the bytes of an `addr-spec` within a larger buffer.
  public init(_ bytes: [UInt8], in range: Range<Int>) throws(EmailAddressError) {
    throw .missingAtSign
  }

  /// As written in a header or an SMTP path: the local part is quoted when it has to be.
  public var description: String { localPart + "@" + domain }

  /// The domain is an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
  public var isDomainLiteral: Bool { domain.utf8.first == UInt8(ascii: "[") }

  /// Every byte is ASCII, so that no SMTPUTF8 is needed to carry it.
  public var isASCII: Bool { true }
}

/// Why a text is not an address.
public enum EmailAddressError: Error, Sendable, Hashable, CustomStringConvertible {
  case missingAtSign, emptyLocalPart, emptyDomain, localPartTooLong, domainTooLong
  case invalidLocalPart, invalidDomain, controlCharacter, invalidUTF8

  public var description: String { "" }
}
