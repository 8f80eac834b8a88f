extension Parser {
  /// A value with its members, places, slices and calls.
  mutating func postfix() throws(TemplateError) -> Ref {
    let offset = token.offset
    var value = try primary()
    var path = rootPath(of: value)
    var links = 0
    while true {
      if take(.dot) {
        let name = try memberName()
        path = path.map { "\($0).\(name)" }
        let key = key(name)
        if token.kind == .sign(.open) {
          path = nil
          value = add(.method(base: value, key: key, arguments: arguments(try callArguments())), at: offset)
        } else {
          value = add(.member(base: value, key: key, path: register(path)), at: offset)
        }
      } else if take(.openBracket) {
        value = try subscripted(value, &path, at: offset)
      } else {
        return value
      }
      try link(&links)
    }
  }

  /// Members may have any name, and a number is a place: `items.0`.
  private mutating func memberName() throws(TemplateError) -> String {
    if case .int(let place) = token.kind {
      advance()
      return String(place)
    }
    return try expectName()
  }

  private mutating func subscripted(
    _ base: Ref, _ path: inout String?, at offset: Int
  ) throws(TemplateError) -> Ref {
    if take(.colon) { return try sliced(base, from: -1, &path, at: offset) }
    let start = token
    let place = try expression()
    if take(.colon) { return try sliced(base, from: place, &path, at: offset) }
    let isAlone = tokens[max(0, next - 1)].offset == start.offset
    try expect(.closeBracket)
    switch start.kind {
    case .string(let name) where isAlone:
      path = path.map { "\($0).\(name)" }
      return add(.member(base: base, key: key(name), path: register(path)), at: offset)
    case .int(let number) where isAlone:
      path = path.map { "\($0)[\(number)]" }
    default:
      path = path.map { $0 + "[…]" }
    }
    return add(.index(base: base, by: place, path: register(path)), at: offset)
  }

  /// `[from:to]` and `[from:to:step]`; behind the first colon.
  private mutating func sliced(
    _ base: Ref, from start: Ref, _ path: inout String?, at offset: Int
  ) throws(TemplateError) -> Ref {
    path = nil
    var bounds = [start, -1, -1]
    if token.kind != .sign(.colon), token.kind != .sign(.closeBracket) { bounds[1] = try expression() }
    if take(.colon), token.kind != .sign(.closeBracket) { bounds[2] = try expression() }
    try expect(.closeBracket)
    return add(.slice(base: base, bounds: list(bounds)), at: offset)
  }

  private func rootPath(of node: Ref) -> String? {
    guard case .name(let symbol) = program.nodes[Int(node)] else { return nil }
    return program.symbols[Int(symbol)] == "custom" ? "custom" : nil
  }

  private mutating func register(_ path: String?) -> Ref {
    guard let path else { return -1 }
    program.paths.append(path)
    return Ref(program.paths.count - 1)
  }

  private mutating func primary() throws(TemplateError) -> Ref {
    let start = token
    switch start.kind {
    case .name(let name):
      advance()
      if let constant = Self.constant(name) { return literal(constant, at: start.offset) }
      guard token.kind == .sign(.open) else { return add(.name(symbol(name)), at: start.offset) }
      return try call(name, at: start.offset)
    case .string(let text):
      advance()
      var whole = text
      // Two texts next to each other are one.
      while case .string(let more) = token.kind {
        whole += more
        advance()
      }
      return literal(.string(whole), at: start.offset)
    case .int(let value):
      advance()
      return literal(.int(value), at: start.offset)
    case .double(let value):
      advance()
      return literal(.double(value), at: start.offset)
    case .sign(.open):
      advance()
      return try parenthesised(at: start.offset)
    case .sign(.openBracket):
      advance()
      return add(.list(list: list(try expressions(until: .closeBracket))), at: start.offset)
    case .sign(.openBrace):
      advance()
      return try map(at: start.offset)
    case .sign, .end:
      throw unexpected("a name or a value")
    }
  }

  private static func constant(_ name: String) -> Value? {
    switch name {
    case "true", "True": .bool(true)
    case "false", "False": .bool(false)
    case "none", "None", "null": .null
    default: nil
    }
  }

  /// A function, a macro, or a variable that holds one.
  private mutating func call(_ name: String, at offset: Int) throws(TemplateError) -> Ref {
    var given = try callArguments()
    if !macros.contains(name), let number = FunctionTable.numbers[name] {
      given = try bind(
        given, to: FunctionTable.all[number].parameters, of: "the function “\(name)”", at: offset)
    }
    return add(.call(name: symbol(name), arguments: arguments(given)), at: offset)
  }

  /// A value in parentheses, or a tuple: `(1, 2)`, `(1,)`, `()`.
  private mutating func parenthesised(at offset: Int) throws(TemplateError) -> Ref {
    if take(.close) { return add(.list(list: list([])), at: offset) }
    let first = try expression()
    if take(.close) { return first }
    guard take(.comma) else { throw unexpected("“)”") }
    let rest = try expressions(until: .close)
    return add(.list(list: list([first] + rest)), at: offset)
  }

  /// Values with commas between them, up to the sign, which is passed.
  private mutating func expressions(until end: Sign) throws(TemplateError) -> [Ref] {
    var values = [Ref]()
    while !take(end) {
      values.append(try expression())
      guard take(.comma) else {
        try expect(end)
        break
      }
    }
    return values
  }

  private mutating func map(at offset: Int) throws(TemplateError) -> Ref {
    var items = [Ref]()
    while !take(.closeBrace) {
      // A bare name is the name itself, as in Jinjava.
      if case .name(let name) = token.kind, following == .sign(.colon) {
        items.append(literal(.string(name), at: token.offset))
        advance()
      } else {
        items.append(try expression())
      }
      try expect(.colon)
      items.append(try expression())
      guard take(.comma) else {
        try expect(.closeBrace)
        break
      }
    }
    return add(.map(list: list(items)), at: offset)
  }

  /// From `(` to `)`.
  mutating func callArguments() throws(TemplateError) -> Arguments {
    try expect(.open)
    var result = Arguments()
    while !take(.close) {
      if case .name(let name) = token.kind, following == .sign(.assign) {
        next += 2
        result.named.append((Key(name), try expression()))
      } else {
        result.positional.append(try expression())
      }
      guard take(.comma) else {
        try expect(.close)
        break
      }
    }
    return result
  }
}
