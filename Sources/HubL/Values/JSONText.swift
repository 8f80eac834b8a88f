/// Writes JSON that can stand in HTML: `<`, `>`, `&` and `'` are escaped.
struct JSONText {
  private(set) var bytes: [UInt8] = []
  private static let depthLimit = 30
  private static let sizeLimit = 1_000_000

  mutating func write(_ datum: Datum, depth: Int) {
    guard depth < Self.depthLimit, bytes.count < Self.sizeLimit else { return bytes += "null".utf8 }
    switch datum {
    case .undefined, .null, .macro, .loop: bytes += "null".utf8
    case .bool, .int, .fixed: bytes += datum.text.utf8
    case .double(let value): bytes += value.isFinite ? Numbers.text(value).utf8 : "null".utf8
    case .string(let text), .safe(let text): write(text)
    case .moment(let moment): write(moment.description)
    case .values, .list:
      bytes.append(UInt8(ascii: "["))
      for (place, item) in (datum.items ?? []).enumerated() {
        if place > 0 { bytes += ", ".utf8 }
        write(item, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "]"))
    case .members, .map:
      bytes.append(UInt8(ascii: "{"))
      for (place, entry) in (datum.entries ?? []).enumerated() {
        if place > 0 { bytes += ", ".utf8 }
        write(entry.key)
        bytes += ": ".utf8
        write(entry.value, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), 0x5C: bytes += [0x5C, byte]
      case 0x0A: bytes += "\\n".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x00..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "'"):
        bytes += "\\u00".utf8
        bytes += [Link.lowerHex(byte >> 4), Link.lowerHex(byte & 15)]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
