import MailModel

/// Filters for dates. A date is what the template made of one, milliseconds since 1970, or a text of ISO 8601.
enum DateFilters {
  static let all: [Filter] = [
    Filter("datetimeformat", "date", takes: ["format?", "timezone?", "locale?"], apply: strftime),
    Filter("format_date", takes: ["format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try java(&r, call) { locale, style in locale.dates[style] }
    },
    Filter("format_time", takes: ["format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try java(&r, call) { locale, style in locale.times[style] }
    },
    Filter("format_datetime", takes: ["format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try java(&r, call) { locale, style in locale.dates[style] + ", " + locale.times[style] }
    },
    Filter("unixtimestamp") { r, call throws(Stop) in
      guard let moment = r.moment(call.value, zone: nil) else { return .undefined }
      return .int(moment.milliseconds)
    },
    Filter("strtotime", takes: ["format?"], apply: parsed),
    Filter("strtodate", takes: ["format?"], apply: parsed),
    Filter("plus_time", takes: ["diff", "unit?"]) { r, call throws(Stop) in try shifted(&r, call, by: 1) },
    Filter("minus_time", takes: ["diff", "unit?"]) { r, call throws(Stop) in try shifted(&r, call, by: -1) },
    Filter("between_times", takes: ["end", "unit"], apply: between),
  ]

  static func strftime(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    let (moment, locale) = try place(&renderer, call)
    guard let moment else { return .string("") }
    let form = call.has(0) ? call[0].text : "%H:%M / %d-%m-%Y"
    let styles = ["short", "medium", "long", "full"]
    if let style = styles.firstIndex(of: form) {
      return .string(DateFormat.java(moment, locale.dates[style] + ", " + locale.times[style], locale) ?? "")
    }
    let isJava = !form.utf8.contains(UInt8(ascii: "%"))
    let text = isJava ? DateFormat.java(moment, form, locale) : DateFormat.strftime(moment, form, locale)
    guard let text else { throw renderer.fail(.value, at: call.node, "“\(form)” is no form of a date") }
    return .string(text)
  }

  private static func java(
    _ renderer: inout Renderer, _ call: Call, _ canned: (Locale, Int) -> String
  ) throws(Stop) -> Datum {
    let (moment, locale) = try place(&renderer, call)
    guard let moment else { return .string("") }
    let form = call.has(0) ? call[0].text : "medium"
    let style = ["short", "medium", "long", "full"].firstIndex(of: form)
    guard let text = DateFormat.java(moment, style.map { canned(locale, $0) } ?? form, locale) else {
      throw renderer.fail(.value, at: call.node, "“\(form)” is no form of a date")
    }
    return .string(text)
  }

  /// The moment in the zone of the second argument, and the language of the third.
  private static func place(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> (Moment?, Locale) {
    let zone = call.has(1) ? call[1].text : renderer.options.timeZone
    let locale = Locale.named(call.has(2) ? call[2].text : renderer.options.locale)
    guard call.value.isDefined else { return (nil, locale) }
    guard let moment = renderer.moment(call.value, zone: zone) else {
      if renderer.offset(of: zone, at: 0) == nil {
        throw renderer.fail(.value, at: call.node, "“\(zone)” is no time zone")
      }
      throw renderer.fail(.value, at: call.node, "“\(call.value.text)” is no date")
    }
    return (moment, locale)
  }

  static func parsed(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    guard call.value.isDefined else { return .undefined }
    let text = Text.trimmed(call.value.text)
    let found = call.has(0) ? DateParser.parse(text, call[0].text) : DateParser.iso(text)
    guard let found else {
      let form = call.has(0) ? " of the form “\(call[0].text)”" : ""
      throw renderer.fail(.value, at: call.node, "“\(text)” is no date\(form)")
    }
    return .moment(Moment(milliseconds: found))
  }

  private static func milliseconds(of unit: String) -> Int64? {
    switch unit.lowercased() {
    case "millis", "milliseconds", "millisecond": 1
    case "seconds", "second": 1000
    case "minutes", "minute": 60_000
    case "hours", "hour": 3_600_000
    case "halfdays": 43_200_000
    case "days", "day": 86_400_000
    case "weeks", "week": 604_800_000
    default: nil
    }
  }

  private static func months(of unit: String) -> Int? {
    switch unit.lowercased() {
    case "months", "month": 1
    case "years", "year": 12
    case "decades": 120
    default: nil
    }
  }

  private static func shifted(_ renderer: inout Renderer, _ call: Call, by sign: Int) throws(Stop) -> Datum {
    guard call.value.isDefined else { return call.value }
    let unit = call.has(1) ? call[1].text : "days"
    guard let moment = renderer.moment(call.value, zone: nil), let count = call.integer(0) else {
      throw renderer.fail(.value, at: call.node, "a date and a number are needed here")
    }
    let bounded = max(-10_000_000_000_000, min(10_000_000_000_000, count)) * sign
    if let length = milliseconds(of: unit) {
      let (product, overflow) = Int64(bounded).multipliedReportingOverflow(by: length)
      let (sum, isBeyond) = moment.milliseconds.addingReportingOverflow(product)
      guard !overflow, !isBeyond else { throw renderer.fail(.value, at: call.node, "this is too far away") }
      return .moment(Moment(milliseconds: sum, offset: moment.offset, zone: moment.zone))
    }
    guard let months = months(of: unit) else {
      throw renderer.fail(.value, at: call.node, "“\(unit)” is no unit of time")
    }
    let date = moment.date.advanced(byMonths: max(-240_000, min(240_000, bounded)) * months)
    let local = date.milliseconds - Int64(moment.offset) * 1000
    return .moment(Moment(milliseconds: local, offset: moment.offset, zone: moment.zone))
  }

  private static func time(inMonth date: CivilDate) -> Int64 {
    date.milliseconds - CivilDate(year: date.year, month: date.month, day: 1).milliseconds
  }

  private static func between(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    let unit = call[1].text
    guard let start = renderer.moment(call.value, zone: nil), let end = renderer.moment(call[0], zone: nil)
    else {
      throw renderer.fail(.value, at: call.node, "two dates are needed here")
    }
    if let length = milliseconds(of: unit) { return .int((end.milliseconds - start.milliseconds) / length) }
    guard let months = months(of: unit) else {
      throw renderer.fail(.value, at: call.node, "“\(unit)” is no unit of time")
    }
    let (first, last) = (start.date, end.date)
    var count = (last.year - first.year) * 12 + last.month - first.month
    // A month that has begun does not count yet; that of 31 January ends with no day of February.
    let (from, to) = (time(inMonth: first), time(inMonth: last))
    if count > 0, to < from { count -= 1 }
    if count < 0, to > from { count += 1 }
    return .int(Int64(count / months))
  }
}

extension Renderer {
  /// A value as a moment in a zone; nil when it is none, or the zone is not known.
  func moment(_ value: Datum, zone: String?) -> Moment? {
    let milliseconds: Int64
    switch value {
    case .moment(let moment):
      if zone == nil { return moment }
      milliseconds = moment.milliseconds
    case .string(let text), .safe(let text):
      guard let found = Int64(text) ?? DateParser.iso(text) else { return nil }
      milliseconds = found
    case .int, .double, .fixed:
      guard let found = value.integer else { return nil }
      milliseconds = found
    default: return nil
    }
    guard Moment.range.contains(milliseconds) else { return nil }
    let zone = zone ?? "UTC"
    guard let offset = offset(of: zone, at: milliseconds) else { return nil }
    return Moment(milliseconds: milliseconds, offset: offset, zone: zone.uppercased() == "UTC" ? "UTC" : zone)
  }

  /// Seconds that a zone is ahead of UTC.
  func offset(of zone: String, at milliseconds: Int64) -> Int? {
    if ["UTC", "GMT", "Z"].contains(zone.uppercased()) { return 0 }
    if let first = zone.utf8.first, first == 0x2B || first == 0x2D {
      return DateParser.parse("1970-01-02T00:00:00" + zone, "y-MM-dd'T'HH:mm:ssX").map {
        Int(86_400 - $0 / 1000)
      }
    }
    return options.zoneOffset(zone, Instant(milliseconds: milliseconds))
  }
}
