/// Why a text is no JSON.
public struct JSONTextError: Error, Hashable {
  /// For people.
  public let message: String
  /// Byte of the text.
  public let offset: Int
}

/// How strictly JSON is read.
public struct JSONRules: Sendable, Hashable {
  /// Deeper nesting is refused, so that no text can exhaust the stack.
  public var depth: Int
  /// Refuses what RFC 8259 leaves open, too: a name twice, half a surrogate pair, bytes that are no UTF-8.
  public var isStrict: Bool

  /// What a request may send: of two members with the same name the last counts; 100 levels.
  public static let usual = JSONRules(depth: 100, isStrict: false)

  /// - Parameter depth: levels of lists and objects.
  public init(depth: Int, isStrict: Bool) {
    self.depth = depth
    self.isStrict = isStrict
  }
}

extension Value {
  /// Reads JSON (RFC 8259). Members keep the order that they were written in.
  public init(json: [UInt8], _ rules: JSONRules = .usual) throws(JSONTextError) {
    var reader = JSONReader(json, rules)
    self = try reader.whole()
  }
}

private struct JSONReader {
  private let bytes: [UInt8]
  private let rules: JSONRules
  private var place = 0

  init(_ bytes: [UInt8], _ rules: JSONRules) {
    self.bytes = bytes
    self.rules = rules
  }

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
    guard depth < rules.depth else { throw error("nested more than \(rules.depth) deep") }
    guard place < bytes.count else { throw error("a value is missing") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("a value is expected here")
    }
  }

  private mutating func word(_ word: StaticString, _ value: Value) throws(JSONTextError) -> Value {
    for offset in 0..<word.utf8CodeUnitCount {
      guard place < bytes.count, bytes[place] == word.utf8Start[offset] else {
        throw error("a value is expected here")
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
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
        throw error("a name in quotes is expected here")
      }
      let start = place
      let name = try string()
      if rules.isStrict, members.place(of: Key(name)) != nil {
        place = start
        throw error("the name “\(name)” stands here twice")
      }
      guard take(UInt8(ascii: ":")) else { throw error("“:” is expected here") }
      members.set(Key(name), to: try value(depth: depth + 1))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw error("“,” or “}” is expected here") }
    return .map(ValueMap(members))
  }

  private mutating func array(depth: Int) throws(JSONTextError) -> Value {
    place += 1
    var items = [Value]()
    if take(UInt8(ascii: "]")) { return .list(items) }
    repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw error("“,” or “]” is expected here") }
    return .list(items)
  }

  private mutating func number() throws(JSONTextError) -> Value {
    let start = place
    var isWhole = true
    if bytes[place] == UInt8(ascii: "-") { place += 1 }
    let first = place
    try digits()
    guard bytes[first] != 0x30 || place == first + 1 else { throw error("a number does not start with 0") }
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      isWhole = false
      place += 1
      try digits()
    }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      place += 1
      if place < bytes.count, bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-") {
        place += 1
      }
      try digits()
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .int(value) }
    if let value = Double(text), value.isFinite { return .double(value) }
    throw error("the number is too large")
  }

  /// One at least.
  private mutating func digits() throws(JSONTextError) {
    let start = place
    while place < bytes.count, bytes[place] &- 0x30 < 10 { place += 1 }
    guard place > start else { throw error("a digit is expected here") }
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
      return try text(bytes[start..<place - 1])
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
    return try self.text(text[...])
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(JSONTextError) -> String {
    guard rules.isStrict else { return String(decoding: bytes, as: UTF8.self) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("the text is not UTF-8") }
    return text
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

  /// Half of a pair without the other half is the replacement character, or an error.
  private mutating func scalar() throws(JSONTextError) -> Unicode.Scalar {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, place + 1 < bytes.count, bytes[place] == 0x5C, bytes[place + 1] == UInt8(ascii: "u")
    else { return try half() }
    let back = place
    place += 2
    let second = try unit()
    if second >= 0xDC00, second < 0xE000 {
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }
    place = back
    return try half()
  }

  private func half() throws(JSONTextError) -> Unicode.Scalar {
    if rules.isStrict { throw error("half of a surrogate pair") }
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
