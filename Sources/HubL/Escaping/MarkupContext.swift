/// Follows the literal text of a template far enough to know where in HTML an output stands.
struct MarkupContext: Sendable, Equatable {
  private enum State: Sendable, Equatable {
    case text
    case comment(dashes: Int)
    /// In a tag, between attributes.
    case tag
    case attributeName
    case beforeValue
    /// 0 for a value without quotes.
    case value(quote: UInt8)
  }

  private var state = State.text
  /// The first letters of the attribute's name, small, at most eight: enough to know those with links.
  private var attribute: UInt64 = 0
  /// What of the attribute's value has been read.
  private var link = Link.start
  /// How many bytes of `<!--` are read.
  private var opening = 0

  private enum Link: Sendable, Equatable { case start, path, queryName, queryValue }

  private static let linkAttributes: Set<UInt64> = Set(
    ["href", "src", "action", "backgrou", "cite", "poster", "formacti", "longdesc"].map { pack($0) })

  private static func pack(_ name: String) -> UInt64 {
    name.utf8.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Where an output stands now.
  func place() -> OutputContext {
    switch state {
    case .text, .comment, .tag, .attributeName: return .markup
    case .beforeValue: return Self.linkAttributes.contains(attribute) ? .linkStart : .bareAttribute
    case .value(let quote):
      guard Self.linkAttributes.contains(attribute) else { return quote == 0 ? .bareAttribute : .markup }
      switch link {
      case .start: return .linkStart
      case .path, .queryName: return .linkPath
      case .queryValue: return .linkQuery
      }
    }
  }

  /// An output stands here. A link that starts with one may still get its scheme from the next.
  mutating func readValue() {
    if state == .beforeValue {
      state = .value(quote: 0)
      link = .start
    }
  }

  mutating func read(_ text: ArraySlice<UInt8>) {
    for byte in text { read(byte) }
  }

  private mutating func read(_ byte: UInt8) {
    switch state {
    case .text: readText(byte)
    case .comment(let dashes):
      if byte == UInt8(ascii: ">"), dashes >= 2 {
        state = .text
      } else {
        state = .comment(dashes: byte == UInt8(ascii: "-") ? min(2, dashes + 1) : 0)
      }
    case .tag, .attributeName: readTag(byte)
    case .beforeValue:
      if Lexer.isSpace(byte) { return }
      link = .start
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        state = .value(quote: byte)
      } else if byte == UInt8(ascii: ">") {
        state = .text
      } else {
        state = .value(quote: 0)
        readLink(byte)
      }
    case .value(let quote):
      if quote == 0 ? Lexer.isSpace(byte) : byte == quote {
        state = .tag
      } else if quote == 0, byte == UInt8(ascii: ">") {
        state = .text
      } else {
        readLink(byte)
      }
    }
  }

  private mutating func readText(_ byte: UInt8) {
    switch (opening, byte) {
    case (_, UInt8(ascii: "<")): opening = 1
    case (1, UInt8(ascii: "!")): opening = 2
    case (2, UInt8(ascii: "-")): opening = 3
    case (3, UInt8(ascii: "-")):
      opening = 0
      state = .comment(dashes: 0)
    case (1, _) where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A:
      opening = 0
      state = .tag
      attribute = 0
    default: opening = 0
    }
  }

  private mutating func readTag(_ byte: UInt8) {
    if byte == UInt8(ascii: ">") {
      state = .text
    } else if byte == UInt8(ascii: "=") {
      state = .beforeValue
    } else if Lexer.isSpace(byte) || byte == UInt8(ascii: "/") {
      state = .tag
    } else if state == .tag {
      state = .attributeName
      attribute = UInt64(byte | 0x20)
    } else if attribute >> 56 == 0 {
      attribute = attribute << 8 | UInt64(byte | 0x20)
    }
  }

  private mutating func readLink(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "?"), UInt8(ascii: "&"): link = .queryName
    case UInt8(ascii: "="): link = link == .queryName ? .queryValue : (link == .start ? .path : link)
    case UInt8(ascii: "#"): link = .path
    default: if link == .start, !Lexer.isSpace(byte) { link = .path }
    }
  }
}
