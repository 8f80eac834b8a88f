/// Why bytes are no JSON.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  /// Byte at which reading ended, from 0.
  public let offset: Int
  /// For people, without the place.
  public let message: String

  /// Place and message.
  public var description: String { "byte \(offset): \(message)" }
}

/// Reads JSON strictly (RFC 8259): no comments, no commas too many, no name twice, UTF-8 only.
struct JSONReader {
  /// Larger texts are refused.
  static let sizeLimit = 4 * 1024 * 1024
  /// Deeper nesting is refused, so that no text can exhaust the stack.
  static let depthLimit = 64

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  static func value(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes)
    guard bytes.count <= sizeLimit else { throw reader.error("the text is larger than \(sizeLimit) bytes") }
    let value = try reader.value()
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.error("nothing may follow the value") }
    return value
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  private func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    switch current {
    case 0x7B: return .object(try object())
    case 0x5B: return .array(try array())
    case 0x22: return .string(try string())
    case 0x74: return try word("true", .bool(true))
    case 0x66: return try word("false", .bool(false))
    case 0x6E: return try word("null", .null)
    case nil: throw error("a value is missing")
    case let byte? where byte == 0x2D || byte &- 0x30 < 10: return try number()
    default: throw error("a value is expected here")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count,
      (0..<count).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
    else { throw error("a value is expected here") }
    position += count
    return value
  }

  private mutating func open() throws(JSONError) {
    depth += 1
    guard depth <= Self.depthLimit else { throw error("nested more than \(Self.depthLimit) deep") }
    position += 1
    skipSpace()
  }

  private mutating func array() throws(JSONError) -> [JSONValue] {
    try open()
    defer { depth -= 1 }
    var values = [JSONValue]()
    if try take(0x5D) { return values }
    repeat { values.append(try value()) } while try comma(before: 0x5D)
    return values
  }

  private mutating func object() throws(JSONError) -> [JSONValue.Member] {
    try open()
    defer { depth -= 1 }
    var members = [JSONValue.Member]()
    var names = Set<[UInt8]>()
    if try take(0x7D) { return members }
    repeat {
      skipSpace()
      guard current == 0x22 else { throw error("a name in quotes is expected here") }
      let name = try string()
      guard names.insert(Array(name.utf8)).inserted else {
        throw error("the name “\(name)” stands here twice")
      }
      skipSpace()
      guard try take(0x3A) else { throw error("a colon is expected here") }
      members.append(.init(name, try value()))
    } while try comma(before: 0x7D)
    return members
  }

  private mutating func take(_ byte: UInt8) throws(JSONError) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  /// True behind a comma, false behind the closing bracket.
  private mutating func comma(before close: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    if try take(0x2C) { return true }
    if try take(close) { return false }
    throw error("a comma or the end of the list is expected here")
  }
}

extension JSONReader {
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    if current == 0x2D { position += 1 }
    let first = current
    let digits = try self.digits()
    guard first != 0x30 || digits == 1 else { throw error("a number does not start with 0") }
    if current == 0x2E {
      isWhole = false
      position += 1
      _ = try self.digits()
    }
    if let byte = current, byte | 0x20 == 0x65 {
      isWhole = false
      position += 1
      if current == 0x2B || current == 0x2D { position += 1 }
      _ = try self.digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let number = Int64(text) { return .int(number) }
    guard let number = Double(text), number.isFinite else { throw error("the number is too large") }
    return .double(number)
  }

  private mutating func digits() throws(JSONError) -> Int {
    let start = position
    while let byte = current, byte &- 0x30 < 10 { position += 1 }
    guard position > start else { throw error("a digit is expected here") }
    return position - start
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    var text = [UInt8]()
    while let byte = current, byte != 0x22 {
      guard byte >= 0x20 else { throw error("a control character in a text") }
      position += 1
      if byte == 0x5C { try escape(into: &text) } else { text.append(byte) }
    }
    guard current == 0x22 else { throw error("this text has no closing quote") }
    guard let result = String(validating: text, as: UTF8.self) else { throw error("the text is not UTF-8") }
    position += 1
    return result
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let byte = current else { throw error("this text has no closing quote") }
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += String(try scalar()).utf8
    default: throw error("this escape is not known")
    }
  }

  private mutating func scalar() throws(JSONError) -> Character {
    var code = try unit()
    if code & 0xFC00 == 0xD800 {
      guard current == 0x5C, position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
        throw error("half of a surrogate pair")
      }
      position += 2
      let low = try unit()
      guard low & 0xFC00 == 0xDC00 else { throw error("half of a surrogate pair") }
      code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
    return Character(scalar)
  }

  private mutating func unit() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error("four digits are expected here") }
    var code: UInt32 = 0
    for byte in bytes[position..<(position + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("four digits are expected here")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }
}

extension JSONValue {
  /// Reads one JSON value, strictly: no comments, no name twice, UTF-8, at most 4 MB and 64 levels.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try JSONReader.value(bytes)
  }
}
