/// An e-mail made of blocks: what the editor edits and the compiler makes HTML and text of.
public struct EmailDocument: Sendable, Hashable {
  /// Counts the saved states, so that two editors cannot overwrite each other.
  public var revision: Int
  public var settings: EmailSettings
  /// What differs from the account's theme; nil for nothing.
  public var theme: ThemeChanges?
  public var rows: [RowItem]

  public init(revision: Int = 0, settings: EmailSettings, theme: ThemeChanges? = nil, rows: [RowItem]) {
    self.revision = revision
    self.settings = settings
    self.theme = theme
    self.rows = rows
  }
}

/// What holds for a whole e-mail.
public struct EmailSettings: Sendable, Hashable {
  /// The language that it is written in.
  public var language: LanguageTag
  /// The way its letters run.
  public var direction = Direction.ltr
  /// Of the content, in pixels.
  public var width = 600
  public var subject: [Inline]
  /// What mail programs show behind the subject.
  public var preheader: [Inline]

  /// Left to right, or right to left.
  public enum Direction: String, Sendable, CaseIterable { case ltr, rtl }

  public init(language: LanguageTag, subject: [Inline], preheader: [Inline]) {
    self.language = language
    self.subject = subject
    self.preheader = preheader
  }
}

extension EmailDocument {
  /// The form of JSON that this version writes.
  public static let schema = 1

  /// Reads a document; throws with the path of what is wrong. Older forms are brought up first.
  public init(json value: JSONValue) throws(DocumentError) {
    try self.init(JSONField(value))
  }

  /// Reads a document of JSON bytes.
  public init(parsing bytes: [UInt8]) throws(DocumentError) {
    try self.init(JSONField(.document(bytes)))
  }

  init(_ field: JSONField, migration: Migration = .document) throws(DocumentError) {
    let current = JSONField(try migration.current(field), path: field.path)
    let members = try current.object("schema", "revision", "settings", "theme", "rows")
    revision =
      try members.optional("revision") { field throws(DocumentError) in
        try field.int(0...Int.max)
      } ?? 0
    settings = try EmailSettings(members.required("settings"))
    theme = try members.optional("theme") { field throws(DocumentError) in try ThemeChanges(field) }
    let list = try members.required("rows")
    rows = try list.list(0...500) { field throws(DocumentError) in try RowItem(field) }
    try Self.checkIDs(rows, list)
  }

  /// All ids differ: findings, comments and click maps name things by them.
  private static func checkIDs(_ rows: [RowItem], _ field: JSONField) throws(DocumentError) {
    var known = Set<String>()
    for id in rows.flatMap(\.ids) where !known.insert(id).inserted {
      throw field.error("has the id “\(id)” twice")
    }
  }

  /// The same document reads back from it, and it gives the same bytes each time.
  public var json: JSONValue {
    .object([
      "schema": .int(Int64(Self.schema)), "revision": .int(Int64(revision)), "settings": settings.json,
      "theme": theme?.json, "rows": .array(rows.map(\.json)),
    ])
  }
}

extension RowItem {
  fileprivate var ids: [String] {
    switch self {
    case .row(let row): [row.id] + row.columns.flatMap { [$0.id] + $0.blocks.map(\.id) }
    case .section(let id, _), .slot(let id): [id]
    }
  }
}

extension EmailSettings {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("lang", "dir", "width", "subject", "preheader")
    let tag = try members.required("lang")
    guard let language = LanguageTag(try tag.text()) else {
      throw tag.error("must be a language such as en or pt-BR")
    }
    self.language = language
    if let field = members.optional("dir") { direction = try field.word(Direction.self) }
    if let field = members.optional("width") { width = try field.int(320...800) }
    subject = try members.required("subject").line()
    preheader = try members.optional("preheader") { field throws(DocumentError) in try field.line() } ?? []
  }

  var json: JSONValue {
    [
      "lang": .string(language.description), "dir": .string(direction.rawValue), "width": .int(Int64(width)),
      "subject": subject.json, "preheader": preheader.json,
    ]
  }
}
