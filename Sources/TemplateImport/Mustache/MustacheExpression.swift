/// What stands in the braces of a template.
indirect enum MustacheExpression {
  case path(MustachePath)
  case text(String)
  /// A number, as it is written.
  case number(String)
  case bool(Bool)
  case nothing
  /// A helper with its arguments: `(equals a "b")`.
  case call(String, [MustacheExpression], hash: [(name: String, value: MustacheExpression)])
}

/// The name of a value: `../order.items.[0]`, `@root.name`, `this`.
struct MustachePath {
  /// How many times `../` stands in front.
  var up = 0
  /// `@index`, `@root.name`.
  var isData = false
  /// `this.name` or `./name`: of the innermost context for sure.
  var isThis = false
  var segments: [String] = []

  /// A name alone, which may be a helper.
  var single: String? { up == 0 && !isData && !isThis && segments.count == 1 ? segments.first : nil }
}

/// An expression with the names that it gives to a block: `each items as |item index|`.
struct MustacheStatement {
  var expression: MustacheExpression
  var names: [String] = []
}

/// Reads what stands in braces in Handlebars.
struct ExpressionReader {
  private static let depthLimit = 20
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  /// nil when it is no expression.
  static func statement(_ text: String) -> MustacheStatement? {
    var reader = ExpressionReader(text)
    guard let expression = reader.call(until: nil) else { return nil }
    guard let names = reader.names() else { return nil }
    return MustacheStatement(expression: expression, names: names)
  }

  private init(_ text: String) {
    bytes = Array(text.utf8)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte <= 0x20 { position += 1 }
  }

  /// A value alone, or a helper with arguments up to the closing sign.
  private mutating func call(until close: UInt8?) -> MustacheExpression? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit, let first = value() else { return nil }
    var arguments = [MustacheExpression]()
    var hash = [(name: String, value: MustacheExpression)]()
    skipSpace()
    while let byte = current, byte != close, !isNames {
      if let name = hashName() {
        guard let item = value() else { return nil }
        hash.append((name, item))
      } else {
        guard hash.isEmpty, let item = value() else { return nil }
        arguments.append(item)
      }
      skipSpace()
    }
    if close != nil {
      guard current == close else { return nil }
      position += 1
    }
    if arguments.isEmpty, hash.isEmpty, close == nil { return first }
    guard case .path(let path) = first, let name = path.single else { return nil }
    return .call(name, arguments, hash: hash)
  }

  /// `as |` follows.
  private var isNames: Bool { bytes[position...].starts(with: "as |".utf8) }

  private mutating func names() -> [String]? {
    guard current != nil else { return [] }
    guard isNames, bytes.last == 0x7C, bytes.count > position + 4 else { return nil }
    let list = String(decoding: bytes[(position + 4)..<(bytes.count - 1)], as: UTF8.self)
    let names = list.split(separator: " ").map(String.init)
    return names.allSatisfy(HubLName.isName) ? names : nil
  }

  private mutating func hashName() -> String? {
    var end = position
    while end < bytes.count, Self.isPart(bytes[end]) { end += 1 }
    guard end > position, end < bytes.count, bytes[end] == 0x3D else { return nil }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func value() -> MustacheExpression? {
    skipSpace()
    switch current {
    case nil: return nil
    case 0x28:
      position += 1
      return call(until: 0x29)
    case 0x22, 0x27: return string().map { .text($0) }
    default: return word()
    }
  }

  private mutating func string() -> String? {
    guard let quote = current else { return nil }
    var text = [UInt8]()
    position += 1
    while let byte = current, byte != quote {
      if byte == 0x5C, position + 1 < bytes.count, bytes[position + 1] == quote { position += 1 }
      text.append(bytes[position])
      position += 1
    }
    guard current == quote else { return nil }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// A number, a word of the language, or a path.
  private mutating func word() -> MustacheExpression? {
    let start = position
    var path = MustachePath()
    if current == 0x40 {
      path.isData = true
      position += 1
    }
    while let byte = current, byte > 0x20, byte != 0x29, byte != 0x28, byte != 0x7C, byte != 0x3D {
      if byte == 0x5B {
        guard let end = bytes[position...].firstIndex(of: 0x5D) else { return nil }
        path.segments.append(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
        position = end + 1
      } else if byte == 0x2E || byte == 0x2F {
        guard separator(&path) else { return nil }
      } else {
        guard Self.isPart(byte) else { return nil }
        let from = position
        while let byte = current, Self.isPart(byte) { position += 1 }
        segment(String(decoding: bytes[from..<position], as: UTF8.self), &path)
      }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "": return nil
    case "true", "false": return .bool(text == "true")
    case "null", "undefined": return .nothing
    default: break
    }
    let isNumber = text.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2E || $0 == 0x2D }
    if isNumber, text.utf8.contains(where: { $0 &- 0x30 < 10 }), Double(text) != nil { return .number(text) }
    return .path(path)
  }

  /// `.`, `/`, `./` or `../`.
  private mutating func separator(_ path: inout MustachePath) -> Bool {
    if bytes[position...].starts(with: "..".utf8) {
      guard path.segments.isEmpty, !path.isThis else { return false }
      path.up += 1
      position += 2
      if current == 0x2F { position += 1 }
      return true
    }
    if path.segments.isEmpty, !path.isThis, current == 0x2E, path.up == 0 { path.isThis = true }
    position += 1
    return true
  }

  private func segment(_ name: String, _ path: inout MustachePath) {
    if name == "this", path.segments.isEmpty, !path.isData {
      path.isThis = true
    } else {
      path.segments.append(name)
    }
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x24, 0x3A, 0x80...: true
    default: false
    }
  }
}

/// Names and texts as HubL writes them.
enum HubLName {
  private static let words: Set<String> = [
    "and", "or", "not", "in", "is", "if", "else", "elif", "for", "true", "false", "none", "null", "True",
    "False", "None", "recursive",
  ]

  /// Whether a text can stand behind a point.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(first &- 0x30 < 10), !words.contains(text) else { return false }
    return text.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F }
  }

  /// A member of a value: `base.name`, `base["first name"]`, `base[0]`.
  static func member(_ base: String, _ name: String) -> String {
    if isName(name) { return "\(base).\(name)" }
    if !name.isEmpty, name.utf8.count < 5, name.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
      return "\(base)[\(name)]"
    }
    return "\(base)[\(quoted(name))]"
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
