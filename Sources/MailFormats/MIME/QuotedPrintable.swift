/// Quoted-printable (RFC 2045 6.7).
public enum QuotedPrintable {
  /// Longest line of the encoded form, without its CRLF.
  public static let lineLimit = 76

  /// Encodes text whose lines end in CRLF (or LF); line ends become CRLF, no line is longer than 76.
  public static func encode(_ text: [UInt8]) -> [UInt8] { [] }

  /// Decodes leniently: a broken escape stands for itself, a lone LF ends a line.
  public static func decode(_ bytes: [UInt8], in range: Range<Int>) -> [UInt8] { [] }

  /// Decodes and keeps where each decoded byte came from.
  public static func decodeWithMap(_ bytes: [UInt8], in range: Range<Int>) -> MappedText {
    MappedText()
  }

  /// Appends one byte as `=XX`.
  public static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {}
}

/// Decoded bytes with the way back to the raw ones.
public struct MappedText: Sendable {
  /// The decoded bytes.
  public private(set) var bytes: [UInt8] = []

  /// The raw bytes that stand for these decoded ones. Soft line breaks inside are covered, those at
  /// either edge are not. An empty range gives the place where its lower bound's byte starts.
  public func rawRange(of decoded: Range<Int>) -> Range<Int> { decoded }
}
