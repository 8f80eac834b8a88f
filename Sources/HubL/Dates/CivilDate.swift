import MailModel

extension CivilDate {
  /// 1 for 1 January.
  var dayOfYear: Int { days - CivilDate(year: year, month: 1, day: 1).days + 1 }

  /// ISO week.
  var week: Int {
    let place = (dayOfYear - (weekday + 6) % 7 + 9) / 7
    if place < 1 { return CivilDate(year: year - 1, month: 12, day: 31).week }
    if place == 53, CivilDate(year: year, month: 12, day: 31).weekday - 1 < 3,
      CivilDate(year: year, month: 12, day: 31).weekday != 0
    {
      return 1
    }
    return place
  }

  static func length(ofMonth month: Int, in year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  /// Whether such a day and time exist.
  var isValid: Bool {
    (1...12).contains(month) && (1...Self.length(ofMonth: month, in: year)).contains(day)
      && (0...23).contains(hour)
      && (0...59).contains(minute) && (0...60).contains(second) && (-9999...9999).contains(year)
  }

  /// So many months later; the day is cut to the month's last.
  func advanced(byMonths count: Int) -> CivilDate {
    var result = self
    let months = year * 12 + month - 1 + max(-240_000, min(240_000, count))
    result.year = months >= 0 ? months / 12 : (months - 11) / 12
    result.month = months - result.year * 12 + 1
    result.day = min(day, Self.length(ofMonth: result.month, in: result.year))
    return result
  }
}

/// An instant with the zone that it is shown in.
struct Moment: CustomStringConvertible {
  var milliseconds: Int64
  /// Seconds that the zone is ahead of UTC at this instant.
  var offset = 0
  var zone = "UTC"

  /// Years −9999 to 9999: beyond, no calendar makes sense.
  static let range: ClosedRange<Int64> = -377_000_000_000_000...253_402_300_799_999

  init(milliseconds: Int64, offset: Int = 0, zone: String = "UTC") {
    self.milliseconds = min(max(milliseconds, Self.range.lowerBound), Self.range.upperBound)
    self.offset = max(-86_400, min(86_400, offset))
    self.zone = zone
  }

  var date: CivilDate { CivilDate(milliseconds: milliseconds + Int64(offset) * 1000) }

  /// `2026-11-23 17:05:09`
  var description: String {
    let date = date
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return
      "\(date.year)-\(two(date.month))-\(two(date.day)) \(two(date.hour)):\(two(date.minute)):\(two(date.second))"
  }

  func member(_ name: String) -> Datum? {
    let date = date
    switch name {
    case "year": return .int(Int64(date.year))
    case "month": return .int(Int64(date.month))
    case "day": return .int(Int64(date.day))
    case "hour": return .int(Int64(date.hour))
    case "minute": return .int(Int64(date.minute))
    case "second": return .int(Int64(date.second))
    case "microsecond": return .int(Int64(date.millisecond) * 1000)
    default: return nil
    }
  }
}
