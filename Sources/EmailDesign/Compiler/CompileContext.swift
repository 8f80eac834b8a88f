/// What an e-mail is compiled with that is not in the e-mail itself.
public struct CompileContext: Sendable {
  /// The account's; an e-mail may change some of it.
  public var theme = Theme.standard
  /// Saved sections by name.
  public var sections: [String: [RowItem]] = [:]
  /// Addresses of the account's images by id.
  public var assets: [String: String] = [:]
  /// What this and other e-mails share.
  public var layout: Layout?
  /// Transactional mail needs no way to unsubscribe.
  public var isTransactional = true

  public init() {}
}

/// What many e-mails share around their own content.
public enum Layout: Sendable, Hashable {
  /// For documents: rows with a slot among them.
  case rows([RowItem])
  /// For HTML and coded e-mails: HubL with `{{ content }}` where the e-mail goes.
  case source(String)
}

extension Layout {
  /// Reads a layout: `{"schema": 1, "rows": […]}` with a slot among the rows, or `{"schema": 1, "html": …}`.
  public init(json value: JSONValue) throws(DocumentError) {
    guard let html = try JSONField(value).members().optional("html") else {
      self = .rows(try RowItem.section(json: value))
      return
    }
    let members = try JSONField(value).object("schema", "html")
    _ = try members.required("schema").int(1...1)
    self = .source(try html.text(upTo: 2_000_000))
  }

  /// The same layout reads back from it.
  public var json: JSONValue {
    switch self {
    case .rows(let rows): RowItem.json(section: rows)
    case .source(let html): ["schema": 1, "html": .string(html)]
    }
  }
}

/// An e-mail as HubL: what is filled in for each recipient.
public struct CompiledEmail: Sendable, Hashable {
  /// One line, not escaped for HTML.
  public var subject: String
  /// One line, not escaped for HTML.
  public var preheader: String
  public var html: String
  /// nil when it is to be made of the HTML.
  public var text: String?
}

extension EmailDocument {
  /// The document as HubL; the same document and context give the same bytes. Throws with the path of a
  /// section or image that is not there.
  public func compile(_ context: CompileContext = CompileContext()) throws(DocumentError) -> CompiledEmail {
    let rows = try expandedRows(context)
    let theme = theme?.applied(to: context.theme) ?? context.theme
    var compiler = HTMLCompiler(settings, theme, context)
    let html = try compiler.document(rows)
    return CompiledEmail(
      subject: TemplateText.plain(settings.subject), preheader: TemplateText.plain(settings.preheader),
      html: LineBreaker.html(html), text: LineBreaker.plain(TextCompiler(context, theme).document(rows)))
  }

  /// The rows with sections and layout put in.
  func expandedRows(_ context: CompileContext) throws(DocumentError) -> [Row] {
    var items = rows
    switch context.layout {
    case .rows(let layout):
      guard let place = layout.firstIndex(where: { if case .slot = $0 { true } else { false } }) else {
        throw DocumentError(path: "layout", rule: "has no slot for the e-mail")
      }
      items = Array(layout[..<place]) + rows + Array(layout[(place + 1)...])
    case .source: throw DocumentError(path: "layout", rule: "is one for HTML, not for documents of blocks")
    case nil: break
    }
    var budget = Self.itemLimit
    return try Self.expand(items, context, path: "rows", prefix: "", depth: 0, &budget)
  }

  /// Rows and sections that an e-mail may come to: sections in sections multiply.
  private static let itemLimit = 2000

  private static func expand(
    _ items: [RowItem], _ context: CompileContext, path: String, prefix: String, depth: Int,
    _ budget: inout Int
  ) throws(DocumentError) -> [Row] {
    var rows = [Row]()
    for (index, item) in items.enumerated() {
      budget -= 1
      guard budget >= 0 else {
        throw DocumentError(path: path, rule: "come to more than \(itemLimit) rows with their sections")
      }
      switch item {
      case .row(let row): rows.append(row.prefixed(prefix))
      case .slot:
        throw DocumentError(path: "\(path)[\(index)]", rule: "is a slot, which only a layout has once")
      case .section(let id, let name):
        let place = "\(path)[\(index)].section"
        guard let section = context.sections[name] else {
          throw DocumentError(path: place, rule: "names “\(name)”, and there is no such section")
        }
        guard depth < 4 else { throw DocumentError(path: place, rule: "is nested too deep, or in itself") }
        rows += try expand(
          section, context, path: "sections.\(name)", prefix: "\(prefix)\(id).", depth: depth + 1, &budget)
      }
    }
    return rows
  }
}

extension Row {
  /// With another start of all ids, so that a section may stand in an e-mail twice.
  fileprivate func prefixed(_ prefix: String) -> Row {
    guard !prefix.isEmpty else { return self }
    var row = self
    row.id = prefix + id
    for column in row.columns.indices {
      row.columns[column].id = prefix + row.columns[column].id
      for block in row.columns[column].blocks.indices {
        row.columns[column].blocks[block].id = prefix + row.columns[column].blocks[block].id
      }
    }
    return row
  }
}
