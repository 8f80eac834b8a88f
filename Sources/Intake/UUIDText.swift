/// UUIDs in their text form (RFC 9562), lower case; without Foundation's formatter, which costs 3 µs.
public enum UUIDText {
  /// A random one (version 4).
  public static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = ((generator.next() as UInt64) & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
    let low = ((generator.next() as UInt64) & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    return text(high, low)
  }

  /// The text of 16 bytes given as two big-endian halves.
  public static func text(_ high: UInt64, _ low: UInt64) -> String {
    String(unsafeUninitializedCapacity: 36) { text in
      var at = 0
      for half in [high, low] {
        for nibble in 0..<16 {
          if at == 8 || at == 13 || at == 18 || at == 23 {
            text[at] = UInt8(ascii: "-")
            at += 1
          }
          let value = UInt8(truncatingIfNeeded: half >> UInt64(60 - nibble * 4)) & 0xF
          text[at] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
          at += 1
        }
      }
      return at
    }
  }
}
