/// Blocks, and templates that use other templates.
extension Renderer {
  /// The unit's root, then what it extends.
  mutating func renderUnit() throws(Stop) {
    var names = [String]()
    while true {
      for (name, body) in unit.program.blocks {
        blocks[name, default: []].append(BlockBody(unit: unit, body: body))
      }
      let start = output.count
      parent = nil
      try run(unit.program.root)
      guard let template = parent else { return }
      // Of a template that extends another only the blocks are shown.
      _ = output.cut(from: start)
      guard names.count < options.limits.includeDepth, !names.contains(parentName) else {
        throw fail(.limit, at: unit.program.root, "the template “\(parentName)” extends itself")
      }
      names.append(parentName)
      parent = nil
      unit = makeUnit(template, unit.space, name: parentName)
    }
  }

  mutating func extend(_ name: Datum, at ref: Ref) throws(Stop) {
    guard includes.isEmpty else { throw fail(.value, at: ref, "an included template cannot extend another") }
    parent = try find(name, at: ref)
    parentName = name.text
  }

  mutating func run(block definition: (name: String, body: Ref), at ref: Ref) throws(Stop) {
    // The blocks of a template that extends another stand in that one.
    if parent != nil { return }
    guard let body = blocks[definition.name]?.first else { return try run(definition.body) }
    try run(body, level: 0, of: definition.name, at: ref)
  }

  private mutating func run(_ body: BlockBody, level: Int, of name: String, at ref: Ref) throws(Stop) {
    let outer = (unit: unit, block: block)
    let mark = scopes.enter()
    defer {
      scopes.leave(mark)
      unit = outer.unit
      block = outer.block
    }
    unit = body.unit
    block = (name, level)
    try run(body.body)
  }

  /// The block that this one stands for.
  mutating func callSuper(at ref: Ref) throws(Stop) -> Datum {
    guard let block else { throw fail(.value, at: ref, "super() belongs into a block") }
    let bodies = blocks[block.name] ?? []
    guard block.level + 1 < bodies.count else { return .safe("") }
    let start = output.count
    try run(bodies[block.level + 1], level: block.level + 1, of: block.name, at: ref)
    let text = output.cut(from: start)
    try charge(bytes: text.utf8.count, ref)
    return .safe(text)
  }

  /// The account's template of this name.
  private mutating func find(_ name: Datum, at ref: Ref) throws(Stop) -> Template {
    guard let name = name.string else { throw fail(.value, at: ref, "a template's name must be a text") }
    let found: Template?
    do throws(TemplateError) {
      found = try options.template(name)
    } catch {
      throw fail(error.of(template: name))
    }
    guard let found else { throw fail(.unsupported, at: ref, "there is no template “\(name)”") }
    return found
  }

  mutating func include(_ name: Datum, isOptional: Bool, at ref: Ref) throws(Stop) {
    var template: Template?
    // Of several names the first that exists is taken.
    for candidate in name.items ?? [] where template == nil {
      template = try? options.template(candidate.text)
    }
    if template == nil {
      if isOptional || name.items != nil {
        guard let name = name.string, let found = try? options.template(name) else {
          if isOptional { return }
          throw fail(.unsupported, at: ref, "there is none of these templates")
        }
        template = found
      } else {
        template = try find(name, at: ref)
      }
    }
    guard let template else { return }
    try enterTemplate(name.text, at: ref)
    try step(ref, template.program.symbols.count / 16)
    let outer = unit
    unit = makeUnit(template, unit.space, name: name.text)
    defer {
      unit = outer
      includes.removeLast()
    }
    for (name, body) in unit.program.blocks where blocks[name] == nil {
      blocks[name] = [BlockBody(unit: unit, body: body)]
    }
    try run(unit.program.root)
  }

  private mutating func enterTemplate(_ name: String, at ref: Ref) throws(Stop) {
    if includes.contains(name) { throw fail(.limit, at: ref, "the template “\(name)” includes itself") }
    guard includes.count < options.limits.includeDepth else {
      throw fail(.limit, at: ref, "templates include one another too deeply")
    }
    includes.append(name)
  }

  /// Runs a template for its macros and variables; what it prints is dropped.
  mutating func run(import definition: ImportDefinition, at ref: Ref) throws(Stop) {
    let name = try evaluate(definition.source)
    let template = try find(name, at: ref)
    take(definition, try members(of: template, name.text, at: ref))
  }

  /// An imported template sees the caller's values, not the variables of the one that imports it.
  private mutating func members(of template: Template, _ name: String, at ref: Ref) throws(Stop)
    -> OrderedMap<Datum>
  {
    try enterTemplate(name, at: ref)
    try step(ref, template.program.symbols.count / 16)
    let outer = (unit: unit, seen: scopes.saved, scope: scopes.enterBase())
    unit = makeUnit(template, Space(), name: name)
    scopes.show([])
    defer {
      scopes.showAgain(outer.seen)
      scopes.leaveBase(outer.scope)
      unit = outer.unit
      includes.removeLast()
    }
    let start = output.count
    try run(unit.program.root)
    _ = output.cut(from: start)
    return exports(of: unit)
  }

  /// What the module set at its top.
  private func exports(of module: Unit) -> OrderedMap<Datum> {
    var members = OrderedMap<Datum>()
    for (symbol, cell) in zip(module.program.symbols, module.cells) where values[symbol] == nil {
      let value = scopes[cell]
      if value.isDefined, !symbol.hasPrefix("_") { members.set(Key(symbol), to: value) }
    }
    return members
  }

  private mutating func take(_ definition: ImportDefinition, _ given: OrderedMap<Datum>) {
    if let taken = definition.taken {
      for (key, symbol) in taken { set(symbol, to: given[key] ?? .undefined) }
    } else if definition.name >= 0 {
      set(definition.name, to: .map(DatumMap(given)))
    } else {
      for entry in given.entries {
        guard let symbol = unit.program.symbolNumbers[entry.key.name] else { continue }
        set(symbol, to: entry.value)
      }
    }
  }
}
