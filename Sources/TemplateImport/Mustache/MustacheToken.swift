/// A piece of a template: text, or what stands in braces.
struct MustacheToken {
  enum Kind {
    case text, output, raw, comment, open, inverted, close, partial, otherwise

    /// Whether a line with nothing else on it goes without a trace (Handlebars).
    var standsAlone: Bool {
      switch self {
      case .text, .output, .raw: false
      default: true
      }
    }
  }

  var kind: Kind
  /// The text, or what stands between the braces without its sign and white space.
  var content: String
  /// Byte of the source.
  var offset: Int
  /// `{{~ … ~}}`: takes the white space beside it away.
  var stripsBefore = false
  var stripsBehind = false
}

/// Cuts a template into pieces. Mustachio's rules are those of its tokenizer: what does not fit is text.
struct MustacheScanner {
  private let source: [UInt8]
  private let dialect: TemplateDialect
  private var tokens: [MustacheToken] = []
  private var text: [UInt8] = []
  private var textStart = 0
  private var position = 0

  init(_ source: [UInt8], _ dialect: TemplateDialect) {
    self.source = source
    self.dialect = dialect
  }

  static func tokens(_ source: [UInt8], _ dialect: TemplateDialect) throws(ImportError) -> [MustacheToken] {
    var scanner = MustacheScanner(source, dialect)
    try scanner.scan()
    return dialect == .postmark ? scanner.tokens : Whitespace.trimmed(scanner.tokens)
  }

  private mutating func scan() throws(ImportError) {
    while position < source.count {
      guard starts(with: "{{") else {
        add(byte: source[position])
        continue
      }
      if dialect == .postmark {
        if !mustachio() { add(byte: source[position]) }
      } else if isEscaped() {
        add(byte: 0x7B)
        add(byte: 0x7B)
      } else {
        try handlebars()
      }
    }
    endText()
  }

  private func starts(with sign: StaticString, at place: Int? = nil) -> Bool {
    let place = place ?? position
    guard place + sign.utf8CodeUnitCount <= source.count else { return false }
    return (0..<sign.utf8CodeUnitCount).allSatisfy { source[place + $0] == sign.utf8Start[$0] }
  }

  private mutating func add(byte: UInt8) {
    if text.isEmpty { textStart = position }
    text.append(byte)
    position += 1
  }

  private mutating func endText() {
    guard !text.isEmpty else { return }
    tokens.append(
      MustacheToken(kind: .text, content: String(decoding: text, as: UTF8.self), offset: textStart))
    text.removeAll(keepingCapacity: true)
  }

  /// `\{{` is two braces; `\\{{` a backslash before an expression.
  private mutating func isEscaped() -> Bool {
    guard text.last == 0x5C else { return false }
    text.removeLast()
    return text.last != 0x5C
  }

  /// `{{ }}` or `{{{ }}}` with no brace inside.
  private mutating func mustachio() -> Bool {
    let isTriple = starts(with: "{{{")
    let start = position + (isTriple ? 3 : 2)
    var end = start
    while end < source.count, source[end] != 0x7B, source[end] != 0x7D { end += 1 }
    guard end > start, isTriple ? starts(with: "}}}", at: end) : starts(with: "}}", at: end) else {
      return false
    }
    let offset = position
    endText()
    take(start..<end, isTriple: isTriple, offset)
    position = end + (isTriple ? 3 : 2)
    return true
  }

  private mutating func handlebars() throws(ImportError) {
    let offset = position
    if starts(with: "{{{{") { throw ImportError("raw blocks ({{{{) are not known", at: offset, in: source) }
    endText()
    var start = position + 2
    let stripsBefore = start < source.count && source[start] == 0x7E
    if stripsBefore { start += 1 }
    let isTriple = start < source.count && source[start] == 0x7B
    if isTriple { start += 1 }
    guard let (end, behind) = close(from: start, isTriple: isTriple) else {
      throw ImportError("this expression has no end", at: offset, in: source)
    }
    var inner = end
    if inner > start, source[inner - 1] == 0x7E { inner -= 1 }
    let stripsBehind = inner < end || source[end] == 0x7E
    take(start..<inner, isTriple: isTriple, offset)
    tokens[tokens.count - 1].stripsBefore = stripsBefore
    tokens[tokens.count - 1].stripsBehind = stripsBehind
    position = behind
  }

