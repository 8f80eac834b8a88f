/// Filters for any value.
enum BasicFilters {
  static let all: [Filter] = [
    Filter("default", "d", takes: ["default_value?", "truthy?"], traits: .isForMissing, apply: orDefault),
    Filter("safe", traits: .makesMarkup) { _, call in call.value.string.map { .safe($0) } ?? call.value },
    Filter("string", traits: .keepsSafety) { _, call in
      call.value.string == nil ? .string(call.value.text) : call.value
    },
    Filter("bool") { _, call in .bool(isTrue(call.value)) },
    Filter("attr", takes: ["name"]) { _, call in call.value.member(Key(call[0].text)) ?? .undefined },
    Filter("pprint") { _, call in .string("(\(call.value.kind): \(call.value.text))") },
    Filter("render", traits: .makesMarkup, apply: render),
    // Maps have both spellings of their names only in HubSpot's own objects.
    Filter("allow_snake_case") { _, call in call.value },
  ]

  /// An empty contact property counts as missing: contacts have no difference between the two.
  private static func orDefault(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    let isTrusted = call[1].isTrue || renderer.isProperty(call.node)
    if isTrusted ? call.value.isTrue : call.value.isDefined { return call.value }
    let standard = call[0]
    guard renderer.wasSafe(call.node), let text = standard.string else { return standard }
    return .safe(text)
  }

  private static func isTrue(_ value: Datum) -> Bool {
    guard let text = value.string else { return value.isTrue }
    return ["true", "on", "yes", "y", "t", "1"].contains(text.lowercased())
  }

  /// The text as a template with the same variables.
  private static func render(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    guard let text = call.value.string else { return call.value }
    try renderer.charge(bytes: text.utf8.count * 16, call.node)
    let template: Template
    do throws(TemplateError) {
      template = try Template(text)
    } catch {
      throw renderer.fail(.syntax, at: call.node, "the text is no template: \(error.description)")
    }
    return try renderer.rendered(template, at: call.node)
  }
}

extension Renderer {
  /// Whether a filter stands behind `contact.NAME`.
  fileprivate func isProperty(_ ref: Ref) -> Bool {
    guard case .filter(let base, _, _) = nodes[Int(ref)],
      case .member(let base, _, _) = nodes[Int(base)],
      case .name(let symbol) = nodes[Int(base)]
    else { return false }
    return unit.program.symbols[Int(symbol)] == "contact"
  }

  /// Whether `|safe` stands before a filter: it is meant for the default too.
  fileprivate func wasSafe(_ ref: Ref) -> Bool {
    guard case .filter(let base, _, _) = nodes[Int(ref)],
      case .filter(_, let filter, _) = nodes[Int(base)]
    else { return false }
    return FilterTable.all[Int(filter)].names.first == "safe"
  }

  /// What another program makes with the present variables.
  fileprivate mutating func rendered(_ template: Template, at ref: Ref) throws(Stop) -> Datum {
    try descend(ref)
    let outer = unit
    let mark = scopes.enter()
    unit = makeUnit(template, unit.space, name: "|render")
    defer {
      unit = outer
      scopes.leave(mark)
      ascend()
    }
    return try captured(template.program.root)
  }
}
