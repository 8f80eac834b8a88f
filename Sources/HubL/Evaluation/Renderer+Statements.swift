extension Renderer {
  /// Does what a statement says.
  mutating func run(_ ref: Ref) throws(Stop) {
    switch nodes[Int(ref)] {
    case .text(let start, let count):
      let range = Int(start)..<Int(start + count)
      output.append(UnsafeBufferPointer(rebasing: text[range]))
      try step(ref)
    case .output(let value, let context):
      try step(ref)
      try show(value, context)
    case .sequence(let list): try run(sequence: list)
    case .branches(let list): try run(branches: list)
    default:
      try step(ref)
      try descend(ref)
      defer { ascend() }
      try runDeep(ref)
    }
  }

  private mutating func runDeep(_ ref: Ref) throws(Stop) {
    switch nodes[Int(ref)] {
    case .loop(let number): try run(loop: unit.program.loops[Int(number)], at: ref)
    case .set(let names, let value): try set(self.list(names), try evaluate(value), at: ref)
    case .capture(let name, let body, let filtered):
      let text = try captured(body)
      set(name, to: text)
      set(name, to: try evaluate(filtered))
    case .setMember(let name, let key, let value): try setMember(name, key, try evaluate(value), at: ref)
    case .macro(let number):
      let definition = unit.program.macros[Int(number)]
      set(definition.symbol, to: .macro(Macro(definition, unit, scopes.environment)))
    case .callBlock(let macro, let call): try run(callBlock: macro, call, at: ref)
    case .block(let number): try run(block: unit.program.blocks[Int(number)], at: ref)
    case .extends(let name): try extend(try evaluate(name), at: ref)
    case .include(let name, let isOptional): try include(try evaluate(name), isOptional: isOptional, at: ref)
    case .imports(let number): try run(import: unit.program.imports[Int(number)], at: ref)
    case .evaluate(let value): _ = try evaluate(value)
    case .cycle(let list, let context): try cycle(list, context, at: ref)
    case .ifChanged(let value, let body, let memory): try run(ifChanged: value, body, memory, at: ref)
    case .breakLoop, .continueLoop:
      guard loopDepth > 0 else { throw fail(.value, at: ref, "there is no loop around this") }
      if case .breakLoop = nodes[Int(ref)] { jump = .break } else { jump = .continue }
    case .widget(let number): try run(widget: unit.program.widgets[Int(number)], at: ref)
    default: break
    }
  }

  private mutating func run(sequence list: Ref) throws(Stop) {
    for statement in self.list(list) {
      try run(statement)
      if jump != .none { return }
    }
  }

  private mutating func run(branches list: Ref) throws(Stop) {
    let items = self.list(list)
    var place = 0
    while place + 1 < items.count {
      try step(items[place])
      if try evaluate(items[place]).isTrue { return try nested(items[place + 1]) }
      place += 2
    }
    if place < items.count { try nested(items[place]) }
  }

  private mutating func nested(_ body: Ref) throws(Stop) {
    try descend(body)
    defer { ascend() }
    try run(body)
  }

  /// Writes the value of an expression.
  private mutating func show(_ ref: Ref, _ context: OutputContext) throws(Stop) {
    if case .member(let base, let key, _) = nodes[Int(ref)], case .name(let symbol) = nodes[Int(base)],
      showMember(of: cells[Int(symbol)], key, context)
    {
      return
    }
    write(try evaluate(ref), context)
  }

  /// The commonest output of all, a text in one of the caller's maps, without taking the value out of it. Whether
  /// it was that.
  private mutating func showMember(of cell: Int32, _ key: Ref, _ context: OutputContext) -> Bool {
    guard let map = scopes.map(in: cell) else { return false }
    return map._withUnsafeGuaranteedRef { map in
      guard let place = map.place(of: keys[Int(key)]), case .string(let text) = map[place] else {
        return false
      }
      if isEscaping { output.append(text, in: context) } else { output.append(text) }
      return true
    }
  }

  mutating func write(_ value: Datum, _ context: OutputContext) {
    switch value {
    case .undefined(let missing): use(missing: missing)
    case .null: break
    case .safe(let text):
      if isEscaping, context != .markup {
        output.append(safe: text, in: context)
      } else {
        output.append(text)
      }
    case .string(let text):
      if isEscaping { output.append(text, in: context) } else { output.append(text) }
    case .int(let value): output.append(value)
    case .bool, .double, .fixed, .loop, .macro: output.append(value.text)
    case .values, .members, .list, .map, .moment:
      if isEscaping { output.append(value.text, in: context) } else { output.append(value.text) }
    }
  }

  /// What a body makes, as text that is safe.
  mutating func captured(_ body: Ref) throws(Stop) -> Datum {
    let start = output.count
    try run(body)
    let text = output.cut(from: start)
    try charge(bytes: text.utf8.count, body)
    return .safe(text)
  }

  // MARK: Variables

  mutating func set(_ symbol: Ref, to value: Datum) {
    scopes.set(cells[Int(symbol)], to: value)
  }

  /// One name takes the value, several take its elements.
  private mutating func set(_ names: UnsafeBufferPointer<Ref>, _ value: Datum, at ref: Ref) throws(Stop) {
    if names.count == 1 { return set(names[0], to: value) }
    guard let items = value.items, items.count == names.count else {
      throw fail(.value, at: ref, "\(names.count) names need a list of as many values")
    }
    for (name, item) in zip(names, items) { set(name, to: item) }
  }

  private mutating func setMember(_ name: Ref, _ key: Ref, _ value: Datum, at ref: Ref) throws(Stop) {
    guard case .map(let map) = scopes[cells[Int(name)]] else {
      let shown = unit.program.symbols[Int(name)]
      throw fail(.value, at: ref, "“\(shown)” is no namespace(), whose members can be set")
    }
    note(changed: .map(map))
    map.members.set(keys[Int(key)], to: value)
  }

  // MARK: Loops

  private mutating func run(loop: LoopDefinition, at ref: Ref) throws(Stop) {
    let value = try evaluate(loop.items)
    let isPairs = loop.names.count == 2 && value.entries != nil
    try charge(elements: value.count ?? 0, ref)
    var items: [Datum] = []
    if case .undefined(let missing) = value {
      if loop.otherwise < 0 { use(missing: missing) }
    } else if isPairs {
      items = (value.entries ?? []).map { Datum([.string($0.key), $0.value]) }
    } else {
      items = value.sequence
    }
    let mark = scopes.enter()
    defer { scopes.leave(mark) }
    if loop.condition >= 0 { items = try selected(items, loop) }
    if items.isEmpty {
      if loop.otherwise >= 0 { try run(loop.otherwise) }
      return
    }
    try turn(loop, items, at: ref)
  }

  /// Those for which `for x in items if …` holds.
  private mutating func selected(_ items: [Datum], _ loop: LoopDefinition) throws(Stop) -> [Datum] {
    var kept = [Datum]()
    for item in items {
      try step(loop.condition)
      try unpack(item, loop)
      if try evaluate(loop.condition).isTrue { kept.append(item) }
    }
    return kept
  }

  private mutating func turn(_ loop: LoopDefinition, _ items: [Datum], at ref: Ref) throws(Stop) {
    loopDepth += 1
    defer { loopDepth -= 1 }
    let state = LoopState(count: items.count, items: items)
    if let symbol = unit.program.symbolNumbers["loop"] { set(symbol, to: .loop(state)) }
    for item in items {
      try step(ref)
      try unpack(item, loop)
      try run(loop.body)
      state.index += 1
      let reason = jump
      jump = .none
      if reason == .break { break }
    }
  }

  private mutating func unpack(_ item: Datum, _ loop: LoopDefinition) throws(Stop) {
    if loop.names.count == 1 { return set(loop.names[0], to: item) }
    let parts = item.items ?? loop.names.map { item.member(Key(unit.program.symbols[Int($0)])) ?? .undefined }
    for (place, name) in loop.names.enumerated() {
      set(name, to: place < parts.count ? parts[place] : .undefined)
    }
  }

  private mutating func cycle(_ list: Ref, _ context: OutputContext, at ref: Ref) throws(Stop) {
    var items = [Datum]()
    for item in self.list(list) { items.append(try evaluate(item)) }
    // One list may stand for its elements.
    if items.count == 1, let inner = items[0].items { items = inner }
    guard !items.isEmpty else { return }
    var turn = 0
    if let symbol = unit.program.symbolNumbers["loop"], case .loop(let state) = scopes[cells[Int(symbol)]] {
      turn = state.index
    }
    write(items[turn % items.count], context)
  }

  private mutating func run(ifChanged value: Ref, _ body: Ref, _ memory: Ref, at ref: Ref) throws(Stop) {
    let value = try evaluate(value)
    let unitID = ObjectIdentifier(unit)
    let before = memories[unitID]?[memory] ?? .undefined
    if try equals(before, value, at: ref) { return }
    memories[unitID, default: [:]][memory] = value
    try run(body)
  }
}
