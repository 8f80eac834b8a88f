/// Pairs of a name and a value, such as those of an order or a sign-in.
public struct Details: Sendable, Hashable {
  public var rows: [Pair]

  /// One pair.
  public struct Pair: Sendable, Hashable {
    public var label: [Inline]
    public var value: [Inline]
    /// Shown strong, such as a total.
    public var isStrong = false
    public var when: Condition?

    public init(label: [Inline], value: [Inline], isStrong: Bool = false, when: Condition? = nil) {
      self.label = label
      self.value = value
      self.isStrong = isStrong
      self.when = when
    }
  }

  public init(rows: [Pair]) {
    self.rows = rows
  }
}

/// A table with a row for each element of a list, such as the items of an order.
public struct ItemTable: Sendable, Hashable {
  /// The list.
  public var list: TokenPath
  /// What an element is called in the cells: `item` for `item.name`.
  public var name: String
  /// What the table is about, for those who don't see it.
  public var caption: [Inline]
  public var columns: [Column]
  /// Lines behind the items, such as totals.
  public var totals: [Details.Pair]

  /// One column.
  public struct Column: Sendable, Hashable {
    public var header: [Inline]
    public var cell: [Inline]
    /// A second line, in small print; shown where its first value is there.
    public var note: [Inline]
    public var align: Align

    public init(header: [Inline], cell: [Inline], note: [Inline] = [], align: Align = .left) {
      self.header = header
      self.cell = cell
      self.note = note
      self.align = align
    }
  }

  /// - Parameter name: one name, such as `item`.
  public init(
    list: TokenPath, name: String = "item", caption: [Inline] = [], columns: [Column],
    totals: [Details.Pair] = []
  ) {
    self.list = list
    self.name = name
    self.caption = caption
    self.columns = columns
    self.totals = totals
  }
}

extension Details {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("rows")
    rows = try members.required("rows").list(1...100) { field throws(DocumentError) in try Pair(field) }
  }

  var json: JSONValue { ["rows": .array(rows.map(\.json))] }
}

extension Details.Pair {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("label", "value", "strong", "when")
    label = try members.required("label").line()
    value = try members.required("value").line()
    if let field = members.optional("strong") { isStrong = try field.bool() }
    when = try members.optional("when") { field throws(DocumentError) in try Condition(field) }
  }

  fileprivate var json: JSONValue {
    .object([
      "label": label.json, "value": value.json, "strong": isStrong ? true : nil, "when": when?.json,
    ])
  }
}

extension ItemTable {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("list", "as", "caption", "columns", "totals")
    list = try members.required("list").tokenPath()
    if let field = members.optional("as") {
      let path = try field.tokenPath()
      guard path.root == path.description else { throw field.error("must be one name, such as item") }
      name = path.description
    } else {
      name = "item"
    }
    caption = try members.optional("caption") { field throws(DocumentError) in try field.line() } ?? []
    columns = try members.required("columns").list(1...6) { field throws(DocumentError) in try Column(field) }
    totals =
      try members.optional("totals") { field throws(DocumentError) in
        try field.list(0...20) { field throws(DocumentError) in try Details.Pair(field) }
      } ?? []
  }

  var json: JSONValue {
    .object([
      "list": .string(list.description), "as": .string(name), "caption": caption.isEmpty ? nil : caption.json,
      "columns": .array(columns.map(\.json)), "totals": totals.isEmpty ? nil : .array(totals.map(\.json)),
    ])
  }
}

extension ItemTable.Column {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("header", "cell", "note", "align")
    header = try members.required("header").line()
    cell = try members.required("cell").line()
    note = try members.optional("note") { field throws(DocumentError) in try field.line() } ?? []
    align =
      try members.optional("align") { field throws(DocumentError) in try field.word(Align.self) } ?? .left
  }

  fileprivate var json: JSONValue {
    .object([
      "header": header.json, "cell": cell.json, "note": note.isEmpty ? nil : note.json,
      "align": .string(align.rawValue),
    ])
  }
}
