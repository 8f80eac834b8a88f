#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Powers, roots and logarithms.
enum Power {
  /// nil when the result is no whole number of 64 bits.
  static func raise(_ base: Int64, to exponent: Int64) -> Int64? {
    guard exponent >= 0 else { return nil }
    var (result, square, rest) = (Int64(1), base, exponent)
    while rest > 0 {
      if rest & 1 == 1 {
        let (product, overflow) = result.multipliedReportingOverflow(by: square)
        if overflow { return nil }
        result = product
      }
      rest >>= 1
      if rest == 0 { break }
      let (product, overflow) = square.multipliedReportingOverflow(by: square)
      if overflow { return nil }
      square = product
    }
    return result
  }

  static func raise(_ base: Double, to exponent: Double) -> Double { pow(base, exponent) }

  static func root(_ value: Double, _ degree: Double) -> Double {
    degree == 2 ? value.squareRoot() : degree == 3 ? cbrt(value) : pow(value, 1 / degree)
  }

  /// nil for the natural logarithm.
  static func logarithm(_ value: Double, base: Double?) -> Double {
    guard let base else { return log(value) }
    return base == 2 ? log2(value) : base == 10 ? log10(value) : log(value) / log(base)
  }
}