  /// Where the inside ends, and what stands behind the closing braces.
  private func close(from start: Int, isTriple: Bool) -> (end: Int, behind: Int)? {
    if starts(with: "!--", at: start) {
      for place in start + 3..<max(source.count, start + 3) where starts(with: "--", at: place) {
        if starts(with: "}}", at: place + 2) { return (place, place + 4) }
        if starts(with: "~}}", at: place + 2) { return (place + 2, place + 5) }
      }
      return nil
    }
    var quote: UInt8?
    let isComment = start < source.count && source[start] == 0x21
    for place in start..<max(source.count, start) {
      let byte = source[place]
      if let open = quote {
        if byte == open { quote = nil }
      } else if !isComment, byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if isTriple {
        if starts(with: "}}}", at: place) { return (place, place + 3) }
        if starts(with: "}~}}", at: place) { return (place, place + 4) }
      } else if starts(with: "}}", at: place) {
        return (place, place + 2)
      }
    }
    return nil
  }

  private mutating func take(_ range: Range<Int>, isTriple: Bool, _ offset: Int) {
    var inner = source[range]
    var kind = MustacheToken.Kind.output
    switch inner.first {
    case _ where isTriple: kind = .raw
    case UInt8(ascii: "!"): kind = .comment
    case UInt8(ascii: "&"): kind = .raw
    case UInt8(ascii: "#"): kind = .open
    case UInt8(ascii: "^"): kind = .inverted
    case UInt8(ascii: "/"): kind = .close
    case UInt8(ascii: ">"): kind = .partial
    default: break
    }
    if kind != .output, !isTriple { inner = inner.dropFirst() }
    var content = String(decoding: inner, as: UTF8.self).trimmingWhitespace
    if dialect != .postmark {
      let isElse = content == "else" || content.hasPrefix("else ")
      if kind == .output, isElse || (kind == .inverted && content.isEmpty) { kind = .otherwise }
      if kind == .inverted, content.isEmpty { kind = .otherwise }
      if kind == .otherwise, isElse { content = String(content.dropFirst(4)).trimmingWhitespace }
    }
    tokens.append(MustacheToken(kind: kind, content: content, offset: offset))
  }
}

/// Handlebars' rules for white space around tags.
enum Whitespace {
  /// Lines that hold nothing but a tag lose their blanks and their end; `~` takes all white space beside it.
  static func trimmed(_ tokens: [MustacheToken]) -> [MustacheToken] {
    var result = tokens
    for (place, token) in tokens.enumerated() where token.kind != .text {
      let isLine = token.kind.standsAlone && isAlone(place, tokens)
      if place > 0, tokens[place - 1].kind == .text {
        if token.stripsBefore {
          result[place - 1].content = result[place - 1].content.droppingLast { isBlank($0) || $0 == 0x0A }
        } else if isLine {
          result[place - 1].content = result[place - 1].content.droppingLast { isBlank($0) && $0 != 0x0D }
        }
      }
      if place + 1 < tokens.count, tokens[place + 1].kind == .text {
        let text = result[place + 1].content
        if token.stripsBehind {
          result[place + 1].content = text.droppingFirst { isBlank($0) || $0 == 0x0A }
        } else if isLine {
          let rest = text.droppingFirst(isBlank)
          result[place + 1].content = rest.utf8.first == 0x0A ? String(rest.utf8.dropFirst()) ?? rest : rest
        }
      }
    }
    return result
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  private static func isAlone(_ place: Int, _ tokens: [MustacheToken]) -> Bool {
    if place > 0 {
      guard tokens[place - 1].kind == .text else { return false }
      let before = tokens[place - 1].content.droppingLast(isBlank)
      guard before.utf8.last == 0x0A || (before.isEmpty && place == 1) else { return false }
    }
    if place + 1 < tokens.count {
      guard tokens[place + 1].kind == .text else { return false }
      let behind = tokens[place + 1].content.droppingFirst(isBlank)
      guard behind.utf8.first == 0x0A || (behind.isEmpty && place + 2 == tokens.count) else { return false }
    }
    return true
  }
}

extension String {
  var trimmingWhitespace: String { droppingFirst { $0 <= 0x20 }.droppingLast { $0 <= 0x20 } }

  func droppingFirst(_ isDropped: (UInt8) -> Bool) -> String {
    String(decoding: utf8.drop(while: isDropped), as: UTF8.self)
  }

  func droppingLast(_ isDropped: (UInt8) -> Bool) -> String {
    var bytes = utf8[...]
    while let last = bytes.last, isDropped(last) { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
