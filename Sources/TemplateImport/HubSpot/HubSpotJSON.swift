import EmailDesign

/// HubSpot's JSON is loose: numbers come as texts, colours as objects, links in three forms.
extension JSONValue {
  var members: [Member] { if case .object(let members) = self { members } else { [] } }
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// A text that is not blank.
  var filledText: String? {
    guard let text = text?.trimmingWhitespace, !text.isEmpty else { return nil }
    return text
  }

  /// A text, or a number as one.
  var word: String? {
    if case .int(let number) = self { return String(number) }
    return filledText
  }

  /// `15`, `15.4`, `"15"`, `"15px"`, `{"value": 15}`.
  var pixels: Int? {
    switch self {
    case .int(let number): return Int(exactly: number)
    case .double(let number): return number.isFinite && abs(number) < 1e6 ? Int(number) : nil
    case .string(let text):
      let isPixels = text.hasSuffix("px")
      guard let number = Double(isPixels ? text.dropLast(2) : text[...]), abs(number) < 1e6 else {
        return nil
      }
      return Int(number)
    case .object: return self["value"]?.pixels
    default: return nil
    }
  }

  /// `"#00a4bd"` or `{"color": "#00a4bd", "opacity": 100}`.
  var color: Color? { text.flatMap { Color($0.trimmingWhitespace) } ?? self["color"]?.color }

  /// `"https://…"`, `{"href": "…"}` or `{"url": {"href": "…"}}`.
  var address: String? {
    filledText ?? (members.isEmpty ? nil : self["href"]?.filledText ?? self["url"]?.address)
  }

  /// Whether there is something in it.
  var isFilled: Bool {
    switch self {
    case .null: false
    case .bool(let flag): flag
    case .int, .double: true
    case .string(let text): !text.trimmingWhitespace.isEmpty
    case .array(let items): items.contains(where: \.isFilled)
    case .object(let members): members.contains { $0.value.isFilled }
    }
  }

  var align: Align? {
    switch text?.lowercased() {
    case "left": .left
    case "center": .center
    case "right": .right
    default: self["horizontal_align"]?.align
    }
  }
}

/// Lines of text with HubL's values in them.
enum HubLLine {
  /// Pieces of a line; what is more than a value is left out, and said.
  static func inlines(_ text: String, _ place: String, _ report: inout ImportReport) -> [Inline] {
    let bytes = Array(text.utf8)
    var result = [Inline]()
    for piece in SourceScanner.pieces(of: bytes) {
      switch piece {
      case .text(let range): add(clean(String(decoding: bytes[range], as: UTF8.self)), to: &result)
      case .output(let code, let range):
        if let token = token(code, place, &report) {
          result.append(.token(token))
        } else {
          left(String(decoding: bytes[range], as: UTF8.self), place, &report)
        }
      case .tag(_, let range): left(String(decoding: bytes[range], as: UTF8.self), place, &report)
      case .comment: break
      }
    }
    return result
  }

  private static func add(_ text: String, to pieces: inout [Inline]) {
    if !text.isEmpty { pieces.append(.text(text)) }
  }

  private static func left(_ code: String, _ place: String, _ report: inout ImportReport) {
    report.add(.left, place, code, "a line of a document holds names of values only, no code")
  }

  /// Without control characters, and not longer than so many bytes.
  static func clean(_ text: String, upTo limit: Int = 8000) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      if count > limit { break }
      let isControl = scalar.value < 0x20 || scalar.value == 0x7F
      result.append(isControl ? " " : scalar)
    }
    return String(result)
  }

  private static let roots: Set<String> = [
    "contact", "custom", "company", "account", "owner", "content", "site_settings", "unsubscribe_link",
    "unsubscribe_link_all", "view_as_page_url", "year", "local_dt", "local_time_zone", "subscription_name",
  ]

  /// A name, perhaps with a default, or `personalization_token`; nil for anything else.
  static func token(_ code: String, _ place: String, _ report: inout ImportReport) -> Token? {
    guard let token = parse(code) else { return nil }
    if !roots.contains(token.path.root) {
      report.add(.changed, place, code, "“\(token.path.root)” is empty here, unless the sender gives it")
    }
    return token
  }

  private static func parse(_ code: String) -> Token? {
    if let path = TokenPath(code) { return Token(path) }
    guard let statement = HubLCall(code) else { return nil }
    let words = statement.arguments
    switch (statement.subject, statement.name) {
    case (nil, "personalization_token"):
      guard (1...2).contains(words.count), let path = words[0].flatMap(TokenPath.init) else { return nil }
      if words.count == 1 { return Token(path) }
      return words[1].map { Token(path, fallback: clean($0, upTo: 2000)) }
    case (let subject?, "default"), (let subject?, "d"):
      guard (1...2).contains(words.count), let path = TokenPath(subject), let fallback = words[0] else {
        return nil
      }
      return Token(path, fallback: clean(fallback, upTo: 2000))
    default: return nil
    }
  }
}

/// `name("a", "b")`, perhaps as a filter: `subject|name("a")`.
private struct HubLCall {
  var subject: String?
  var name: String
  /// Texts in quotes; nil for `true`.
  var arguments: [String?]

  init?(_ code: String) {
    guard let open = code.utf8.firstIndex(of: 0x28), code.utf8.last == 0x29 else { return nil }
    var head = code[..<open]
    if let bar = head.firstIndex(of: "|") {
      subject = String(head[..<bar]).trimmingWhitespace
      head = head[head.index(after: bar)...]
    }
    name = String(head).trimmingWhitespace
    arguments = []
    var rest = Array(code.utf8[open...].dropFirst().dropLast())[...]
    while true {
      rest = rest.drop { $0 <= 0x20 }
      guard let first = rest.first else { return nil }
      if first == 0x22 || first == 0x27 {
        guard let end = rest.dropFirst().firstIndex(of: first), !rest[..<end].contains(0x5C) else {
          return nil
        }
        arguments.append(String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self))
        rest = rest[(end + 1)...]
      } else if rest.starts(with: "true".utf8) {
        arguments.append(nil)
        rest = rest.dropFirst(4)
      } else {
        return nil
      }
      rest = rest.drop { $0 <= 0x20 }
      guard let next = rest.first else { return }
      guard next == 0x2C else { return nil }
      rest = rest.dropFirst()
    }
  }
}
