/// One parameter of a structured header field.
public struct HeaderParameter: Sendable, Hashable {
  /// In lower case; without the marks of RFC 2231 (`*`, `*0`).
  public var name: String
  /// Unquoted, continuations joined, percent-decoded and converted from its charset (RFC 2231).
  public var value: String

  /// A parameter.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// Reads the value of a field made of tokens and parameters (RFC 2045 5.1, RFC 2231), leniently.
struct ParameterReader {
  /// Parameters read of one field; those behind are passed over.
  static let limit = 200

  private let bytes: [UInt8]
  private let end: Int
  private var position: Int

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Over white space, line ends and comments.
  mutating func skipSpace() {
    while position < end {
      if bytes[position].isFoldingSpace {
        position += 1
      } else if bytes[position] == Octet.open {
        skipComment()
      } else {
        return
      }
    }
  }

  /// A run of token characters; nil when there is none.
  mutating func token() -> Range<Int>? {
    skipSpace()
    let start = position
    while position < end, Self.isTokenCharacter(bytes[position]) { position += 1 }
    return position > start ? start..<position : nil
  }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// All parameters that can be read from here on; of two with one name the first.
  mutating func parameters() -> [HeaderParameter] {
    var plain: [HeaderParameter] = []
    var sections: [ParameterSection] = []
    while plain.count + sections.count < Self.limit, skipToSemicolon() {
      guard let name = token() else { continue }
      skipSpace()
      guard skip(Octet.equals) else { continue }
      skipSpace()
      let isBoundary = bytes.matches("boundary", in: name)
      let value =
        position < end && bytes[position] == Octet.quote ? quoted() : unquoted(isBoundary: isBoundary)
      if let section = ParameterSection(bytes, name: name, value: value) {
        sections.append(section)
      } else {
        append(name: String(lowering: bytes, in: name), value: Self.text(of: value), to: &plain)
      }
    }
    for parameter in ParameterSection.joined(sections) {
      // The extended form is the better one where a field has both (RFC 6266 4.3).
      plain.removeAll { $0.name == parameter.name }
      plain.append(parameter)
    }
    return plain
  }

  private func append(name: String, value: String, to list: inout [HeaderParameter]) {
    guard !list.contains(where: { $0.name == name }) else { return }
    list.append(HeaderParameter(name: name, value: value))
  }

  /// False at the end of the value. What stands before the semicolon is junk and passed over.
  private mutating func skipToSemicolon() -> Bool {
    while position < end {
      switch bytes[position] {
      case Octet.semicolon:
        position += 1
        return true
      case Octet.quote: _ = quoted()
      case Octet.open: skipComment()
      default: position += 1
      }
    }
    return false
  }

  private mutating func quoted() -> [UInt8] {
    var value: [UInt8] = []
    position += 1
    while position < end, bytes[position] != Octet.quote {
      if bytes[position] == Octet.backslash, position + 1 < end { position += 1 }
      if bytes[position] != Octet.cr, bytes[position] != Octet.lf { value.append(bytes[position]) }
      position += 1
    }
    position = min(position + 1, end)
    return value
  }

  /// Up to white space, a semicolon or a comment. Boundaries are often sent without the quotes that
  /// their parentheses and equals signs ask for.
  private mutating func unquoted(isBoundary: Bool) -> [UInt8] {
    let start = position
    while position < end, bytes[position] != Octet.semicolon, !bytes[position].isFoldingSpace {
      if bytes[position] == Octet.open, !isBoundary { break }
      position += 1
    }
    return Array(bytes[start..<position])
  }

  private mutating func skipComment() {
    var depth = 0
    while position < end {
      switch bytes[position] {
      case Octet.open: depth += 1
      case Octet.close: depth -= 1
      case Octet.backslash: position += 1
      default: break
      }
      position += 1
      if depth == 0 { break }
    }
    position = min(position, end)
  }

  static func isTokenCharacter(_ byte: UInt8) -> Bool {
    guard byte > 32, byte != 127 else { return false }
    switch byte {
    case Octet.open, Octet.close, Octet.less, Octet.greater, Octet.at, Octet.comma, Octet.semicolon:
      return false
    case Octet.colon, Octet.backslash, Octet.quote, Octet.slash, Octet.openBracket: return false
    case Octet.closeBracket, Octet.question, Octet.equals: return false
    default: return true
    }
  }

  /// File names come as encoded words too, against RFC 2047 5.
  private static func text(of value: [UInt8]) -> String {
    let range = 0..<value.count
    guard value.firstPlace(of: "=?", in: range) != nil else { return String(lossy: value, in: range) }
    return EncodedWord.decode(value, in: range)
  }
}

/// A parameter whose name carries marks of RFC 2231: `name*`, `name*0`, `name*0*`.
struct ParameterSection {
  private let name: String
  private let index: Int
  private let isExtended: Bool
  private let value: [UInt8]

  /// Nil when the name has no such marks.
  init?(_ bytes: [UInt8], name range: Range<Int>, value: [UInt8]) {
    guard let star = bytes.firstPlace(of: Octet.star, in: range), star > range.lowerBound else { return nil }
    name = String(lowering: bytes, in: range.lowerBound..<star)
    var digits = (star + 1)..<range.upperBound
    if digits.isEmpty {
      isExtended = true
      index = 0
    } else {
      isExtended = bytes[digits.upperBound - 1] == Octet.star
      if isExtended { digits = digits.lowerBound..<(digits.upperBound - 1) }
      guard let number = Self.number(bytes, in: digits) else { return nil }
      index = number
    }
    self.value = value
  }

  private static func number(_ bytes: [UInt8], in range: Range<Int>) -> Int? {
    guard !range.isEmpty, range.count <= 3, bytes[range].allSatisfy(\.isDigit) else { return nil }
    return bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// The parameters that the sections make, in the order of their first sections.
  static func joined(_ sections: [ParameterSection]) -> [HeaderParameter] {
    var result: [HeaderParameter] = []
    for section in sections where !result.contains(where: { $0.name == section.name }) {
      let own = sections.filter { $0.name == section.name }.sorted { $0.index < $1.index }
      result.append(HeaderParameter(name: section.name, value: value(of: own)))
    }
    return result
  }

  private static func value(of sections: [ParameterSection]) -> String {
    var charset: String?
    var bytes: [UInt8] = []
    for (place, section) in sections.enumerated() where section.index == place {
      guard section.isExtended else {
        bytes += section.value
        continue
      }
      var start = 0
      if place == 0 {
        let marks = section.value.indices.filter { section.value[$0] == Octet.apostrophe }
        if marks.count >= 2 {
          charset = String(lowering: section.value, in: 0..<marks[0])
          start = marks[1] + 1
        }
      }
      appendDecoded(section.value[start...], to: &bytes)
    }
    return Charset.decode(bytes, in: 0..<bytes.count, charset: charset)
  }

  private static func appendDecoded(_ value: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    var index = value.startIndex
    while index < value.endIndex {
      if value[index] == Octet.percent, index + 2 < value.endIndex, let high = value[index + 1].hexValue,
        let low = value[index + 2].hexValue
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(value[index])
        index += 1
      }
    }
  }
}
