/// Filters that make, change or take away HTML.
enum MarkupFilters {
  static let all: [Filter] = escapes + markup

  private static let escapes: [Filter] = [
    Filter("escape", "e", "escape_html", traits: .makesMarkup) { _, call in
      call.value.isSafe || !call.value.isDefined ? call.value : .safe(HTML.escaped(call.value.text))
    },
    Filter("forceescape", traits: .makesMarkup) { _, call in
      call.value.isDefined ? .safe(HTML.escaped(call.value.text)) : call.value
    },
    Filter("escape_attr", traits: .makesMarkup) { _, call in
      .safe(HTML.escaped(call.value.text).replacing(0x60, with: "&#96;"))
    },
    Filter("escapejs", "escape_js", traits: .isScript) { _, call in .string(Scripts.escaped(call.value.text))
    },
    Filter("escapejson", traits: .isScript) { _, call in .string(Scripts.escapedJSON(call.value.text)) },
    Filter("escape_jinjava", takes: ["all_braces?"]) { _, call in
      .string(
        call.value.text.replacing(UInt8(ascii: "{"), with: "&lbrace;").replacing(
          UInt8(ascii: "}"), with: "&rbrace;"))
    },
    Filter("unescape_html") { _, call in .string(Entities.decoded(call.value.text)) },
    Filter("urlize", takes: ["trim_url_limit?", "nofollow?", "target?"], traits: .makesMarkup) { _, call in
      .safe(
        Linkifier.linked(
          call.value.text, isSafe: call.value.isSafe, limit: call.integer(0), isNoFollow: call[1].isTrue,
          target: call.has(2) ? call[2].text : ""))
    },
  ]

  private static let markup: [Filter] = [
    Filter("striptags") { _, call in
      call.value.isDefined ? .string(Markup.text(call.value.text)) : call.value
    },
    Filter("sanitize_html", takes: ["tags?"], traits: .makesMarkup) { _, call in
      .safe(Markup.sanitized(call.value.text))
    },
    Filter("closehtml", traits: .keepsSafety) { _, call in .string(Markup.closed(call.value.text)) },
    Filter("truncatehtml", takes: ["length?", "end?", "breakword?"], traits: .keepsSafety) { r, call in
      let end = TextFilters.end(call, 1, isEscaping: r.isEscaping)
      return .string(
        Markup.truncated(call.value.text, call.integer(0) ?? 255, end: end, breaksWords: call[2].isTrue))
    },
    Filter("xmlattr", takes: ["autospace?"], traits: .makesMarkup) { _, call in
      let parts = (call.value.entries ?? []).filter(\.value.isDefined).map { entry in
        // A name ends where markup could start.
        let name = entry.key.unicodeScalars.filter {
          $0.value > 0x20 && !"\"'<>/=&".unicodeScalars.contains($0)
        }
        return "\(Text.joined(name))=\"\(HTML.escaped(entry.value.text))\""
      }
      let isSpaced = call.has(0) ? call[0].isTrue : true
      return .safe((isSpaced && !parts.isEmpty ? " " : "") + parts.joined(separator: " "))
    },
  ]
}

extension String {
  /// With one ASCII sign replaced everywhere.
  fileprivate func replacing(_ byte: UInt8, with text: String) -> String {
    Text.replaced(self, String(UnicodeScalar(byte)), by: text, limit: nil)
  }
}

/// Text within scripts.
enum Scripts {
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "'": result += "\\'"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "/": result += "\\/"
      case _ where scalar.value < 0x20 || scalar.value > 0x7E || "<>&=-;`".unicodeScalars.contains(scalar):
        for unit in String(scalar).utf16 { result += "\\u" + hex(unit) }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func escapedJSON(_ text: String) -> String {
    var writer = JSONText()
    writer.write(.string(text), depth: 0)
    return String(decoding: writer.bytes.dropFirst().dropLast(), as: UTF8.self)
  }

  private static func hex(_ unit: UInt16) -> String {
    String(
      decoding: [12, 8, 4, 0].map { Link.hex(UInt8(truncatingIfNeeded: unit >> $0) & 15) }, as: UTF8.self)
  }
}

/// Character references of HTML: numbers, and the names that mail uses.
enum Entities {
  private static let names: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®",
    "trade": "™", "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "sect": "§", "deg": "°", "middot": "·",
    "bull": "•", "hellip": "…", "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "ldquo": "“",
    "rdquo": "”",
    "laquo": "«", "raquo": "»", "times": "×", "divide": "÷", "auml": "ä", "ouml": "ö", "uuml": "ü",
    "Auml": "Ä",
    "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "aring": "å", "Aring": "Å", "aelig": "æ", "AElig": "Æ",
    "oslash": "ø",
    "Oslash": "Ø", "eacute": "é", "egrave": "è", "agrave": "à", "ccedil": "ç", "ntilde": "ñ", "lbrace": "{",
    "rbrace": "}", "zwnj": "\u{200C}", "shy": "\u{AD}",
  ]

  static func decoded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result = [UInt8]()
    var place = 0
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "&"),
        let end = bytes[place...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
        let decoded = reference(bytes[(place + 1)..<end])
      {
        result += decoded.utf8
        place = end + 1
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func reference(_ bytes: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("#") else { return names[text] }
    let isHex = text.dropFirst().first.map { $0 == "x" || $0 == "X" } ?? false
    let number = isHex ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text.dropFirst())
    return number.flatMap(Unicode.Scalar.init).map { String($0) }
  }
}

/// Makes links of addresses in text.
enum Linkifier {
  static func linked(_ text: String, isSafe: Bool, limit: Int?, isNoFollow: Bool, target: String) -> String {
    let bytes = Array(text.utf8)
    var result = ""
    var plain = 0
    var place = 0
    func escaped(_ range: Range<Int>) -> String {
      let part = String(decoding: bytes[range], as: UTF8.self)
      return isSafe ? part : HTML.escaped(part)
    }
    while place < bytes.count {
      guard let end = linkEnd(bytes, from: place) else {
        place += 1
        continue
      }
      result += escaped(plain..<place)
      let link = String(decoding: bytes[place..<end], as: UTF8.self)
      let shown = limit.map { Text.truncated(link, max(0, $0 - 3), killsWords: true, end: "...") } ?? link
      let short = limit.map { link.utf8.count <= $0 } ?? true ? link : shown
      result += "<a href=\"\(HTML.escaped(Link.normalised(link)))\"" + (isNoFollow ? " rel=\"nofollow\"" : "")
      result += (target.isEmpty ? "" : " target=\"\(HTML.escaped(target))\"") + ">\(HTML.escaped(short))</a>"
      (plain, place) = (end, end)
    }
    return result + escaped(plain..<bytes.count)
  }

  /// Where a link that starts here ends; nil for none. The last sign is never one that ends a sentence.
  private static func linkEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    let rest = bytes[start...]
    guard rest.starts(with: "http://".utf8) || rest.starts(with: "https://".utf8) else { return nil }
    var end = start
    while end < bytes.count, isLinkSign(bytes[end]) { end += 1 }
    while end > start, "?!:,.;".utf8.contains(bytes[end - 1]) { end -= 1 }
    return end - start > 8 ? end : nil
  }

  private static func isLinkSign(_ byte: UInt8) -> Bool {
    byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte &- 0x30 < 10 || "-+&@#/%?=~_|!:,.;".utf8.contains(byte)
  }
}
