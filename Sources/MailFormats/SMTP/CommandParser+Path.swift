extension SMTPCommandParser {
  /// Which path is read; decides the codes of its errors.
  enum Direction {
    case reverse, forward
  }

  /// `"FROM:"` or `"TO:"`, then the path in angle brackets.
  mutating func path(_ direction: Direction) throws(SMTPCommandError) -> SMTPPath {
    skipSpaces()
    let keyword: StaticString = direction == .reverse ? "FROM:" : "TO:"
    let end = position + keyword.utf8CodeUnitCount
    guard end <= bytes.count, Word(bytes: .init(rebasing: bytes[position..<end])).matches(keyword) else {
      let syntax = direction == .reverse ? "MAIL FROM:<address>" : "RCPT TO:<address>"
      throw SMTPCommandError(501, (5, 5, 4), "Syntax: \(syntax)")
    }
    position = end
    skipSpaces()
    guard next == UInt8(ascii: "<") else { throw bad(direction, "Address must be in angle brackets") }
    position += 1
    if next == UInt8(ascii: ">") { return try nullPath(direction) }
    guard next != UInt8(ascii: "@") else { throw bad(direction, "Source routes are not supported") }
    let start = position
    try localPart(direction)
    guard position - start <= 64 else { throw bad(direction, "Local part is over 64 bytes") }
    guard next == UInt8(ascii: "@") else { throw bad(direction, "Address has no domain or a bad local part") }
    let separator = position - start
    position += 1
    try domain(direction)
    return try finishPath(direction, start: start, separator: separator)
  }

  private mutating func nullPath(_ direction: Direction) throws(SMTPCommandError) -> SMTPPath {
    guard direction == .reverse else { throw bad(direction, "Recipient is empty") }
    position += 1
    return .null
  }

  private mutating func finishPath(
    _ direction: Direction, start: Int, separator: Int
  ) throws(SMTPCommandError) -> SMTPPath {
    guard next == UInt8(ascii: ">") else { throw bad(direction, "Domain of the address is not valid") }
    guard position - start <= 254 else { throw bad(direction, "Address is over 254 bytes") }
    let address = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    guard let text = address.utf8Text else { throw bad(direction, "Address is not UTF-8") }
    guard text.unicodeScalars.allSatisfy({ !(0x80..<0xA0 ~= $0.value) }) else {
      throw bad(direction, "Address has control characters")
    }
    position += 1
    return SMTPPath(checked: text, separator: separator)
  }

  private func bad(_ direction: Direction, _ text: String) -> SMTPCommandError {
    SMTPCommandError(501, direction == .reverse ? (5, 1, 7) : (5, 1, 3), text)
  }

  /// `Dot-string / Quoted-string`
  private mutating func localPart(_ direction: Direction) throws(SMTPCommandError) {
    if next == UInt8(ascii: "\"") { return try quotedLocalPart(direction) }
    var isBehindDot = true
    while let byte = next {
      if byte == UInt8(ascii: ".") {
        guard !isBehindDot else { throw bad(direction, "Local part has a dot too many") }
        isBehindDot = true
      } else {
        guard byte.isAtomText else { break }
        isBehindDot = false
      }
      position += 1
    }
    guard !isBehindDot else { throw bad(direction, "Local part is empty or ends with a dot") }
  }

  private mutating func quotedLocalPart(_ direction: Direction) throws(SMTPCommandError) {
    position += 1
    while let byte = next {
      position += 1
      if byte == UInt8(ascii: "\"") { return }
      if byte == UInt8(ascii: "\\") {
        guard let escaped = next, 0x20...0x7E ~= escaped else { break }
        position += 1
      } else {
        guard byte >= 0x20, byte != 0x7F else { break }
      }
    }
    throw bad(direction, "Quoted local part is not valid")
  }

  /// `Domain / address-literal`; stops at the byte that belongs to neither.
  private mutating func domain(_ direction: Direction) throws(SMTPCommandError) {
    let start = position
    if next == UInt8(ascii: "[") { return try addressLiteral(direction) }
    var labelStart = position
    while let byte = next {
      if byte == UInt8(ascii: ".") {
        guard isLabel(labelStart..<position) else { break }
        labelStart = position + 1
      } else {
        guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte >= 0x80 else { break }
      }
      position += 1
    }
    guard isLabel(labelStart..<position) else { throw bad(direction, "Domain of the address is not valid") }
    guard position - start <= 255 else { throw bad(direction, "Domain is over 255 bytes") }
  }

  private func isLabel(_ range: Range<Int>) -> Bool {
    1...63 ~= range.count && bytes[range.lowerBound] != UInt8(ascii: "-")
      && bytes[range.upperBound - 1] != UInt8(ascii: "-")
  }

  /// `"[" ( IPv4 / "IPv6:" IPv6 ) "]"`, by its characters; whether it is an address is for who connects to it.
  private mutating func addressLiteral(_ direction: Direction) throws(SMTPCommandError) {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "]") {
      guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") else {
        throw bad(direction, "Address literal is not valid")
      }
      position += 1
    }
    guard 1...50 ~= position - start, next != nil else {
      throw bad(direction, "Address literal is not valid")
    }
    position += 1
  }
}

extension UInt8 {
  /// `atext` of RFC 5322 section 3.2.3, and UTF-8 as RFC 6532 adds it.
  var isAtomText: Bool {
    switch self {
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2F...0x39, 0x3D, 0x3F, 0x41...0x5A, 0x5E...0x7E: true
    case 0x80...: true
    default: false
    }
  }
}
