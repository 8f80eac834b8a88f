/// Changes the text of a template around its outputs.
struct TextChange {
  /// A mark is this, the number of the output, and its end.
  private static let mark = "xqhubl"
  private static let markEnd = "qx"

  private var text: [UInt8] = []
  /// Sources of the outputs.
  private var outputs: [ArraySlice<UInt8>] = []

  /// nil when there are tags, outputs that are or may be markup, or text like a mark.
  init?(_ program: Program) {
    guard let list = Self.statements(program) else { return nil }
    for ref in list {
      switch program.nodes[Int(ref)] {
      case .text(let start, let count): text += program.text[Int(start)..<Int(start + count)]
      case .output(let value, _):
        guard !Self.isMarkup(value, program), let source = Self.source(of: ref, program) else { return nil }
        text += "\(Self.mark)\(outputs.count)\(Self.markEnd)".utf8
        outputs.append(source)
      default: return nil
      }
    }
    // Each output put one mark in; one more is the author's.
    var rest = 0
    var count = 0
    while let found = text.firstRange(of: Array(Self.mark.utf8), from: rest) {
      count += 1
      rest = found.upperBound
    }
    if count != outputs.count { return nil }
  }

  private static func statements(_ program: Program) -> [Ref]? {
    if case .sequence(let list) = program.nodes[Int(program.root)] { return Array(program.list(list)) }
    return [program.root]
  }

  /// From behind `{{` to before `}}`.
  private static func source(of ref: Ref, _ program: Program) -> ArraySlice<UInt8>? {
    var lexer = Lexer(program.source)
    let start = Int(program.offsets[Int(ref)])
    guard let tokens = try? lexer.expression(from: start), let end = tokens.last?.offset else { return nil }
    return program.source[start..<end]
  }

  /// Whether an expression may give text that is not escaped.
  private static func isMarkup(_ ref: Ref, _ program: Program, depth: Int = 0) -> Bool {
    // Nothing that is nested so deeply can be rendered.
    if depth > 300 { return true }
    func isMarkup(_ ref: Ref, _ program: Program) -> Bool { Self.isMarkup(ref, program, depth: depth + 1) }
    switch program.nodes[Int(ref)] {
    case .literal, .name, .member, .test, .not, .and, .negated: return false
    case .index(let base, _, _), .slice(let base, _): return isMarkup(base, program)
    case .filter(let base, let filter, let arguments):
      return FilterTable.all[Int(filter)].makesMarkup || isMarkup(base, program)
        || program.list(arguments).dropFirst().contains { $0 >= 0 && isMarkup($0, program) }
    case .binary(_, let one, let other), .or(let one, let other):
      return isMarkup(one, program) || isMarkup(other, program)
    case .choice(_, let then, let otherwise):
      return isMarkup(then, program) || (otherwise >= 0 && isMarkup(otherwise, program))
    case .joined(let list), .list(let list), .map(let list):
      return program.list(list).contains { isMarkup($0, program) }
    default: return true
    }
  }

  /// The source of the changed template.
  func apply(_ change: (String, String) -> String) -> String? {
    let changed = Array(change(String(decoding: text, as: UTF8.self), Self.mark).utf8)
    let (mark, end) = (Array(Self.mark.utf8), Array(Self.markEnd.utf8))
    var source = [UInt8]()
    var position = 0
    while let found = changed.firstRange(of: mark, from: position) {
      let digits = changed[found.upperBound...].prefix { $0 &- UInt8(ascii: "0") < 10 }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), outputs.indices.contains(number),
        changed[digits.endIndex...].starts(with: end)
      else { return nil }
      guard Self.append(changed[position..<found.lowerBound], to: &source) else { return nil }
      if source.last == UInt8(ascii: "{") { return nil }
      source += Array("{{ ".utf8) + outputs[number] + Array(" }}".utf8)
      position = digits.endIndex + end.count
    }
    guard Self.append(changed[position...], to: &source) else { return nil }
    return String(decoding: source, as: UTF8.self)
  }

  /// Text only: entities that became braces would be read as outputs. A brace before an output is one too many.
  private static func append(_ text: ArraySlice<UInt8>, to source: inout [UInt8]) -> Bool {
    let bytes = Array(text)
    for sign in ["{{", "{%", "{#"] where bytes.firstRange(of: Array(sign.utf8)) != nil { return false }
    source += bytes
    return true
  }
}
