/// Base64 (RFC 4648): the plain alphabet for MIME and AUTH, the URL-safe one for tokens.
///
/// Everything works on bytes. Decoding is strict unless asked otherwise, because two texts that decode
/// to one secret are one too many.
public enum Base64 {
  /// Which 64 characters, and whether the end is padded.
  public enum Alphabet: Sendable {
    /// RFC 4648 section 4: `+` and `/`, padded with `=`.
    case standard
    /// RFC 4648 section 5: `-` and `_`, without padding.
    case url
  }

  /// Encodes all of `bytes` on one line.
  public static func encode(_ bytes: [UInt8], alphabet: Alphabet = .standard) -> [UInt8] {
    var result: [UInt8] = []
    bytes.withUnsafeBytes { encode($0, alphabet: alphabet, into: &result) }
    return result
  }

  /// Encodes all of `bytes` on one line, as text.
  public static func encodeText(_ bytes: [UInt8], alphabet: Alphabet = .standard) -> String {
    String(decoding: encode(bytes, alphabet: alphabet), as: UTF8.self)
  }

  /// Appends the encoded bytes to `output`.
  ///
  /// - Parameter lineLength: characters on a line before CRLF is put in, a multiple of 4 (MIME: 76);
  ///   0 puts all on one line. The last line gets a CRLF too when it is not 0.
  public static func encode(
    _ bytes: UnsafeRawBufferPointer, alphabet: Alphabet = .standard, lineLength: Int = 0,
    into output: inout [UInt8]
  ) {
    output.reserveCapacity(output.count + encodedCount(of: bytes.count, lineLength: lineLength))
    let bytesOfLine = lineLength / 4 * 3
    guard bytesOfLine > 0 else { return appendLine(bytes, alphabet: alphabet, into: &output) }
    var start = 0
    while start < bytes.count {
      let end = min(start + bytesOfLine, bytes.count)
      appendLine(.init(rebasing: bytes[start..<end]), alphabet: alphabet, into: &output)
      output.append(0x0D)
      output.append(0x0A)
      start = end
    }
  }

  /// How many characters `count` bytes become, with padding and line ends.
  public static func encodedCount(of count: Int, lineLength: Int = 0) -> Int {
    let characters = (count + 2) / 3 * 4
    guard lineLength >= 4 else { return characters }
    let line = lineLength / 4 * 4
    return characters + (characters + line - 1) / line * 2
  }

  /// Decodes text that must be exact: no white space, padding right, unused bits zero; nil otherwise.
  ///
  /// With the URL alphabet there must be no padding.
  public static func decode(_ text: some Collection<UInt8>, alphabet: Alphabet = .standard) -> [UInt8]? {
    let copied = text.withContiguousStorageIfAvailable {
      decode(UnsafeRawBufferPointer($0), alphabet: alphabet)
    }
    if let copied { return copied }
    return Array(text).withUnsafeBytes { decode($0, alphabet: alphabet) }
  }

  /// Strict decoding, see above.
  public static func decode(_ text: UnsafeRawBufferPointer, alphabet: Alphabet = .standard) -> [UInt8]? {
    var digits = text.count
    if alphabet == .standard {
      guard text.count % 4 == 0 else { return nil }
      while digits > 0, text.count - digits < 2, text[digits - 1] == padding { digits -= 1 }
    }
    guard digits % 4 != 1 else { return nil }
    let part = UnsafeRawBufferPointer(rebasing: text[..<digits])
    let decoded = decodeDigits(part, alphabet, skipsOthers: false)
    return decoded.isExact ? decoded.bytes : nil
  }

  /// Decodes a MIME body (RFC 2045 section 6.8): whatever is not of the alphabet is skipped, and the
  /// first padding that completes a group of four may be followed by more (concatenated bodies).
  public static func decodeLenient(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    decodeDigits(text, .standard, skipsOthers: true).bytes
  }
}

extension Base64 {
  private static let padding = UInt8(ascii: "=")
  private static let standardDigits: [UInt8] = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let urlDigits: [UInt8] = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let standardValues = values(of: standardDigits)
  private static let urlValues = values(of: urlDigits)

