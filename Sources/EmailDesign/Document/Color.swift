/// A colour of the screen without transparency.
public struct Color: Sendable, Hashable, CustomStringConvertible {
  public let red: UInt8
  public let green: UInt8
  public let blue: UInt8

  /// `0x1c1e24`.
  public init(_ rgb: UInt32) {
    red = UInt8(truncatingIfNeeded: rgb >> 16)
    green = UInt8(truncatingIfNeeded: rgb >> 8)
    blue = UInt8(truncatingIfNeeded: rgb)
  }

  /// `#1c1e24` or `#fff`; nil for everything else.
  public init?(_ text: String) {
    let digits = text.utf8.dropFirst().compactMap { byte in
      byte < 0x80 ? Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt32.init) : nil
    }
    guard text.utf8.first == 0x23, digits.count == text.utf8.count - 1, [3, 6].contains(digits.count) else {
      return nil
    }
    let all = digits.count == 6 ? digits : digits.flatMap { [$0, $0] }
    self.init(all.reduce(0) { $0 << 4 | $1 })
  }

  /// `#1c1e24`.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = [0x23]
    for part in [red, green, blue] { bytes += [digits[Int(part >> 4)], digits[Int(part & 15)]] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// From 1 (the same) to 21 (black on white), as WCAG 2.2 defines it.
  public func contrast(to other: Color) -> Double {
    let (one, two) = (luminance, other.luminance)
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  private var luminance: Double {
    0.2126 * Self.linear[Int(red)] + 0.7152 * Self.linear[Int(green)] + 0.0722 * Self.linear[Int(blue)]
  }

  /// sRGB's transfer function for each value.
  private static let linear: [Double] = (0...255).map { value in
    let part = Double(value) / 255
    guard part > 0.04045 else { return part / 12.92 }
    // base^2.4 = base² · root with root⁵ = base², by Newton's steps: the pure targets have no pow.
    let base = (part + 0.055) / 1.055
    var root = 1.0
    for _ in 0..<40 {
      let fourth = root * root * root * root
      root = (4 * root + base * base / fourth) / 5
    }
    return base * base * root
  }
}

extension JSONField {
  func color() throws(DocumentError) -> Color {
    guard let color = Color(try text()) else { throw error("must be a colour such as #1c1e24") }
    return color
  }
}

extension Color {
  var json: JSONValue { .string(description) }
}
