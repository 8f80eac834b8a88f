/// Methods of values: Python's and, as HubSpot runs Java, those of Java's texts, lists and maps.
enum Methods {
  /// nil when such a value has no such method.
  static func find(_ name: String, of value: Datum) -> Operation? { table(of: value)[name] }

  static func names(of value: Datum) -> [String] { Array(table(of: value).keys) }

  private static func table(of value: Datum) -> [String: Operation] {
    switch value {
    case .string, .safe: texts
    case .values, .list: lists
    case .members, .map: maps
    case .loop: loops
    case .moment: moments
    default: [:]
    }
  }

  private static func filter(_ name: String) -> Operation {
    { (r, call) throws(Stop) in
      guard let number = FilterTable.numbers[name] else { return .undefined }
      return try r.apply(FilterTable.all[number], call)
    }
  }

  private static let texts: [String: Operation] = [
    "upper": filter("upper"), "toUpperCase": filter("upper"), "lower": filter("lower"),
    "toLowerCase": filter("lower"),
    "title": filter("title"), "capitalize": filter("capitalize"), "strip": filter("trim"),
    "trim": filter("trim"),
    "replace": filter("replace"), "replaceAll": filter("regex_replace"),
    "split": { _, call in
      guard call.has(0) else {
        return Datum(
          call.value.text.unicodeScalars.split(whereSeparator: Text.isSpace).map { .string(String($0)) })
      }
      let (text, sign) = (Array(call.value.text.utf8), Array(call[0].text.utf8))
      var (parts, position) = ([Datum](), 0)
      while let found = text.firstRange(of: sign, from: position) {
        parts.append(.string(String(decoding: text[position..<found.lowerBound], as: UTF8.self)))
        position = found.upperBound
      }
      return Datum(parts + [.string(String(decoding: text[position...], as: UTF8.self))])
    },
    "join": { r, call throws(Stop) in
      try r.join(try r.sequence(of: call[0], call.node), separator: call.value, at: call.node)
    },
    "startswith": { _, call in .bool(call.value.text.utf8.starts(with: call[0].text.utf8)) },
    "startsWith": { _, call in .bool(call.value.text.utf8.starts(with: call[0].text.utf8)) },
    "endswith": { _, call in .bool(call.value.text.utf8.reversed().starts(with: call[0].text.utf8.reversed()))
    },
    "endsWith": { _, call in .bool(call.value.text.utf8.reversed().starts(with: call[0].text.utf8.reversed()))
    },
    "contains": { r, call throws(Stop) in
      .bool(try r.contains(call.value, .string(call[0].text), at: call.node))
    },
    "find": { _, call in .int(place(of: call[0].text, in: call.value.text)) },
    "indexOf": { _, call in .int(place(of: call[0].text, in: call.value.text)) },
    "count": { _, call in
      let old = call[0].text.utf8.count
      let rest = Text.replaced(call.value.text, call[0].text, by: "", limit: nil).utf8.count
      return .int(old == 0 ? 0 : Int64((call.value.text.utf8.count - rest) / old))
    },
    "length": { _, call in .int(Int64(call.value.count ?? 0)) },
    "isEmpty": { _, call in .bool(call.value.text.isEmpty) },
    "equalsIgnoreCase": { _, call in .bool(call.value.text.lowercased() == call[0].text.lowercased()) },
    "substring": { _, call in
      let scalars = Array(call.value.text.unicodeScalars)
      let start = max(0, min(call.integer(0) ?? 0, scalars.count))
      let end = max(start, min(call.integer(1) ?? scalars.count, scalars.count))
      return .string(Text.joined(scalars[start..<end]))
    },
    "isdigit": { _, call in
      .bool(!call.value.text.isEmpty && call.value.text.utf8.allSatisfy { $0 &- 0x30 < 10 })
    },
  ]

  private static func place(of part: String, in text: String) -> Int64 {
    let bytes = Array(text.utf8)
    guard let found = bytes.firstRange(of: Array(part.utf8)) else { return part.isEmpty ? 0 : -1 }
    return Int64(String(decoding: bytes[..<found.lowerBound], as: UTF8.self).unicodeScalars.count)
  }

