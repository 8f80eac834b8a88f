/// As much of CSS as the checks need: declarations, and what stands before braces.
enum CSS {
  struct Declaration {
    /// In lower case.
    var name: String
    /// In lower case, without `!important`.
    var value: String
  }

  struct Sheet {
    var declarations: [Declaration] = []
    /// Selectors and at-rules, in lower case.
    var preludes: [String] = []
  }

  /// Of a `style` attribute.
  static func declarations(_ text: String) -> [Declaration] { sheet(text).declarations }

  /// Of a style sheet.
  static func sheet(_ text: String) -> Sheet {
    var sheet = Sheet()
    var piece = [UInt8]()
    var depth = 0
    var quote: UInt8?
    func end(_ sign: UInt8) {
      let words = String(decoding: piece, as: UTF8.self).trimmed.lowercased()
      piece.removeAll()
      if words.isEmpty { return }
      if sign == 0x7B || words.hasPrefix("@") {
        sheet.preludes.append(words)
      } else if let declaration = declaration(words) {
        sheet.declarations.append(declaration)
      }
    }
    for byte in withoutComments(Array(text.utf8)) {
      if let open = quote {
        if byte == open { quote = nil }
        piece.append(byte)
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
        piece.append(byte)
      } else if depth == 0, byte == 0x3B || byte == 0x7B || byte == 0x7D {
        end(byte)
      } else {
        if byte == 0x28 { depth += 1 }
        if byte == 0x29 { depth = max(depth - 1, 0) }
        piece.append(byte)
      }
    }
    end(0x3B)
    return sheet
  }

  private static func declaration(_ words: String) -> Declaration? {
    guard let colon = words.utf8.firstIndex(of: 0x3A) else { return nil }
    let name = String(words[..<colon]).trimmed
    var value = String(words[words.utf8.index(after: colon)...]).trimmed
    if value.hasSuffix("!important") { value = String(value.dropLast(10)).trimmed }
    return name.isEmpty ? nil : Declaration(name: name, value: value)
  }

  private static func withoutComments(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8]()
    var position = 0
    while position < bytes.count {
      if bytes[position] == 0x2F, position + 1 < bytes.count, bytes[position + 1] == 0x2A {
        position += 2
        while position + 1 < bytes.count, bytes[position] != 0x2A || bytes[position + 1] != 0x2F {
          position += 1
        }
        position += 2
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return result
  }
}

extension Color {
  /// `#rrggbb`, `rgb(…)` with whole numbers, and the names that mails use; nil for all else.
  init?(css text: String) {
    let text = text.trimmed.lowercased()
    if text.hasPrefix("#") {
      self.init(text)
    } else if text.hasPrefix("rgb("), text.hasSuffix(")") {
      let parts = text.dropFirst(4).dropLast().split { $0 == "," || $0 == " " }.compactMap { UInt32($0) }
      guard parts.count == 3, parts.allSatisfy({ $0 < 256 }) else { return nil }
      self.init(parts[0] << 16 | parts[1] << 8 | parts[2])
    } else if let value = Self.names[text] {
      self.init(value)
    } else if text.utf8.count == 6 || text.utf8.count == 3 {
      self.init("#" + text)
    } else {
      return nil
    }
  }

  private static let names: [String: UInt32] = [
    "black": 0, "white": 0xffffff, "red": 0xff0000, "green": 0x008000, "blue": 0x0000ff, "gray": 0x808080,
    "grey": 0x808080, "silver": 0xc0c0c0, "navy": 0x000080, "orange": 0xffa500, "yellow": 0xffff00,
    "lightgray": 0xd3d3d3, "lightgrey": 0xd3d3d3, "darkgray": 0xa9a9a9, "darkgrey": 0xa9a9a9,
    "whitesmoke": 0xf5f5f5,
    "maroon": 0x800000, "purple": 0x800080, "teal": 0x008080, "dimgray": 0x696969, "dimgrey": 0x696969,
  ]
}
