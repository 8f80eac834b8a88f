/// Filters for numbers.
enum NumberFilters {
  static let all: [Filter] = [
    Filter("abs", apply: absolute),
    Filter("add", takes: ["addend"]) { r, call throws(Stop) in
      try r.arithmetic(.add, call.value, call[0], at: call.node)
    },
    Filter("multiply", takes: ["multiplier"]) { r, call throws(Stop) in
      try r.arithmetic(.multiply, call.value, call[0], at: call.node)
    },
    Filter("divide", takes: ["divisor"]) { r, call throws(Stop) in
      try r.arithmetic(.divide, call.value, call[0], at: call.node)
    },
    Filter("divisible", takes: ["divisor"]) { _, call in
      guard let value = call.value.integer, let divisor = call[0].integer, divisor != 0 else {
        return .bool(false)
      }
      return .bool(divisor == -1 || value % divisor == 0)
    },
    Filter("int", takes: ["default?"]) { _, call in .int(call.value.integer ?? call[0].integer ?? 0) },
    Filter("float", takes: ["default?"]) { _, call in .double(call.value.number ?? call[0].number ?? 0) },
    Filter("round", takes: ["precision?", "method?"], apply: round),
    Filter("log", takes: ["base?"]) { r, call throws(Stop) in
      .double(Power.logarithm(try number(&r, call), base: call[0].number))
    },
    Filter("root", takes: ["root?"]) { r, call throws(Stop) in
      .double(Power.root(try number(&r, call), call[0].number ?? 2))
    },
    Filter("filesizeformat", takes: ["binary?"]) { _, call in
      .string(fileSize(call.value.number ?? 0, isBinary: call[0].isTrue))
    },
    Filter("format_number", takes: ["locale?", "maximum?"]) { r, call throws(Stop) in
      guard let value = call.value.number else { return call.value }
      let locale = Locale.named(call.has(0) ? call[0].text : r.options.locale)
      return .string(locale.number(value, maximumDigits: call.integer(1)))
    },
    Filter(
      "format_currency", "format_currency_value", takes: ["locale?", "currency?", "use_default_decimal?"],
      apply: currency),
  ]

  private static func number(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Double {
    if let value = call.value.number { return value }
    throw renderer.fail(.value, at: call.node, "a number is needed here, not a \(call.value.kind)")
  }

  private static func absolute(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    switch call.value {
    case .int(let value): return value == .min ? .double(-Double(value)) : .int(abs(value))
    case .fixed(let value, let digits): return .fixed(abs(value), digits: digits)
    default:
      if !call.value.isDefined { return call.value }
      if case .int(let value)? = call.value.string.flatMap(Numbers.parse), value != .min {
        return .int(abs(value))
      }
      return .double(abs(try number(&renderer, call)))
    }
  }

  /// All digits that were asked for are printed, as in Jinjava: `2|round(2)` is 2.00.
  private static func round(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    if !call.value.isDefined { return call.value }
    let digits = max(0, min(call.integer(0) ?? 0, 20))
    let method: Numbers.Rounding =
      switch call[1].text {
      case "ceil": .up
      case "floor": .down
      default: .half
      }
    let text = Numbers.fixed(try number(&renderer, call), digits: digits, rounding: method)
    if digits == 0, let whole = Int64(text) { return .int(whole) }
    return .fixed(Double(text) ?? 0, digits: UInt8(digits))
  }

  private static func fileSize(_ bytes: Double, isBinary: Bool) -> String {
    let base = isBinary ? 1024.0 : 1000.0
    if bytes == 1 { return "1 Byte" }
    if bytes < base { return "\(Numbers.whole(bytes) ?? 0) Bytes" }
    let units = isBinary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] : ["KB", "MB", "GB", "TB", "PB", "EB"]
    var value = bytes
    var unit = ""
    for name in units where unit.isEmpty || value >= base {
      value /= base
      unit = name
    }
    return Numbers.fixed(value, digits: 1) + " " + unit
  }

  private static func currency(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    guard let value = call.value.number else { return call.value }
    let locale = Locale.named(call.has(0) ? call[0].text : renderer.options.locale)
    return .string(locale.currency(value, code: call.has(1) ? call[1].text : "USD"))
  }
}
