/// Work on HTML without a tree: tags are found, text between them is kept.
enum Markup {
  private enum Piece {
    case text(ArraySlice<UInt8>)
    /// Whole tag and its name; `isEnd` for `</name>`.
    case tag(ArraySlice<UInt8>, name: String, isEnd: Bool)
    case comment
  }

  private static let void: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
  ]

  private static func pieces(_ text: String) -> [Piece] {
    let bytes = Array(text.utf8)
    var pieces = [Piece]()
    var place = 0
    while place < bytes.count {
      let start = place
      if bytes[place...].starts(with: "<!--".utf8) {
        let end = bytes.firstRange(of: Array("-->".utf8), from: place)?.upperBound ?? bytes.count
        pieces.append(.comment)
        place = end
      } else if let tag = tag(bytes, from: place) {
        pieces.append(tag.piece)
        place = tag.end
      } else {
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "<") { place += 1 }
        pieces.append(.text(bytes[start..<place]))
      }
    }
    return pieces
  }

  private static func tag(_ bytes: [UInt8], from start: Int) -> (piece: Piece, end: Int)? {
    guard bytes[start] == UInt8(ascii: "<"), start + 1 < bytes.count else { return nil }
    let isEnd = bytes[start + 1] == UInt8(ascii: "/")
    let nameStart = start + (isEnd ? 2 : 1)
    let name = bytes[min(nameStart, bytes.count)...].prefix {
      $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 &- 0x30 < 10
    }
    guard let first = name.first, first | 0x20 >= 0x61 else { return nil }
    var end = name.endIndex
    var quote: UInt8 = 0
    while end < bytes.count {
      let byte = bytes[end]
      end += 1
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        break
      }
    }
    let shown = String(decoding: name, as: UTF8.self).lowercased()
    return (.tag(bytes[start..<end], name: shown, isEnd: isEnd), end)
  }

  /// The text alone, blanks together, references decoded.
  static func text(_ html: String) -> String {
    var bytes = [UInt8]()
    var hidden: String?
    for piece in pieces(html) {
      switch piece {
      case .text(let part): if hidden == nil { bytes += part }
      case .tag(_, let name, let isEnd):
        if isEnd, name == hidden { hidden = nil }
        if !isEnd, hidden == nil, name == "script" || name == "style" { hidden = name }
        if ["p", "div", "br", "li", "tr", "td", "h1", "h2", "h3"].contains(name), bytes.last != 0x20 {
          bytes.append(0x20)
        }
      case .comment: break
      }
    }
    let words = Entities.decoded(String(decoding: bytes, as: UTF8.self)).unicodeScalars.split { scalar in
      scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r"
    }
    return words.map { String($0) }.joined(separator: " ")
  }

  /// Tags that are still open are closed at the end; end tags of nothing go.
  static func closed(_ html: String) -> String {
    var bytes = [UInt8]()
    var open = OpenTags()
    for piece in pieces(html) {
      switch piece {
      case .text(let part): bytes += part
      case .comment: break
      case .tag(let tag, let name, let isEnd):
        if !isEnd {
          bytes += tag
          if !void.contains(name) { open.append(name) }
        } else {
          for inner in open.close(name) { bytes += "</\(inner)>".utf8 }
        }
      }
    }
    for name in open.names.reversed() { bytes += "</\(name)>".utf8 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Tags that have no end yet. An end tag of nothing is known without looking through them all.
  private struct OpenTags {
    private(set) var names: [String] = []
    private var counts: [String: Int] = [:]

    mutating func append(_ name: String) {
      names.append(name)
      counts[name, default: 0] += 1
    }

    /// What ends with this one, from the inside; nothing when it is not open.
    mutating func close(_ name: String) -> [String] {
      guard counts[name] ?? 0 > 0 else { return [] }
      var closed = [String]()
      while let last = names.popLast() {
        counts[last, default: 1] -= 1
        closed.append(last)
        if last == name { break }
      }
      return closed
    }
  }

  /// At most `length` signs of text; tags do not count and are closed.
  static func truncated(_ html: String, _ length: Int, end: String, breaksWords: Bool) -> String {
    var bytes = [UInt8]()
    var open = OpenTags()
    var rest = max(0, length)
    pieces: for piece in pieces(html) {
      switch piece {
      case .comment: break
      case .text(let part):
        let text = String(decoding: part, as: UTF8.self)
        let count = text.unicodeScalars.count
        if count > rest {
          bytes += Text.truncated(text, rest, killsWords: breaksWords, end: end).utf8
          break pieces
        }
        bytes += part
        rest -= count
      case .tag(let tag, let name, let isEnd):
        if !isEnd, !void.contains(name) { open.append(name) }
        if isEnd { _ = open.close(name) }
        bytes += tag
      }
    }
    for name in open.names.reversed() { bytes += "</\(name)>".utf8 }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let harmless: Set<String> = [
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img",
    "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
    "th",
    "thead", "tr", "u", "ul",
  ]
  private static let hiddenContent: Set<String> = [
    "script", "style", "iframe", "object", "template", "title",
  ]

  /// Formatting stays without attributes; links and pictures keep harmless addresses; everything else goes.
  static func sanitized(_ html: String) -> String {
    var bytes = [UInt8]()
    var hidden: String?
    for piece in pieces(html) {
      switch piece {
      case .comment: break
      case .text(let part):
        // A sign that starts no tag here could start one elsewhere.
        if hidden == nil {
          bytes += HTML.escaped(Entities.decoded(String(decoding: part, as: UTF8.self))).utf8
        }
      case .tag(let tag, let name, let isEnd):
        if isEnd, name == hidden { hidden = nil }
        if !isEnd, hidden == nil, hiddenContent.contains(name) { hidden = name }
        guard hidden == nil, harmless.contains(name) else { continue }
        bytes += isEnd ? Array("</\(name)>".utf8) : Array("<\(name)\(kept(tag, of: name))>".utf8)
      }
    }
    return closed(String(decoding: bytes, as: UTF8.self))
  }

  private static func kept(_ tag: ArraySlice<UInt8>, of name: String) -> String {
    let wanted = name == "a" ? ["href", "title"] : name == "img" ? ["src", "alt", "width", "height"] : []
    return wanted.compactMap { attribute in
      guard let value = value(of: attribute, in: tag) else { return nil }
      let text = Entities.decoded(value)
      if attribute == "href" || attribute == "src", !Link.isHarmless(text) { return nil }
      return " \(attribute)=\"\(HTML.escaped(text))\""
    }.joined()
  }

  private static func value(of attribute: String, in tag: ArraySlice<UInt8>) -> String? {
    let sign = Array((attribute + "=").utf8)
    let small = tag.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    guard let found = small.firstRange(of: sign), found.lowerBound > 0,
      Lexer.isSpace(small[found.lowerBound - 1]),
      found.upperBound < small.count
    else { return nil }
    let bytes = Array(tag)
    let quote = bytes[found.upperBound]
    let isQuoted = quote == 0x22 || quote == 0x27
    let rest = bytes[(found.upperBound + (isQuoted ? 1 : 0))...]
    let value = rest.prefix { isQuoted ? $0 != quote : !Lexer.isSpace($0) && $0 != UInt8(ascii: ">") }
    return String(decoding: value, as: UTF8.self)
  }
}
