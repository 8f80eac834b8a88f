/// Fills one template in.
struct Evaluator {
  /// What an expression came to.
  struct Outcome {
    /// nil when it is not there.
    var value: Value?
    /// Not to be escaped (again).
    var isSafe = false
    /// The full name of a custom value that is not there; cleared by a default.
    var missing: String?
    /// A contact property: one that was never filled in is empty, and a default takes its place.
    var isProperty = false
  }

  /// Names of missing custom values with the place of the first use of each.
  private(set) var missing: [(name: String, offset: Int)] = []

  private let values: [String: Value]
  private let escaping: Escaping

  init(_ values: [String: Value], _ escaping: Escaping) {
    self.values = values
    self.escaping = escaping
  }

  mutating func append(_ expression: Expression, to output: inout [UInt8]) {
    let outcome = evaluate(expression)
    if let name = outcome.missing {
      if !missing.contains(where: { $0.name == name }) { missing.append((name, expression.offset)) }
      return
    }
    guard let value = outcome.value else { return }
    if case .string(let text) = value {
      append(text, isSafe: outcome.isSafe, to: &output)
    } else {
      append(value.text, isSafe: outcome.isSafe, to: &output)
    }
  }

  private func append(_ text: String, isSafe: Bool, to output: inout [UInt8]) {
    if isSafe || escaping == .none {
      output += text.utf8
    } else {
      HTML.append(escaping: text, to: &output)
    }
  }

  private func evaluate(_ expression: Expression) -> Outcome {
    switch expression.kind {
    case .literal(let value): return Outcome(value: value)
    case .name(let name): return Outcome(value: values[name])
    case .member(let base, let name):
      var result = found(evaluate(base).value?[name], expression)
      if case .name("contact") = base.kind { result.isProperty = true }
      return result
    case .index(let base, let place): return index(evaluate(base), place, of: expression)
    case .filter(let filter, let base, let arguments): return apply(filter, evaluate(base), arguments)
    }
  }

  private func index(_ base: Outcome, _ place: Int, of expression: Expression) -> Outcome {
    guard case .list(let items)? = base.value else { return found(nil, expression) }
    return found(items.indices.contains(place) ? items[place] : nil, expression)
  }

  private func found(_ value: Value?, _ expression: Expression) -> Outcome {
    if let value { return Outcome(value: value) }
    let path = Self.path(expression)
    return Outcome(value: nil, missing: path.hasPrefix("custom.") ? path : nil)
  }

  private func apply(_ filter: Filter, _ base: Outcome, _ arguments: [Expression]) -> Outcome {
    switch filter {
    case .safe:
      var result = base
      result.isSafe = true
      return result
    case .escape:
      guard base.missing == nil, let value = base.value, !base.isSafe else { return base }
      var bytes = [UInt8]()
      HTML.append(escaping: value.text, to: &bytes)
      return Outcome(value: .string(String(decoding: bytes, as: UTF8.self)), isSafe: true)
    case .default:
      let isStrict = base.isProperty || (arguments.count > 1 && evaluate(arguments[1]).value?.isTrue == true)
      if let value = base.value, value != .null, !isStrict || value.isTrue { return base }
      var result = evaluate(arguments[0])
      result.isSafe = result.isSafe || base.isSafe
      return result
    }
  }

  /// `custom.order.id`.
  private static func path(_ expression: Expression) -> String {
    switch expression.kind {
    case .name(let name): name
    case .member(let base, let name): path(base) + "." + name
    case .index(let base, let place): path(base) + "[\(place)]"
    case .literal, .filter: ""
    }
  }
}

extension Value {
  /// As it is printed.
  var text: String {
    switch self {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    case .list(let items): "[" + items.map(\.text).joined(separator: ", ") + "]"
    case .map(let entries):
      "{" + entries.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ", ")
        + "}"
    }
  }

  /// Whether a condition takes it for true.
  var isTrue: Bool {
    switch self {
    case .null: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .double(let value): value != 0
    case .string(let value): !value.isEmpty
    case .list(let items): !items.isEmpty
    case .map(let entries): !entries.isEmpty
    }
  }
}

/// Text in HTML.
enum HTML {
  /// Appends the text with the signs that HTML would take for markup as entities; safe in attributes too.
  static func append(escaping text: String, to output: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): output += "&amp;".utf8
      case UInt8(ascii: "<"): output += "&lt;".utf8
      case UInt8(ascii: ">"): output += "&gt;".utf8
      case UInt8(ascii: "\""): output += "&quot;".utf8
      case UInt8(ascii: "'"): output += "&#39;".utf8
      default: output.append(byte)
      }
    }
  }
}
