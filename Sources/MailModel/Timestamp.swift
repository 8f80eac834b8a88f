extension Instant {
  /// ISO 8601 in UTC with milliseconds, for programs, as HubSpot's newer calls write it: `2026-11-23T11:24:00.000Z`.
  public var iso8601: String {
    let date = civil
    return String(unsafeUninitializedCapacity: 24) { text in
      var at = 0
      func put(_ value: Int, _ width: Int, then mark: Character?) {
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
      put(min(max(date.year, 0), 9999), 4, then: "-")
      put(date.month, 2, then: "-")
      put(date.day, 2, then: "T")
      put(date.hour, 2, then: ":")
      put(date.minute, 2, then: ":")
      put(date.second, 2, then: ".")
      put(date.millisecond, 3, then: "Z")
      return at
    }
  }
}
