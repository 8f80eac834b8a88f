import MailModel

/// Functions of templates.
enum Functions {
  /// Most elements of `range`.
  private static let rangeLimit = 1000

  static let all: [Function] =
    [
      Function("range", takes: ["start", "end?", "step?"], apply: range),
      Function("namespace", takes: ["…"]) { _, call in
        let given = call.arguments.flatMap { $0.entries ?? [] }.map { ($0.key, $0.value) }
        return .map(DatumMap(OrderedMap(given + call.named.map { ($0.name, $0.value) })))
      },
      Function("dict", takes: ["…"]) { _, call in
        .map(DatumMap(OrderedMap(call.named.map { ($0.name, $0.value) })))
      },
      Function("type", takes: ["value"]) { _, call in .string(call[0].kind) },
      Function("truncate", takes: ["value", "length?", "killwords?", "end?"]) { _, call in
        guard call[0].string != nil else { return call[0] }
        let end = call.has(3) ? call[3].text : "..."
        return .string(
          Text.truncated(call[0].text, call.integer(1) ?? 255, killsWords: call[2].isTrue, end: end))
      },
      Function("personalization_token", takes: ["expression", "default?"], isForMissing: true) {
        r, call throws(Stop) in
        let value = r.value(path: call[0].text)
        return value.isTrue ? value : call[1]
      },
      Function("join", takes: ["list", "separator?"]) { r, call throws(Stop) in
        try r.join(
          try r.sequence(of: call[0], call.node), separator: call.has(1) ? call[1] : .string(""),
          at: call.node)
      },
      Function("max", takes: ["…"]) { r, call throws(Stop) in try extreme(&r, call) { ($0, $1) } },
      Function("min", takes: ["…"]) { r, call throws(Stop) in try extreme(&r, call) { ($1, $0) } },
      Function("postal_location", takes: ["…"]) { r, _ in r.postalAddress },
    ] + dates

  private static let dates: [Function] = [
    Function("now") { r, _ in .moment(Moment(milliseconds: r.options.now.milliseconds)) },
    Function("today", takes: ["timezone?"]) { r, call throws(Stop) in
      let now = r.now(in: call.has(0) ? call[0].text : r.options.timeZone)
      guard case .moment(let moment) = now else { return now }
      let date = moment.date
      let midnight = CivilDate(year: date.year, month: date.month, day: date.day).milliseconds
      let start = midnight - Int64(moment.offset) * 1000
      return .moment(Moment(milliseconds: start, offset: moment.offset, zone: moment.zone))
    },
    Function("unixtimestamp", takes: ["date?"]) { r, call throws(Stop) in
      guard call.has(0) else { return .int(r.options.now.milliseconds) }
      return r.moment(call[0], zone: nil).map { .int($0.milliseconds) } ?? .undefined
    },
    Function("datetimeformat", takes: ["date?", "format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try apply("datetimeformat", &r, call)
    },
    Function("format_date", takes: ["date?", "format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try apply("format_date", &r, call)
    },
    Function("format_time", takes: ["date?", "format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try apply("format_time", &r, call)
    },
    Function("format_datetime", takes: ["date?", "format?", "timezone?", "locale?"]) { r, call throws(Stop) in
      try apply("format_datetime", &r, call)
    },
    Function("strtotime", takes: ["text", "format?"]) { r, call throws(Stop) in
      try apply("strtotime", &r, call)
    },
    Function("strtodate", takes: ["text", "format?"]) { r, call throws(Stop) in
      try apply("strtodate", &r, call)
    },
  ]

  /// The filter of a name, on the first argument.
  private static func apply(_ filter: String, _ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum
  {
    guard let number = FilterTable.numbers[filter] else { return .undefined }
    let value = call.has(0) ? call[0] : .moment(Moment(milliseconds: renderer.options.now.milliseconds))
    let inner = Call(value, Array(call.arguments.dropFirst()), call.node)
    return try renderer.apply(FilterTable.all[number], inner)
  }

  private static func range(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    let isOne = !call.has(1)
    let start = isOne ? 0 : call.integer(0) ?? 0
    let end = isOne ? call.integer(0) ?? 0 : call.integer(1) ?? 0
    let step = call.has(2) ? call.integer(2) ?? 1 : 1
    guard step != 0 else { return Datum([]) }
    var items = [Datum]()
    var value = start
    while step > 0 ? value < end : value > end, items.count < rangeLimit {
      items.append(.int(Int64(value)))
      let (next, overflow) = value.addingReportingOverflow(step)
      if overflow { break }
      value = next
    }
    try renderer.charge(elements: items.count, call.node)
    return Datum(items)
  }

  /// The element than which none is better: of `order`'s two the second is.
  private static func extreme(
    _ renderer: inout Renderer, _ call: Call, _ order: (Datum, Datum) -> (Datum, Datum)
  ) throws(Stop) -> Datum {
    let items = call.count == 1 ? try renderer.sequence(of: call[0], call.node) : call.arguments
    guard var best = items.first else { return .undefined }
    var work = Comparison()
    for item in items.dropFirst() {
      let (one, other) = order(best, item)
      if Datum.isLess(one, other, &work) == true { best = item }
    }
    try renderer.charge(work, call.node)
    return best
  }
}

extension Renderer {
  /// A caller's value by its full name: `contact.firstname`.
  fileprivate func value(path: String) -> Datum {
    let names = path.split(separator: ".").map(String.init)
    guard let first = names.first else { return .undefined }
    return Datum(values[first]).member(path: names.dropFirst().joined(separator: "."))
  }

  fileprivate func now(in zone: String) -> Datum {
    moment(.int(options.now.milliseconds), zone: zone).map { .moment($0) } ?? .undefined
  }

  /// The sender's address in one line.
  fileprivate var postalAddress: Datum {
    let settings = Datum(values["site_settings"])
    let names = [
      "company_street_address_1", "company_street_address_2", "company_city", "company_state", "company_zip",
      "company_country",
    ]
    let parts = names.compactMap { settings.member(Key($0)) }.filter(\.isTrue)
    return .string(parts.map(\.text).joined(separator: ", "))
  }
}
