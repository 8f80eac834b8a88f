/// A sign or word of an expression.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    case name(String)
    case string(String)
    case int(Int64)
    case double(Double)
    /// `. | ( ) [ ] , -`
    case sign(UInt8)
    case end
  }

  var kind: Kind
  /// Byte of the source where it starts.
  var offset: Int
}

/// Cuts a source into text, comments and expressions, and expressions into tokens. Works on bytes.
struct Lexer: Sendable {
  /// What stands at a place outside of expressions.
  enum Piece {
    case text(Range<Int>)
    /// `{{`; the tokens follow with `token`.
    case openOutput
  }

  let source: [UInt8]
  private var position = 0
  /// The text that follows starts with its first non-blank: the delimiter before had a `-`.
  private var trimsNext = false

  init(_ source: [UInt8]) {
    self.source = source
  }

  /// The next piece; nil at the end.
  mutating func piece() throws(TemplateError) -> Piece? {
    while position < source.count {
      if starts(with: "{#") {
        try skipComment()
      } else if starts(with: "{%") {
        throw error(.unsupported, position, "tags such as {% if %} are not supported yet")
      } else if starts(with: "{{") {
        position += 2
        if starts(with: "-") { position += 1 }
        trimsNext = false
        return .openOutput
      } else {
        let text = text()
        if !text.isEmpty { return .text(text) }
      }
    }
    return nil
  }

  private func starts(with sign: StaticString) -> Bool {
    let count = sign.utf8CodeUnitCount
    guard position + count <= source.count else { return false }
    for index in 0..<count where source[position + index] != sign.utf8Start[index] { return false }
    return true
  }

  private mutating func text() -> Range<Int> {
    var start = position
    while position < source.count {
      if source[position] == 0x7B, starts(with: "{{") || starts(with: "{#") || starts(with: "{%") { break }
      position += 1
    }
    var end = position
    if trimsNext { while start < end, Self.isSpace(source[start]) { start += 1 } }
    trimsNext = false
    let isTrimmed = position + 2 < source.count && source[position + 2] == 0x2D
    if isTrimmed { while end > start, Self.isSpace(source[end - 1]) { end -= 1 } }
    return start..<end
  }

  private mutating func skipComment() throws(TemplateError) {
    let start = position
    position += 2
    while position < source.count, !starts(with: "#}") { position += 1 }
    guard position < source.count else { throw error(.syntax, start, "this comment has no #}") }
    trimsNext = source[position - 1] == 0x2D && position - 1 > start + 1
    position += 2
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  /// An error at a byte of the source.
  func error(_ kind: TemplateError.Kind, _ offset: Int, _ message: String) -> TemplateError {
    let before = source[..<min(offset, source.count)]
    let line = before.reduce(into: 1) { count, byte in if byte == 0x0A { count += 1 } }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // Continuation bytes of UTF-8 are no signs of their own.
    let column = before[lineStart...].reduce(into: 1) { count, byte in if byte & 0xC0 != 0x80 { count += 1 } }
    return TemplateError(kind, line: line, column: column, message)
  }
}

extension Lexer {
  /// The next token of an expression. `end` for `}}`, behind which text goes on.
  mutating func token() throws(TemplateError) -> Token {
    while position < source.count, Self.isSpace(source[position]) { position += 1 }
    let start = position
    guard position < source.count else { throw error(.syntax, start, "}} is missing") }
    if starts(with: "}}") || starts(with: "-}}") {
      trimsNext = starts(with: "-")
      position += trimsNext ? 3 : 2
      return Token(kind: .end, offset: start)
    }
    let byte = source[position]
    switch byte {
    case 0x22, 0x27: return Token(kind: .string(try string()), offset: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return Token(kind: try number(), offset: start)
    case _ where Self.isNameStart(byte): return Token(kind: .name(name()), offset: start)
    case 0x2E, 0x7C, 0x28, 0x29, 0x5B, 0x5D, 0x2C, 0x2D:
      position += 1
      return Token(kind: .sign(byte), offset: start)
    default:
      let sign = String(decoding: source[position...].prefix(4), as: UTF8.self).first.map(String.init) ?? ""
      throw error(.syntax, start, "“\(sign)” is not expected here")
    }
  }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    byte == 0x5F || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
  }

  private mutating func name() -> String {
    let start = position
    while position < source.count, Self.isNameStart(source[position]) || Self.isDigit(source[position]) {
      position += 1
    }
    return String(decoding: source[start..<position], as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private mutating func number() throws(TemplateError) -> Token.Kind {
    let start = position
    while position < source.count, Self.isDigit(source[position]) { position += 1 }
    if position + 1 < source.count, source[position] == 0x2E, Self.isDigit(source[position + 1]) {
      position += 1
      while position < source.count, Self.isDigit(source[position]) { position += 1 }
      if let value = Double(String(decoding: source[start..<position], as: UTF8.self)) {
        return .double(value)
      }
    } else if let value = Int64(String(decoding: source[start..<position], as: UTF8.self)) {
      return .int(value)
    }
    throw error(.syntax, start, "this number is too large")
  }

  private mutating func string() throws(TemplateError) -> String {
    let start = position
    let quote = source[position]
    var text = [UInt8]()
    position += 1
    while position < source.count, source[position] != quote {
      if source[position] == 0x5C, position + 1 < source.count {
        position += 1
        text.append(Self.escaped(source[position]))
      } else {
        text.append(source[position])
      }
      position += 1
    }
    guard position < source.count else { throw error(.syntax, start, "this text has no closing quote") }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  private static func escaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: byte
    }
  }
}
