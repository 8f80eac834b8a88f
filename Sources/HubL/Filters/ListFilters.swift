/// Filters for lists and maps. A text is the list of its signs, a map that of its values.
enum ListFilters {
  static let all: [Filter] = parts + orders

  private static let parts: [Filter] = [
    Filter("length", "count") { _, call in .int(Int64(call.value.count ?? 0)) },
    Filter("first") { _, call in end(call, \.first) { $0.unicodeScalars.first } },
    Filter("last") { _, call in end(call, \.last) { $0.unicodeScalars.last } },
    Filter("list") { r, call throws(Stop) in Datum(try items(&r, call)) },
    Filter("join", takes: ["d?", "attribute?"], traits: .makesMarkup) { r, call throws(Stop) in
      var parts = try items(&r, call)
      if call.has(1) { parts = parts.map { $0.member(path: call[1].text) } }
      return try r.join(parts, separator: call.has(0) ? call[0] : .string(""), at: call.node)
    },
    Filter("batch", takes: ["linecount", "fill_with?"]) { r, call throws(Stop) in
      let size = max(1, call.integer(0) ?? 1)
      let items = try items(&r, call)
      let lines = stride(from: 0, to: items.count, by: size).map { start in
        filled(Array(items[start..<min(start + size, items.count)]), to: min(size, 10_000), call)
      }
      return Datum(lines.map { Datum($0) })
    },
    Filter("slice", takes: ["slices", "fillwith?"]) { r, call throws(Stop) in
      let items = try items(&r, call)
      let count = max(1, min(call.integer(0) ?? 1, 10_000))
      return Datum(slices(items, count, call).map { Datum($0) })
    },
    Filter("sum", takes: ["start?", "attribute?"], apply: sum),
    Filter("random") { r, call throws(Stop) in
      try items(&r, call).randomElement(using: &r.random) ?? .undefined
    },
  ]

  private static let orders: [Filter] = [
    Filter("reverse") { r, call throws(Stop) in
      if let text = call.value.string { return .string(Text.joined(text.unicodeScalars.reversed())) }
      return Datum(try items(&r, call).reversed())
    },
    Filter("sort", takes: ["reverse?", "case_sensitive?", "attribute?"]) { r, call throws(Stop) in
      let path = call.has(2) ? call[2].text : nil
      let items = try items(&r, call)
      let keys = items.map { path.map($0.member(path:)) ?? $0 }
      return try sorted(items, by: keys, isReverse: call[0].isTrue, isCaseSensitive: call[1].isTrue, &r, call)
    },
    Filter("dictsort", takes: ["case_sensitive?", "by?"]) { r, call throws(Stop) in
      try r.charge(elements: call.value.count ?? 0, call.node)
      let entries = (call.value.entries ?? []).map { Datum([.string($0.key), $0.value]) }
      let place = call[1].text == "value" ? 1 : 0
      let keys = entries.map { $0.items?[place] ?? .undefined }
      return try sorted(entries, by: keys, isReverse: false, isCaseSensitive: call[0].isTrue, &r, call)
    },
    Filter("groupby", takes: ["attribute"], apply: groups),
    Filter("unique", takes: ["attr?"]) { r, call throws(Stop) in
      var seen = Set<String>()
      var kept = [Datum]()
      for item in try items(&r, call) {
        let value = call.has(0) ? item.member(path: call[0].text) : item
        if seen.insert(try r.identity(of: value, call.node)).inserted { kept.append(item) }
      }
      return Datum(kept)
    },
    Filter("shuffle") { r, call throws(Stop) in Datum(try items(&r, call).shuffled(using: &r.random)) },
  ]

