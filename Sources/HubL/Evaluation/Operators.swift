extension Datum {
  /// As a whole number: numbers cut, booleans as 0 and 1, texts that are numbers.
  var integer: Int64? {
    switch self {
    case .int(let value): value
    case .double(let value), .fixed(let value, _): Numbers.whole(value)
    case .bool(let value): value ? 1 : 0
    case .string(let text), .safe(let text): Numbers.parse(text)?.integer
    default: nil
    }
  }

  /// As a number with a fraction.
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value), .fixed(let value, _): value
    case .bool(let value): value ? 1 : 0
    case .string(let text), .safe(let text): Numbers.parse(text)?.number
    default: nil
    }
  }

  var isNumber: Bool {
    switch self {
    case .int, .double, .fixed: true
    default: false
    }
  }

  /// A number, or the number that a text says; others nil. Nothing counts as 0.
  var operand: Datum? {
    switch self {
    case .int, .double: self
    case .fixed(let value, _): .double(value)
    case .bool(let value): .int(value ? 1 : 0)
    case .undefined, .null: .int(0)
    case .string(let text), .safe(let text): Numbers.parse(text)
    case .moment(let moment): .int(moment.milliseconds)
    default: nil
    }
  }

  /// What kind of value it is, for errors and `type()`.
  var kind: String {
    switch self {
    case .undefined, .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .double, .fixed: "float"
    case .string, .safe: "str"
    case .values, .list: "list"
    case .members, .map: "dict"
    case .macro: "macro"
    case .loop: "loop"
    case .moment: "datetime"
    }
  }
}

extension Renderer {
  mutating func negated(_ value: Datum, at ref: Ref) throws(Stop) -> Datum {
    switch value {
    case .undefined(let missing) where missing > 0: return value
    case .fixed(let number, let digits): return .fixed(-number, digits: digits)
    default: return try arithmetic(.subtract, .int(0), value, at: ref)
    }
  }

  mutating func binary(_ sign: BinaryOperator, _ one: Datum, _ other: Datum, at ref: Ref) throws(Stop)
    -> Datum
  {
    switch sign {
    case .equal: return .bool(try equals(one, other, at: ref))
    case .notEqual: return .bool(!(try equals(one, other, at: ref)))
    case .less: return .bool(try isLess(one, other, at: ref) ?? false)
    case .greater: return .bool(try isLess(other, one, at: ref) ?? false)
    case .lessOrEqual:
      if try equals(one, other, at: ref) { return .bool(true) }
      return .bool(try isLess(one, other, at: ref) ?? false)
    case .greaterOrEqual:
      if try equals(one, other, at: ref) { return .bool(true) }
      return .bool(try isLess(other, one, at: ref) ?? false)
    case .contains, .lacks:
      try weigh(one, ref)
      return .bool(try contains(other, one, at: ref) == (sign == .contains))
    default: break
    }
    if case .undefined(let missing) = one, missing > 0 { return one }
    if case .undefined(let missing) = other, missing > 0 { return other }
    if sign == .add { return try added(one, other, at: ref) }
    return try arithmetic(sign, one, other, at: ref)
  }

  /// Sums of numbers, lists with more elements, maps with more members, texts behind one another.
  mutating func added(_ one: Datum, _ other: Datum, at ref: Ref) throws(Stop) -> Datum {
    if let items = one.items {
      try charge(elements: items.count + (other.count ?? 1), ref)
      return Datum(items + (other.items ?? [other]))
    }
    if let first = one.entries, let second = other.entries {
      try charge(elements: first.count + second.count, ref)
      return .map(DatumMap(OrderedMap((first + second).map { ($0.key, $0.value) })))
    }
    if one.string != nil || other.string != nil {
      return try join([one, other], separator: .string(""), at: ref)
    }
    return try arithmetic(.add, one, other, at: ref)
  }

  mutating func arithmetic(_ sign: BinaryOperator, _ one: Datum, _ other: Datum, at ref: Ref) throws(Stop)
    -> Datum
  {
    if sign == .multiply {
      // Price times quantity.
      if case .double(let left) = one, case .int(let right) = other { return .double(left * Double(right)) }
      if case .int(let left) = one, case .double(let right) = other { return .double(Double(left) * right) }
    }
    guard let first = one.operand, let second = other.operand else {
      throw fail(.value, at: ref, "\(sign.text) needs numbers, not \(one.kind) and \(other.kind)")
    }
    if case .int(let first) = first, case .int(let second) = second,
      let result = try whole(sign, first, second, at: ref)
    {
      return .int(result)
    }
    let (left, right) = (first.number ?? 0, second.number ?? 0)
    switch sign {
    case .add: return .double(left + right)
    case .subtract: return .double(left - right)
    case .multiply: return .double(left * right)
    case .power: return .double(Power.raise(left, to: right))
    default: break
    }
    guard right != 0 else { throw fail(.value, at: ref, "nothing can be divided by 0") }
    switch sign {
    case .floorDivide: return .double((left / right).rounded(.down))
    case .remainder: return .double(left.truncatingRemainder(dividingBy: right))
    default: return .double(left / right)
    }
  }

  /// nil when the result is no whole number of 64 bits.
  private mutating func whole(
    _ sign: BinaryOperator, _ one: Int64, _ other: Int64, at ref: Ref
  ) throws(Stop) -> Int64? {
    let result: (partialValue: Int64, overflow: Bool)
    switch sign {
    case .add: result = one.addingReportingOverflow(other)
    case .subtract: result = one.subtractingReportingOverflow(other)
    case .multiply: result = one.multipliedReportingOverflow(by: other)
    case .power: return Power.raise(one, to: other)
    case .floorDivide, .remainder:
      guard other != 0 else { throw fail(.value, at: ref, "nothing can be divided by 0") }
      if sign == .remainder { return other == -1 ? 0 : one % other }
      result = one.dividedReportingOverflow(by: other)
      if !result.overflow, one % other != 0, (one < 0) != (other < 0) { return result.partialValue - 1 }
    default: return nil
    }
    return result.overflow ? nil : result.partialValue
  }
}

extension BinaryOperator {
  /// As it is written.
  var text: String {
    switch self {
    case .add: "“+”"
    case .subtract: "“-”"
    case .multiply: "“*”"
    case .divide: "“/”"
    case .floorDivide: "“//”"
    case .remainder: "“%”"
    case .power: "“**”"
    default: "a comparison"
    }
  }
}
