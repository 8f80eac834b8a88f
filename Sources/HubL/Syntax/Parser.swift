/// Makes a program out of a source. Statements are in `Parser+Tags.swift`, expressions in `Parser+Expressions.swift`.
struct Parser {
  /// Deepest nesting of blocks, and of expressions within one another.
  private static let depthLimit = 60
  /// Most links of one chain: `a.b.c`, `a|b|c`, `a + b + c`.
  static let chainLimit = 200

  var lexer: Lexer
  var program = Program()
  var context = MarkupContext()
  /// Tokens of the output or tag that is read, and the place in them.
  var tokens: [Token] = []
  var next = 0
  /// Whether `{% autoescape false %}` is around.
  var isRaw = false
  /// Macros that were defined or imported so far; they hide functions of the same name.
  var macros: Set<String> = []
  var blockNames: Set<String> = []
  private var depth = 0
  private var keyNumbers: [Key: Ref] = [:]

  init(_ source: [UInt8]) {
    lexer = Lexer(source)
    program.source = source
  }

  static func parse(_ source: [UInt8]) throws(TemplateError) -> Program {
    var parser = Parser(source)
    let (root, end) = try parser.body(until: [], of: nil)
    parser.program.root = root
    if let end { throw parser.error(.syntax, end.offset, "“\(end.name)” closes nothing") }
    return parser.program
  }

  /// The tag that ended a body.
  struct End {
    var name: String
    var offset: Int
  }

  /// What stands up to one of the tags `ends`, which is read up to behind its name, or to the end of the source.
  mutating func body(
    until ends: Set<String>, of opening: (name: String, offset: Int)?
  ) throws(TemplateError) -> (Ref, End?) {
    var statements = [Ref]()
    let start = lexer.position
    try enter(at: start)
    defer { leave() }
    while let piece = try lexer.piece() {
      switch piece {
      case .text(let range): statements.append(text(range))
      case .output(let tokens):
        begin(tokens)
        statements.append(try output())
      case .tag(let tokens):
        begin(tokens)
        let (name, offset) = try tagName()
        if ends.contains(name) { return (sequence(statements, at: start), End(name: name, offset: offset)) }
        if let node = try tag(name, at: offset, closing: opening) { statements.append(node) }
      }
    }
    if let opening {
      throw error(.syntax, opening.offset, "{% \(opening.name) %} has no {% end\(opening.name) %}")
    }
    return (sequence(statements, at: start), nil)
  }

  /// The body of a tag that only its own end closes.
  mutating func body(of name: String, at offset: Int) throws(TemplateError) -> Ref {
    let (body, end) = try body(until: ["end" + name], of: (name, offset))
    if end != nil { try finishEnd() }
    return body
  }

  /// Behind the name of an end tag: some write the name of what they close once more.
  mutating func finishEnd() throws(TemplateError) {
    if case .name = token.kind { advance() }
    try expectEnd()
  }

  private mutating func sequence(_ statements: [Ref], at offset: Int) -> Ref {
    statements.count == 1 ? statements[0] : add(.sequence(list: list(statements)), at: offset)
  }

  mutating func text(_ range: Range<Int>) -> Ref {
    context.read(program.source[range])
    let start = program.text.count
    program.text += program.source[range]
    return add(.text(start: Ref(start), count: Ref(range.count)), at: range.lowerBound)
  }

  private mutating func output() throws(TemplateError) -> Ref {
    let offset = token.offset
    let value = try expression()
    try expectEnd()
    return add(.output(value, outputContext(value)), at: offset)
  }

  /// The context of an output here. One that is percent-encoded by hand is not encoded once more, one that ends with
  /// `|safe` is what its author says, and what the author wrote out may be several attributes.
  mutating func outputContext(_ value: Ref) -> OutputContext {
    let place = outputContext()
    if case .filter(_, let filter, _) = program.nodes[Int(value)], place != .raw {
      let filter = FilterTable.all[Int(filter)]
      if filter.names[0] == "safe" { return .markup }
      if place == .linkQuery, filter.isURLEncoding { return .linkPath }
      if place == .script, filter.isScript { return context.isInElement ? .raw : .markup }
    }
    return place == .attributes && isLiteral(value) ? .markup : place
  }

