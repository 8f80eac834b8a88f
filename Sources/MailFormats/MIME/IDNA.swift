import MailModel
@_spi(_Unicode) import Swift

/// Domain names between U-labels and A-labels (RFC 5890, RFC 3492).
public enum IDNA {
  /// The domain in lower-case ASCII with `xn--` labels; nil when it can't be written so: a character
  /// that IDNA 2008 does not allow, or a label over 63 octets.
  public static func ascii(_ domain: String) -> String? {
    if domain.utf8.allSatisfy({ $0 < 0x80 }) { return domain.lowercased() }
    var labels: [String] = []
    for label in domain.split(separator: ".", omittingEmptySubsequences: false) {
      guard let ascii = asciiLabel(String(label)) else { return nil }
      labels.append(ascii)
    }
    let name = labels.joined(separator: ".")
    return name.utf8.count <= 253 ? name : nil
  }

  /// The domain with its `xn--` labels decoded, for people; labels that don't decode stay as they are.
  public static func unicode(_ domain: String) -> String {
    let labels = domain.split(separator: ".", omittingEmptySubsequences: false).map { label in
      guard label.lowercased().hasPrefix("xn--") else { return String(label) }
      let decoded = Punycode.decode(Array(label.utf8.dropFirst(4)))
      // Only what leads back to the same label may be shown for it.
      guard let decoded, asciiLabel(decoded) == label.lowercased() else { return String(label) }
      return decoded
    }
    return labels.joined(separator: ".")
  }

  private static func asciiLabel(_ label: String) -> String? {
    guard !label.isEmpty else { return nil }
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: label.lowercased()._nfc)
    if scalars.allSatisfy({ $0.value < 0x80 }) {
      return scalars.count <= 63 ? String(scalars) : nil
    }
    guard scalars.allSatisfy(isAllowed), scalars.first != "-", scalars.last != "-" else { return nil }
    guard let encoded = Punycode.encode(scalars.map(\.value)), encoded.count <= 59 else { return nil }
    return "xn--" + String(decoding: encoded, as: UTF8.self)
  }

  /// Close to the rules of RFC 5892: letters, marks and digits that case folding leaves alone, with its
  /// exceptions.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 {
      return scalar == "-" || scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }
    switch scalar.value {
    case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007, 0x30FB, 0xB7, 0x375, 0x5F3, 0x5F4: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber:
      return !scalar.properties.changesWhenNFKCCaseFolded
    default: return false
    }
  }
}

extension EmailAddress {
  /// The domain with A-labels, as DNS and lists of domains want it; nil when it has none (a literal too).
  public var asciiDomain: String? { isDomainLiteral ? nil : IDNA.ascii(domain) }
}

/// The encoding of U-labels (RFC 3492), without the `xn--`.
private enum Punycode {
  static func encode(_ input: [UInt32]) -> [UInt8]? {
    var output = input.filter { $0 < 0x80 }.map { UInt8(truncatingIfNeeded: $0) }
    let basicCount = output.count
    if basicCount > 0 { output.append(Octet.dash) }
    var code: UInt32 = 128
    var delta: UInt64 = 0
    var bias = 72
    var handled = basicCount
    while handled < input.count {
      guard let next = input.filter({ $0 >= code }).min() else { return nil }
      delta += UInt64(next - code) * UInt64(handled + 1)
      code = next
      for value in input {
        if value < code { delta += 1 }
        guard value == code else { continue }
        appendVariable(delta, bias: bias, to: &output)
        bias = adapt(delta, count: handled + 1, isFirst: handled == basicCount)
        delta = 0
        handled += 1
      }
      delta += 1
      code += 1
    }
    return output
  }

  static func decode(_ input: [UInt8]) -> String? {
    guard input.count <= 59, input.allSatisfy({ $0 < 0x80 }) else { return nil }
    let dash = input.lastIndex(of: Octet.dash)
    var output = dash.map { input[..<$0].map { UInt32($0) } } ?? []
    var position = dash.map { $0 + 1 } ?? 0
    var code: UInt64 = 128
    var index: UInt64 = 0
    var bias = 72
    while position < input.count {
      let before = index
      guard let delta = readVariable(input, at: &position, bias: bias) else { return nil }
      index += delta
      let count = UInt64(output.count + 1)
      bias = adapt(index - before, count: output.count + 1, isFirst: before == 0)
      code += index / count
      index %= count
      guard code <= 0x10FFFF else { return nil }
      output.insert(UInt32(code), at: Int(index))
      index += 1
    }
    var scalars = String.UnicodeScalarView()
    for value in output {
      guard let scalar = Unicode.Scalar(value) else { return nil }
      scalars.append(scalar)
    }
    return String(scalars)
  }

  private static func threshold(_ place: Int, bias: Int) -> UInt64 {
    UInt64(min(max(place - bias, 1), 26))
  }

  private static func appendVariable(_ delta: UInt64, bias: Int, to output: inout [UInt8]) {
    var rest = delta
    var place = 36
    while true {
      let limit = threshold(place, bias: bias)
      if rest < limit { break }
      output.append(digit(limit + (rest - limit) % (36 - limit)))
      rest = (rest - limit) / (36 - limit)
      place += 36
    }
    output.append(digit(rest))
  }

  private static func readVariable(_ input: [UInt8], at position: inout Int, bias: Int) -> UInt64? {
    var result: UInt64 = 0
    var weight: UInt64 = 1
    var place = 36
    while position < input.count {
      guard let digit = value(of: input[position]), weight < 1 << 32 else { return nil }
      position += 1
      result += digit * weight
      guard result < 1 << 32 else { return nil }
      let limit = threshold(place, bias: bias)
      if digit < limit { return result }
      weight *= 36 - limit
      place += 36
    }
    return nil
  }

  private static func digit(_ value: UInt64) -> UInt8 {
    let small = UInt8(truncatingIfNeeded: value)
    return small < 26 ? UInt8(ascii: "a") + small : UInt8(ascii: "0") + small - 26
  }

  private static func value(of digit: UInt8) -> UInt64? {
    if digit.isDigit { return UInt64(digit - UInt8(ascii: "0")) + 26 }
    let letter = digit.lowered
    return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
      ? UInt64(letter - UInt8(ascii: "a")) : nil
  }

  private static func adapt(_ delta: UInt64, count: Int, isFirst: Bool) -> Int {
    var rest = isFirst ? delta / 700 : delta / 2
    rest += rest / UInt64(count)
    var place = 0
    while rest > 455 {
      rest /= 35
      place += 36
    }
    return place + Int(36 * rest / (rest + 38))
  }
}
