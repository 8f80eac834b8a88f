import MailModel

/// Reads a date by a form: what `strtotime` and `strtodate` do.
struct DateParser {
  private let bytes: [UInt8]
  private var place = 0
  private var date = CivilDate(year: 1970, month: 1, day: 1)
  private var offset = 0
  private var isAfternoon: Bool?
  private let locale: Locale

  /// Milliseconds since 1970; nil when the text does not have the form or there is no such day.
  static func parse(_ text: String, _ form: String, _ locale: Locale = .english) -> Int64? {
    var parser = DateParser(text, locale)
    let java = form.utf8.contains(UInt8(ascii: "%")) ? Self.java(of: form) : form
    guard let java, parser.read(java), parser.place == parser.bytes.count else { return nil }
    if let isAfternoon = parser.isAfternoon, parser.date.hour <= 12 {
      parser.date.hour = parser.date.hour % 12 + (isAfternoon ? 12 : 0)
    }
    guard parser.date.isValid else { return nil }
    return parser.date.milliseconds - Int64(parser.offset) * 1000
  }

  private init(_ text: String, _ locale: Locale) {
    bytes = Array(text.utf8)
    self.locale = locale
  }

  /// `2026-11-23T10:00:00Z`, with or without time, fraction and zone.
  static func iso(_ text: String) -> Int64? {
    for form in [
      "y-MM-dd'T'HH:mm:ssX", "y-MM-dd'T'HH:mm:ss.SX", "y-MM-dd'T'HH:mm:ss", "y-MM-dd HH:mm:ss",
      "y-MM-dd'T'HH:mm",
      "y-MM-dd HH:mm", "y-MM-dd",
    ] {
      if let found = parse(text, form) { return found }
    }
    return nil
  }

  /// The same form in Java's letters.
  private static func java(of form: String) -> String? {
    let letters: [Unicode.Scalar: String] = [
      "Y": "y", "y": "yy", "m": "MM", "d": "dd", "e": "d", "H": "HH", "I": "hh", "k": "H", "l": "h",
      "M": "mm",
      "S": "ss", "f": "S", "p": "a", "b": "MMM", "B": "MMMM", "a": "EEE", "A": "EEEE", "z": "X", "Z": "X",
    ]
    var result = ""
    var signs = form.unicodeScalars.makeIterator()
    while let sign = signs.next() {
      guard sign == "%" else {
        result += Lexer.isNameStart(UInt8(truncatingIfNeeded: sign.value)) ? "'\(sign)'" : String(sign)
        continue
      }
      var letter = signs.next()
      if letter == "-" { letter = signs.next() }
      guard let letter, let java = letters[letter] else { return nil }
      result += java
    }
    return result
  }

  private mutating func read(_ form: String) -> Bool {
    let signs = Array(form.unicodeScalars)
    var next = 0
    while next < signs.count {
      let sign = signs[next]
      if sign == "'" {
        next += 1
        while next < signs.count, signs[next] != "'" {
          guard takeText(signs[next]) else { return false }
          next += 1
        }
        next += 1
        continue
      }
      guard sign.value < 128, Lexer.isNameStart(UInt8(sign.value)), sign != "_" else {
        guard takeText(sign) else { return false }
        next += 1
        continue
      }
      let start = next
      while next < signs.count, signs[next] == sign { next += 1 }
      guard read(sign, count: next - start) else { return false }
    }
    return true
  }

  private mutating func takeText(_ sign: Unicode.Scalar) -> Bool {
    let wanted = Array(String(sign).utf8)
    guard bytes[place...].starts(with: wanted) else { return false }
    place += wanted.count
    return true
  }

  private mutating func read(_ letter: Unicode.Scalar, count: Int) -> Bool {
    switch letter {
    case "y", "u":
      guard let number = number(most: count == 2 ? 2 : 4) else { return false }
      date.year = count == 2 ? 2000 + number : number
    case "M", "L":
      if count >= 3 { return readName(count >= 4 ? locale.months : locale.shortMonths) { $0.month = $1 + 1 } }
      return readNumber { $0.month = $1 }
    case "E": return readName(count >= 4 ? locale.days : locale.shortDays) { _, _ in }
    case "d": return readNumber { $0.day = $1 }
    case "H", "h", "k", "K": return readNumber { $0.hour = $1 }
    case "m": return readNumber { $0.minute = $1 }
    case "s": return readNumber { $0.second = $1 }
    case "S": return readFraction()
    case "a": return readHalf()
    case "z", "Z", "x", "X": return readZone()
    default: return false
    }
    return true
  }

  private mutating func readHalf() -> Bool {
    let half = String(decoding: bytes[place...].prefix(2), as: UTF8.self).lowercased()
    guard half == "am" || half == "pm" else { return false }
    isAfternoon = half == "pm"
    place += 2
    return true
  }

  private mutating func readFraction() -> Bool {
    let digits = bytes[place...].prefix { $0 &- 0x30 < 10 }
    guard !digits.isEmpty, digits.count <= 9 else { return false }
    date.millisecond = Int(String(decoding: digits.prefix(3), as: UTF8.self).padded(to: 3)) ?? 0
    place += digits.count
    return true
  }

  private mutating func readZone() -> Bool {
    guard place < bytes.count else { return false }
    if bytes[place] | 0x20 == UInt8(ascii: "z") {
      place += 1
      return true
    }
    if bytes[place...].starts(with: "UTC".utf8) || bytes[place...].starts(with: "GMT".utf8) {
      place += 3
      return true
    }
    let sign = bytes[place]
    guard sign == 0x2B || sign == 0x2D else { return false }
    place += 1
    guard let hours = number(most: 2) else { return false }
    if place < bytes.count, bytes[place] == UInt8(ascii: ":") { place += 1 }
    let minutes = number(most: 2) ?? 0
    offset = (hours * 60 + minutes) * (sign == 0x2D ? -60 : 60)
    return hours < 24 && minutes < 60
  }

  private mutating func readNumber(_ take: (inout CivilDate, Int) -> Void) -> Bool {
    guard let number = number(most: 2) else { return false }
    take(&date, number)
    return true
  }

  private mutating func readName(_ names: [String], _ take: (inout CivilDate, Int) -> Void) -> Bool {
    let rest = String(decoding: bytes[place...].prefix(40), as: UTF8.self).lowercased()
    for (number, name) in names.enumerated() where rest.utf8.starts(with: name.lowercased().utf8) {
      take(&date, number)
      place = min(bytes.count, place + name.utf8.count)
      return true
    }
    return false
  }

  private mutating func number(most: Int) -> Int? {
    let digits = bytes[place...].prefix(most).prefix { $0 &- 0x30 < 10 }
    place += digits.count
    return Int(String(decoding: digits, as: UTF8.self))
  }
}

extension String {
  fileprivate func padded(to count: Int) -> String {
    self + String(repeating: "0", count: max(0, count - utf8.count))
  }
}