  private static let lists: [String: Operation] = [
    "append": { r, call throws(Stop) in
      try ownList(&r, call).items.append(call[0])
      return .bool(true)
    },
    "add": { r, call throws(Stop) in
      try ownList(&r, call).items.append(call[0])
      return .bool(true)
    },
    "extend": { r, call throws(Stop) in
      let items = try r.sequence(of: call[0], call.node)
      try ownList(&r, call).items += items
      return .bool(true)
    },
    "insert": { r, call throws(Stop) in
      let list = try ownList(&r, call)
      let place = call.integer(0) ?? 0
      list.items.insert(
        call[1], at: max(0, min(place < 0 ? list.items.count + place : place, list.items.count)))
      return .null
    },
    "pop": { r, call throws(Stop) in
      let list = try ownList(&r, call)
      let place = call.integer(0) ?? list.items.count - 1
      let index = place < 0 ? list.items.count + place : place
      return list.items.indices.contains(index) ? list.items.remove(at: index) : .undefined
    },
    "remove": { r, call throws(Stop) in
      let list = try ownList(&r, call)
      guard let place = try place(of: call[0], in: list.items, &r, call) else { return .bool(false) }
      list.items.remove(at: place)
      return .bool(true)
    },
    "clear": { r, call throws(Stop) in
      try ownList(&r, call).items = []
      return .null
    },
    "reverse": { r, call throws(Stop) in
      try ownList(&r, call).items.reverse()
      return .null
    },
    "copy": { _, call in Datum(call.value.sequence) },
    "index": { r, call throws(Stop) in
      .int(Int64(try place(of: call[0], in: call.value.sequence, &r, call) ?? -1))
    },
    "indexOf": { r, call throws(Stop) in
      .int(Int64(try place(of: call[0], in: call.value.sequence, &r, call) ?? -1))
    },
    "count": { r, call throws(Stop) in
      var work = Comparison()
      let count = call.value.sequence.count { Datum.equals($0, call[0], &work) }
      try r.charge(work, call.node)
      return .int(Int64(count))
    },
    "contains": { r, call throws(Stop) in .bool(try r.contains(call.value, call[0], at: call.node)) },
    "size": { _, call in .int(Int64(call.value.count ?? 0)) },
    "isEmpty": { _, call in .bool(call.value.count == 0) },
    "get": { _, call in
      let items = call.value.sequence
      return call.integer(0).map { items.indices.contains($0) ? items[$0] : .undefined } ?? .undefined
    },
  ]

  private static func place(
    of item: Datum, in items: [Datum], _ renderer: inout Renderer, _ call: Call
  ) throws(Stop) -> Int? {
    var work = Comparison()
    let place = Datum.place(of: item, in: items, &work)
    try renderer.charge(work, call.node)
    return place
  }

  /// A list that the template made. What the caller gave is shared by all that are rendered.
  private static func ownList(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> DatumList {
    if case .list(let list) = call.value {
      renderer.note(changed: call.value)
      return list
    }
    throw renderer.fail(
      .value, at: call.node,
      "a list that was given cannot be changed; make an own one: {% set own = given + [] %}")
  }

  private static let maps: [String: Operation] = [
    "items": { _, call in Datum((call.value.entries ?? []).map { Datum([.string($0.key), $0.value]) }) },
    "entrySet": { _, call in Datum((call.value.entries ?? []).map { Datum([.string($0.key), $0.value]) }) },
    "keys": { _, call in Datum((call.value.entries ?? []).map { .string($0.key) }) },
    "keySet": { _, call in Datum((call.value.entries ?? []).map { .string($0.key) }) },
    "values": { _, call in Datum(call.value.sequence) },
    "get": { _, call in
      let value = call.value.member(Key(call[0].text)) ?? .undefined
      return value.isDefined ? value : call[1]
    },
    "containsKey": { _, call in .bool(call.value.member(Key(call[0].text)) != nil) },
    "size": { _, call in .int(Int64(call.value.count ?? 0)) },
    "isEmpty": { _, call in .bool(call.value.count == 0) },
    "copy": { _, call in .map(DatumMap(OrderedMap((call.value.entries ?? []).map { ($0.key, $0.value) }))) },
    "put": { r, call throws(Stop) in
      try ownMap(&r, call).members.set(Key(call[0].text), to: call[1])
      return .null
    },
    "update": { r, call throws(Stop) in
      let map = try ownMap(&r, call)
      for entry in call[0].entries ?? [] { map.members.set(Key(entry.key), to: entry.value) }
      return .null
    },
    "pop": { r, call throws(Stop) in try ownMap(&r, call).members.remove(Key(call[0].text)) ?? call[1] },
    "remove": { r, call throws(Stop) in try ownMap(&r, call).members.remove(Key(call[0].text)) ?? .undefined
    },
    "clear": { r, call throws(Stop) in
      try ownMap(&r, call).members.removeAll()
      return .null
    },
  ]

  private static func ownMap(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> DatumMap {
    if case .map(let map) = call.value {
      renderer.note(changed: call.value)
      return map
    }
    throw renderer.fail(
      .value, at: call.node,
      "a map that was given cannot be changed; make an own one: {% set own = given.copy() %}")
  }

  private static let loops: [String: Operation] = [
    "cycle": { _, call in
      guard case .loop(let state) = call.value, !call.arguments.isEmpty else { return .undefined }
      return call.arguments[state.index % call.arguments.count]
    },
    "changed": { r, call throws(Stop) in
      guard case .loop(let state) = call.value else { return .undefined }
      r.note(changed: call.value)
      let seen = state.seen
      state.seen = call.arguments
      guard let seen else { return .bool(true) }
      return .bool(!(try r.equals(Datum(seen), Datum(call.arguments), at: call.node)))
    },
  ]

  private static let moments: [String: Operation] = [
    "strftime": { r, call throws(Stop) in try DateFilters.strftime(&r, call) },
    "unixtimestamp": { _, call in
      guard case .moment(let moment) = call.value else { return .undefined }
      return .int(moment.milliseconds)
    },
  ]
}
