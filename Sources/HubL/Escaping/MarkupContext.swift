/// Follows the literal text of a template far enough to know where in HTML an output stands.
struct MarkupContext: Sendable, Equatable {
  private enum State: Sendable, Equatable {
    case text
    case comment(dashes: Int)
    /// Within `<!--[if …]>`: Outlook reads what follows as HTML.
    case condition
    /// The name of a tag.
    case element
    /// In a tag, between attributes.
    case tag
    case attributeName
    case beforeValue
    /// 0 for a value without quotes.
    case value(quote: UInt8)
    /// In an element whose content is no HTML, and how many bytes of its end tag are read.
    case raw(Name, closing: Int)
  }

  /// The first eight letters of a name, small: enough to know those that matter.
  private struct Name: Sendable, Hashable {
    private(set) var letters: UInt64 = 0

    init() {}

    init(_ name: String) { for byte in name.utf8 { add(byte) } }

    mutating func add(_ byte: UInt8) {
      if letters >> 56 == 0 { letters = letters << 8 | UInt64(byte | 0x20) }
    }

    /// Its letter of a number from the left; 0 behind the last.
    subscript(place: Int) -> UInt8 {
      let count = 8 - letters.leadingZeroBitCount / 8
      return place < count ? UInt8(truncatingIfNeeded: letters >> UInt64(8 * (count - 1 - place))) : 0
    }
  }

  private enum Link: Sendable, Equatable { case start, path, queryName, queryValue }

  private var state = State.text
  private var element = Name()
  private var attribute = Name()
  /// What of the attribute's value has been read.
  private var link = Link.start
  /// How many bytes of `<!--` are read.
  private var opening = 0

  private static let linkAttributes: Set<Name> = Set(
    ["href", "src", "action", "background", "cite", "poster", "formaction", "longdesc"].map { Name($0) })
  private static let script = Name("script")
  private static let style = Name("style")
  /// What is within these ends only with their own end tag.
  private static let rawElements: Set<Name> = [script, style, Name("title"), Name("textarea")]

  /// Where an output stands now.
  func place() -> OutputContext {
    switch state {
    case .text, .comment, .condition: return .markup
    case .raw(let name, _): return name == Self.script ? .script : name == Self.style ? .styleSheet : .markup
    case .element: return .bareAttribute
    case .tag, .attributeName: return .attributes
    case .beforeValue: return placeInValue(quote: 0, .start)
    case .value(let quote): return placeInValue(quote: quote, link)
    }
  }

  private func placeInValue(quote: UInt8, _ link: Link) -> OutputContext {
    if attribute[0] == UInt8(ascii: "o"), attribute[1] == UInt8(ascii: "n") { return .script }
    if attribute == Self.style, quote != 0 { return .style }
    guard Self.linkAttributes.contains(attribute) else { return quote == 0 ? .bareAttribute : .markup }
    switch link {
    case .start: return .linkStart
    case .path, .queryName: return .linkPath
    case .queryValue: return .linkQuery
    }
  }

  /// Whether this is the content of an element that is no HTML: there are no entities.
  var isInElement: Bool { if case .raw = state { true } else { false } }

  /// An output stands here. A link that starts with one may still get its scheme from the next.
  mutating func readValue() {
    switch state {
    case .beforeValue:
      state = .value(quote: 0)
      link = .start
    // `<{{ name }} …>`
    case .text where opening == 1:
      opening = 0
      (state, element) = (.element, Name())
    case .text: opening = 0
    default: break
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
      } else if byte == UInt8(ascii: "["), dashes == 3 {
        state = .condition
      } else {
        state = .comment(dashes: byte == UInt8(ascii: "-") ? min(2, dashes + 1) : 0)
      }
    case .condition: if byte == UInt8(ascii: ">") { state = .text }
    case .element: readElement(byte)
    case .tag, .attributeName: readTag(byte)
    case .beforeValue:
      if Lexer.isSpace(byte) { return }
      link = .start
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        state = .value(quote: byte)
      } else if byte == UInt8(ascii: ">") {
        endTag()
      } else {
        state = .value(quote: 0)
        readLink(byte)
      }
    case .value(let quote):
      if quote == 0 ? Lexer.isSpace(byte) : byte == quote {
        state = .tag
      } else if quote == 0, byte == UInt8(ascii: ">") {
        endTag()
      } else {
        readLink(byte)
      }
    case .raw(let name, let closing): readRaw(byte, name, closing)
    }
  }

  private mutating func readText(_ byte: UInt8) {
    switch (opening, byte) {
    case (_, UInt8(ascii: "<")): opening = 1
    case (1, UInt8(ascii: "!")): opening = 2
    case (2, UInt8(ascii: "-")): opening = 3
    case (3, UInt8(ascii: "-")):
      opening = 0
      // One more than two for its very start: `<!-->` is a whole comment, `<!--[` may be a condition.
      state = .comment(dashes: 3)
    case (1, _) where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A:
      opening = 0
      (state, element) = (.element, Name())
      element.add(byte)
    default: opening = 0
    }
  }

  private mutating func readElement(_ byte: UInt8) {
    if byte == UInt8(ascii: ">") {
      endTag()
    } else if Lexer.isSpace(byte) || byte == UInt8(ascii: "/") {
      (state, attribute) = (.tag, Name())
    } else {
      element.add(byte)
    }
  }

  private mutating func endTag() {
    state = Self.rawElements.contains(element) ? .raw(element, closing: 0) : .text
  }

  private mutating func readTag(_ byte: UInt8) {
    if byte == UInt8(ascii: ">") {
      endTag()
    } else if byte == UInt8(ascii: "=") {
      state = .beforeValue
    } else if Lexer.isSpace(byte) || byte == UInt8(ascii: "/") {
      state = .tag
    } else {
      if state == .tag { attribute = Name() }
      state = .attributeName
      attribute.add(byte)
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

  /// Up to `</` and the element's name; what follows up to `>` is as good as text.
  private mutating func readRaw(_ byte: UInt8, _ name: Name, _ closing: Int) {
    let wanted = closing == 0 ? UInt8(ascii: "<") : closing == 1 ? UInt8(ascii: "/") : name[closing - 2]
    if closing < 2 ? byte == wanted : byte | 0x20 == wanted {
      let isWhole = closing >= 2 && name[closing - 1] == 0
      state = isWhole ? .text : .raw(name, closing: closing + 1)
    } else {
      state = .raw(name, closing: byte == UInt8(ascii: "<") ? 1 : 0)
    }
  }
}
