/// Finds line and column of a byte in a source.
struct Place {
  let line: Int
  let column: Int
  /// The line itself, shortened when it is very long.
  let excerpt: String

  private static let excerptLimit = 160

  init(_ offset: Int, in source: [UInt8]) {
    let before = source[..<min(max(0, offset), source.count)]
    line = before.reduce(into: 1) { count, byte in if byte == 0x0A { count += 1 } }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // Continuation bytes of UTF-8 are no signs of their own.
    column = before[lineStart...].reduce(into: 1) { count, byte in if byte & 0xC0 != 0x80 { count += 1 } }
    let rest = source[lineStart...].prefix { $0 != 0x0A && $0 != 0x0D }
    excerpt =
      column > Self.excerptLimit
      ? "" : String(String(decoding: rest, as: UTF8.self).prefix(Self.excerptLimit))
  }
}
