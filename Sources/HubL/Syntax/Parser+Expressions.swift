extension Parser {
  /// `value if condition else other`, `condition ? value : other`, and all that binds closer.
  mutating func expression() throws(TemplateError) -> Ref {
    let offset = token.offset
    try enter(at: offset)
    defer { leave() }
    var value = try disjunction()
    if take(.question) {
      let then = try expression()
      try expect(.colon)
      return add(.choice(condition: value, then: then, otherwise: try expression()), at: offset)
    }
    var links = 0
    while take(word: "if") {
      try link(&links)
      let condition = try disjunction()
      let otherwise = take(word: "else") ? try expression() : -1
      value = add(.choice(condition: condition, then: value, otherwise: otherwise), at: offset)
    }
    return value
  }

  /// Without `if`, which in a `for` filters the elements.
  mutating func disjunctionOnly() throws(TemplateError) -> Ref {
    let offset = token.offset
    try enter(at: offset)
    defer { leave() }
    return try disjunction()
  }

  private mutating func disjunction() throws(TemplateError) -> Ref {
    var value = try conjunction()
    var links = 0
    while take(word: "or") || take(.or) {
      try link(&links)
      let offset = offset(of: value)
      value = add(.or(value, try conjunction()), at: offset)
    }
    return value
  }

  private mutating func conjunction() throws(TemplateError) -> Ref {
    var value = try negation()
    var links = 0
    while take(word: "and") || take(.and) {
      try link(&links)
      let offset = offset(of: value)
      value = add(.and(value, try negation()), at: offset)
    }
    return value
  }

  private mutating func negation() throws(TemplateError) -> Ref {
    let offset = token.offset
    guard token.kind == .name("not") || token.kind == .sign(.not) else { return try comparison() }
    advance()
    try enter(at: offset)
    defer { leave() }
    return add(.not(try negation()), at: offset)
  }

  private mutating func comparison() throws(TemplateError) -> Ref {
    var value = try sum()
    var links = 0
    while true {
      let offset = offset(of: value)
      if take(word: "is") {
        value = try test(of: value, at: offset)
      } else if let found = comparisonOperator() {
        value = add(.binary(found, value, try sum()), at: offset)
      } else {
        return value
      }
      try link(&links)
    }
  }

  private mutating func comparisonOperator() -> BinaryOperator? {
    let found: BinaryOperator
    switch token.kind {
    case .sign(.equal): found = .equal
    case .sign(.notEqual): found = .notEqual
    case .sign(.less): found = .less
    case .sign(.lessOrEqual): found = .lessOrEqual
    case .sign(.greater): found = .greater
    case .sign(.greaterOrEqual): found = .greaterOrEqual
    case .name("in"): found = .contains
    case .name("not") where following == .name("in"):
      advance()
      found = .lacks
    default: return nil
    }
    advance()
    return found
  }

  /// Sums, differences, and texts joined with `~`, from left to right.
  private mutating func sum() throws(TemplateError) -> Ref {
    var value = try product()
    var links = 0
    while true {
      let offset = offset(of: value)
      if take(.plus) {
        value = add(.binary(.add, value, try product()), at: offset)
      } else if take(.minus) {
        value = add(.binary(.subtract, value, try product()), at: offset)
      } else if token.kind == .sign(.tilde) {
        var parts = [value]
        while take(.tilde) { parts.append(try product()) }
        value = add(.joined(list: list(parts)), at: offset)
      } else {
        return value
      }
      try link(&links)
    }
  }

  private mutating func product() throws(TemplateError) -> Ref {
    var value = try power()
    var links = 0
    while true {
      let found: BinaryOperator
      switch token.kind {
      case .sign(.times): found = .multiply
      case .sign(.over): found = .divide
      case .sign(.floorOver): found = .floorDivide
      case .sign(.percent): found = .remainder
      default: return value
      }
      advance()
      try link(&links)
      let offset = offset(of: value)
      value = add(.binary(found, value, try power()), at: offset)
    }
  }

  private mutating func power() throws(TemplateError) -> Ref {
    var value = try unary(isFiltered: true)
    var links = 0
    while take(.power) {
      try link(&links)
      let offset = offset(of: value)
      value = add(.binary(.power, value, try unary(isFiltered: true)), at: offset)
    }
    return value
  }

  /// A sign belongs to the number before the number's filters: `-1|abs` is 1.
  private mutating func unary(isFiltered: Bool) throws(TemplateError) -> Ref {
    let offset = token.offset
    var value: Ref
    if take(.minus) {
      try enter(at: offset)
      defer { leave() }
      value = add(.negated(try unary(isFiltered: false)), at: offset)
    } else if take(.plus) {
      try enter(at: offset)
      defer { leave() }
      value = try unary(isFiltered: false)
    } else {
      value = try postfix()
    }
    guard isFiltered else { return value }
    var links = 0
    while take(.pipe) {
      try link(&links)
      value = try filter(of: value, at: offset)
    }
    return value
  }

  mutating func filter(of base: Ref, at offset: Int) throws(TemplateError) -> Ref {
    let (name, place) = (token.kind, token.offset)
    guard case .name(let name) = name else { throw unexpected("a filter's name") }
    guard let number = FilterTable.numbers[name] else {
      let hint = Suggestion.nearest(to: name, among: FilterTable.numbers.keys)
      throw error(.unsupported, place, "the filter “\(name)” is not known", hint: hint)
    }
    advance()
    let given = token.kind == .sign(.open) ? try callArguments() : Arguments()
    let bound = try bind(given, to: FilterTable.all[number].parameters, of: "the filter “\(name)”", at: place)
    return add(.filter(base: base, filter: Ref(number), arguments: arguments(bound)), at: offset)
  }

  /// `is name`, `is not name`, `is name(argument)`, `is name argument`.
  private mutating func test(of base: Ref, at offset: Int) throws(TemplateError) -> Ref {
    let isNegated = take(word: "not")
    let place = token.offset
    var name = token.kind.testName
    if name == nil { throw unexpected("a test's name") }
    if name == "not" { name = nil }
    guard let name else { throw unexpected("a test's name") }
    guard let number = TestTable.numbers[name] else {
      let hint = Suggestion.nearest(to: name, among: TestTable.numbers.keys)
      throw error(.unsupported, place, "the test “\(name)” is not known", hint: hint)
    }
    advance()
    var given = Arguments()
    if token.kind == .sign(.open) {
      given = try callArguments()
    } else if TestTable.all[number].parameters.required > 0 {
      given.positional = [try unary(isFiltered: false)]
    }
    let bound = try bind(given, to: TestTable.all[number].parameters, of: "the test “\(name)”", at: place)
    let node = add(.test(base: base, test: Ref(number), arguments: arguments(bound)), at: offset)
    return isNegated ? add(.not(node), at: offset) : node
  }

  /// Puts named arguments at their places, so that nobody has to look for them when rendering.
  func bind(
    _ given: Arguments, to parameters: Parameters, of what: String, at offset: Int
  ) throws(TemplateError) -> Arguments {
    var bound = Arguments(positional: given.positional)
    for (key, value) in given.named {
      guard let place = parameters.names.firstIndex(of: key.name) else {
        if parameters.isOpen {
          bound.named.append((key, value))
          continue
        }
        let hint = Suggestion.nearest(to: key.name, among: parameters.names)
        throw error(.syntax, offset, "\(what) has no parameter “\(key.name)”", hint: hint)
      }
      while bound.positional.count <= place { bound.positional.append(-1) }
      bound.positional[place] = value
    }
    let count = bound.positional.count
    guard count >= parameters.required, parameters.isOpen || count <= parameters.names.count,
      !bound.positional.prefix(parameters.required).contains(-1)
    else {
      throw error(.syntax, offset, "\(what) takes \(parameters.description)")
    }
    return bound
  }

  mutating func link(_ links: inout Int) throws(TemplateError) {
    links += 1
    if links > Self.chainLimit { throw error(.limit, token.offset, "this expression is too long") }
  }
}

extension Token.Kind {
  /// Tests may be called by an operator: `select("==", 3)`, `is == 3`.
  fileprivate var testName: String? {
    switch self {
    case .name(let name): name
    case .sign(let sign) where TestTable.numbers[sign.rawValue] != nil: sign.rawValue
    default: nil
    }
  }
}
