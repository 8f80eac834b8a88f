import MailModel

/// Dates as they stand in messages (RFC 5322 3.3).
public enum RFC5322Date {
  /// Such as `Mon, 23 Nov 2026 11:30:00 +0000`; always UTC, always 31 octets for years 1000 to 9999.
  public static func format(_ instant: Instant) -> String { "" }

  /// Appends what `format` gives.
  public static func append(_ instant: Instant, to bytes: inout [UInt8]) {}

  /// Reads a date with the obsolete forms too (two-digit years, zone names, comments); nil when it is none.
  public static func parse(_ bytes: [UInt8], in range: Range<Int>) -> Instant? { nil }
}