  static func items(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> [Datum] {
    // Each element is copied, and sorting looks at it a few times more.
    try renderer.charge(elements: (call.value.count ?? 1) * 8, call.node)
    return call.value.sequence
  }

  /// The first or last element, or sign of a text.
  private static func end(
    _ call: Call, _ element: ([Datum]) -> Datum?, _ sign: (String) -> Unicode.Scalar?
  ) -> Datum {
    if let text = call.value.string { return sign(text).map { .string(String($0)) } ?? .undefined }
    return element(call.value.sequence) ?? .undefined
  }

  private static func filled(_ items: [Datum], to size: Int, _ call: Call) -> [Datum] {
    guard call.has(1), items.count < size else { return items }
    return items + [Datum](repeating: call[1], count: size - items.count)
  }

  private static func slices(_ items: [Datum], _ count: Int, _ call: Call) -> [[Datum]] {
    let (size, extra) = items.count.quotientAndRemainder(dividingBy: count)
    var start = 0
    return (0..<count).map { number in
      let end = start + size + (number < extra ? 1 : 0)
      defer { start = end }
      return filled(Array(items[start..<end]), to: extra > 0 ? size + 1 : size, call)
    }
  }

  /// Sorted by a key; elements with equal keys keep their order, those without a key come first.
  private static func sorted(
    _ items: [Datum], by given: [Datum], isReverse: Bool, isCaseSensitive: Bool, _ renderer: inout Renderer,
    _ call: Call
  ) throws(Stop) -> Datum {
    let keys =
      isCaseSensitive ? given : given.map { key in key.string.map { .string($0.lowercased()) } ?? key }
    var work = Comparison()
    let order = items.indices.sorted { one, other in
      let (first, second) = isReverse ? (keys[other], keys[one]) : (keys[one], keys[other])
      if first.isDefined != second.isDefined { return !first.isDefined }
      if Datum.isLess(first, second, &work) == true { return true }
      return Datum.isLess(second, first, &work) == true ? false : one < other
    }
    try renderer.charge(work, call.node)
    return Datum(order.map { items[$0] })
  }

  private static func sum(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    var total = call.has(0) ? call[0] : .int(0)
    for item in try items(&renderer, call) {
      let value = call.has(1) ? item.member(path: call[1].text) : item
      if value.isDefined { total = try renderer.arithmetic(.add, total, value, at: call.node) }
    }
    return total
  }

  /// `{grouper, list}` for each value, in the order in which they come.
  private static func groups(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    var order = [(value: Datum, identity: String)]()
    var groups = [String: [Datum]]()
    for item in try items(&renderer, call) {
      let value = item.member(path: call[0].text)
      let identity = try renderer.identity(of: value, call.node)
      if groups[identity] == nil { order.append((value, identity)) }
      groups[identity, default: []].append(item)
    }
    return Datum(
      order.map { value, identity in
        .map(DatumMap(OrderedMap([("grouper", value), ("list", Datum(groups[identity] ?? []))])))
      })
  }
}

extension Datum {
  /// A member of a member: `address.city`.
  func member(path: String) -> Datum {
    var value = self
    for name in path.split(separator: ".") {
      if let items = value.items, let place = Int(name) {
        value = items.indices.contains(place) ? items[place] : .undefined
      } else {
        value = value.member(Key(String(name))) ?? .undefined
      }
    }
    return value
  }

  /// The same for equal values, and for no others of their kind.
  fileprivate var identity: String {
    switch self {
    case .int(let value): return "n\(value)"
    case .double(let value), .fixed(let value, _):
      return Int64(exactly: value).map { "n\($0)" } ?? "n\(value)"
    case .bool(let value): return value ? "true" : "false"
    case .undefined, .null: return "null"
    case .string(let text), .safe(let text): return "s" + text
    case .macro(let macro): return "\(ObjectIdentifier(macro))"
    case .loop(let loop): return "\(ObjectIdentifier(loop))"
    case .moment, .values, .list, .members, .map:
      var writer = JSONText()
      writer.write(self, depth: 0)
      return kind + String(decoding: writer.bytes, as: UTF8.self)
    }
  }
}

extension Renderer {
  /// The same for equal values. Counts what it has to write for that.
  mutating func identity(of value: Datum, _ node: Ref) throws(Stop) -> String {
    let identity = value.identity
    try charge(bytes: identity.utf8.count, node)
    return identity
  }
}
