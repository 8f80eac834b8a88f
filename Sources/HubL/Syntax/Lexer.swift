/// Cuts a source into text, comments, outputs and tags. Works on bytes.
struct Lexer: Sendable {
  /// What stands at a place.
  enum Piece {
    case text(Range<Int>)
    /// `{{ … }}`; the tokens end with `.end`.
    case output([Token])
    /// `{% … %}`.
    case tag([Token])
  }

  let source: [UInt8]
  private(set) var position = 0
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
        return .tag(try tokens(until: "%}"))
      } else if starts(with: "{{") {
        return .output(try tokens(until: "}}"))
      } else {
        let text = text()
        if !text.isEmpty { return .text(text) }
      }
    }
    return nil
  }

  /// The text up to the tag `endraw`, which is passed too. Behind `{% raw %}`.
  mutating func rawText(from start: Int) throws(TemplateError) -> Range<Int> {
    var begin = position
    if trimsNext { while begin < source.count, Self.isSpace(source[begin]) { begin += 1 } }
    while position < source.count {
      guard starts(with: "{%") else {
        position += 1
        continue
      }
      let tag = position
      position += 2
      let isTrimmed = starts(with: "-")
      if isTrimmed { position += 1 }
      skipSpace()
      guard starts(with: "endraw") else { continue }
      position += 6
      skipSpace()
      guard starts(with: "%}") || starts(with: "-%}") else { continue }
      trimsNext = starts(with: "-")
      position += trimsNext ? 3 : 2
      var end = tag
      if isTrimmed { while end > begin, Self.isSpace(source[end - 1]) { end -= 1 } }
      return min(begin, end)..<end
    }
    throw error(.syntax, start, "{% raw %} has no {% endraw %}")
  }

  func starts(with sign: StaticString) -> Bool {
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

  private mutating func skipSpace() {
    while position < source.count, Self.isSpace(source[position]) { position += 1 }
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  /// An error at a byte of the source.
  func error(
    _ kind: TemplateError.Kind, _ offset: Int, _ message: String, hint: String? = nil
  ) -> TemplateError {
    TemplateError(kind, at: offset, in: source, message, hint: hint)
  }
}

extension Lexer {
  /// All tokens of an output or tag, from its opening on.
  private mutating func tokens(until end: StaticString) throws(TemplateError) -> [Token] {
    position += 2
    if starts(with: "-") { position += 1 }
    trimsNext = false
    return try rest(until: end)
  }

  /// The tokens of an output whose expression starts at a byte.
  mutating func expression(from start: Int) throws(TemplateError) -> [Token] {
    position = start
    return try rest(until: "}}")
  }

  private mutating func rest(until end: StaticString) throws(TemplateError) -> [Token] {
    var tokens = [Token]()
    // A brace that an own one opened closes that one: `{{ {"a": {"b": 1}} }}`.
    var braces = 0
    while true {
      skipSpace()
      guard position < source.count else { throw error(.syntax, position, "\(end) is missing") }
      let start = position
      let isTrimmed = starts(with: "-")
      if isTrimmed { position += 1 }
      if starts(with: end), braces == 0 {
        trimsNext = isTrimmed
        position += 2
        tokens.append(Token(kind: .end, offset: start))
        return tokens
      }
      position = start
      let token = try token()
      if token.kind == .sign(.openBrace) { braces += 1 }
      if token.kind == .sign(.closeBrace) { braces = max(0, braces - 1) }
      tokens.append(token)
    }
  }

  private mutating func token() throws(TemplateError) -> Token {
    let start = position
    let byte = source[position]
    switch byte {
    case 0x22, 0x27: return Token(kind: .string(try string()), offset: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return Token(kind: try number(), offset: start)
    case _ where Self.isNameStart(byte): return Token(kind: .name(name()), offset: start)
    default:
      if let sign = sign() { return Token(kind: .sign(sign), offset: start) }
      let shown = String(decoding: source[position...].prefix(4), as: UTF8.self).first.map(String.init) ?? ""
      throw error(.syntax, start, "“\(shown)” is not expected here")
    }
  }

  private mutating func sign() -> Sign? {
    for length in [2, 1] where position + length <= source.count {
      let text = String(decoding: source[position..<position + length], as: UTF8.self)
      guard let sign = Sign(rawValue: text) else { continue }
      position += length
      return sign
    }
    return nil
  }

  static func isNameStart(_ byte: UInt8) -> Bool {
    byte == 0x5F || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private mutating func name() -> String {
    let start = position
    while position < source.count, Self.isNameStart(source[position]) || Self.isDigit(source[position]) {
      position += 1
    }
    return String(decoding: source[start..<position], as: UTF8.self)
  }

  private mutating func number() throws(TemplateError) -> Token.Kind {
    let start = position
    skipDigits()
    var isWhole = true
    if position + 1 < source.count, source[position] == 0x2E, Self.isDigit(source[position + 1]) {
      isWhole = false
      position += 1
      skipDigits()
    }
    if position + 1 < source.count, source[position] | 0x20 == UInt8(ascii: "e") {
      let sign = source[position + 1] == 0x2B || source[position + 1] == 0x2D ? 1 : 0
      if position + 1 + sign < source.count, Self.isDigit(source[position + 1 + sign]) {
        isWhole = false
        position += 1 + sign
        skipDigits()
      }
    }
    let text = String(decoding: source[start..<position], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .int(value) }
    if !isWhole, let value = Double(text), value.isFinite { return .double(value) }
    throw error(.syntax, start, "this number is too large")
  }

  private mutating func skipDigits() {
    while position < source.count, Self.isDigit(source[position]) { position += 1 }
  }

  private mutating func string() throws(TemplateError) -> String {
    let start = position
    let quote = source[position]
    var text = [UInt8]()
    position += 1
    while position < source.count, source[position] != quote {
      if source[position] == 0x5C, position + 1 < source.count {
        position += 1
        appendEscaped(to: &text)
      } else {
        text.append(source[position])
      }
      position += 1
    }
    guard position < source.count else { throw error(.syntax, start, "this text has no closing quote") }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// What stands behind a backslash; anything unknown is itself, as the backslash before a quote.
  private mutating func appendEscaped(to text: inout [UInt8]) {
    switch source[position] {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let digits = source[(position + 1)...].prefix(4)
      guard digits.count == 4, let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(number)
      else { return text.append(UInt8(ascii: "u")) }
      text += Array(String(Character(scalar)).utf8)
      position += 4
    // A pattern's own: `regex_replace("\d+", "")` needs the backslash.
    case let byte where [UInt8]("dDwWsSbB.*+?()[]{}|^$-0123456789".utf8).contains(byte):
      text += [0x5C, byte]
    case let byte: text.append(byte)
    }
  }
}
