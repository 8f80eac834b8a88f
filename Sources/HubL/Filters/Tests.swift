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
    Test("eq", "==", "equalto", takes: ["other"]) { _, call in Datum.equals(call.value, call[0]) },
    Test("ne", "!=", takes: ["other"]) { _, call in !Datum.equals(call.value, call[0]) },
    Test("lt", "<", "lessthan", takes: ["other"]) { _, call in Datum.isLess(call.value, call[0]) ?? false },
    Test("gt", ">", "greaterthan", takes: ["other"]) { _, call in Datum.isLess(call[0], call.value) ?? false
    },
    Test("le", "<=", takes: ["other"]) { _, call in
      Datum.equals(call.value, call[0]) || Datum.isLess(call.value, call[0]) ?? false
    },
    Test("ge", ">=", takes: ["other"]) { _, call in
      Datum.equals(call.value, call[0]) || Datum.isLess(call[0], call.value) ?? false
    },
    Test("sameas", takes: ["other"]) { _, call in isSame(call.value, call[0]) },
    Test("even") { _, call in call.value.integer.map { $0 % 2 == 0 } ?? false },
    Test("odd") { _, call in call.value.integer.map { $0 % 2 != 0 } ?? false },
    Test("divisibleby", takes: ["divisor"]) { _, call in
      guard let value = call.value.integer, let divisor = call[0].integer, divisor != 0 else { return false }
      return divisor == -1 || value % divisor == 0
    },
    Test("in", "within", takes: ["list"]) { _, call in call[0].contains(call.value) },
    Test("containing", takes: ["item"]) { _, call in call.value.items != nil && call.value.contains(call[0])
    },
    Test("containingall", takes: ["items"]) { _, call in
      call.value.items != nil && call[0].sequence.allSatisfy(call.value.contains)
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
    Test("string_containing", takes: ["part"]) { _, call in
      call.value.string != nil && call.value.contains(.string(call[0].text))
    },
    Test("string_startingwith", takes: ["start"]) { _, call in
      call.value.string.map { $0.utf8.starts(with: call[0].text.utf8) } ?? false
    },
  ]

  private static func isSame(_ one: Datum, _ other: Datum) -> Bool {
    switch (one, other) {
    case (.list(let one), .list(let other)): one === other
    case (.map(let one), .map(let other)): one === other
    default: one.kind == other.kind && Datum.equals(one, other)
    }
  }
}
