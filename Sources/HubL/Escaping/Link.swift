/// Values within links.
enum Link {
  /// Stands in place of a link whose scheme could run something.
  static let refused: StaticString = "#unsafe-link"

  private static let schemes: Set<String> = [
    "http", "https", "mailto", "tel", "sms", "cid", "ftp", "geo", "webcal", "whatsapp",
  ]

  /// Whether the text has no scheme or a harmless one. Pictures may be given as data.
  static func isHarmless(_ text: String) -> Bool {
    Output.withBytes(of: text) { bytes in
      if starts(bytes, with: "https:") || starts(bytes, with: "http:") { return true }
      for byte in bytes {
        if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") { return true }
        if byte == UInt8(ascii: ":") { return hasHarmlessScheme(bytes) }
      }
      return true
    }
  }

  private static func hasHarmlessScheme(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    // Programs that open links skip blanks and controls before and in the scheme.
    let visible = bytes.filter { $0 > 0x20 }.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    let name = visible.prefix { $0 != UInt8(ascii: ":") }
    if schemes.contains(String(decoding: name, as: UTF8.self)) { return true }
    return visible.starts(with: "data:image/".utf8) && !visible.starts(with: "data:image/svg".utf8)
  }

  private static func starts(_ bytes: UnsafeBufferPointer<UInt8>, with sign: StaticString) -> Bool {
    let count = sign.utf8CodeUnitCount
    guard bytes.count >= count else { return false }
    for place in 0..<count where bytes[place] != sign.utf8Start[place] { return false }
    return true
  }

  /// Which of ASCII's signs may stand in a link as they are: no blanks, controls, or `" < > \ ^ ` { | }`.
  private static let plain: (UInt64, UInt64) = (
    ~(0x1_FFFF_FFFF | 1 << 0x22 | 1 << 0x3C | 1 << 0x3E),
    ~(1 << (0x5C - 64) | 1 << (0x5E - 64) | 1 << (0x60 - 64) | 0x1F << (0x7B - 64) & ~(1 << (0x7E - 64)))
  )

  /// Whether a byte may stand in a link as it is.
  @inline(__always)
  static func isPlain(_ byte: UInt8) -> Bool {
    if byte >= 128 { return true }
    return (byte < 64 ? plain.0 >> UInt64(byte) : plain.1 >> UInt64(byte - 64)) & 1 == 1
  }

  /// What a byte needs in a link: nothing, an entity, or to be percent-encoded.
  @inline(__always)
  static func need(_ byte: UInt8) -> UInt8 {
    if !isPlain(byte) { return encoding }
    return byte == UInt8(ascii: "&") || byte == UInt8(ascii: "'") ? 1 : 0
  }

  static let encoding: UInt8 = 2

  /// Blanks, controls and signs that no link may have are percent-encoded, the rest stays. Line ends go, as they
  /// do in a browser.
  static func normalised(_ text: String) -> String {
    let line = text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    return encoded(String(decoding: line, as: UTF8.self)) { !isPlain($0) }
  }

  /// One value of a query: what would end it or start another is percent-encoded too. What is encoded already
  /// stays.
  static func component(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return encoded(
      text, where: { !isPlain($0) || $0 >= 0x7F || $0 == 0x26 || $0 == 0x23 || $0 == 0x2B || $0 == 0x3D }
    ) { place in
      bytes[place] == UInt8(ascii: "%") && !Link.isEncoded(bytes, at: place)
    }
  }

  private static func isEncoded(_ bytes: [UInt8], at place: Int) -> Bool {
    place + 2 < bytes.count && hexDigit(bytes[place + 1]) != nil && hexDigit(bytes[place + 2]) != nil
  }

  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 0x61 + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 0x41 + 10
    default: nil
    }
  }

  /// The text with some bytes as `%XX`.
  static func encoded(
    _ text: String, where isEncoded: (UInt8) -> Bool, also isEncodedAt: (Int) -> Bool = { _ in false }
  ) -> String {
    let isClean = !text.utf8.contains { isEncoded($0) || $0 == UInt8(ascii: "%") }
    if isClean { return text }
    var result = [UInt8]()
    result.reserveCapacity(text.utf8.count)
    for (place, byte) in text.utf8.enumerated() {
      if isEncoded(byte) || isEncodedAt(place) {
        result += [UInt8(ascii: "%"), hex(byte >> 4), hex(byte & 15)]
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func lowerHex(_ digit: UInt8) -> UInt8 { digit < 10 ? digit + 0x30 : digit - 10 + 0x61 }

  static func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? digit + 0x30 : digit - 10 + 0x41 }
}
