import EmailDesign

/// Sections and columns of HubSpot's editor as rows.
struct HubSpotLayout {
  private let content: JSONValue
  private let widgets: [String: JSONValue]
  private let style: HubSpotStyle
  private(set) var report: ImportReport
  private var ids = Identifiers()
  /// Names of widgets that have their place.
  private var placed: Set<String> = ["preview_text"]

  init(_ content: JSONValue, _ style: HubSpotStyle, _ report: ImportReport) {
    self.content = content
    let named = (content["widgets"]?.members ?? []).map { ($0.name, $0.value) }
    widgets = Dictionary(named, uniquingKeysWith: { first, _ in first })
    self.style = style
    self.report = report
  }

  /// At most 500 sections are read.
  mutating func rows() -> [RowItem] {
    var rows = [Row]()
    for area in content["flexAreas"]?.members ?? [] {
      for section in (area.value["sections"]?.items ?? []).prefix(500) { rows += self.rows(section) }
    }
    if rows.isEmpty { rows += classicRows() }
    reportUnplaced()
    if rows.count > 500 {
      report.add(.left, "content.flexAreas", "\(rows.count - 500) rows", "a document has at most 500")
    }
    return rows.prefix(500).map { .row($0) }
  }

  /// A template that is not of the editor: its editable parts in their order.
  private mutating func classicRows() -> [Row] {
    let path = content["templatePath"]?.filledText ?? "of its own"
    report.add(
      .changed, "content.templatePath", path,
      "the e-mail has a coded template: its editable parts are here in their order, its own HTML is not in the "
        + "JSON. To keep that, import the template's file as a template")
    let widgets = (content["widgets"]?.members ?? []).filter { $0.name != "preview_text" }
    let sorted = widgets.enumerated().sorted {
      ($0.element.value["order"]?.pixels ?? .max, $0.offset) < (
        $1.element.value["order"]?.pixels ?? .max, $1.offset
      )
    }
    let blocks = sorted.prefix(200).flatMap { self.blocks($0.element.name) }
    return [Row(id: ids.next("row"), columns: [Column(id: ids.next("column"), span: 12, blocks: blocks)])]
  }

  private mutating func reportUnplaced() {
    for widget in content["widgets"]?.members ?? [] where !placed.contains(widget.name) {
      report.add(.left, "widget \(widget.name)", "widget", "no section shows it")
    }
  }

  private mutating func rows(_ section: JSONValue) -> [Row] {
    let name = section["id"]?.filledText ?? "section"
    let place = "section \(name)"
    let columns = Array((section["columns"]?.items ?? []).prefix(12))
    guard !columns.isEmpty else { return [] }
    let groups = Self.groups(columns)
    if groups.count > 1 {
      report.add(
        .changed, place, "\(columns.count) columns",
        "a row has at most three: they stand in \(groups.count) rows")
    }
    return groups.map { row($0, section["style"] ?? .null, name, place) }
  }

  /// Three columns at most; four are two by two.
  private static func groups(_ columns: [JSONValue]) -> [[JSONValue]] {
    guard columns.count > 3 else { return [columns] }
    let size = columns.count % 3 == 0 ? 3 : 2
    return stride(from: 0, to: columns.count, by: size).map {
      Array(columns[$0..<min($0 + size, columns.count)])
    }
  }

  private mutating func row(_ columns: [JSONValue], _ style: JSONValue, _ name: String, _ place: String)
    -> Row
  {
    let spans = spans(columns.map { $0["width"]?.pixels ?? 0 }, place)
    let id = ids.next(name)
    var parts = [Column]()
    for (column, span) in zip(columns, spans) {
      let names = (column["widgets"]?.items ?? []).prefix(200).compactMap(\.text)
      let blocks = names.flatMap { self.blocks($0) }
      parts.append(
        Column(id: ids.next(column["id"]?.text ?? "column"), span: span, blocks: Array(blocks.prefix(200))))
    }
    var row = Row(id: id, columns: parts)
    row.style.padding = padding(columns, style)
    paint(&row, style, place)
    row.isReversed = style["stack"]?.text == "RIGHT_TO_LEFT"
    if style["breakpointStyles"]?["mobile"]?["hidden"]?.flag == true { row.show = .desktop }
    if style["breakpointStyles"]?["default"]?["hidden"]?.flag == true { row.show = .phone }
    return row
  }

