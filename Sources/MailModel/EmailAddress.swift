#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// An address as RFC 5322 `addr-spec` and RFC 6531 (UTF-8) allow it: `local@domain`.
///
/// Two addresses are equal when their bytes are: the local part exactly, the domain without regard to
/// ASCII case. It never holds CR, LF, NUL or another control character.
public struct EmailAddress: Sendable, CustomStringConvertible {
  /// Longest address in octets: a path of 256 (RFC 5321 4.5.3.1.3) without its angle brackets. The 64
  /// octets for a local part are not enforced, since real reply addresses are longer.
  public static let lengthLimit = 254

  /// The part before the `@`, without the quotes and backslashes it may have been written with.
  public let localPart: String
  /// The part after the `@`: ASCII letters in lower case, U-labels as written, an address literal with
  /// its brackets.
  public let domain: String

  /// From an `addr-spec` alone: no display name, no angle brackets, no comments, no white space.
  public init(_ text: String) throws(EmailAddressError) {
    let bytes = Array(text.utf8)
    try self.init(bytes, in: 0..<bytes.count)
  }

  /// From the bytes of an `addr-spec` alone.
  public init(_ bytes: [UInt8]) throws(EmailAddressError) {
    try self.init(bytes, in: 0..<bytes.count)
  }

  /// From the bytes of an `addr-spec` within a larger buffer.
  public init(_ bytes: [UInt8], in range: Range<Int>) throws(EmailAddressError) {
    guard let at = bytes[range].lastIndex(of: UInt8(ascii: "@")) else { throw .missingAtSign }
    let local = try AddressSyntax.localPart(bytes, in: range.lowerBound..<at)
    try self.init(localPart: local, domain: Array(bytes[(at + 1)..<range.upperBound]))
  }

  /// From its two parts as bytes, the local part without quotes.
  public init(localPart: [UInt8], domain: [UInt8]) throws(EmailAddressError) {
    guard !localPart.isEmpty else { throw .emptyLocalPart }
    guard !domain.isEmpty else { throw .emptyDomain }
    guard localPart.count + 1 + domain.count <= Self.lengthLimit else { throw .tooLong }
    try AddressSyntax.checkCharacters(localPart)
    try AddressSyntax.checkCharacters(domain)
    guard let local = String(validating: localPart, as: UTF8.self) else { throw .invalidUTF8 }
    self.localPart = local
    self.domain = try AddressSyntax.domain(domain)
  }

  /// As written in a header or an SMTP path: the local part is quoted when it has to be.
  public var description: String {
    let local = AddressSyntax.needsQuotes(localPart) ? AddressSyntax.quoted(localPart) : localPart
    return local + "@" + domain
  }

  /// The domain is an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
  public var isDomainLiteral: Bool { domain.utf8.first == UInt8(ascii: "[") }

  /// Every byte is ASCII, so that no SMTPUTF8 is needed to carry it.
  public var isASCII: Bool {
    localPart.utf8.allSatisfy { $0 < 0x80 } && domain.utf8.allSatisfy { $0 < 0x80 }
  }
}

extension EmailAddress: Hashable {
  // String's own comparison takes composed and decomposed letters for the same; mail does not.
  public static func == (left: Self, right: Self) -> Bool {
    left.localPart.utf8.elementsEqual(right.localPart.utf8)
      && left.domain.utf8.elementsEqual(right.domain.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in localPart.utf8 { hasher.combine(byte) }
    for byte in domain.utf8 { hasher.combine(byte) }
  }
}

/// Why a text is not an address.
public enum EmailAddressError: Error, Sendable, Hashable, CustomStringConvertible {
  case missingAtSign, emptyLocalPart, emptyDomain, tooLong
  case invalidLocalPart, invalidDomain, controlCharacter, invalidUTF8

