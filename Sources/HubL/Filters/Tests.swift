/// Jinjava's tests.
enum Tests {
  static let all: [Test] = values + comparisons + texts

  private static let values: [Test] = [
    Test("defined") { _, call in call.value.isDefined },
    Test("undefined") { _, call in !call.value.isDefined },
    Test("none") { _, call in !call.value.isDefined },
    Test("boolean") { _, call in if case .bool = call.value { true } else { false } },
    Test("true") { _, call in if case .bool(true) = call.value { true } else { false } },
    Test("false") { _, call in if case .bool(false) = call.value { true } else { false } },
    Test("truthy") { _, call in call.value.isTrue },
    Test("integer") { _, call in if case .int = call.value { true } else { false } },
    Test("float") { _, call in call.value.kind == "float" },
    Test("number") { _, call in call.value.isNumber },
    Test("string") { _, call in call.value.string != nil },
    Test("mapping") { _, call in call.value.entries != nil },
    Test("sequence") { _, call in call.value.items != nil },
    Test("iterable") { _, call in
      call.value.items != nil || call.value.entries != nil || call.value.string != nil
    },
    Test("callable") { _, call in if case .macro = call.value { true } else { false } },
    Test("escaped") { _, call in call.value.isSafe },
  ]

  private static let comparisons: [Test] = [
    Test("eq", "==", "equalto", takes: ["other"]) { r, call throws(Stop) in
      try r.equals(call.value, call[0], at: call.node)
    },
    Test("ne", "!=", takes: ["other"]) { r, call throws(Stop) in
      !(try r.equals(call.value, call[0], at: call.node))
    },
    Test("lt", "<", "lessthan", takes: ["other"]) { r, call throws(Stop) in
      try r.isLess(call.value, call[0], at: call.node) ?? false
    },
    Test("gt", ">", "greaterthan", takes: ["other"]) { r, call throws(Stop) in
      try r.isLess(call[0], call.value, at: call.node) ?? false
    },
    Test("le", "<=", takes: ["other"]) { r, call throws(Stop) in
      if try r.equals(call.value, call[0], at: call.node) { return true }
      return try r.isLess(call.value, call[0], at: call.node) ?? false
    },
    Test("ge", ">=", takes: ["other"]) { r, call throws(Stop) in
      if try r.equals(call.value, call[0], at: call.node) { return true }
      return try r.isLess(call[0], call.value, at: call.node) ?? false
    },
    Test("sameas", takes: ["other"], holds: isSame),
    Test("even") { _, call in call.value.integer.map { $0 % 2 == 0 } ?? false },
    Test("odd") { _, call in call.value.integer.map { $0 % 2 != 0 } ?? false },
    Test("divisibleby", takes: ["divisor"]) { _, call in
      guard let value = call.value.integer, let divisor = call[0].integer, divisor != 0 else { return false }
      return divisor == -1 || value % divisor == 0
    },
    Test("in", "within", takes: ["list"]) { r, call throws(Stop) in
      try r.contains(call[0], call.value, at: call.node)
    },
    Test("containing", takes: ["item"]) { r, call throws(Stop) in
      guard call.value.items != nil else { return false }
      return try r.contains(call.value, call[0], at: call.node)
    },
    Test("containingall", takes: ["items"]) { r, call throws(Stop) in
      guard call.value.items != nil else { return false }
      for item in try r.sequence(of: call[0], call.node)
      where !(try r.contains(call.value, item, at: call.node)) { return false }
      return true
    },
  ]

  private static let texts: [Test] = [
    // A text without letters is neither.
    Test("lower") { _, call in
      call.value.string.map { $0 == $0.lowercased() && $0 != $0.uppercased() } ?? false
    },
    Test("upper") { _, call in
      call.value.string.map { $0 == $0.uppercased() && $0 != $0.lowercased() } ?? false
    },
    Test("string_containing", takes: ["part"]) { r, call throws(Stop) in
      guard call.value.string != nil else { return false }
      return try r.contains(call.value, .string(call[0].text), at: call.node)
    },
    Test("string_startingwith", takes: ["start"]) { _, call in
      call.value.string.map { $0.utf8.starts(with: call[0].text.utf8) } ?? false
    },
  ]

  private static func isSame(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Bool {
    switch (call.value, call[0]) {
    case (.list(let one), .list(let other)): return one === other
    case (.map(let one), .map(let other)): return one === other
    default:
      guard call.value.kind == call[0].kind else { return false }
      return try renderer.equals(call.value, call[0], at: call.node)
    }
  }
}