  /// The nearest of 12, 6-6, 4-8, 8-4, 4-4-4.
  private mutating func spans(_ given: [Int], _ place: String) -> [Int] {
    let sum = max(given.reduce(0) { $0 + min(max($1, 0), 12) }, 1)
    let widths = given.map { min(max($0, 0), 12) * 12 / sum }
    let known = [[12], [6, 6], [4, 8], [8, 4], [4, 4, 4]].filter { $0.count == widths.count }
    if known.contains(widths) { return widths }
    let first = widths.first ?? 12
    let nearest = known.min { abs($0[0] - first) < abs($1[0] - first) } ?? [12]
    let shown = widths.map(String.init).joined(separator: "-")
    if widths.count > 1 {
      report.add(
        .changed, place, "columns \(shown)",
        "the nearest is \(nearest.map(String.init).joined(separator: "-"))")
    }
    return nearest
  }

  /// Top and bottom are the section's, the sides those of its first widget.
  private func padding(_ columns: [JSONValue], _ style: JSONValue) -> [Int] {
    let first = columns.first?["widgets"]?.items.first?.text
    let widget = first.flatMap { widgets[$0]?["body"] }
    let sides = widget?["hs_wrapper_css"]
    let isBare = widget?["hs_enable_module_padding"]?.flag == false
    func side(_ name: String) -> Int { fit(sides?[name]?.pixels ?? (isBare ? 0 : 20)) }
    let styles = style["breakpointStyles"]?["default"]
    let top = style["paddingTop"]?.pixels ?? styles?["paddingTop"]?.pixels ?? 0
    let bottom = style["paddingBottom"]?.pixels ?? styles?["paddingBottom"]?.pixels ?? 0
    return [fit(top), side("padding-right"), fit(bottom), side("padding-left")]
  }

  private func fit(_ pixels: Int) -> Int { min(max(pixels, 0), 96) }

  private mutating func paint(_ row: inout Row, _ style: JSONValue, _ place: String) {
    if style["backgroundImage"]?.isFilled == true {
      report.add(.left, place, "background image", "Outlook shows none; put it into an image block")
    }
    guard
      let color = (style["backgroundColor"] ?? style["breakpointStyles"]?["default"]?["backgroundColor"])?
        .color,
      color != self.style.surface
    else { return }
    if color == self.style.canvas {
      row.area = .canvas
    } else {
      row.style.background = .colors(light: color, dark: Theme.standard.dark.panel)
      report.add(
        .changed, place, "background \(color)",
        "in the dark theme it is a dark grey: choose another if need be")
    }
  }

  /// The blocks of a widget, with the distance to what follows.
  private mutating func blocks(_ name: String) -> [Block] {
    let place = "widget \(name)"
    guard placed.insert(name).inserted else {
      report.add(.left, place, "widget", "it stands in two places; a block has one")
      return []
    }
    guard let widget = widgets[name] else {
      report.add(.left, place, "widget", "a section names it, and it is not there")
      return []
    }
    if widget["smart_type"]?.isFilled == true || widget["body"]?["smart_objects"]?.isFilled == true {
      report.add(.left, place, "smart content", "only what everybody gets is here; use conditions")
    }
    if widget["styles"]?["breakpointStyles"]?["mobile"]?["hidden"]?.flag == true {
      report.add(.changed, place, "hidden on phones", "it is shown on phones, too; rows can be hidden")
    }
    var blocks = HubSpotWidget(widget, place).blocks(&report).map { Block(id: ids.next(name), $0) }
    let margins = widget["body"]?["hs_wrapper_css"]
    if let bottom = margins?["padding-bottom"]?.pixels, !blocks.isEmpty {
      blocks[blocks.count - 1].space = fit(bottom)
    }
    return blocks
  }
}

/// Ids that a document can have, each once.
struct Identifiers {
  private var known: Set<String> = []

  /// The wanted one, or the nearest to it that is free.
  mutating func next(_ wanted: String) -> String {
    let fit = wanted.utf8.prefix(50).map { byte -> UInt8 in
      let isFit = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F || byte == 0x2D
      return isFit ? byte : 0x2D
    }
    let base = fit.isEmpty ? "x" : String(decoding: fit, as: UTF8.self)
    var id = base
    var number = 2
    while !known.insert(id).inserted {
      id = "\(base)-\(number)"
      number += 1
    }
    return id
  }
}
