extension HubLWriter {
  mutating func hubl(_ block: MustacheBlock) -> String {
    switch block.statement.expression {
    case .call("each", let arguments, _) where arguments.count == 1 && !block.isInverted:
      return each(block, arguments[0])
    case .call("with", let arguments, _) where arguments.count == 1 && dialect != .postmark:
      return with(block, arguments[0])
    case .call:
      guard let condition = condition(of: block) else { return leftOut(block) }
      return conditional(block, condition)
    default:
      if dialect == .postmark { return mustachioSection(block) }
      return block.isInverted ? inverted(block) : section(block)
    }
  }

  /// The block is not here, with all that is in it.
  private mutating func leftOut(_ block: MustacheBlock) -> String {
    let what = "{{#\(Self.shown(block.statement.expression))}}"
    return left(
      what, block.offset, "\(leftNote(block.statement.expression)); what is in the block is left out, too")
  }

  /// `if`, with `elif` for chained blocks.
  private mutating func conditional(_ block: MustacheBlock, _ condition: String) -> String {
    var text = code("{% if \(condition) %}", hubl(block.body))
    var rest = block.otherwise
    while let nodes = rest {
      guard nodes.count == 1, case .block(let next) = nodes[0], next.isChained,
        let condition = self.condition(of: next)
      else {
        text += code("{% else %}", hubl(nodes))
        break
      }
      text += code("{% elif \(condition) %}", hubl(next.body))
      rest = next.otherwise
    }
    return text + "{% endif %}"
  }

  private func code(_ tag: String, _ body: String) -> String { tag + Self.guarded(body) }

  /// The end of a text must not join the braces of the tag behind it.
  static func guarded(_ body: String) -> String {
    var body = body
    HubLText.close(&body)
    return body
  }

  /// The body with another scope.
  private mutating func body(_ nodes: [MustacheNode], in scopes: [Scope]) -> String {
    let outer = self.scopes
    self.scopes = scopes
    defer { self.scopes = outer }
    return hubl(nodes)
  }

  private mutating func with(_ block: MustacheBlock, _ argument: MustacheExpression) -> String {
    guard let value = condition(argument, block.offset) else { return leftOut(block) }
    let names = block.statement.names.first.map { [$0: value] } ?? [:]
    let inner = body(block.body, in: scopes + [Scope(value: value, names: names, loop: loops.last)])
    var text = code("{% if \(value) %}", inner)
    if let otherwise = block.otherwise { text += code("{% else %}", hubl(otherwise)) }
    return text + "{% endif %}"
  }

  private mutating func each(_ block: MustacheBlock, _ argument: MustacheExpression) -> String {
    guard let list = value(argument, block.offset) else { return leftOut(block) }
    var base = scopes
    if dialect == .postmark, case .path(let path) = argument { base = scopes(to: path) }
    let (loop, inner) = self.loop(block, list: list, in: base)
    // With an else a list that is missing is as good as an empty one, as it was.
    let otherwise = block.otherwise.map { hubl($0) } ?? ""
    return loop + inner + code("{% else %}", otherwise) + "{% endfor %}"
  }

  /// The tag of a loop, and what is in it.
  private mutating func loop(
    _ block: MustacheBlock, list: String, in base: [Scope]
  ) -> (tag: String, body: String) {
    // By depth: names of loops beside each other do not meet.
    let number = loops.count + 1
    let given = block.statement.names
    let item = number == 1 ? "item" : "item\(number)"
    var scope = Scope(value: item, loop: number)
    if let name = given.first { scope.names[name] = item }
    if given.count > 1 { scope.names[given[1]] = "loop.index0" }
    loops.append(number)
    var text = Self.guarded(body(block.body, in: base + [scope]))
    loops.removeLast()
    if countedLoops.remove(number) != nil { text = "{% set index\(number) = loop.index0 %}" + text }
    guard Self.usesKey(block.body) else { return ("{% for \(item) in \(list) %}", text) }
    reportOnce(
      .changed, block.offset, "@key", "a loop with @key takes its value for an object, not for a list")
    return ("{% for key\(number), \(item) in \(HubLText.grouped(list)).items() %}", text)
  }

  /// `{{#name}}` in Handlebars: over a list, with an object, or if it is true.
  private mutating func section(_ block: MustacheBlock) -> String {
    guard let value = value(block.statement.expression, block.offset) else { return leftOut(block) }
    reportOnce(
      .changed, block.offset, "{{#\(Self.shown(block.statement.expression))}}",
      "a block by a name goes through a list or into an object; where the value is a plain true, names in it "
        + "find nothing: ask with #if instead")
    let list = "([\(value)] if \(value) is mapping or \(value) is string else \(value))"
    let (loop, inner) = self.loop(block, list: list, in: scopes)
    var text = "{% if \(value) %}\(loop)\(inner){% endfor %}"
    if let otherwise = block.otherwise { text += code("{% else %}", hubl(otherwise)) }
    return text + "{% endif %}"
  }

  private mutating func inverted(_ block: MustacheBlock) -> String {
    guard let value = condition(block.statement.expression, block.offset) else { return leftOut(block) }
    return code("{% if not \(HubLText.grouped(value)) %}", hubl(block.body)) + "{% endif %}"
  }

  /// `{{#name}}` and `{{^name}}` in Mustachio: if it is there, names of its own.
  private mutating func mustachioSection(_ block: MustacheBlock) -> String {
    guard case .path(let path) = block.statement.expression, !path.isData,
      let value = condition(block.statement.expression, block.offset)
    else { return leftOut(block) }
    var inner = scopes(to: path)
    if block.isInverted { inner[inner.count - 1].value = nil }
    let not = block.isInverted ? "not " : ""
    return code("{% if \(not)\(value) %}", body(block.body, in: inner)) + "{% endif %}"
  }

  /// Whether `@key` stands in a loop itself, not in one inside.
  private static func usesKey(_ nodes: [MustacheNode]) -> Bool {
    nodes.contains { node in
      switch node {
      case .output(let statement, _, _): usesKey(statement.expression)
      case .block(let block):
        usesKey(block.statement.expression) || (!isLoop(block) && usesKey(block.body))
          || usesKey(block.otherwise ?? [])
      default: false
      }
    }
  }

  private static func isLoop(_ block: MustacheBlock) -> Bool {
    if case .call("each", _, _) = block.statement.expression { true } else { false }
  }

  private static func usesKey(_ expression: MustacheExpression) -> Bool {
    switch expression {
    case .path(let path): path.isData && path.up == 0 && path.segments == ["key"]
    case .call(_, let arguments, let hash):
      arguments.contains(where: usesKey) || hash.contains { usesKey($0.value) }
    default: false
    }
  }
}
