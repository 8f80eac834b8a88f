/// A day of the Gregorian calendar with a time, by the rules of ISO 8601. Pure arithmetic, without zones.
public struct CivilDate: Sendable, Hashable {
  public var year: Int
  /// 1...12
  public var month: Int
  /// 1...31
  public var day: Int
  public var hour = 0
  public var minute = 0
  public var second = 0
  public var millisecond = 0

  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// From milliseconds since 1970, in UTC or of another zone's local time.
  public init(milliseconds: Int64) {
    let (days, rest) = Self.divide(milliseconds, by: 86_400_000)
    // Days since 1 March of year 0, so that the leap day is a year's last; eras of 400 years. After Howard Hinnant's
    // description.
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let time = Int(rest)
    (hour, minute) = (time / 3_600_000, time / 60_000 % 60)
    (second, millisecond) = (time / 1000 % 60, time % 1000)
  }

  /// Without the overflow that a shift of the dividend would have at the ends of the range.
  private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }

  /// Days since 1 January 1970.
  public var days: Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Milliseconds since 1970, as `init(milliseconds:)` takes them.
  public var milliseconds: Int64 {
    Int64(days) * 86_400_000 + Int64(((hour * 60 + minute) * 60 + second) * 1000 + millisecond)
  }

  /// 0 for Sunday … 6 for Saturday.
  public var weekday: Int { ((days + 4) % 7 + 7) % 7 }
}

extension Instant {
  /// The day and time in UTC.
  public var civil: CivilDate { CivilDate(milliseconds: milliseconds) }
}
