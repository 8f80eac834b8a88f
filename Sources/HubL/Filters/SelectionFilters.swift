/// Filters that choose or change each element.
enum SelectionFilters {
  static let all: [Filter] = [
    Filter("select", takes: ["exp_test?", "argument?"]) { r, call throws(Stop) in
      Datum(try chosen(&r, call, test: 0, wanted: true) { $0 })
    },
    Filter("reject", takes: ["exp_test?", "argument?"]) { r, call throws(Stop) in
      Datum(try chosen(&r, call, test: 0, wanted: false) { $0 })
    },
    Filter("selectattr", takes: ["attr", "exp_test?", "argument?"]) { r, call throws(Stop) in
      let path = call[0].text
      return Datum(try chosen(&r, call, test: 1, wanted: true) { $0.member(path: path) })
    },
    Filter("rejectattr", takes: ["attr", "exp_test?", "argument?"]) { r, call throws(Stop) in
      let path = call[0].text
      return Datum(try chosen(&r, call, test: 1, wanted: false) { $0.member(path: path) })
    },
    Filter("map", takes: ["filter?", "…"], apply: map),
  ]

  private static func chosen(
    _ renderer: inout Renderer, _ call: Call, test place: Int, wanted: Bool, _ value: (Datum) -> Datum
  ) throws(Stop) -> [Datum] {
    let name = call.has(place) ? call[place].text : "truthy"
    guard let number = TestTable.numbers[name] else {
      throw renderer.fail(
        .unsupported, at: call.node, "the test “\(name)” is not known",
        hint: Suggestion.nearest(to: name, among: TestTable.numbers.keys))
    }
    let arguments = Array(call.arguments.dropFirst(place + 1))
    var kept = [Datum]()
    for item in try ListFilters.items(&renderer, call) {
      try renderer.step(call.node)
      let test = Call(value(item), arguments, call.node)
      if try renderer.holds(TestTable.all[number], test) == wanted { kept.append(item) }
    }
    return kept
  }

  /// `map(attribute="name")`, `map("name")`, or the name of a filter with its arguments.
  private static func map(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    let items = try ListFilters.items(&renderer, call)
    let attribute = call.named.first { $0.name == "attribute" }?.value
    if attribute == nil, let number = FilterTable.numbers[call[0].text] {
      let arguments = Array(call.arguments.dropFirst())
      guard arguments.count >= FilterTable.all[number].parameters.required else {
        throw renderer.fail(.value, at: call.node, "the filter “\(call[0].text)” needs more arguments")
      }
      var results = [Datum]()
      for item in items {
        try renderer.step(call.node)
        results.append(try renderer.apply(FilterTable.all[number], Call(item, arguments, call.node)))
      }
      return Datum(results)
    }
    let path = (attribute ?? call[0]).text
    let standard = call.named.first { $0.name == "default" }?.value
    return Datum(
      items.map { item in
        let value = item.member(path: path)
        return value.isDefined ? value : standard ?? value
      })
  }
}

/// Lists as sets.
enum SetFilters {
  static let all: [Filter] = [
    Filter("union", takes: ["list"]) { r, call throws(Stop) in
      let (one, other) = try both(&r, call)
      return unique(one + other)
    },
    Filter("intersect", takes: ["list"]) { r, call throws(Stop) in
      let (one, other) = try both(&r, call)
      let known = Set(other.map(\.identity))
      return unique(one.filter { known.contains($0.identity) })
    },
    Filter("difference", takes: ["list"]) { r, call throws(Stop) in
      let (one, other) = try both(&r, call)
      let known = Set(other.map(\.identity))
      return unique(one.filter { !known.contains($0.identity) })
    },
    Filter("symmetric_difference", takes: ["list"]) { r, call throws(Stop) in
      let (one, other) = try both(&r, call)
      let (left, right) = (Set(one.map(\.identity)), Set(other.map(\.identity)))
      return unique(
        one.filter { !right.contains($0.identity) } + other.filter { !left.contains($0.identity) })
    },
  ]

  private struct Member {
    let value: Datum
    let identity: String
  }

  private static func both(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> ([Member], [Member]) {
    try renderer.charge(elements: (call[0].count ?? 1) * 8, call.node)
    let one = try members(try ListFilters.items(&renderer, call), &renderer, call)
    return (one, try members(call[0].sequence, &renderer, call))
  }

  private static func members(
    _ items: [Datum], _ renderer: inout Renderer, _ call: Call
  ) throws(Stop) -> [Member] {
    var members = [Member]()
    for item in items {
      members.append(Member(value: item, identity: try renderer.identity(of: item, call.node)))
    }
    return members
  }

  private static func unique(_ members: [Member]) -> Datum {
    var seen = Set<String>()
    return Datum(members.filter { seen.insert($0.identity).inserted }.map(\.value))
  }
}
