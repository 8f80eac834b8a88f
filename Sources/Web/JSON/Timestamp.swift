import MailModel

extension Instant {
  /// ISO 8601 in UTC with milliseconds, as HubSpot's newer calls write it: `2026-11-23T11:24:00.000Z`.
  var iso8601: String {
    let days = floorDivide(milliseconds, 86_400_000)
    let (year, month, day) = civilDate(daysSince1970: days)
    let rest = milliseconds - days * 86_400_000
    return String(unsafeUninitializedCapacity: 24) { text in
      var at = 0
      func put(_ value: Int64, _ width: Int, then mark: Character?) {
        var value = value
        for place in stride(from: at + width - 1, through: at, by: -1) {
          text[place] = UInt8(ascii: "0") + UInt8(value % 10)
          value /= 10
        }
        at += width
        if let mark = mark?.asciiValue {
          text[at] = mark
          at += 1
        }
      }
      put(min(max(year, 0), 9999), 4, then: "-")
      put(month, 2, then: "-")
      put(day, 2, then: "T")
      put(rest / 3_600_000, 2, then: ":")
      put(rest / 60_000 % 60, 2, then: ":")
      put(rest / 1000 % 60, 2, then: ".")
      put(rest % 1000, 3, then: "Z")
      return at
    }
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
}

/// The proleptic Gregorian date of a day number, by eras of 400 years (146,097 days) that start in March.
private func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = daysSince1970 + 719_468
  let era = floorDivide(shifted, 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
  let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}
