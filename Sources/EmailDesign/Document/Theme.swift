/// How the e-mails of an account look: colours for light and dark, letters, corners, logo.
public struct Theme: Sendable, Hashable {
  public var light: Palette
  public var dark: Palette
  public var font: Font
  /// Corners of cards and buttons, in pixels.
  public var radius: Int
  /// Size of running text, in pixels.
  public var baseSize: Int
  public var logo: Logo?

  /// Brevdue's own: grey canvas, white card, blue links.
  public static let standard = Theme(
    light: .standardLight, dark: .standardDark, font: .system, radius: 8, baseSize: 16, logo: nil)

  public init(light: Palette, dark: Palette, font: Font, radius: Int, baseSize: Int, logo: Logo?) {
    self.light = light
    self.dark = dark
    self.font = font
    self.radius = radius
    self.baseSize = baseSize
    self.logo = logo
  }
}

/// What one e-mail changes of its account's theme: a theme's JSON with some of its members.
public struct ThemeChanges: Sendable, Hashable {
  let json: JSONValue

  /// Reads changes: a theme with what differs.
  public init(json value: JSONValue) throws(DocumentError) {
    try self.init(JSONField(value, path: "theme"))
  }

  init(_ field: JSONField) throws(DocumentError) {
    _ = try Theme(field, over: .standard)
    json = field.value
  }

  /// The account's theme with the changes.
  public func applied(to theme: Theme) -> Theme {
    (try? Theme(JSONField(json, path: "theme"), over: theme)) ?? theme
  }
}

/// The colours of one theme, light or dark.
public struct Palette: Sendable, Hashable {
  /// Around the card.
  public var canvas: Color
  /// The card.
  public var surface: Color
  /// Boxes in the card.
  public var panel: Color
  public var text: Color
  /// Small print and labels.
  public var muted: Color
  /// Lines between things.
  public var line: Color
  public var link: Color
  public var button: Color
  public var buttonText: Color

  static let standardLight = Palette(
    canvas: Color(0xf2f4f7), surface: Color(0xffffff), panel: Color(0xf6f7f9), text: Color(0x1a1d24),
    muted: Color(0x5a6170), line: Color(0xdfe3e9), link: Color(0x2f4bc4), button: Color(0x2f4bc4),
    buttonText: Color(0xffffff))

  static let standardDark = Palette(
    canvas: Color(0x101216), surface: Color(0x191c22), panel: Color(0x22262e), text: Color(0xedeff3),
    muted: Color(0xa8b0bd), line: Color(0x353b46), link: Color(0xa5b6ff), button: Color(0x4a63dd),
    buttonText: Color(0xffffff))
}

/// Families of letters that are there on the readers' devices.
public enum Font: String, Sendable, CaseIterable {
  case system, sans, serif, verdana, mono

  /// For CSS; in attributes, so with single quotes only.
  var stack: String {
    switch self {
    case .system: "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Helvetica,Arial,sans-serif"
    case .sans: "Helvetica,Arial,sans-serif"
    case .serif: "Georgia,'Times New Roman',Times,serif"
    case .verdana: "Verdana,Geneva,sans-serif"
    case .mono: Self.monospaced
    }
  }

  static let monospaced = "SFMono-Regular,Menlo,Consolas,'Courier New',monospace"

  /// What Word falls back to; it takes Times for stacks it does not know.
  var wordName: String {
    switch self {
    case .system, .sans: "Arial,sans-serif"
    case .serif: "Georgia,serif"
    case .verdana: "Verdana,sans-serif"
    case .mono: "'Courier New',monospace"
    }
  }
}

/// The image at the head of an account's e-mails.
public struct Logo: Sendable, Hashable {
  public var source: Destination
  public var alt: String
  /// Shown size in pixels.
  public var width: Int
  public var height: Int
  public var href: Destination?

  public init(source: Destination, alt: String, width: Int, height: Int, href: Destination? = nil) {
    self.source = source
    self.alt = alt
    self.width = width
    self.height = height
    self.href = href
  }
}

extension Theme {
  /// Reads a theme; what it leaves out is as in the standard one. For an account's settings.
  public init(json value: JSONValue) throws(DocumentError) {
    try self.init(JSONField(value, path: "theme"), over: .standard)
  }

  /// Reads a theme; what it leaves out is as in `base`.
  init(_ field: JSONField, over base: Theme) throws(DocumentError) {
    self = base
    let names = Palette.names.map(\.name)
    let members = try field.members()
    let known = names + ["dark", "radius", "font", "baseSize", "logo"]
    if let stranger = members.names.first(where: { !known.contains($0) }) {
      throw DocumentError(path: "\(field.path).\(stranger)", rule: "is not known in a theme")
    }
    try light.read(members)
    if let dark = members.optional("dark") {
      let colors = try dark.members()
      if let stranger = colors.names.first(where: { !names.contains($0) }) {
        throw DocumentError(path: "\(dark.path).\(stranger)", rule: "is not known in a theme's dark colours")
      }
      try self.dark.read(colors)
    }
    if let field = members.optional("radius") { radius = try field.int(0...32) }
    if let field = members.optional("font") { font = try field.word(Font.self) }
    if let field = members.optional("baseSize") { baseSize = try field.int(13...20) }
    if let field = members.optional("logo") { logo = try Logo(field) }
  }

  /// The same theme reads back from it.
  public var json: JSONValue {
    .object(
      light.members + [
        .init("dark", .object(dark.members)), .init("radius", .int(Int64(radius))),
        .init("font", .string(font.rawValue)), .init("baseSize", .int(Int64(baseSize))),
      ] + (logo.map { [.init("logo", $0.json)] } ?? []))
  }
}

extension Palette {
  fileprivate static var names: [(name: String, path: WritableKeyPath<Palette, Color>)] {
    [
      ("canvas", \.canvas), ("surface", \.surface), ("panel", \.panel), ("text", \.text),
      ("muted", \.muted), ("line", \.line), ("link", \.link), ("button", \.button),
      ("buttonText", \.buttonText),
    ]
  }

  fileprivate mutating func read(_ members: JSONMembers) throws(DocumentError) {
    for (name, path) in Self.names {
      if let field = members.optional(name) { self[keyPath: path] = try field.color() }
    }
  }

  fileprivate var members: [JSONValue.Member] {
    Self.names.map { .init($0.name, self[keyPath: $0.path].json) }
  }
}

extension Logo {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("src", "alt", "width", "height", "href")
    source = try members.required("src").destination()
    alt = try members.required("alt").line()
    width = try members.required("width").int(1...600)
    height = try members.required("height").int(1...600)
    href = try members.optional("href") { field throws(DocumentError) in try field.destination() }
  }

  fileprivate var json: JSONValue {
    .object([
      "src": source.json, "alt": .string(alt), "width": .int(Int64(width)), "height": .int(Int64(height)),
      "href": href?.json,
    ])
  }
}
