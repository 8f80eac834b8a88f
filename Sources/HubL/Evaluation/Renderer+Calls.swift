extension Renderer {
  /// `name(arguments)`: a macro, `caller`, `super`, or a function.
  mutating func call(_ name: Ref, _ arguments: Ref, at ref: Ref) throws(Stop) -> Datum {
    try step(ref)
    let symbol = unit.program.symbols[Int(name)]
    if case .macro(let macro) = scopes[cells[Int(name)]] {
      return try call(macro, try call(.undefined, arguments, at: ref))
    }
    if symbol == "super" { return try callSuper(at: ref) }
    // Only within a call tag there is one.
    if symbol == "caller" { return .undefined }
    guard let number = FunctionTable.numbers[symbol] else {
      let known = unit.program.macros.map(\.name) + FunctionTable.numbers.keys
      throw fail(
        .unsupported, at: ref, "the function “\(symbol)” is not known",
        hint: Suggestion.nearest(to: symbol, among: known))
    }
    let call = try self.call(.undefined, arguments, at: ref)
    let function = FunctionTable.all[number]
    if !function.isForMissing, let missing = call.missing { return missing }
    try weigh(call)
    return try charged(try function.apply(&self, call), ref)
  }

  /// `value.name(arguments)`.
  mutating func method(_ base: Ref, _ key: Ref, _ arguments: Ref, at ref: Ref) throws(Stop) -> Datum {
    try step(ref)
    let value = try evaluate(base)
    let name = keys[Int(key)]
    if case .undefined(let missing) = value, missing > 0 { return value }
    let call = try call(value, arguments, at: ref)
    if case .macro(let macro)? = value.member(name) { return try self.call(macro, call) }
    guard let method = Methods.find(name.name, of: value) else {
      if !value.isDefined { return .undefined }
      throw fail(
        .unsupported, at: ref, "a value of kind \(value.kind) has no “\(name.name)()”",
        hint: Suggestion.nearest(to: name.name, among: Methods.names(of: value)))
    }
    try weigh(call)
    return try charged(try method(&self, call), ref)
  }

  // MARK: Macros

  /// What a macro makes. `caller` is the body of a `call` tag.
  mutating func call(_ macro: Macro, _ call: Call, caller: Macro? = nil) throws(Stop) -> Datum {
    try descend(call.node)
    defer { ascend() }
    let outer = (unit: unit, seen: scopes.saved, depth: loopDepth)
    scopes.show(macro.environment)
    unit = macro.unit
    loopDepth = 0
    let mark = scopes.enter()
    defer {
      scopes.leave(mark)
      scopes.showAgain(outer.seen)
      unit = outer.unit
      loopDepth = outer.depth
    }
    try bind(call, to: macro.definition, caller)
    let result = try captured(macro.definition.body)
    jump = .none
    return result
  }

  private mutating func bind(_ call: Call, to definition: MacroDefinition, _ caller: Macro?) throws(Stop) {
    var named = call.named
    for (place, parameter) in definition.parameters.enumerated() {
      if place < call.count {
        set(parameter.symbol, to: call[place])
      } else if let given = named.firstIndex(where: { $0.name == parameter.key.name }) {
        set(parameter.symbol, to: named.remove(at: given).value)
      } else if parameter.standard >= 0 {
        set(parameter.symbol, to: try evaluate(parameter.standard))
      } else {
        set(parameter.symbol, to: .undefined)
      }
    }
    let numbers = unit.program.symbolNumbers
    if let symbol = numbers["varargs"] {
      set(symbol, to: Datum(Array(call.arguments.dropFirst(definition.parameters.count))))
    }
    if let symbol = numbers["kwargs"] {
      set(symbol, to: .map(DatumMap(OrderedMap(named.map { ($0.name, $0.value) }))))
    }
    // The body of a `call` may itself use the `caller` around it.
    if definition.name != "caller", let symbol = numbers["caller"] {
      set(symbol, to: caller.map { .macro($0) } ?? .undefined)
    }
  }

  mutating func run(callBlock number: Ref, _ callRef: Ref, at ref: Ref) throws(Stop) {
    let caller = Macro(unit.program.macros[Int(number)], unit, scopes.environment)
    let target: Datum
    let arguments: Ref
    switch nodes[Int(callRef)] {
    case .call(let name, let given): (target, arguments) = (scopes[cells[Int(name)]], given)
    case .method(let base, let key, let given):
      (target, arguments) = (try evaluate(base).member(keys[Int(key)]) ?? .undefined, given)
    default: return
    }
    guard case .macro(let macro) = target else { throw fail(.value, at: callRef, "this is no macro") }
    let call = try call(.undefined, arguments, at: callRef)
    write(try self.call(macro, call, caller: caller), .raw)
  }
}

/// What a filter, test, function or method is called with.
struct Call {
  /// What stands before the filter, test or method.
  let value: Datum
  /// For errors.
  let node: Ref
  /// Most calls have one or two arguments, for which no memory is needed.
  private var first = Datum.undefined(0)
  private var second = Datum.undefined(0)
  private var more: More?
  private(set) var count = 0

  private final class More {
    var rest: [Datum] = []
    var named: [(name: String, value: Datum)] = []
  }

  /// Only for those that take any names.
  var named: [(name: String, value: Datum)] { more?.named ?? [] }

  @inline(__always)
  init(_ value: consuming Datum, _ node: Ref) {
    self.value = value
    self.node = node
  }

  init(_ value: Datum, _ arguments: some Sequence<Datum>, _ node: Ref) {
    self.init(value, node)
    for argument in arguments { append(argument) }
  }

  @inline(__always)
  mutating func append(_ argument: consuming Datum) {
    switch count {
    case 0: first = argument
    case 1: second = argument
    default: room().rest.append(argument)
    }
    count += 1
  }

  mutating func append(_ argument: Datum, named name: String) { room().named.append((name, argument)) }

  private mutating func room() -> More {
    let room = more ?? More()
    more = room
    return room
  }

  /// All arguments in order.
  var arguments: [Datum] { count < 2 ? Array([first].prefix(count)) : [first, second] + (more?.rest ?? []) }

  /// An argument; undefined when it was not given.
  subscript(place: Int) -> Datum {
    switch place {
    case 0: first
    case 1: second
    default: place < count ? more?.rest[place - 2] ?? .undefined : .undefined
    }
  }

  /// Whether an argument was given that is not null.
  func has(_ place: Int) -> Bool { self[place].isDefined }

  /// An argument as a whole number.
  func integer(_ place: Int) -> Int? { self[place].integer.map { Int(clamping: $0) } }

  /// An argument that is a missing custom value.
  var missing: Datum? {
    for place in 0..<count {
      if case .undefined(let number) = self[place], number > 0 { return self[place] }
    }
    return nil
  }
}
