/// Why a text is no JSON.
public struct JSONTextError: Error, Hashable {
  /// For people.
  public let message: String
  /// Byte of the text.
  public let offset: Int
}

extension Value {
  /// Reads JSON (RFC 8259). Members keep the order that they were written in; of two with the same name the last
  /// counts. At most 100 levels deep.
  public init(json: [UInt8]) throws(JSONTextError) {
    var reader = JSONReader(json)
    self = try reader.whole()
  }
}

private struct JSONReader {
  private static let depthLimit = 100
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func whole() throws(JSONTextError) -> Value {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw error("something follows behind the end") }
    return value
  }

  private func error(_ message: String) -> JSONTextError { JSONTextError(message: message, offset: place) }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONTextError) -> Value {
    skipSpace()
    guard depth < Self.depthLimit else { throw error("nested too deeply") }
    guard place < bytes.count else { throw error("a value is missing") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: Value) throws(JSONTextError) -> Value {
    for offset in 0..<word.utf8CodeUnitCount {
      guard place < bytes.count, bytes[place] == word.utf8Start[offset] else {
        throw error("a value is expected")
      }
      place += 1
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONTextError) -> Value {
    place += 1
    var members = OrderedMap<Value>()
    if take(UInt8(ascii: "}")) { return .map(ValueMap(members)) }
    repeat {
      skipSpace()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw error("a name is expected") }
      let name = try string()
      guard take(UInt8(ascii: ":")) else { throw error("“:” is expected") }
      members.set(Key(name), to: try value(depth: depth + 1))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw error("“,” or “}” is expected") }
    return .map(ValueMap(members))
  }

  private mutating func array(depth: Int) throws(JSONTextError) -> Value {
    place += 1
    var items = [Value]()
    if take(UInt8(ascii: "]")) { return .list(items) }
    repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw error("“,” or “]” is expected") }
    return .list(items)
  }

  private mutating func number() throws(JSONTextError) -> Value {
    let start = place
    while place < bytes.count, bytes[place] &- 0x30 < 10 || "+-.eE".utf8.contains(bytes[place]) { place += 1 }
    let text = bytes[start..<place]
    let digits = text.drop { $0 == UInt8(ascii: "-") }
    let isPlain = !digits.isEmpty && digits.allSatisfy { $0 &- 0x30 < 10 }
    if digits.count == text.count || digits.count + 1 == text.count,
      digits.first.map({ $0 &- 0x30 < 10 }) == true,
      !(digits.count > 1 && digits.first == 0x30 && digits[digits.startIndex + 1] &- 0x30 < 10),
      bytes[place - 1] &- 0x30 < 10
    {
      let shown = String(decoding: text, as: UTF8.self)
      if isPlain, let value = Int64(shown) { return .int(value) }
      if let value = Double(shown), value.isFinite { return .double(value) }
    }
    place = start
    throw error("a value is expected")
  }

  private mutating func string() throws(JSONTextError) -> String {
    place += 1
    let start = place
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != 0x5C, bytes[place] >= 0x20
    {
      place += 1
    }
    if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
      place += 1
      return String(decoding: bytes[start..<place - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<place])
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      guard bytes[place] >= 0x20 else { throw error("a control character stands in a text") }
      if bytes[place] == 0x5C {
        try escape(to: &text)
      } else {
        text.append(bytes[place])
        place += 1
      }
    }
    guard place < bytes.count else { throw error("a text has no end") }
    place += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape(to text: inout [UInt8]) throws(JSONTextError) {
    guard place + 1 < bytes.count else { throw error("a text has no end") }
    let sign = bytes[place + 1]
    place += 2
    switch sign {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "/"), 0x5C: text.append(sign)
    case UInt8(ascii: "u"): text += String(Character(try scalar())).utf8
    default: throw error("a backslash stands before something unknown")
    }
  }

  /// Half of a pair without the other half is the replacement character.
  private mutating func scalar() throws(JSONTextError) -> Unicode.Scalar {
    let first = try unit()
    guard first >= 0xD800, first < 0xDC00 else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    guard place + 1 < bytes.count, bytes[place] == 0x5C, bytes[place + 1] == UInt8(ascii: "u") else {
      return "\u{FFFD}"
    }
    let back = place
    place += 2
    let second = try unit()
    if second >= 0xDC00, second < 0xE000 {
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }
    place = back
    return "\u{FFFD}"
  }

  private mutating func unit() throws(JSONTextError) -> UInt32 {
    guard place + 4 <= bytes.count else { throw error("four digits are missing") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Link.hexDigit(bytes[place]) else { throw error("four digits are expected") }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}

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