  /// One clause for people, such as "it has no @".
  public var description: String {
    switch self {
    case .missingAtSign: "it has no @"
    case .emptyLocalPart: "nothing stands before the @"
    case .emptyDomain: "nothing stands behind the @"
    case .tooLong: "it is longer than \(EmailAddress.lengthLimit) octets"
    case .invalidLocalPart: "the part before the @ has a character that must not stand there"
    case .invalidDomain: "the part behind the @ is not a domain name or address literal"
    case .controlCharacter: "it has a control character"
    case .invalidUTF8: "it is not UTF-8"
    }
  }
}

/// The grammar behind `EmailAddress`.
private enum AddressSyntax {
  /// Takes the quotes off, or checks that it is a dot-atom.
  static func localPart(_ bytes: [UInt8], in range: Range<Int>) throws(EmailAddressError) -> [UInt8] {
    guard !range.isEmpty else { throw .emptyLocalPart }
    guard bytes[range.lowerBound] == UInt8(ascii: "\"") else {
      let local = Array(bytes[range])
      try checkCharacters(local)
      guard isDotAtom(local) else { throw .invalidLocalPart }
      return local
    }
    guard range.count >= 2, bytes[range.upperBound - 1] == UInt8(ascii: "\"") else { throw .invalidLocalPart }
    var local: [UInt8] = []
    var index = range.lowerBound + 1
    let end = range.upperBound - 1
    while index < end {
      if bytes[index] == UInt8(ascii: "\\") {
        index += 1
        guard index < end else { throw .invalidLocalPart }
      } else if bytes[index] == UInt8(ascii: "\"") {
        throw .invalidLocalPart
      }
      local.append(bytes[index])
      index += 1
    }
    return local
  }

  /// Refuses C0 and C1 control characters.
  static func checkCharacters(_ bytes: [UInt8]) throws(EmailAddressError) {
    var previous: UInt8 = 0
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F { throw .controlCharacter }
      if previous == 0xC2, byte >= 0x80, byte < 0xA0 { throw .controlCharacter }
      previous = byte
    }
  }

  /// Atoms of RFC 5322 `atext` and UTF-8, with single dots between them.
  static func isDotAtom(_ bytes: some Collection<UInt8>) -> Bool {
    var previous = UInt8(ascii: ".")
    for byte in bytes {
      if byte == UInt8(ascii: "."), previous == byte { return false }
      if byte != UInt8(ascii: "."), !isAtomText(byte) { return false }
      previous = byte
    }
    return previous != UInt8(ascii: ".")
  }

  static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF: true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"): true
    case UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
    case UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"): true
    case UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"): true
    default: false
    }
  }

  static func needsQuotes(_ local: String) -> Bool { !isDotAtom(local.utf8) }

  static func quoted(_ local: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in local.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Checks a domain name or address literal and puts ASCII letters in lower case.
  static func domain(_ bytes: [UInt8]) throws(EmailAddressError) -> String {
    if bytes.first == UInt8(ascii: "[") { return try literal(bytes) }
    var lowered = bytes
    var labelLength = 0
    var previous = UInt8(ascii: ".")
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "."):
        guard labelLength > 0, previous != UInt8(ascii: "-") else { throw .invalidDomain }
        labelLength = -1
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): lowered[index] = byte | 0x20
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF: break
      case UInt8(ascii: "_"): break
      case UInt8(ascii: "-"):
        guard labelLength > 0 else { throw .invalidDomain }
      default: throw .invalidDomain
      }
      // The length of a U-label in octets says nothing about its A-label.
      if byte < 0x80 || labelLength == 0 { labelLength += 1 }
      guard labelLength <= 63 else { throw .invalidDomain }
      previous = byte
    }
    guard labelLength > 0, previous != UInt8(ascii: "-") else { throw .invalidDomain }
    guard let text = String(validating: lowered, as: UTF8.self) else { throw .invalidUTF8 }
    guard !hasForeignDot(text) else { throw .invalidDomain }
    return text
  }

  /// Full stops of other scripts, spaces and invisible characters: a domain would read as another.
  private static func hasForeignDot(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      guard scalar.value >= 0x80 else { return false }
      return scalar.value == 0x3002 || scalar.value == 0xFF0E || scalar.value == 0xFF61
        || scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// `[192.0.2.1]` or `[IPv6:…]` (RFC 5321 4.1.3).
  private static func literal(_ bytes: [UInt8]) throws(EmailAddressError) -> String {
    guard bytes.last == UInt8(ascii: "]"), bytes.allSatisfy({ $0 < 0x80 }) else { throw .invalidDomain }
    let text = String(decoding: bytes, as: UTF8.self)
    let inner = String(text.dropFirst().dropLast()).lowercased()
    var storage = in6_addr()
    if inner.hasPrefix("ipv6:") {
      guard inet_pton(AF_INET6, String(inner.dropFirst(5)), &storage) == 1 else { throw .invalidDomain }
      return "[IPv6:" + inner.dropFirst(5) + "]"
    }
    guard inet_pton(AF_INET, inner, &storage) == 1 else { throw .invalidDomain }
    return text
  }
}
