extension Renderer {
  /// What an expression is worth.
  mutating func evaluate(_ ref: Ref) throws(Stop) -> Datum {
    switch nodes[Int(ref)] {
    case .literal(let number): return literals[Int(number)]
    case .name(let symbol): return scopes[cells[Int(symbol)]]
    case .member(let base, let key, let path): return try member(base, key, path, at: ref)
    default:
      try descend(ref)
      defer { ascend() }
      return try evaluateDeep(ref)
    }
  }

  private mutating func evaluateDeep(_ ref: Ref) throws(Stop) -> Datum {
    switch nodes[Int(ref)] {
    case .index(let base, let by, let path): return try index(base, by, path, at: ref)
    case .slice(let base, let bounds): return try slice(base, bounds, at: ref)
    case .filter(let base, let filter, let arguments): return try apply(filter, base, arguments, at: ref)
    case .test(let base, let test, let arguments): return .bool(try holds(test, base, arguments, at: ref))
    case .call(let name, let arguments): return try call(name, arguments, at: ref)
    case .method(let base, let key, let arguments): return try method(base, key, arguments, at: ref)
    case .not(let operand): return .bool(!(try evaluate(operand)).isTrue)
    case .negated(let operand): return try negated(try evaluate(operand), at: ref)
    case .binary(let sign, let left, let right):
      return try binary(sign, try evaluate(left), try evaluate(right), at: ref)
    case .and(let left, let right):
      guard try evaluate(left).isTrue else { return .bool(false) }
      return .bool(try evaluate(right).isTrue)
    case .or(let left, let right):
      let first = try evaluate(left)
      return first.isTrue ? first : try evaluate(right)
    case .choice(let condition, let then, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(then) }
      return otherwise >= 0 ? try evaluate(otherwise) : .undefined
    case .joined(let list): return try joined(list, at: ref)
    case .list(let list): return .list(DatumList(try evaluate(list: list, at: ref)))
    case .map(let list): return try map(list, at: ref)
    default: return .undefined
    }
  }

  private mutating func evaluate(list: Ref, at ref: Ref) throws(Stop) -> [Datum] {
    let refs = self.list(list)
    try charge(elements: refs.count, ref)
    var items = [Datum]()
    items.reserveCapacity(refs.count)
    for ref in refs { items.append(try evaluate(ref)) }
    return items
  }

  private mutating func map(_ list: Ref, at ref: Ref) throws(Stop) -> Datum {
    let items = try evaluate(list: list, at: ref)
    var members = OrderedMap<Datum>()
    for place in stride(from: 0, to: items.count, by: 2) {
      members.set(Key(try text(of: items[place], ref)), to: items[place + 1])
    }
    return .map(DatumMap(members))
  }

  /// A call with the values of its arguments; one that was left out is undefined.
  mutating func call(_ value: consuming Datum, _ arguments: Ref, at ref: Ref) throws(Stop) -> Call {
    var call = Call(value, ref)
    let site = self.list(arguments)
    for argument in site.dropFirst() { call.append(argument < 0 ? .undefined : try evaluate(argument)) }
    if site[0] >= 0 {
      for (key, value) in unit.program.named[Int(site[0])] {
        call.append(try evaluate(value), named: key.name)
      }
    }
    return call
  }

  // MARK: Members

  private mutating func member(_ base: Ref, _ key: Ref, _ path: Ref, at ref: Ref) throws(Stop) -> Datum {
    let name = keys[Int(key)]
    if case .name(let symbol) = nodes[Int(base)] {
      if let map = scopes.map(in: cells[Int(symbol)]) {
        let value = map._withUnsafeGuaranteedRef { map in map.place(of: name).map { Datum(map[$0]) } }
        return value ?? .undefined(number(ofMissing: path, at: ref))
      }
      if case .loop(let loop) = scopes.cells[Int(cells[Int(symbol)])] { return loop.member(name.name) }
    }
    try descend(ref)
    defer { ascend() }
    return member(of: try evaluate(base), name, path, at: ref)
  }

  private mutating func member(of base: Datum, _ key: Key, _ path: Ref, at ref: Ref) -> Datum {
    switch base {
    case .members, .map:
      if let value = base.member(key) { return value }
    case .values(let items):
      if let place = place(key, count: items.count) { return Datum(items[place]) }
    case .list(let list):
      if let place = place(key, count: list.items.count) { return list.items[place] }
    case .loop(let loop): return loop.member(key.name)
    case .moment(let moment): return moment.member(key.name) ?? .undefined
    case .undefined(let missing) where path < 0: return .undefined(missing)
    case .macro(let macro) where key.name == "name": return .string(macro.definition.name)
    default: break
    }
    return .undefined(number(ofMissing: path, at: ref))
  }

  /// `items.0`
  private func place(_ key: Key, count: Int) -> Int? {
    guard let place = Int(key.name), place >= 0, place < count else { return nil }
    return place
  }

  private mutating func index(_ base: Ref, _ by: Ref, _ path: Ref, at ref: Ref) throws(Stop) -> Datum {
    let base = try evaluate(base)
    let index = try evaluate(by)
    if case .undefined(let missing) = index, missing > 0 { return index }
    guard let number = index.integer, index.string == nil else {
      return member(of: base, Key(try text(of: index, ref)), path, at: ref)
    }
    if base.string != nil { try weigh(base, ref) }
    let count = base.count ?? 0
    let place = number < 0 ? count + Int(clamping: number) : Int(clamping: number)
    switch base {
    case .values(let items) where items.indices.contains(place): return Datum(items[place])
    case .list(let list) where list.items.indices.contains(place): return list.items[place]
    case .string(let text) where place >= 0 && place < count,
      .safe(let text) where place >= 0 && place < count:
      try charge(bytes: text.utf8.count, ref)
      let scalars = text.unicodeScalars
      return .string(String(scalars[scalars.index(scalars.startIndex, offsetBy: place)]))
    default: return member(of: base, Key(index.text), path, at: ref)
    }
  }

