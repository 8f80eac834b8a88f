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
    var decoder = Decoder(capacity: digits / 4 * 3 + 2, alphabet: alphabet)
    for index in 0..<digits {
      guard decoder.take(text[index]) else { return nil }
    }
    guard decoder.restIsZero else { return nil }
    return decoder.bytes
  }

  /// Decodes a MIME body (RFC 2045 section 6.8): whatever is not of the alphabet is skipped, and the
  /// first padding that completes a group of four may be followed by more (concatenated bodies).
  public static func decodeLenient(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var decoder = Decoder(capacity: text.count / 4 * 3 + 3, alphabet: .standard)
    for byte in text {
      if byte == padding {
        decoder.dropRest()
      } else {
        _ = decoder.take(byte)
      }
    }
    return decoder.bytes
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
    var index = 0
    while index + 3 <= bytes.count {
      let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
      output.append(digits[Int(group >> 18)])
      output.append(digits[Int(group >> 12 & 0x3F)])
      output.append(digits[Int(group >> 6 & 0x3F)])
      output.append(digits[Int(group & 0x3F)])
      index += 3
    }
    let rest = bytes.count - index
    guard rest > 0 else { return }
    let group = UInt32(bytes[index]) << 16 | (rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0)
    output.append(digits[Int(group >> 18)])
    output.append(digits[Int(group >> 12 & 0x3F)])
    if rest == 2 { output.append(digits[Int(group >> 6 & 0x3F)]) }
    if alphabet == .standard {
      for _ in rest..<3 { output.append(padding) }
    }
  }

  /// Collects digits of 6 bits to bytes.
  private struct Decoder {
    var bytes: [UInt8] = []
    private let values: [UInt8]
    private var accumulator: UInt32 = 0
    private var bits = 0

    init(capacity: Int, alphabet: Alphabet) {
      values = alphabet == .standard ? Base64.standardValues : Base64.urlValues
      bytes.reserveCapacity(capacity)
    }

    /// Whether the bits that fill no byte are zero, as an encoder leaves them.
    var restIsZero: Bool { accumulator & (1 << UInt32(bits) - 1) == 0 }

    /// False when the byte is no digit of the alphabet; nothing has happened then.
    mutating func take(_ digit: UInt8) -> Bool {
      let value = values[Int(digit)]
      guard value != 0xFF else { return false }
      accumulator = accumulator << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bits)))
      }
      return true
    }

    mutating func dropRest() {
      bits = 0
      accumulator = 0
    }
  }
}
