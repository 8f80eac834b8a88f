/// A strip of the e-mail from side to side, with one to three columns.
public struct Row: Sendable, Hashable {
  /// Stable: comments, undo and click maps use it.
  public var id: String
  public var area = Area.card
  public var style = RowStyle()
  /// On phones the columns stand under each other.
  public var isStacked = true
  /// On phones the last column comes first.
  public var isReversed = false
  public var show = Audience.all
  public var when: Condition?
  public var columns: [Column]

  public init(id: String, columns: [Column]) {
    self.id = id
    self.columns = columns
  }

  /// What a row stands on.
  public enum Area: String, Sendable, CaseIterable { case card, canvas }

  /// Where it is shown. Clients that know no media queries show what is for desktops.
  public enum Audience: String, Sendable, CaseIterable { case all, desktop, phone }
}

/// A part of a row.
public struct Column: Sendable, Hashable {
  public var id: String
  /// Width in twelfths of the row.
  public var span: Int
  public var blocks: [Block]

  public init(id: String, span: Int, blocks: [Block]) {
    self.id = id
    self.span = span
    self.blocks = blocks
  }
}

/// Distance and colour of a row.
public struct RowStyle: Sendable, Hashable {
  /// Top, right, bottom, left, in pixels.
  public var padding = [16, 32, 16, 32]
  public var background = Background.none

  /// What lies under a row's columns.
  public enum Background: Sendable, Hashable {
    case none
    /// A box in the theme's panel colour.
    case panel
    /// A box in the theme's button colours; texts in it take the button's text colour.
    case accent
    /// The whole row in colours of its own.
    case colors(light: Color, dark: Color)
  }

  public init() {}
}

/// What stands in a list of rows.
public enum RowItem: Sendable, Hashable {
  case row(Row)
  /// A section that is kept apart and put in when the e-mail is compiled.
  case section(id: String, name: String)
  /// In a layout: where the e-mail's own rows go.
  case slot(id: String)
}

extension RowItem {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.members()
    if members.names.contains("section") {
      let members = try field.object("id", "section")
      self = .section(
        id: try members.required("id").identifier(), name: try members.required("section").identifier())
    } else if members.names.contains("slot") {
      let members = try field.object("id", "slot")
      guard try members.required("slot").bool() else { throw field.error("has a slot that is not true") }
      self = .slot(id: try members.required("id").identifier())
    } else {
      self = .row(try Row(field))
    }
  }

  var json: JSONValue {
    switch self {
    case .row(let row): row.json
    case .section(let id, let name): ["id": .string(id), "section": .string(name)]
    case .slot(let id): ["id": .string(id), "slot": true]
    }
  }
}

extension RowItem {
  /// Reads the rows of a saved section: `{"schema": 1, "rows": […]}`.
  public static func section(json value: JSONValue) throws(DocumentError) -> [RowItem] {
    let members = try JSONField(value).object("schema", "rows")
    _ = try members.required("schema").int(1...1)
    return try members.required("rows").list(0...500) { field throws(DocumentError) in try RowItem(field) }
  }

  /// What `section(json:)` reads.
  public static func json(section rows: [RowItem]) -> JSONValue {
    ["schema": 1, "rows": .array(rows.map(\.json))]
  }
}

extension JSONField {
  /// An id: ASCII letters, digits, `_` and `-`.
  func identifier() throws(DocumentError) -> String {
    let text = try text(upTo: 64)
    let isFit = text.utf8.allSatisfy {
      ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F || $0 == 0x2D
    }
    guard isFit, !text.isEmpty else { throw error("must be 1 to 64 letters, digits, _ or -") }
    return text
  }
}

extension Row {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("id", "area", "style", "stack", "reverse", "show", "when", "columns")
    id = try members.required("id").identifier()
    if let field = members.optional("area") { area = try field.word(Area.self) }
    if let field = members.optional("style") { style = try RowStyle(field) }
    if let field = members.optional("stack") { isStacked = try field.bool() }
    if let field = members.optional("reverse") { isReversed = try field.bool() }
    if let field = members.optional("show") { show = try field.word(Audience.self) }
    when = try members.optional("when") { field throws(DocumentError) in try Condition(field) }
    let list = try members.required("columns")
    columns = try list.list(1...3) { field throws(DocumentError) in try Column(field) }
    let spans = columns.map(\.span)
    guard Self.splits.contains(spans) else {
      throw list.error("must have the spans 12, 6-6, 4-8, 8-4 or 4-4-4")
    }
  }

  private static let splits = [[12], [6, 6], [4, 8], [8, 4], [4, 4, 4]]

  var json: JSONValue {
    .object([
      "id": .string(id), "area": area == .card ? nil : .string(area.rawValue), "style": style.json,
      "stack": .bool(isStacked), "reverse": .bool(isReversed), "show": .string(show.rawValue),
      "when": when?.json, "columns": .array(columns.map(\.json)),
    ])
  }
}

extension Column {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("id", "span", "blocks")
    id = try members.required("id").identifier()
    span = try members.required("span").int(1...12)
    blocks = try members.required("blocks").list(0...200) { field throws(DocumentError) in try Block(field) }
  }

  fileprivate var json: JSONValue {
    ["id": .string(id), "span": .int(Int64(span)), "blocks": .array(blocks.map(\.json))]
  }
}

extension RowStyle {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("padding", "background")
    if let field = members.optional("padding") {
      padding = try field.list(4...4) { field throws(DocumentError) in try field.int(0...96) }
    }
    guard let field = members.optional("background") else { return }
    switch field.value {
    case "panel": background = .panel
    case "accent": background = .accent
    case .object:
      let colors = try field.object("light", "dark")
      let light = try colors.required("light").color()
      background = .colors(light: light, dark: try colors.required("dark").color())
    default: throw field.error("must be “panel”, “accent”, or colours for light and dark")
    }
  }

  fileprivate var json: JSONValue {
    let color: JSONValue? =
      switch background {
      case .none: nil
      case .panel: "panel"
      case .accent: "accent"
      case .colors(let light, let dark): ["light": light.json, "dark": dark.json]
      }
    return .object(["padding": .array(padding.map { .int(Int64($0)) }), "background": color])
  }
}
