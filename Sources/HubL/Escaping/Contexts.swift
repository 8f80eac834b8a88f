/// Values in places of HTML that have a language of their own.
extension Output {
  /// Text for the place that it is put into.
  mutating func append(_ text: String, in context: OutputContext) {
    switch context {
    case .markup: append(escaping: text)
    case .raw: append(text)
    case .attributes, .bareAttribute: append(bare: text)
    case .linkStart: if Link.isHarmless(text) { append(link: text) } else { append(Link.refused) }
    case .linkPath: append(link: text)
    case .linkQuery: append(escaping: Link.component(text))
    case .script: append(script: text)
    case .style: if StyleText.isHarmless(text) { append(escaping: text) } else { append(StyleText.refused) }
    case .styleSheet: if StyleText.isHarmless(text) { append(text) } else { append(StyleText.refused) }
    }
  }

  /// Text that is markup already, for the place that it is put into: in a link it is a link all the same, and an
  /// attribute without quotes ends with a blank.
  mutating func append(safe text: String, in context: OutputContext) {
    switch context {
    case .linkStart, .linkPath, .linkQuery: append(Entities.decoded(text), in: context)
    case .bareAttribute: append(withoutBlanks: text)
    case .markup, .raw, .attributes, .script, .style, .styleSheet: append(text)
    }
  }

  /// What no link may have is percent-encoded, the rest is escaped.
  private mutating func append(link text: String) {
    Self.withBytes(of: text) { bytes in
      var needs: UInt8 = 0
      for byte in bytes { needs |= Link.need(byte) }
      if needs == 0 {
        append(bytes)
      } else if needs & Link.encoding == 0 {
        append(escaping: bytes)
      } else {
        append(escaping: Link.normalised(String(decoding: bytes, as: UTF8.self)))
      }
    }
  }

  /// An attribute without quotes would end at a blank.
  private mutating func append(bare text: String) {
    for byte in text.utf8 {
      switch byte {
      case 0x00...0x20, UInt8(ascii: "="), UInt8(ascii: "`"):
        append(String("&#\(byte);"))
      default:
        if let entity = Self.entity(byte) { append(entity) } else { append(byte) }
      }
    }
  }

  private mutating func append(withoutBlanks text: String) {
    for byte in text.utf8 {
      if byte <= 0x20 { append(String("&#\(byte);")) } else { append(byte) }
    }
  }

  /// A part of a text in quotes, in JavaScript and JSON. Signs are written so that a value that stands without quotes
  /// is no program: it has nothing that calls, sets or joins.
  private mutating func append(script text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", "_", ".", ",", ":", "-", "@", "#":
        append(UInt8(truncatingIfNeeded: scalar.value))
      case "/": append("\\/" as StaticString)
      // Line ends of JavaScript that are none of JSON.
      case "\u{2028}", "\u{2029}": append(unit: UInt16(truncatingIfNeeded: scalar.value))
      case _ where scalar.value >= 0x80: append(String(scalar))
      default: append(unit: UInt16(truncatingIfNeeded: scalar.value))
      }
    }
  }

  private mutating func append(unit: UInt16) {
    append("\\u" as StaticString)
    for shift in [12, 8, 4, 0] as [UInt16] {
      append(Link.lowerHex(UInt8(truncatingIfNeeded: unit >> shift) & 15))
    }
  }
}

/// Values within styles.
enum StyleText {
  /// Stands in place of a value that could do more than be one; CSS takes it for the usual.
  static let refused: StaticString = "unset"

  /// Whether the text can only be values and declarations: it ends no rule or element, hides nothing from this look,
  /// and takes nothing from elsewhere but pictures by harmless links.
  static func isHarmless(_ text: String) -> Bool {
    let isPlain = Output.withBytes(of: text) { bytes in
      bytes.allSatisfy { byte in
        switch byte {
        case 0x00..<0x09, 0x0E..<0x20, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "<"),
          UInt8(ascii: ">"),
          UInt8(ascii: "@"), 0x5C, UInt8(ascii: "("):
          false
        default: true
        }
      }
    }
    return isPlain || hasHarmlessCalls(text)
  }

  /// `rgb(…)`, `calc(…)`, `url(…)` and their like.
  private static func hasHarmlessCalls(_ text: String) -> Bool {
    let bytes = text.utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    guard !bytes.contains(where: { $0 < 0x09 || 0x0E..<0x20 ~= $0 || "{}<>@\\".utf8.contains($0) }),
      bytes.firstRange(of: Array("/*".utf8)) == nil, bytes.firstRange(of: Array("expression".utf8)) == nil
    else { return false }
    let sign = Array("url(".utf8)
    var place = 0
    while let found = bytes.firstRange(of: sign, from: place) {
      let link = bytes[found.upperBound...].drop { $0 <= 0x20 || $0 == 0x22 || $0 == 0x27 }.prefix {
        $0 != 0x29
      }
      guard Link.isHarmless(String(decoding: link, as: UTF8.self)) else { return false }
      place = found.upperBound
    }
    return true
  }
}
