extension Block {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("id", "type", "props", "space", "when")
    id = try members.required("id").identifier()
    space = try members.optional("space") { field throws(DocumentError) in try field.int(0...96) }
    when = try members.optional("when") { field throws(DocumentError) in try Condition(field) }
    let props = members.optional("props") ?? JSONField(.object([]), path: "\(field.path).props")
    content = try BlockContent(type: members.required("type"), props)
  }

  var json: JSONValue {
    .object([
      "id": .string(id), "type": .string(content.type.rawValue), "props": content.props,
      "space": space.map { .int(Int64($0)) }, "when": when?.json,
    ])
  }
}

/// The types of blocks by name.
enum BlockType: String, CaseIterable {
  case heading, text, image, button, divider, spacer, logo, code, details, items, social, html, footer
}

extension BlockContent {
  init(type: JSONField, _ props: JSONField) throws(DocumentError) {
    switch try type.word(BlockType.self) {
    case .heading: self = .heading(try Heading(props))
    case .text: self = .text(try TextBlock(props))
    case .image: self = .image(try ImageBlock(props))
    case .button: self = .button(try ButtonBlock(props))
    case .divider:
      _ = try props.object()
      self = .divider
    case .spacer: self = .spacer(try props.object("height").required("height").int(1...200))
    case .logo: self = .logo(try props.object("align").align())
    case .code: self = .code(try props.object("content").required("content").line())
    case .details: self = .details(try Details(props))
    case .items: self = .items(try ItemTable(props))
    case .social: self = .social(try SocialLinks(props))
    case .html: self = .html(try HTMLBlock(props))
    case .footer: self = .footer(try Footer(props))
    }
  }

  var type: BlockType {
    switch self {
    case .heading: .heading
    case .text: .text
    case .image: .image
    case .button: .button
    case .divider: .divider
    case .spacer: .spacer
    case .logo: .logo
    case .code: .code
    case .details: .details
    case .items: .items
    case .social: .social
    case .html: .html
    case .footer: .footer
    }
  }

  fileprivate var props: JSONValue {
    switch self {
    case .heading(let heading): heading.json
    case .text(let text): text.json
    case .image(let image): image.json
    case .button(let button): button.json
    case .divider: .object([])
    case .spacer(let height): ["height": .int(Int64(height))]
    case .logo(let align): .object(["align": align?.json])
    case .code(let content): ["content": content.json]
    case .details(let details): details.json
    case .items(let table): table.json
    case .social(let links): links.json
    case .html(let block): block.json
    case .footer(let footer): footer.json
    }
  }
}

extension JSONMembers {
  fileprivate func align() throws(DocumentError) -> Align? {
    try optional("align") { field throws(DocumentError) in try field.word(Align.self) }
  }

  fileprivate func flag(_ name: String, else value: Bool) throws(DocumentError) -> Bool {
    try optional(name) { field throws(DocumentError) in try field.bool() } ?? value
  }

  fileprivate func destination(_ name: String) throws(DocumentError) -> Destination? {
    try optional(name) { field throws(DocumentError) in try field.destination() }
  }
}

extension Align {
  fileprivate var json: JSONValue { .string(rawValue) }
}

extension Heading {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("level", "align", "content")
    level = try members.required("level").int(1...3)
    align = try members.align()
    content = try members.required("content").line()
  }

  fileprivate var json: JSONValue {
    .object(["level": .int(Int64(level)), "align": align?.json, "content": content.json])
  }
}

extension TextBlock {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("doc", "align", "tone")
    text = try RichText(members.required("doc"))
    align = try members.align()
    if let field = members.optional("tone") { tone = try field.word(Tone.self) }
  }

  fileprivate var json: JSONValue {
    .object([
      "doc": text.json, "align": align?.json, "tone": tone == .normal ? nil : .string(tone.rawValue),
    ])
  }
}

extension ImageBlock {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("asset", "src", "alt", "decorative", "width", "height", "align", "href")
    if let asset = members.optional("asset") {
      if let url = members.optional("src") { throw url.error("must not stand beside asset") }
      source = .asset(try asset.identifier())
    } else {
      source = .url(try members.required("src").destination())
    }
    alt = try members.optional("alt") { field throws(DocumentError) in try field.pieces() } ?? []
    isDecorative = try members.flag("decorative", else: false)
    width = try members.required("width").int(1...1200)
    height = try members.required("height").int(1...2400)
    align = try members.align()
    href = try members.destination("href")
  }

  fileprivate var json: JSONValue {
    let (asset, url): (JSONValue?, JSONValue?) =
      switch source {
      case .asset(let id): (.string(id), nil)
      case .url(let url): (nil, url.json)
      }
    return .object([
      "asset": asset, "src": url, "alt": alt.piecesJSON, "decorative": .bool(isDecorative),
      "width": .int(Int64(width)), "height": .int(Int64(height)), "align": align?.json, "href": href?.json,
    ])
  }
}

extension JSONField {
  /// A text, or a list of pieces.
  fileprivate func pieces() throws(DocumentError) -> [Inline] {
    if case .string(let text) = value { return text.isEmpty ? [] : [.text(try line(upTo: 20_000))] }
    return try line()
  }
}

extension [Inline] {
  fileprivate var piecesJSON: JSONValue {
    if isEmpty { return "" }
    if count == 1, case .text(let text)? = first { return .string(text) }
    return json
  }
}

extension ButtonBlock {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("label", "href", "align", "full")
    label = try members.required("label").pieces()
    href = try members.required("href").destination()
    align = try members.align()
    isFull = try members.flag("full", else: false)
  }

  fileprivate var json: JSONValue {
    .object(["label": label.piecesJSON, "href": href.json, "align": align?.json, "full": .bool(isFull)])
  }
}

extension SocialLinks {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("links", "align")
    align = try members.align()
    links = try members.required("links").list(1...12) { field throws(DocumentError) in
      let members = try field.object("name", "href")
      return Link(name: try members.required("name").line(), href: try members.required("href").destination())
    }
  }

  fileprivate var json: JSONValue {
    let list = links.map { link -> JSONValue in ["name": .string(link.name), "href": link.href.json] }
    return .object(["links": .array(list), "align": align?.json])
  }
}

extension HTMLBlock {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("html", "text", "template")
    html = try members.required("html").text()
    text = try members.optional("text") { field throws(DocumentError) in try field.text() } ?? ""
    isTemplate = try members.flag("template", else: false)
  }

  fileprivate var json: JSONValue {
    .object(["html": .string(html), "text": .string(text), "template": .bool(isTemplate)])
  }
}

extension Footer {
  fileprivate init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("doc", "align", "address", "unsubscribe", "preferences", "webVersion")
    text =
      try members.optional("doc") { field throws(DocumentError) in try RichText(field) } ?? RichText([])
    align = try members.align()
    hasAddress = try members.flag("address", else: true)
    if let field = members.optional("unsubscribe") { unsubscribe = try field.line(upTo: 100) }
    if let field = members.optional("preferences") { preferences = try field.line(upTo: 100) }
    webVersion = try members.optional("webVersion") { field throws(DocumentError) in try field.line(upTo: 100)
    }
  }

  fileprivate var json: JSONValue {
    .object([
      "doc": text.json, "align": align?.json, "address": .bool(hasAddress),
      "unsubscribe": .string(unsubscribe), "preferences": .string(preferences),
      "webVersion": webVersion.map { .string($0) },
    ])
  }
}