  private mutating func slice(_ base: Ref, _ bounds: Ref, at ref: Ref) throws(Stop) -> Datum {
    let base = try evaluate(base)
    var values: [Int?] = []
    for bound in self.list(bounds) {
      values.append(bound < 0 ? nil : try evaluate(bound).integer.map { Int(clamping: $0) })
    }
    let step = values[2] ?? 1
    guard step != 0 else { throw fail(.value, at: ref, "a slice cannot go in steps of 0") }
    if case .undefined = base { return base }
    try charge(elements: base.count ?? 0, ref)
    let places = Slicing.places(from: values[0], to: values[1], step: step, count: base.count ?? 0)
    if let text = base.string {
      let scalars = Array(text.unicodeScalars)
      var result = String.UnicodeScalarView()
      for place in places { result.append(scalars[place]) }
      return base.isSafe ? .safe(String(result)) : .string(String(result))
    }
    guard let items = base.items else { throw fail(.value, at: ref, "only lists and texts can be sliced") }
    return Datum(places.map { items[$0] })
  }

  /// Texts behind one another. When one is marked safe the others are escaped, and the whole is safe.
  private mutating func joined(_ list: Ref, at ref: Ref) throws(Stop) -> Datum {
    var parts = [Datum]()
    for ref in self.list(list) {
      let part = try evaluate(ref)
      if case .undefined(let missing) = part, missing > 0 { return part }
      parts.append(part)
    }
    return try join(parts, separator: .string(""), at: ref)
  }

  mutating func join(_ parts: [Datum], separator: Datum, at ref: Ref) throws(Stop) -> Datum {
    let isSafe = isEscaping && (separator.isSafe || parts.contains(where: \.isSafe))
    var text = ""
    let between = isSafe && !separator.isSafe ? HTML.escaped(separator.text) : separator.text
    for (place, part) in parts.enumerated() {
      let own = try self.text(of: part, ref)
      try charge(bytes: own.utf8.count + (place > 0 ? between.utf8.count : 0), ref)
      if place > 0 { text += between }
      text += isSafe && !part.isSafe ? HTML.escaped(own) : own
    }
    return isSafe ? .safe(text) : .string(text)
  }

  // MARK: Filters, tests

  private mutating func apply(_ filter: Ref, _ base: Ref, _ arguments: Ref, at ref: Ref) throws(Stop) -> Datum
  {
    let filter = FilterTable.all[Int(filter)]
    let value = try evaluate(base)
    try step(ref)
    // What is made of a missing value is missing.
    if case .undefined(let missing) = value, missing > 0, !filter.isForMissing { return value }
    let call = try call(value, arguments, at: ref)
    if !filter.isForMissing, let missing = call.missing { return missing }
    return try apply(filter, call)
  }

  /// Applies a filter, and counts what it looks at and makes.
  mutating func apply(_ filter: Filter, _ call: Call) throws(Stop) -> Datum {
    try weigh(call)
    let result = try charged(try filter.apply(&self, call), call.node)
    if filter.keepsSafety, case .string(let text) = result, call.value.isSafe { return .safe(text) }
    return result
  }

  private mutating func holds(_ test: Ref, _ base: Ref, _ arguments: Ref, at ref: Ref) throws(Stop) -> Bool {
    let value = try evaluate(base)
    try step(ref)
    return try holds(TestTable.all[Int(test)], try call(value, arguments, at: ref))
  }

  /// Asks a test, and counts what it looks at.
  mutating func holds(_ test: Test, _ call: Call) throws(Stop) -> Bool {
    try weigh(call)
    return try test.holds(&self, call)
  }
}

/// Places of Python's slices.
enum Slicing {
  static func places(from: Int?, to: Int?, step: Int, count: Int) -> [Int] {
    func bound(_ value: Int?, _ standard: Int) -> Int {
      guard let value else { return standard }
      let place = value < 0 ? max(value, -count - 1) + count : min(value, count)
      return step > 0 ? max(0, min(place, count)) : max(-1, min(place, count - 1))
    }
    if step > 0 { return Array(stride(from: bound(from, 0), to: bound(to, count), by: min(step, count + 1))) }
    return Array(stride(from: bound(from, count - 1), to: bound(to, -1), by: max(step, -count - 1)))
  }
}

extension LoopState {
  func member(_ name: String) -> Datum {
    switch name {
    case "index", "counter": .int(Int64(index + 1))
    case "index0": .int(Int64(index))
    case "first": .bool(index == 0)
    case "last": .bool(index == count - 1)
    case "length": .int(Int64(count))
    case "revindex", "revcounter": .int(Int64(count - index))
    case "revindex0": .int(Int64(count - index - 1))
    // Only loops that call themselves would be deeper, and there are none.
    case "depth": .int(1)
    case "depth0": .int(0)
    case "previtem": index > 0 && index <= items.count ? items[index - 1] : .undefined
    case "nextitem": index + 1 < items.count ? items[index + 1] : .undefined
    default: .undefined
    }
  }
}
