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
    for byte in withoutComments(Array(text.utf8)) {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if depth == 0, byte == 0x3B || byte == 0x7B || byte == 0x7D {
        add(piece[...], endedBy: byte, to: &sheet)
        piece.removeAll(keepingCapacity: true)
        continue
      } else if byte == 0x28 {
        depth += 1
      } else if byte == 0x29 {
        depth = max(depth - 1, 0)
      }
      piece.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }
    add(piece[...], endedBy: 0x3B, to: &sheet)
    return sheet
  }

  private static func add(_ piece: ArraySlice<UInt8>, endedBy sign: UInt8, to sheet: inout Sheet) {
    let words = trimmed(piece)
    guard let first = words.first else { return }
    if sign == 0x7B || first == 0x40 {
      sheet.preludes.append(String(decoding: words, as: UTF8.self))
    } else if let colon = words.firstIndex(of: 0x3A) {
      let name = trimmed(words[..<colon])
      var value = trimmed(words[(colon + 1)...])
      if value.suffix(10).elementsEqual("!important".utf8) { value = trimmed(value.dropLast(10)) }
      guard !name.isEmpty else { return }
      sheet.declarations.append(
        Declaration(
          name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
    }
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, first <= 0x20 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last <= 0x20 { bytes = bytes.dropLast() }
    return bytes
  }

  private static func withoutComments(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(0x2A) else { return bytes }
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
