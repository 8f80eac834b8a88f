/// Encoded words in headers (RFC 2047).
public enum EncodedWord {
  /// Decodes every encoded word; other bytes are taken as UTF-8, wrong ones replaced.
  public static func decode(_ bytes: [UInt8], in range: Range<Int>) -> String { "" }

  /// Text as UTF-8 encoded words of at most 75 octets each, to be joined by folding white space.
  public static func encode(_ text: String) -> [[UInt8]] { [] }
}

/// Character sets that can be shown: UTF-8, ASCII, ISO-8859-1, ISO-8859-15, windows-1252.
public enum Charset {
  /// Text for people; what can't be read is replaced by U+FFFD. Unknown sets are read as UTF-8.
  public static func decode(_ bytes: [UInt8], in range: Range<Int>, charset: String?) -> String { "" }
}
