extension HubLWriter {
  /// HubL of an expression; nil when it has no same meaning.
  mutating func value(_ expression: MustacheExpression, _ offset: Int) -> String? {
    switch expression {
    case .path(let path): return value(path, offset)
    case .text(let text): return HubLName.quoted(text)
    case .number(let text): return text
    case .bool(let word): return word ? "true" : "false"
    case .nothing: return "none"
    case .call(let name, let arguments, let hash): return call(name, arguments, hash, offset)
    }
  }

  private mutating func value(_ path: MustachePath, _ offset: Int) -> String? {
    if path.isData { return data(path, offset) }
    if dialect == .postmark { return scope(path).value }
    var names = path.segments
    let level = max(scopes.count - 1 - path.up, 0)
    var base = scopes[level].value
    if !path.isThis, path.up == 0, let first = names.first, let own = ownName(first) {
      base = own
      names.removeFirst()
    } else if dialect == .mailgun, !path.isThis, path.up == 0, let first = names.first, scopes.count > 1 {
      reportOnce(
        .changed, offset, first,
        "Mailgun looks for names in what is around a block, too; here they are of the block's own value. "
          + "Write custom.NAME for the others")
    }
    return base.map { members($0, names) }
  }

  /// A name that a block gave.
  private func ownName(_ name: String) -> String? {
    for scope in scopes.reversed() {
      if let own = scope.names[name] { return own }
    }
    return nil
  }

  /// `length` of a list or text counts; of a map it is a member like others.
  private func members(_ base: String, _ names: [String]) -> String {
    var result = base
    for (place, name) in names.enumerated() {
      if name == "length", place == names.count - 1, result != "custom" {
        return "(\(result).length if \(result) is mapping else \(result)|length)"
      }
      result = HubLName.member(result, name)
    }
    return result
  }

  /// `@index` and its like.
  private mutating func data(_ path: MustachePath, _ offset: Int) -> String? {
    guard let name = path.segments.first else { return nil }
    if name == "root" { return members("custom", Array(path.segments.dropFirst())) }
    guard path.segments.count == 1, loops.count > path.up else { return nil }
    if name == "key", path.up == 0 { return loops.last.map { "key\($0)" } }
    if path.up > 0 {
      guard name == "index" else { return nil }
      let loop = loops[loops.count - 1 - path.up]
      countedLoops.insert(loop)
      return "index\(loop)"
    }
    switch name {
    case "index": return "loop.index0"
    case "first": return "loop.first"
    case "last": return "loop.last"
    default: return nil
    }
  }

  /// Whether a condition takes a value for true as HubL does; what differs is said once.
  mutating func condition(_ expression: MustacheExpression, _ offset: Int) -> String? {
    if case .path(let path) = expression, !path.isData {
      let note =
        switch dialect {
        case .postmark, .mailgun: "the text “false” is not true here"
        case .sendGrid: "the text “false” and an object without members are not true here"
        }
      reportOnce(.changed, offset, Self.shown(expression), note)
    }
    return value(expression, offset)
  }

  /// Mustachio: the contexts that a path leads through, from the outermost to the value.
  func scopes(to path: MustachePath) -> [Scope] {
    var result = Array(scopes.prefix(max(scopes.count - path.up, 1)))
    for name in path.segments {
      let value = result.last?.value.map { HubLName.member($0, name) }
      result.append(Scope(value: value, loop: result.last?.loop))
    }
    return result
  }

  private func scope(_ path: MustachePath) -> Scope { scopes(to: path).last ?? Scope(value: "custom") }

  /// Whether Mustachio looks it up where nothing is.
  func isAbsent(_ expression: MustacheExpression) -> Bool {
    guard dialect == .postmark, case .path(let path) = expression, !path.isData else { return false }
    return scope(path).value == nil
  }
}
