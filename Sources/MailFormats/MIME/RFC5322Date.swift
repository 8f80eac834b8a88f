import MailModel

/// Dates as they stand in messages (RFC 5322 3.3).
public enum RFC5322Date {
  /// Such as `Mon, 23 Nov 2026 11:30:00 +0000`: always UTC, always 31 octets for years 1000 to 9999.
  public static func format(_ instant: Instant) -> String {
    var bytes: [UInt8] = []
    append(instant, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends what `format` gives.
  public static func append(_ instant: Instant, to bytes: inout [UInt8]) {
    let date = instant.civil
    append(name: date.weekday, of: "SunMonTueWedThuFriSat", to: &bytes)
    bytes.append(Octet.comma)
    bytes.append(Octet.space)
    appendTwo(date.day, to: &bytes)
    bytes.append(Octet.space)
    append(name: date.month - 1, of: monthNames, to: &bytes)
    bytes.append(Octet.space)
    let year = min(max(date.year, 0), 9999)
    appendTwo(year / 100, to: &bytes)
    appendTwo(year % 100, to: &bytes)
    bytes.append(Octet.space)
    appendTwo(date.hour, to: &bytes)
    bytes.append(Octet.colon)
    appendTwo(date.minute, to: &bytes)
    bytes.append(Octet.colon)
    appendTwo(date.second, to: &bytes)
    bytes += " +0000".utf8
  }

  /// Reads a date, the obsolete forms too: two-digit years, zone names, comments, no seconds. Nil when
  /// it is none.
  public static func parse(_ bytes: [UInt8], in range: Range<Int>) -> Instant? {
    var reader = DateReader(bytes, in: range)
    return reader.read()
  }

  static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

  private static func append(name index: Int, of names: StaticString, to bytes: inout [UInt8]) {
    bytes += UnsafeBufferPointer(start: names.utf8Start + index * 3, count: 3)
  }

  private static func appendTwo(_ number: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }
}

/// The grammar of dates.
private struct DateReader {
  private let bytes: [UInt8]
  private var words: [Range<Int>] = []
  private var next = 0

  /// Splits at white space, commas and colons; comments go.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    var depth = 0
    var start: Int?
    for index in range {
      let byte = bytes[index]
      if byte == Octet.open { depth += 1 }
      let isWord = depth == 0 && !byte.isFoldingSpace && byte != Octet.comma && byte != Octet.colon
      if byte == Octet.close { depth = max(depth - 1, 0) }
      if isWord, start == nil { start = index }
      if !isWord, let first = start {
        words.append(first..<index)
        start = nil
      }
      if words.count > 8 { return }
    }
    if let start { words.append(start..<range.upperBound) }
  }

  mutating func read() -> Instant? {
    if let word = words.first, !bytes[word.lowerBound].isDigit { next = 1 }
    guard let day = number(digits: 1...2), (1...31).contains(day), let month = month(),
      let yearWord = word(), var year = value(of: yearWord, digits: 2...4),
      let hour = number(digits: 1...2), hour < 24, let minute = number(digits: 1...2), minute < 60
    else { return nil }
    if yearWord.count < 4 { year += yearWord.count == 2 && year < 50 ? 2000 : 1900 }
    var second = 0
    if next < words.count, bytes[words[next].lowerBound].isDigit {
      guard let value = number(digits: 1...2), value <= 60 else { return nil }
      second = value
    }
    var date = CivilDate(year: year, month: month, day: day)
    (date.hour, date.minute, date.second) = (hour, minute, second)
    return Instant(milliseconds: date.milliseconds - zone() * 60_000)
  }

  private mutating func word() -> Range<Int>? {
    guard next < words.count else { return nil }
    next += 1
    return words[next - 1]
  }

  private mutating func number(digits: ClosedRange<Int>) -> Int? {
    word().flatMap { value(of: $0, digits: digits) }
  }

  private func value(of range: Range<Int>, digits: ClosedRange<Int>) -> Int? {
    guard digits.contains(range.count), bytes[range].allSatisfy(\.isDigit) else { return nil }
    return bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  private mutating func month() -> Int? {
    guard let word = word(), word.count >= 3 else { return nil }
    let names = UnsafeBufferPointer(start: RFC5322Date.monthNames.utf8Start, count: 36)
    for index in 0..<12 {
      let isMatch = (0..<3).allSatisfy {
        names[index * 3 + $0].lowered == bytes[word.lowerBound + $0].lowered
      }
      if isMatch { return index + 1 }
    }
    return nil
  }

  /// Minutes east of UTC; names that are not known mean UTC (RFC 5322 4.3).
  private mutating func zone() -> Int64 {
    guard let word = word(), let sign = bytes[word].first else { return 0 }
    if sign == UInt8(ascii: "+") || sign == Octet.dash {
      guard let value = value(of: (word.lowerBound + 1)..<word.upperBound, digits: 4...4) else { return 0 }
      let minutes = Int64(value / 100 * 60 + value % 100)
      return sign == Octet.dash ? -minutes : minutes
    }
    let zones: [(StaticString, Int64)] = [
      ("edt", -4), ("est", -5), ("cdt", -5), ("cst", -6), ("mdt", -6), ("mst", -7), ("pdt", -7), ("pst", -8),
    ]
    for (name, hours) in zones where bytes.matches(name, in: word) { return hours * 60 }
    return 0
  }
}