  private static func values(of digits: [UInt8]) -> [UInt8] {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }

  private static func appendLine(
    _ bytes: UnsafeRawBufferPointer, alphabet: Alphabet, into output: inout [UInt8]
  ) {
    let digits = alphabet == .standard ? standardDigits : urlDigits
    let count = (bytes.count + 2) / 3 * 4
    output.append(
      contentsOf: [UInt8](unsafeUninitializedCapacity: count) { characters, written in
        digits.withUnsafeBufferPointer { digits in
          written = encodeGroups(bytes, digits, into: characters)
        }
        if alphabet == .url { return }
        while written < count {
          characters[written] = padding
          written += 1
        }
      })
  }

  /// Writes the digits, without padding; returns how many.
  private static func encodeGroups(
    _ bytes: UnsafeRawBufferPointer, _ digits: UnsafeBufferPointer<UInt8>,
    into characters: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var (index, written) = (0, 0)
    while index + 3 <= bytes.count {
      let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
      characters[written] = digits[Int(group >> 18)]
      characters[written + 1] = digits[Int(group >> 12 & 0x3F)]
      characters[written + 2] = digits[Int(group >> 6 & 0x3F)]
      characters[written + 3] = digits[Int(group & 0x3F)]
      index += 3
      written += 4
    }
    let rest = bytes.count - index
    guard rest > 0 else { return written }
    let group = UInt32(bytes[index]) << 16 | (rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0)
    characters[written] = digits[Int(group >> 18)]
    characters[written + 1] = digits[Int(group >> 12 & 0x3F)]
    if rest == 2 { characters[written + 2] = digits[Int(group >> 6 & 0x3F)] }
    return written + rest + 1
  }

  /// Decodes groups of four digits at once, and digit by digit where something else is among them.
  ///
  /// - Returns: `isExact` is false when there was something else (without `skipsOthers` it stops there), or when
  ///   bits are left over that are not zero.
  private static func decodeDigits(
    _ text: UnsafeRawBufferPointer, _ alphabet: Alphabet, skipsOthers: Bool
  ) -> (bytes: [UInt8], isExact: Bool) {
    var isExact = true
    let values = alphabet == .standard ? standardValues : urlValues
    let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 4) { bytes, written in
      values.withUnsafeBufferPointer { values in
        isExact = decodeDigits(text, values, skipsOthers, into: bytes, &written)
      }
    }
    return (bytes, isExact)
  }

  private static func decodeDigits(
    _ text: UnsafeRawBufferPointer, _ values: UnsafeBufferPointer<UInt8>, _ skipsOthers: Bool,
    into bytes: UnsafeMutableBufferPointer<UInt8>, _ written: inout Int
  ) -> Bool {
    var (index, count) = (0, 0)
    var rest: (value: UInt32, bits: UInt32) = (0, 0)
    defer { written = count }
    while index < text.count {
      if rest.bits == 0, index + 4 <= text.count {
        let (first, second) = (values[Int(text[index])], values[Int(text[index + 1])])
        let (third, fourth) = (values[Int(text[index + 2])], values[Int(text[index + 3])])
        if first | second | third | fourth < 64 {
          bytes[count] = first << 2 | second >> 4
          bytes[count + 1] = second << 4 | third >> 2
          bytes[count + 2] = third << 6 | fourth
          count += 3
          index += 4
          continue
        }
      }
      let value = values[Int(text[index])]
      index += 1
      guard value < 64 else {
        guard skipsOthers else { return false }
        // Padding ends a group; what follows is another body, put behind this one.
        if text[index - 1] == padding { rest = (0, 0) }
        continue
      }
      rest = (rest.value << 6 | UInt32(value), rest.bits + 6)
      if rest.bits >= 8 {
        rest.bits -= 8
        bytes[count] = UInt8(truncatingIfNeeded: rest.value >> rest.bits)
        rest.value &= 1 << rest.bits - 1
        count += 1
      }
    }
    return rest.value == 0
  }
}
