/// The editable parts of a coded e-mail. Their defaults, or what the e-mail's content holds for them, are shown.
enum Widgets {
  /// Tags with a body that is shown as it is.
  static let areas: Set<String> = [
    "dnd_area", "dnd_section", "dnd_column", "dnd_row", "email_flex_area", "widget_wrapper",
    "widget_container",
  ]
  static let kinds: Set<String> = [
    "text", "textarea", "rich_text", "raw_html", "html", "inline_text", "inline_rich_text", "header",
    "linked_image", "image", "image_src", "logo", "boolean", "choice", "color", "date", "number", "url",
    "email",
    "module", "dnd_module", "email_can_spam", "email_simple_subscription", "email_subscriptions", "cta",
    "spacer",
    "email_header", "email_body", "email_footer", "video_player", "follow_me", "page_footer", "style",
    "preview_text",
  ]
  static let tags = Array(areas) + Array(kinds) + ["widget_block", "module_block"]
}

extension Renderer {
  private static let markupFields: Set<String> = ["html", "rich_text", "value", "text"]

  mutating func run(widget definition: WidgetDefinition, at ref: Ref) throws(Stop) {
    var fields = OrderedMap<Datum>()
    for (key, value) in definition.parameters {
      let isLiteral = if case .literal = nodes[Int(value)] { true } else { false }
      let value = try evaluate(value)
      fields.set(key, to: isLiteral ? trusted(value, key.name) : value)
    }
    for (key, body) in definition.bodies { fields.set(key, to: try captured(body)) }
    override(&fields, of: definition.name)
    let isExported = fields[Key("export_to_template_context")]?.isTrue == true
    if isExported { return export(fields, as: definition.name) }
    let kind = Self.kind(definition.kind, path: fields[Key("path")]?.text)
    write(widget: kind, fields, definition.context)
  }

  /// What the editor kept for it: `content.widgets.NAME.body`.
  private func override(_ fields: inout OrderedMap<Datum>, of name: String) {
    guard case .members(let body)? = values["content"]?["widgets"]?[name]?["body"].map({ Datum($0) }) else {
      return
    }
    for entry in body.members.entries {
      fields.set(entry.key, to: trusted(Datum(entry.value), entry.key.name))
    }
  }

  /// HTML that the author wrote, in the editor or the template, is shown as such; what comes from values is escaped.
  private func trusted(_ value: Datum, _ field: String) -> Datum {
    guard Self.markupFields.contains(field), let text = value.string else { return value }
    return .safe(text)
  }

  private mutating func export(_ fields: OrderedMap<Datum>, as name: String) {
    guard let symbol = unit.program.symbolNumbers["widget_data"] else { return }
    var fields = fields
    fields.remove(Key("export_to_template_context"))
    let value: DatumMap
    if case .map(let known) = scopes[cells[Int(symbol)]] {
      value = known
    } else {
      value = DatumMap()
      set(symbol, to: .map(value))
    }
    note(changed: .map(value))
    value.members.set(Key(name), to: .map(DatumMap(fields)))
  }

  /// A module is one of the kinds when it is HubSpot's own.
  private static func kind(_ kind: String, path: String?) -> String {
    guard kind == "module" || kind == "dnd_module", let path else { return kind }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    switch name {
    case "linked_image", "image", "image_email", "email_linked_image", "logo", "email_logo":
      return "linked_image"
    case "rich_text", "email_text", "raw_html_email": return "rich_text"
    case "email_footer", "email_can_spam": return "email_can_spam"
    case "email_subscriptions": return "email_subscriptions"
    default: return Widgets.kinds.contains(name) ? name : "module"
    }
  }

  private mutating func write(widget kind: String, _ fields: OrderedMap<Datum>, _ context: OutputContext) {
    func field(_ names: String...) -> Datum {
      for name in names { if let value = fields[Key(name)], value.isDefined { return value } }
      return .undefined
    }
    switch kind {
    case "rich_text", "inline_rich_text", "raw_html", "html", "module", "email_body", "email_header",
      "page_footer":
      write(field("html", "value", "rich_text", "text"), .markup)
    case "header":
      let tag = field("header_tag").string ?? "h1"
      let name =
        tag.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 &- 0x30 < 10 } ? tag : "h1"
      output.append("<\(name)>")
      write(field("value", "text"), .markup)
      output.append("</\(name)>")
    case "linked_image", "image", "logo": write(image: fields)
    case "image_src": write(field("src", "value"), context == .markup ? .linkStart : context)
    case "email_can_spam", "email_footer", "email_subscriptions", "email_simple_subscription": writeFooter()
    case "spacer", "cta", "video_player", "follow_me", "style": break
    case "boolean": write(field("value").isDefined ? field("value") : .bool(false), .markup)
    default: write(field("value", "text", "default"), context)
    }
  }

  private mutating func write(image fields: OrderedMap<Datum>) {
    let image = fields[Key("img")] ?? fields[Key("image")] ?? .undefined
    func field(_ name: String) -> Datum { image.member(Key(name)) ?? fields[Key(name)] ?? .undefined }
    let source = field("src")
    guard source.isTrue else { return }
    let link = field("link").string ?? field("link").member(Key("url"))?.member(Key("href"))?.string ?? ""
    if !link.isEmpty {
      output.append("<a href=\"")
      write(.string(link), .linkStart)
      output.append(
        field("target").isTrue || field("open_in_new_tab").isTrue ? "\" target=\"_blank\">" : "\">")
    }
    output.append("<img src=\"")
    write(source, .linkStart)
    output.append("\" alt=\"")
    write(field("alt"), .markup)
    output.append("\"")
    for name in ["width", "height", "style"] where field(name).isTrue {
      output.append(" \(name)=\"")
      write(field(name), .markup)
      output.append("\"")
    }
    output.append(">")
    if !link.isEmpty { output.append("</a>") }
  }

  /// The sender's postal address and the way out, as the law wants them.
  private mutating func writeFooter() {
    let settings = Datum(values["site_settings"])
    let names = [
      "company_name", "company_street_address_1", "company_street_address_2", "company_city", "company_state",
      "company_zip", "company_country",
    ]
    let parts = names.compactMap { settings.member(Key($0)) }.filter(\.isTrue)
    output.append("<p>")
    for (place, part) in parts.enumerated() {
      if place > 0 { output.append(", ") }
      write(part, .markup)
    }
    output.append("</p>")
    let link = Datum(values["unsubscribe_link"])
    guard link.isTrue else { return }
    output.append("<p><a href=\"")
    write(link, .linkStart)
    output.append("\">Unsubscribe</a></p>")
  }
}
