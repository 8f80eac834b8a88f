/// Makes nodes out of a source.
struct Parser: Sendable {
  /// Most steps (members, filters, nested parentheses) of one expression, so that no source can exhaust
  /// the stack.
  private static let stepLimit = 100

  private var lexer: Lexer
  private var token = Token(kind: .end, offset: 0)
  private var steps = 0

  init(_ source: [UInt8]) {
    lexer = Lexer(source)
  }

  /// All nodes of the source.
  mutating func parse() throws(TemplateError) -> [Node] {
    var nodes = [Node]()
    while let piece = try lexer.piece() {
      switch piece {
      case .text(let range): nodes.append(.text(Array(lexer.source[range])))
      case .openOutput:
        steps = 0
        try advance()
        nodes.append(.output(try expression()))
        guard token.kind == .end else { throw unexpected() }
      }
    }
    return nodes
  }

  private mutating func expression() throws(TemplateError) -> Expression {
    var result = try postfix()
    while take(UInt8(ascii: "|")) {
      try advance()
      result = try filter(of: result)
    }
    return result
  }

  private mutating func filter(of base: Expression) throws(TemplateError) -> Expression {
    try step()
    let start = token
    guard case .name(let name) = start.kind else { throw unexpected("a filter's name") }
    guard let filter = Filter(name: name) else {
      throw lexer.error(.unsupported, start.offset, "the filter “\(name)” is not known")
    }
    try advance()
    var arguments = [Expression]()
    if take(UInt8(ascii: "(")) {
      try advance()
      while !take(UInt8(ascii: ")")) {
        arguments.append(try expression())
        guard take(UInt8(ascii: ",")) else { continue }
        try advance()
      }
      try advance()
    }
    guard filter.arguments.contains(arguments.count) else {
      throw lexer.error(.syntax, start.offset, "the filter “\(name)” has too few or too many arguments")
    }
    return Expression(kind: .filter(filter, base, arguments), offset: base.offset)
  }

  private mutating func postfix() throws(TemplateError) -> Expression {
    var result = try primary()
    while true {
      if take(UInt8(ascii: ".")) {
        try step()
        try advance()
        guard case .name(let name) = token.kind else { throw unexpected("a name") }
        result = Expression(kind: .member(result, name), offset: result.offset)
        try advance()
      } else if take(UInt8(ascii: "[")) {
        try step()
        try advance()
        result = try subscripted(result)
      } else {
        return result
      }
    }
  }

  private mutating func subscripted(_ base: Expression) throws(TemplateError) -> Expression {
    let kind: Expression.Kind
    switch token.kind {
    case .string(let name): kind = .member(base, name)
    case .int(let place): kind = .index(base, Int(place))
    default: throw unexpected("a number or a text in quotes")
    }
    try advance()
    guard take(UInt8(ascii: "]")) else { throw unexpected("]") }
    try advance()
    return Expression(kind: kind, offset: base.offset)
  }

  private mutating func primary() throws(TemplateError) -> Expression {
    let start = token
    try step()
    switch start.kind {
    case .sign(UInt8(ascii: "(")):
      try advance()
      let inner = try expression()
      guard take(UInt8(ascii: ")")) else { throw unexpected(")") }
      try advance()
      return inner
    case .sign(UInt8(ascii: "-")):
      try advance()
      return Expression(kind: .literal(try negativeNumber()), offset: start.offset)
    case .name(let name):
      try advance()
      return Expression(kind: Self.constant(name).map { .literal($0) } ?? .name(name), offset: start.offset)
    case .string(let text):
      try advance()
      return Expression(kind: .literal(.string(text)), offset: start.offset)
    case .int(let value):
      try advance()
      return Expression(kind: .literal(.int(value)), offset: start.offset)
    case .double(let value):
      try advance()
      return Expression(kind: .literal(.double(value)), offset: start.offset)
    case .sign, .end:
      throw unexpected("a name or a value")
    }
  }

  private mutating func negativeNumber() throws(TemplateError) -> Value {
    let value: Value
    switch token.kind {
    case .int(let number): value = .int(-number)
    case .double(let number): value = .double(-number)
    default: throw unexpected("a number")
    }
    try advance()
    return value
  }

  private static func constant(_ name: String) -> Value? {
    switch name {
    case "true", "True": .bool(true)
    case "false", "False": .bool(false)
    case "none", "None", "null": .null
    default: nil
    }
  }

  /// Whether the token is this sign; it is not passed.
  private func take(_ sign: UInt8) -> Bool { token.kind == .sign(sign) }

  private mutating func advance() throws(TemplateError) { token = try lexer.token() }

  private mutating func step() throws(TemplateError) {
    steps += 1
    if steps > Self.stepLimit { throw lexer.error(.syntax, token.offset, "this expression is too long") }
  }

  private func unexpected(_ wanted: String? = nil) -> TemplateError {
    let found =
      switch token.kind {
      case .end: "}}"
      case .name(let name): name
      case .string: "a text"
      case .int, .double: "a number"
      case .sign(let sign): String(decoding: [sign], as: UTF8.self)
      }
    let wish = wanted.map { "; \($0) is" } ?? ""
    return lexer.error(.syntax, token.offset, "“\(found)” is not expected here\(wish)")
  }

  /// For errors found later, at rendering.
  func error(_ kind: TemplateError.Kind, _ offset: Int, _ message: String) -> TemplateError {
    lexer.error(kind, offset, message)
  }
}
