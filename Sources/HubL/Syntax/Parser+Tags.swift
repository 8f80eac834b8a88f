extension Parser {
  private typealias Reader = @Sendable (inout Parser, Int) throws(TemplateError) -> Ref?

  /// Every tag by its name. A reader starts behind the name and ends with the tag, or with that of its end.
  private static let readers: [String: Reader] = [
    "if": { (p, at) throws(TemplateError) in try p.branches(at: at, isNegated: false) },
    "unless": { (p, at) throws(TemplateError) in try p.branches(at: at, isNegated: true) },
    "for": { (p, at) throws(TemplateError) in try p.loop(at: at) },
    "set": { (p, at) throws(TemplateError) in try p.set(at: at) },
    "do": { (p, at) throws(TemplateError) in p.add(.evaluate(try p.lastExpression()), at: at) },
    "print": { (p, at) throws(TemplateError) in
      let value = try p.lastExpression()
      return p.add(.output(value, p.outputContext(value)), at: at)
    },
    "break": { (p, at) throws(TemplateError) in try p.single(.breakLoop, at: at) },
    "continue": { (p, at) throws(TemplateError) in try p.single(.continueLoop, at: at) },
    "macro": { (p, at) throws(TemplateError) in try p.macro(at: at) },
    "call": { (p, at) throws(TemplateError) in try p.callBlock(at: at) },
    "block": { (p, at) throws(TemplateError) in try p.block(at: at) },
    "extends": { (p, at) throws(TemplateError) in p.add(.extends(try p.lastExpression()), at: at) },
    "include": { (p, at) throws(TemplateError) in try p.include(at: at) },
    "import": { (p, at) throws(TemplateError) in try p.importAll(at: at) },
    "from": { (p, at) throws(TemplateError) in try p.importNames(at: at) },
    "raw": { (p, at) throws(TemplateError) in try p.raw(at: at) },
    "autoescape": { (p, at) throws(TemplateError) in try p.autoescape(at: at) },
    "cycle": { (p, at) throws(TemplateError) in try p.cycle(at: at) },
    "ifchanged": { (p, at) throws(TemplateError) in try p.ifChanged(at: at) },
    "filter": { (p, at) throws(TemplateError) in try p.filterBlock(at: at) },
  ]

  /// One tag. nil when nothing is to be done for it when rendering.
  mutating func tag(
    _ name: String, at offset: Int, closing open: (name: String, offset: Int)?
  ) throws(TemplateError) -> Ref? {
    if let reader = Self.readers[name] { return try reader(&self, offset) }
    if let widget = try widget(name, at: offset) { return widget }
    if name.hasPrefix("end") || name == "else" || name == "elif" {
      let inside = open.map { ", {% \($0.name) %} is open" } ?? ""
      throw error(.syntax, offset, "{% \(name) %} is not expected here\(inside)")
    }
    let known = Array(Self.readers.keys) + Widgets.tags + ["else", "elif", "endif", "endfor"]
    let hint = name == "elsif" || name == "elseif" ? "elif" : Suggestion.nearest(to: name, among: known)
    throw error(.unsupported, offset, "the tag “\(name)” is not known", hint: hint)
  }

  private mutating func lastExpression() throws(TemplateError) -> Ref {
    let value = try expression()
    try expectEnd()
    return value
  }

  private mutating func single(_ node: Node, at offset: Int) throws(TemplateError) -> Ref {
    try expectEnd()
    return add(node, at: offset)
  }

  private mutating func branches(at offset: Int, isNegated: Bool) throws(TemplateError) -> Ref {
    let name = isNegated ? "unless" : "if"
    let ends: Set<String> = isNegated ? ["else", "endunless"] : ["elif", "else", "endif"]
    let before = context
    var after: MarkupContext?
    var items = [Ref]()
    var condition = try lastExpression()
    if isNegated { condition = add(.not(condition), at: offset) }
    items.append(condition)
    while true {
      let (body, end) = try body(until: items.count % 2 == 0 ? ["end" + name] : ends, of: (name, offset))
      items.append(body)
      after = after ?? context
      guard let end else { break }
      if end.name == "elif" {
        items.append(try lastExpression())
      } else if end.name == "else" {
        try expectEnd()
        let (last, closing) = try self.elseBody(of: name, at: offset, in: before)
        items.append(last)
        if closing { try finishEnd() }
        break
      } else {
        try finishEnd()
        break
      }
      context = before
    }
    context = after ?? context
    return add(.branches(list: list(items)), at: offset)
  }

  private mutating func elseBody(
    of name: String, at offset: Int, in before: MarkupContext
  ) throws(TemplateError) -> (Ref, Bool) {
    context = before
    let (last, end) = try body(until: ["end" + name], of: (name, offset))
    return (last, end != nil)
  }

  private mutating func loop(at offset: Int) throws(TemplateError) -> Ref {
    var names = [Ref]()
    let isWrapped = take(.open)
    repeat { names.append(symbol(try expectName("the name of a variable"))) } while take(.comma)
    if isWrapped { try expect(.close) }
    try expect(word: "in")
    var items = try disjunctionOnly()
    let condition = take(word: "if") ? try disjunctionOnly() : -1
    // What looked like a condition was the first half of `a if b else c`.
    if condition >= 0, take(word: "else") {
      items = add(.choice(condition: condition, then: items, otherwise: try expression()), at: offset)
    }
    try expectEnd()
    _ = symbol("loop")
    let isChoice = if case .choice = program.nodes[Int(items)] { true } else { false }
    let (body, end) = try body(until: ["else", "endfor"], of: ("for", offset))
    var otherwise: Ref = -1
    if end?.name == "else" {
      try expectEnd()
      otherwise = try self.body(of: "for", at: offset)
    } else {
      try finishEnd()
    }
    program.loops.append(
      LoopDefinition(
        names: names, items: items, condition: isChoice ? -1 : condition, body: body, otherwise: otherwise))
    return add(.loop(Ref(program.loops.count - 1)), at: offset)
  }

  private mutating func set(at offset: Int) throws(TemplateError) -> Ref {
    let first = try expectName("the name of a variable")
    if take(.dot) {
      let key = key(try expectName())
      try expect(.assign)
      return add(.setMember(name: symbol(first), key: key, value: try lastExpression()), at: offset)
    }
    var names = [symbol(first)]
    while take(.comma) { names.append(symbol(try expectName("the name of a variable"))) }
    guard take(.assign) else { return try capture(names[0], at: offset) }
    var values = [try expression()]
    while take(.comma) { values.append(try expression()) }
    try expectEnd()
    if values.count == 1 { return add(.set(names: list(names), value: values[0]), at: offset) }
    let value = add(.list(list: list(values)), at: offset)
    guard names.count == 1 || names.count == values.count else {
      throw error(.syntax, offset, "\(names.count) names cannot take \(values.count) values")
    }
    return add(.set(names: list(names), value: value), at: offset)
  }

  /// `{% set name %}…{% endset %}`, `{% set name|filter %}…`.
  private mutating func capture(_ name: Ref, at offset: Int) throws(TemplateError) -> Ref {
    var filtered = add(.name(name), at: offset)
    while take(.pipe) { filtered = try filter(of: filtered, at: offset) }
    try expectEnd()
    let outer = context
    context = MarkupContext()
    let body = try body(of: "set", at: offset)
    context = outer
    return add(.capture(name: name, body: body, filtered: filtered), at: offset)
  }

  /// `{% filter upper %}…{% endfilter %}`.
  private mutating func filterBlock(at offset: Int) throws(TemplateError) -> Ref {
    let name = symbol("_filtered")
    var filtered = try filter(of: add(.name(name), at: offset), at: offset)
    while take(.pipe) { filtered = try filter(of: filtered, at: offset) }
    try expectEnd()
    let place = isRaw ? .raw : context.place()
    let body = try body(of: "filter", at: offset)
    let capture = add(.capture(name: name, body: body, filtered: filtered), at: offset)
    let shown = add(.output(add(.name(name), at: offset), place), at: offset)
    return add(.sequence(list: list([capture, shown])), at: offset)
  }

  private mutating func raw(at offset: Int) throws(TemplateError) -> Ref? {
    try expectEnd()
    let range = try lexer.rawText(from: offset)
    return range.isEmpty ? nil : text(range)
  }

  private mutating func autoescape(at offset: Int) throws(TemplateError) -> Ref {
    let outer = isRaw
    isRaw = take(word: "false") || take(word: "False")
    if !isRaw, !take(word: "true") { _ = take(word: "True") }
    try expectEnd()
    defer { isRaw = outer }
    return try body(of: "autoescape", at: offset)
  }

  /// `{% cycle "a", "b" %}` takes turns in a loop; `… as name` keeps the list for later.
  private mutating func cycle(at offset: Int) throws(TemplateError) -> Ref {
    var items = [try expression()]
    while take(.comma) || token.kind.isValue { items.append(try expression()) }
    if take(word: "as") {
      let name = symbol(try expectName("the name of a variable"))
      try expectEnd()
      let value = add(.list(list: list(items)), at: offset)
      return add(.set(names: list([name]), value: value), at: offset)
    }
    try expectEnd()
    _ = symbol("loop")
    return add(.cycle(list: list(items), outputContext()), at: offset)
  }

  private mutating func ifChanged(at offset: Int) throws(TemplateError) -> Ref {
    let value = try lastExpression()
    let memory = Ref(program.memories)
    program.memories += 1
    return add(
      .ifChanged(value: value, body: try body(of: "ifchanged", at: offset), memory: memory), at: offset)
  }
}

extension Token.Kind {
  /// Whether a value may start with it, in lists without commas.
  fileprivate var isValue: Bool {
    switch self {
    case .string, .int, .double: true
    case .name(let name): name != "as"
    case .sign, .end: false
    }
  }
}
