/// Numbers as text and back.
enum Numbers {
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return String(value)
  }

  /// With exactly so many digits behind the point, halves away from zero in the number's shortest decimal form:
  /// 1.005 is 1.01, as a person would round it.
  static func fixed(_ value: Double, digits: Int, rounding: Rounding = .half) -> String {
    guard value.isFinite else { return text(value) }
    if rounding == .half, let text = quick(value, digits) { return text }
    let decimal = Decimal(value)
    let result = decimal.rounded(to: max(0, min(digits, 40)), rounding)
    return result.text(minimumDigits: max(0, min(digits, 40)))
  }

  /// The same for the usual amounts: a few digits, and no half that would have to be looked at closely.
  private static func quick(_ value: Double, _ digits: Int) -> String? {
    guard value.magnitude < 1e9, (0...4).contains(digits) else { return nil }
    let factor: Double =
      switch digits {
      case 0: 1
      case 1: 10
      case 2: 100
      case 3: 1000
      default: 10_000
      }
    let scaled = value.magnitude * factor
    let whole = scaled.rounded(.down)
    guard abs(scaled - whole - 0.5) > 1e-4 else { return nil }
    var rest = UInt64(scaled - whole > 0.5 ? whole + 1 : whole)
    let isNegative = value < 0 && rest > 0
    var digitsOfResult: (UInt64, UInt64, UInt64) = (0, 0, 0)
    return withUnsafeMutableBytes(of: &digitsOfResult) { buffer in
      var place = buffer.count
      for position in 0... {
        if position == digits, digits > 0 {
          place -= 1
          buffer[place] = UInt8(ascii: ".")
        }
        if position > digits, rest == 0 { break }
        place -= 1
        buffer[place] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
        rest /= 10
      }
      if isNegative {
        place -= 1
        buffer[place] = UInt8(ascii: "-")
      }
      return String(decoding: buffer[place...], as: UTF8.self)
    }
  }

  enum Rounding: Sendable { case half, up, down }

  /// A whole number or a fraction, in decimal, blanks at the ends allowed; nil for anything else.
  static func parse(_ text: String) -> Datum? {
    let bytes = text.utf8.drop { $0 <= 0x20 }
    guard let end = bytes.lastIndex(where: { $0 > 0x20 }) else { return nil }
    let digits = bytes[...end]
    guard digits.count <= 400, digits.allSatisfy({ $0 &- 0x30 < 10 || "+-.eE".utf8.contains($0) }) else {
      return nil
    }
    let trimmed = String(decoding: digits, as: UTF8.self)
    if let value = Int64(trimmed) { return .int(value) }
    if let value = Double(trimmed), value.isFinite { return .double(value) }
    return nil
  }

  /// The nearest whole number towards zero; nil outside of 64 bits.
  static func whole(_ value: Double) -> Int64? {
    guard value.isFinite, value > -9.22e18, value < 9.22e18 else { return nil }
    return Int64(value)
  }

  /// `value` with groups of three digits.
  static func grouped(_ text: String, separator: String, point: String) -> String {
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
    let whole = Array((parts.first ?? "0").utf8)
    // Not a number, or more than any.
    guard whole.allSatisfy({ $0 &- 0x30 < 10 }) else { return text }
    var result = isNegative ? "-" : ""
    for (place, byte) in whole.enumerated() {
      if place > 0, (whole.count - place) % 3 == 0 { result += separator }
      result += String(UnicodeScalar(byte))
    }
    return parts.count > 1 ? result + point + parts[1] : result
  }
}

/// The shortest decimal form of a number.
struct Decimal {
  private var isNegative: Bool
  /// Values 0...9, the first not 0 unless it is alone.
  private var digits: [UInt8]
  /// How many of them stand behind the point.
  private var scale: Int

  init(_ value: Double) {
    isNegative = value < 0
    let text = String(value.magnitude).utf8
    let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
    let exponent = Int(String(decoding: text.dropFirst(mantissa.count + 1), as: UTF8.self)) ?? 0
    let point = mantissa.firstIndex(of: UInt8(ascii: "."))
    digits = mantissa.filter { $0 != UInt8(ascii: ".") }.map { $0 &- 0x30 }
    scale = (point.map { mantissa.distance(from: $0, to: mantissa.endIndex) - 1 } ?? 0) - exponent
    if scale < 0 {
      digits += [UInt8](repeating: 0, count: min(400, -scale))
      scale = 0
    }
  }

  func rounded(to wanted: Int, _ rounding: Numbers.Rounding) -> Decimal {
    guard scale > wanted else { return self }
    var result = self
    let cut = scale - wanted
    if cut > digits.count { result.digits = [UInt8](repeating: 0, count: cut - digits.count) + digits }
    let dropped = result.digits.suffix(cut)
    result.digits.removeLast(cut)
    result.scale = wanted
    let isUp: Bool
    switch rounding {
    case .half: isUp = (dropped.first ?? 0) >= 5
    case .up: isUp = !isNegative && dropped.contains { $0 != 0 }
    case .down: isUp = isNegative && dropped.contains { $0 != 0 }
    }
    if isUp { result.increment() }
    if result.digits.isEmpty { result.digits = [0] }
    return result
  }

  private mutating func increment() {
    for place in digits.indices.reversed() {
      if digits[place] < 9 {
        digits[place] += 1
        return
      }
      digits[place] = 0
    }
    digits.insert(1, at: 0)
  }

  /// Zeros fill up behind the point.
  func text(minimumDigits: Int) -> String {
    var all = digits
    if all.count <= scale { all = [UInt8](repeating: 0, count: scale + 1 - all.count) + all }
    var bytes = [UInt8]()
    // Nothing but zeros has no sign.
    if isNegative, all.contains(where: { $0 != 0 }) { bytes.append(UInt8(ascii: "-")) }
    let whole = all.dropLast(scale).drop { $0 == 0 }
    bytes += whole.isEmpty ? [0x30] : whole.map { $0 + 0x30 }
    let fraction = all.suffix(scale)
    let padding = max(0, minimumDigits - scale)
    if scale + padding > 0 {
      bytes.append(UInt8(ascii: "."))
      bytes += fraction.map { $0 + 0x30 }
      bytes += [UInt8](repeating: 0x30, count: padding)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How many digits stand behind the point.
  var fractionDigits: Int { digits.suffix(scale).reversed().drop { $0 == 0 }.count }
}
