/// Macros, blocks and other templates.
extension Parser {
  mutating func macro(at offset: Int) throws(TemplateError) -> Ref {
    let name = try expectName("the macro's name")
    macros.insert(name)
    let parameters = try parameters()
    try expectEnd()
    return add(.macro(try define(name, symbol(name), parameters, closedBy: "macro", at: offset)), at: offset)
  }

  /// `{% call macro(…) %}…{% endcall %}` and `{% call(parameters) macro(…) %}…`.
  mutating func callBlock(at offset: Int) throws(TemplateError) -> Ref {
    let parameters = token.kind == .sign(.open) ? try parameters() : []
    let call = try expression()
    switch program.nodes[Int(call)] {
    case .call, .method: break
    default: throw error(.syntax, offset, "{% call %} needs the call of a macro, such as {% call box() %}")
    }
    try expectEnd()
    let macro = try define("caller", symbol("caller"), parameters, closedBy: "call", at: offset)
    return add(.callBlock(macro: macro, call: call), at: offset)
  }

  private mutating func define(
    _ name: String, _ number: Ref, _ parameters: [MacroDefinition.Parameter], closedBy tag: String,
    at offset: Int
  ) throws(TemplateError) -> Ref {
    let outer = context
    context = MarkupContext()
    for name in ["caller", "varargs", "kwargs"] { _ = symbol(name) }
    let body = try body(of: tag, at: offset)
    context = outer
    program.macros.append(MacroDefinition(name: name, symbol: number, parameters: parameters, body: body))
    return Ref(program.macros.count - 1)
  }

  private mutating func parameters() throws(TemplateError) -> [MacroDefinition.Parameter] {
    guard take(.open) else { return [] }
    var parameters = [MacroDefinition.Parameter]()
    while !take(.close) {
      let name = try expectName("a parameter's name")
      let standard = take(.assign) ? try expression() : -1
      parameters.append(.init(key: Key(name), symbol: symbol(name), standard: standard))
      guard take(.comma) else {
        try expect(.close)
        break
      }
    }
    return parameters
  }

  mutating func block(at offset: Int) throws(TemplateError) -> Ref {
    let name: String
    if case .string(let text) = token.kind {
      name = text
      advance()
    } else {
      name = try expectName("the block's name")
    }
    while take(word: "scoped") || take(word: "required") {}
    try expectEnd()
    let body = try body(of: "block", at: offset)
    guard blockNames.insert(name).inserted else {
      throw error(.syntax, offset, "the block “\(name)” stands here twice")
    }
    program.blocks.append((name, body))
    return add(.block(Ref(program.blocks.count - 1)), at: offset)
  }

  mutating func include(at offset: Int) throws(TemplateError) -> Ref {
    let source = try expression()
    var isOptional = false
    if take(word: "ignore") {
      try expect(word: "missing")
      isOptional = true
    }
    try skipContextWords()
    try expectEnd()
    return add(.include(source, isOptional: isOptional), at: offset)
  }

  /// `with context`, `without context`: an include always has it, an import never.
  private mutating func skipContextWords() throws(TemplateError) {
    if take(word: "with") || take(word: "without") { try expect(word: "context") }
  }

  mutating func importAll(at offset: Int) throws(TemplateError) -> Ref {
    let source = try expression()
    let name = take(word: "as") ? symbol(try expectName("the name of a variable")) : -1
    try skipContextWords()
    try expectEnd()
    program.imports.append(ImportDefinition(source: source, name: name, taken: nil))
    return add(.imports(Ref(program.imports.count - 1)), at: offset)
  }

  mutating func importNames(at offset: Int) throws(TemplateError) -> Ref {
    let source = try expression()
    try expect(word: "import")
    var taken: [(key: Key, symbol: Ref)] = []
    repeat {
      if token.kind == .end { break }
      let name = try expectName("the name of a macro")
      macros.insert(name)
      var own = name
      if take(word: "as") { own = try expectName("the name of a variable") }
      macros.insert(own)
      taken.append((Key(name), symbol(own)))
    } while take(.comma)
    try skipContextWords()
    try expectEnd()
    program.imports.append(ImportDefinition(source: source, name: -1, taken: taken))
    return add(.imports(Ref(program.imports.count - 1)), at: offset)
  }
}
