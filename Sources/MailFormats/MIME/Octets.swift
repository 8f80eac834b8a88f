#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Byte values by name.
enum Octet {
  static let tab: UInt8 = 0x09
  static let lf: UInt8 = 0x0A
  static let cr: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let open = UInt8(ascii: "(")
  static let close = UInt8(ascii: ")")
  static let comma = UInt8(ascii: ",")
  static let dash = UInt8(ascii: "-")
  static let dot = UInt8(ascii: ".")
  static let slash = UInt8(ascii: "/")
  static let colon = UInt8(ascii: ":")
  static let semicolon = UInt8(ascii: ";")
  static let less = UInt8(ascii: "<")
  static let greater = UInt8(ascii: ">")
  static let equals = UInt8(ascii: "=")
  static let question = UInt8(ascii: "?")
  static let at = UInt8(ascii: "@")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")
  static let underscore = UInt8(ascii: "_")
  static let percent = UInt8(ascii: "%")
  static let star = UInt8(ascii: "*")
  static let apostrophe = UInt8(ascii: "'")
}

extension UInt8 {
  /// Space or tab.
  @inline(__always) var isBlank: Bool { self == Octet.space || self == Octet.tab }

  /// Space, tab, CR or LF: what may stand in a folded value.
  @inline(__always) var isFoldingSpace: Bool { isBlank || self == Octet.cr || self == Octet.lf }

  @inline(__always) var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  /// ASCII letters in lower case, other bytes as they are.
  @inline(__always) var lowered: UInt8 {
    self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
  }

  /// 0 to 15, or nil.
  @inline(__always) var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// An upper-case hexadecimal digit for 0 to 15.
  @inline(__always) static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}

extension [UInt8] {
  /// The place of the first such byte in the range, by the C library's vector code.
  @inline(__always)
  func firstPlace(of byte: UInt8, in range: Range<Int>) -> Int? {
    withUnsafeBytes { raw in
      guard !range.isEmpty, let base = raw.baseAddress, range.upperBound <= raw.count else { return nil }
      guard let hit = memchr(base + range.lowerBound, Int32(byte), range.count) else { return nil }
      return UnsafeRawPointer(hit) - base
    }
  }

  /// The place of the first occurrence of some bytes in the range.
  ///
  /// - Parameter pivot: which byte of the needle is looked for; best one that is rare in the text.
  func firstPlace(of needle: StaticString, pivot: Int = 0, in range: Range<Int>) -> Int? {
    let wanted = UnsafeBufferPointer(start: needle.utf8Start, count: needle.utf8CodeUnitCount)
    return firstPlace(of: UnsafeRawBufferPointer(wanted), pivot: pivot, in: range)
  }

  /// The same for bytes that are not known beforehand.
  func firstPlace(of needle: UnsafeRawBufferPointer, pivot: Int = 0, in range: Range<Int>) -> Int? {
    withUnsafeBytes { raw -> Int? in
      guard range.upperBound <= raw.count, let base = raw.baseAddress, let wanted = needle.baseAddress else {
        return nil
      }
      var start = range.lowerBound + pivot
      let end = range.upperBound - needle.count + pivot + 1
      while start < end, let hit = memchr(base + start, Int32(needle[pivot]), end - start) {
        let place = UnsafeRawPointer(hit) - base
        if memcmp(base + place - pivot, wanted, needle.count) == 0 { return place - pivot }
        start = place + 1
      }
      return nil
    }
  }

  /// The range's bytes are this word, which is given in lower case, but for ASCII case.
  func matches(_ word: StaticString, in range: Range<Int>) -> Bool {
    let count = word.utf8CodeUnitCount
    guard range.count == count, range.upperBound <= self.count else { return false }
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: count)
    for offset in 0..<count where self[range.lowerBound + offset].lowered != expected[offset].lowered {
      return false
    }
    return true
  }

  /// The range without blanks and line ends at both ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, self[lower].isFoldingSpace { lower += 1 }
    while upper > lower, self[upper - 1].isFoldingSpace { upper -= 1 }
    return lower..<upper
  }

  /// A byte over 127 stands in the range.
  func has8Bit(in range: Range<Int>) -> Bool {
    withUnsafeBytes { raw in
      // Blocks long enough for vector code, short enough to stop early.
      var start = range.lowerBound
      while start < range.upperBound {
        let end = Swift.min(start + 4096, range.upperBound)
        var all: UInt8 = 0
        for byte in raw[start..<end] { all |= byte }
        if all >= 0x80 { return true }
        start = end
      }
      return false
    }
  }
}

extension String {
  /// From a range of bytes, wrong ones replaced by U+FFFD.
  init(lossy bytes: [UInt8], in range: Range<Int>) {
    self = bytes.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
    }
  }

  /// From a range of bytes with ASCII letters in lower case.
  init(lowering bytes: [UInt8], in range: Range<Int>) {
    self = String(unsafeUninitializedCapacity: range.count) { buffer in
      for offset in 0..<range.count { buffer[offset] = bytes[range.lowerBound + offset].lowered }
      return range.count
    }
  }
}