  /// The context of any text here.
  mutating func outputContext() -> OutputContext {
    defer { context.readValue() }
    return isRaw ? .raw : context.place()
  }

  /// Whether only the author can have written it.
  private func isLiteral(_ value: Ref, depth: Int = 0) -> Bool {
    switch program.nodes[Int(value)] {
    case .literal: true
    case .choice(_, let then, let otherwise) where depth < 20:
      isLiteral(then, depth: depth + 1) && (otherwise < 0 || isLiteral(otherwise, depth: depth + 1))
    default: false
    }
  }
}

extension Parser {
  // MARK: Tables

  mutating func add(_ node: Node, at offset: Int) -> Ref {
    program.nodes.append(node)
    program.offsets.append(Ref(clamping: offset))
    return Ref(program.nodes.count - 1)
  }

  mutating func list(_ items: [Ref]) -> Ref {
    program.pool.append(Ref(items.count))
    program.pool += items
    return Ref(program.pool.count - items.count - 1)
  }

  mutating func literal(_ value: Value, at offset: Int) -> Ref {
    program.literals.append(value)
    return add(.literal(Ref(program.literals.count - 1)), at: offset)
  }

  mutating func symbol(_ name: String) -> Ref {
    if let number = program.symbolNumbers[name] { return number }
    let number = Ref(program.symbols.count)
    program.symbols.append(name)
    program.symbolNumbers[name] = number
    return number
  }

  mutating func key(_ name: String) -> Ref {
    let key = Key(name)
    if let number = keyNumbers[key] { return number }
    let number = Ref(program.keys.count)
    program.keys.append(key)
    keyNumbers[key] = number
    return number
  }

  mutating func arguments(_ arguments: Arguments) -> Ref {
    guard !arguments.named.isEmpty else { return list([-1] + arguments.positional) }
    program.named.append(arguments.named)
    return list([Ref(program.named.count - 1)] + arguments.positional)
  }

  func offset(of node: Ref) -> Int { Int(program.offsets[Int(node)]) }

  // MARK: Tokens

  mutating func begin(_ tokens: [Token]) {
    self.tokens = tokens
    next = 0
  }

  var token: Token { tokens[min(next, tokens.count - 1)] }

  mutating func advance() { next += 1 }

  /// The token behind this one.
  var following: Token.Kind { tokens[min(next + 1, tokens.count - 1)].kind }

  /// Passes the sign if it is next.
  mutating func take(_ sign: Sign) -> Bool {
    guard token.kind == .sign(sign) else { return false }
    advance()
    return true
  }

  mutating func take(word: String) -> Bool {
    guard token.kind == .name(word) else { return false }
    advance()
    return true
  }

  mutating func expect(_ sign: Sign) throws(TemplateError) {
    guard take(sign) else { throw unexpected("“\(sign.rawValue)”") }
  }

  mutating func expect(word: String) throws(TemplateError) {
    guard take(word: word) else { throw unexpected("“\(word)”") }
  }

  mutating func expectEnd() throws(TemplateError) {
    guard token.kind == .end else { throw unexpected() }
  }

  mutating func expectName(_ what: String = "a name") throws(TemplateError) -> String {
    guard case .name(let name) = token.kind else { throw unexpected(what) }
    advance()
    return name
  }

  /// What a tag is called.
  private mutating func tagName() throws(TemplateError) -> (String, Int) {
    let offset = token.offset
    return (try expectName("the name of a tag"), offset)
  }

  // MARK: Limits and errors

  mutating func enter(at offset: Int) throws(TemplateError) {
    depth += 1
    if depth > Self.depthLimit { throw error(.limit, offset, "this is nested too deeply") }
  }

  mutating func leave() { depth -= 1 }

  func unexpected(_ wanted: String? = nil) -> TemplateError {
    let wish = wanted.map { "; \($0) is" } ?? ""
    return error(.syntax, token.offset, "\(token.kind.text) is not expected here\(wish)")
  }

  func error(
    _ kind: TemplateError.Kind, _ offset: Int, _ message: String, hint: String? = nil
  ) -> TemplateError {
    lexer.error(kind, offset, message, hint: hint.map { "“\($0)”" })
  }
}
