/// The editable parts of an e-mail: `{% text "name" value="…" %}`, `{% module "name" path="…" %}`.
extension Parser {
  /// nil when the tag is none of these.
  mutating func widget(_ name: String, at offset: Int) throws(TemplateError) -> Ref? {
    if Widgets.areas.contains(name) {
      while token.kind != .end { advance() }
      return try body(until: ["end_" + name], of: (name, offset)).0
    }
    if name == "widget_block" || name == "module_block" {
      return try widgetBlock(name, at: offset)
    }
    guard Widgets.kinds.contains(name) else { return nil }
    let definition = try widgetHead(kind: name)
    return add(widget: definition, at: offset)
  }

  private mutating func add(widget: WidgetDefinition, at offset: Int) -> Ref {
    var widget = widget
    widget.context = outputContext()
    program.widgets.append(widget)
    _ = symbol("widget_data")
    _ = symbol("content")
    return add(.widget(Ref(program.widgets.count - 1)), at: offset)
  }

  /// Name in quotes, then parameters with or without commas between them, to the end of the tag.
  private mutating func widgetHead(kind: String) throws(TemplateError) -> WidgetDefinition {
    var definition = WidgetDefinition(kind: kind, name: kind, context: .markup, parameters: [], bodies: [])
    if case .string(let text) = token.kind {
      definition.name = text
      advance()
    }
    _ = take(.comma)
    while token.kind != .end {
      let key = Key(try expectName("a parameter's name"))
      try expect(.assign)
      definition.parameters.append((key, try expression()))
      _ = take(.comma)
    }
    return definition
  }

  /// `{% widget_block rich_text "name" … %}{% widget_attribute "html" %}…{% end_widget_attribute %}{% end_widget_block %}`.
  private mutating func widgetBlock(_ name: String, at offset: Int) throws(TemplateError) -> Ref {
    let attribute = name == "widget_block" ? "widget_attribute" : "module_attribute"
    let kind = try expectName("the kind of the module")
    var definition = try widgetHead(kind: kind)
    while true {
      let (_, end) = try body(until: [attribute, "end_" + name], of: (name, offset))
      guard let end, end.name == attribute else { break }
      guard case .string(let key) = token.kind else { throw unexpected("the attribute's name in quotes") }
      // How the value is to be read does not matter for its text.
      while token.kind != .end { advance() }
      let (value, _) = try body(until: ["end_" + attribute], of: (attribute, end.offset))
      definition.bodies.append((Key(key), value))
    }
    return add(widget: definition, at: offset)
  }
}
