/// Character sets that can be shown: UTF-8, ASCII, ISO-8859-1, ISO-8859-15, windows-1252.
public enum Charset {
  /// Text for people; what can't be read is replaced by U+FFFD.
  ///
  /// A set that is not known, or none, is read as UTF-8. ISO-8859-1 and ASCII are read as windows-1252,
  /// as browsers do, since that is what stands under their names.
  public static func decode(_ bytes: [UInt8], in range: Range<Int>, charset: String?) -> String {
    switch charset?.lowercased() {
    case "iso-8859-1", "iso8859-1", "latin1", "l1", "iso_8859-1", "windows-1252", "cp1252", "x-cp1252":
      windows1252(bytes, in: range, isLatin9: false)
    case "iso-8859-15", "iso8859-15", "latin-9", "latin9", "iso_8859-15":
      windows1252(bytes, in: range, isLatin9: true)
    case "us-ascii", "ascii", "ansi_x3.4-1968":
      bytes.has8Bit(in: range) && !isUTF8(bytes, in: range)
        ? windows1252(bytes, in: range, isLatin9: false) : String(lossy: bytes, in: range)
    default: String(lossy: bytes, in: range)
    }
  }

  private static func isUTF8(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    String(validating: bytes[range], as: UTF8.self) != nil
  }

  private static func windows1252(_ bytes: [UInt8], in range: Range<Int>, isLatin9: Bool) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes[range] {
      if byte >= 0x80, byte < 0xA0 {
        scalars.append(Unicode.Scalar(punctuation[Int(byte - 0x80)]) ?? "\u{FFFD}")
      } else if isLatin9, let scalar = latin9[byte] {
        scalars.append(scalar)
      } else {
        scalars.append(Unicode.Scalar(byte))
      }
    }
    return String(scalars)
  }

  /// 0x80 to 0x9F of windows-1252.
  private static let punctuation: [UInt16] = [
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
    0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
  ]

  /// Where ISO-8859-15 differs from ISO-8859-1.
  private static let latin9: [UInt8: Unicode.Scalar] = [
    0xA4: "\u{20AC}", 0xA6: "\u{160}", 0xA8: "\u{161}", 0xB4: "\u{17D}", 0xB8: "\u{17E}", 0xBC: "\u{152}",
    0xBD: "\u{153}", 0xBE: "\u{178}",
  ]
}
