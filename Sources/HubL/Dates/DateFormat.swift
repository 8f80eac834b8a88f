import MailModel

/// Writes a moment by a form of `strftime` (`%d.%m.%Y`) or Java (`dd.MM.yyyy`).
struct DateFormat {
  private let moment: Moment
  private let date: CivilDate
  private let locale: Locale
  private var text = ""
  /// Longest result.
  private static let limit = 4000

  /// nil for a form with a letter that is not known.
  static func strftime(_ moment: Moment, _ form: String, _ locale: Locale) -> String? {
    var format = DateFormat(moment, locale)
    return format.write(strftime: form) ? format.text : nil
  }

  static func java(_ moment: Moment, _ form: String, _ locale: Locale) -> String? {
    var format = DateFormat(moment, locale)
    return format.write(java: form) ? format.text : nil
  }

  private init(_ moment: Moment, _ locale: Locale) {
    self.moment = moment
    self.locale = locale
    date = moment.date
  }

  private mutating func write(_ number: Int, width: Int = 1) {
    let digits = String(number.magnitude)
    if number < 0 { text += "-" }
    text += String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private var hour12: Int { date.hour % 12 == 0 ? 12 : date.hour % 12 }

  // MARK: strftime

  private mutating func write(strftime form: String) -> Bool {
    var signs = form.unicodeScalars.makeIterator()
    while let sign = signs.next() {
      guard text.utf8.count < Self.limit else { return false }
      guard sign == "%" else {
        text.unicodeScalars.append(sign)
        continue
      }
      guard var letter = signs.next() else {
        text += "%"
        break
      }
      let isBare = letter == "-"
      if letter == "-" || letter == "O" { letter = signs.next() ?? "%" }
      guard write(letter, isBare: isBare) else { return false }
    }
    return true
  }

  private mutating func write(_ letter: Unicode.Scalar, isBare: Bool) -> Bool {
    let two = isBare ? 1 : 2
    switch letter {
    case "a": text += locale.shortDays[date.weekday]
    case "A": text += locale.days[date.weekday]
    case "b", "h": text += locale.shortMonths[date.month - 1]
    case "B": text += locale.months[date.month - 1]
    case "c": return write(java: locale.dates[1] + ", " + locale.times[1])
    case "d": write(date.day, width: two)
    case "e": write(date.day)
    case "f": write(date.millisecond * 1000, width: isBare ? 1 : 6)
    case "H": write(date.hour, width: two)
    case "I": write(hour12, width: two)
    case "j": write(date.dayOfYear, width: isBare ? 1 : 3)
    case "k": write(date.hour)
    case "l": write(hour12)
    case "m": write(date.month, width: two)
    case "M": write(date.minute, width: two)
    case "p": text += date.hour < 12 ? locale.am : locale.pm
    case "S": write(date.second, width: two)
    case "U", "W", "V": write(date.week, width: two)
    case "w": write(date.weekday)
    case "u": write(date.weekday == 0 ? 7 : date.weekday)
    case "x": return write(java: locale.dates[0])
    case "X": return write(java: locale.times[1])
    case "y": write((date.year % 100 + 100) % 100, width: two)
    case "Y": write(date.year)
    case "s": text += String(moment.milliseconds / 1000)
    case "D": return write(strftime: "%m/%d/%y")
    case "F": return write(strftime: "%Y-%m-%d")
    case "T": return write(strftime: "%H:%M:%S")
    case "z": writeOffset(colon: false)
    case "Z": text += moment.zone
    case "%": text += "%"
    default: return false
    }
    return true
  }

  private mutating func writeOffset(colon: Bool) {
    let minutes = abs(moment.offset) / 60
    text += moment.offset < 0 ? "-" : "+"
    write(minutes / 60, width: 2)
    if colon { text += ":" }
    write(minutes % 60, width: 2)
  }

  // MARK: Java

  private mutating func write(java form: String) -> Bool {
    let signs = Array(form.unicodeScalars)
    var place = 0
    while place < signs.count {
      guard text.utf8.count < Self.limit else { return false }
      let sign = signs[place]
      if sign == "'" {
        place = writeQuoted(signs, from: place + 1)
        continue
      }
      guard sign.value < 128, Lexer.isNameStart(UInt8(sign.value)), sign != "_" else {
        text.unicodeScalars.append(sign)
        place += 1
        continue
      }
      var count = 0
      while place < signs.count, signs[place] == sign {
        count += 1
        place += 1
      }
      guard count <= 20, write(sign, count: count) else { return false }
    }
    return true
  }

  /// Text in quotes; two of them are one.
  private mutating func writeQuoted(_ signs: [Unicode.Scalar], from start: Int) -> Int {
    if start < signs.count, signs[start] == "'" {
      text += "'"
      return start + 1
    }
    var place = start
    while place < signs.count {
      if signs[place] == "'" {
        guard place + 1 < signs.count, signs[place + 1] == "'" else { return place + 1 }
        place += 1
      }
      text.unicodeScalars.append(signs[place])
      place += 1
    }
    return place
  }

  private mutating func write(_ letter: Unicode.Scalar, count: Int) -> Bool {
    switch letter {
    case "y", "u", "Y":
      count == 2 ? write((date.year % 100 + 100) % 100, width: 2) : write(date.year, width: count)
    case "M", "L":
      count >= 4
        ? (text += locale.months[date.month - 1])
        : count == 3 ? (text += locale.shortMonths[date.month - 1]) : write(date.month, width: count)
    case "d": write(date.day, width: count)
    case "D": write(date.dayOfYear, width: count)
    case "E": text += count >= 4 ? locale.days[date.weekday] : locale.shortDays[date.weekday]
    case "e", "c": write(date.weekday + 1, width: count)
    case "w": write(date.week, width: count)
    case "Q", "q": write((date.month - 1) / 3 + 1, width: count)
    case "a": text += date.hour < 12 ? locale.am : locale.pm
    case "G": text += count >= 4 ? "Anno Domini" : "AD"
    case "H": write(date.hour, width: count)
    case "k": write(date.hour == 0 ? 24 : date.hour, width: count)
    case "h": write(hour12, width: count)
    case "K": write(date.hour % 12, width: count)
    case "m": write(date.minute, width: count)
    case "s": write(date.second, width: count)
    case "S":
      let digits = String(1000 + date.millisecond).dropFirst() + String(repeating: "0", count: 17)
      text += digits.prefix(count)
    case "z", "V", "v": text += moment.zone
    case "Z", "x", "X":
      if letter == "X", moment.offset == 0 {
        text += "Z"
      } else {
        writeOffset(colon: count == 3 || count == 5)
      }
    default: return false
    }
    return true
  }
}
