/// Counts the values that are compared: lists that share their elements may have more than memory could hold.
struct Comparison {
  /// Values, and texts by their length.
  private(set) var count = 0
  private static let limit = 1_500_000

  /// Then what is compared counts as different, and the rendering ends.
  var isTooMuch: Bool { count > Self.limit }

  mutating func add(_ more: Int) { count += more }
}

extension Datum {
  /// Equal as in Jinjava: a number equals the text that says it, a boolean whatever is as true as it.
  static func equals(_ one: Datum, _ other: Datum, _ work: inout Comparison, depth: Int = 0) -> Bool {
    work.add(1)
    switch (one, other) {
    case (.undefined, .undefined), (.undefined, .null), (.null, .undefined), (.null, .null): return true
    case (.undefined, _), (.null, _), (_, .undefined), (_, .null): return false
    case (.int(let one), .int(let other)): return one == other
    case (.string(let one), .string(let other)), (.safe(let one), .string(let other)),
      (.string(let one), .safe(let other)), (.safe(let one), .safe(let other)):
      guard one.utf8.count == other.utf8.count else { return false }
      work.add(one.utf8.count / 64)
      return one.utf8.elementsEqual(other.utf8)
    case (.bool, _), (_, .bool): return one.isTrue == other.isTrue
    case (.moment(let one), .moment(let other)): return one.milliseconds == other.milliseconds
    case (.macro(let one), .macro(let other)): return one === other
    case (.loop(let one), .loop(let other)): return one === other
    default: break
    }
    if one.isNumber || other.isNumber {
      guard let first = one.number, let second = other.number else { return false }
      return first == second
    }
    if depth > 20 || work.isTooMuch { return false }
    return equals(containers: one, other, &work, depth: depth + 1)
  }

  private static func equals(
    containers one: Datum, _ other: Datum, _ work: inout Comparison, depth: Int
  ) -> Bool {
    guard let count = one.count, count == other.count else { return false }
    work.add(count)
    if let first = one.items, let second = other.items {
      for (left, right) in zip(first, second) where !equals(left, right, &work, depth: depth) { return false }
      return true
    }
    guard let first = one.entries, other.entries != nil else { return false }
    for entry in first {
      guard let value = other.member(Key(entry.key)), equals(value, entry.value, &work, depth: depth) else {
        return false
      }
    }
    return true
  }

  /// Whether one comes before the other; nil when they have no order.
  static func isLess(_ one: Datum, _ other: Datum, _ work: inout Comparison, depth: Int = 0) -> Bool? {
    work.add(1)
    if let first = one.string, let second = other.string {
      work.add(min(first.utf8.count, second.utf8.count) / 64)
      return first.utf8.lexicographicallyPrecedes(second.utf8)
    }
    if !one.isDefined || !other.isDefined { return nil }
    if case .int(let first) = one, case .int(let second) = other { return first < second }
    if depth > 20 || work.isTooMuch { return nil }
    if let first = one.items, let second = other.items {
      work.add(first.count + second.count)
      for (left, right) in zip(first, second) where !equals(left, right, &work) {
        return isLess(left, right, &work, depth: depth + 1)
      }
      return first.count < second.count
    }
    guard let first = one.operand?.number, let second = other.operand?.number else { return nil }
    return first < second
  }

  /// Where an equal element is first; nil for none.
  static func place(of item: Datum, in items: [Datum], _ work: inout Comparison) -> Int? {
    for (place, candidate) in items.enumerated() where equals(candidate, item, &work) { return place }
    return nil
  }

  /// Whether a list has an equal element, a text the text in it, or a map the name.
  func contains(_ item: Datum, _ work: inout Comparison) -> Bool {
    if let text = string {
      let part = Array(item.text.utf8)
      work.add((text.utf8.count + part.count) / 64)
      return part.isEmpty || Array(text.utf8).firstRange(of: part) != nil
    }
    switch self {
    case .members, .map: return member(Key(item.text)) != nil
    default: return items.map { Datum.place(of: item, in: $0, &work) != nil } ?? false
    }
  }
}

extension Renderer {
  mutating func equals(_ one: Datum, _ other: Datum, at ref: Ref) throws(Stop) -> Bool {
    var work = Comparison()
    let result = Datum.equals(one, other, &work)
    try charge(work, ref)
    return result
  }

  /// nil when they have no order.
  mutating func isLess(_ one: Datum, _ other: Datum, at ref: Ref) throws(Stop) -> Bool? {
    var work = Comparison()
    let result = Datum.isLess(one, other, &work)
    try charge(work, ref)
    return result
  }

  mutating func contains(_ all: Datum, _ item: Datum, at ref: Ref) throws(Stop) -> Bool {
    var work = Comparison()
    let result = all.contains(item, &work)
    try charge(work, ref)
    return result
  }
}
