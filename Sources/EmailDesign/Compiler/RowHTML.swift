extension HTMLCompiler {
  /// Between columns, in pixels.
  private static let gutter = 24
  /// Inside of a box.
  private static let inset = (vertical: 20, horizontal: 24)

  /// One row of the table that its area is.
  mutating func html(of row: Row) throws(DocumentError) -> String {
    let padding = row.style.padding
    var inner = settings.width - padding[1] - padding[3] - (row.area == .card ? 2 : 0)
    var ink = Ink(theme)
    ink.isOnAccent = row.style.background == .accent
    if isBoxed(row) { inner -= 2 * Self.inset.horizontal }
    inner = max(inner, 60)
    let columns = try row.columns.count == 1 ? column(row.columns[0], inner, ink) : columns(row, inner, ink)
    let ground = ground(row)
    let isWide = padding[1] > 20 || padding[3] > 20
    let classes = [isWide ? "px" : "", ground.cellClass].filter { !$0.isEmpty }.joined(separator: " ")
    let style = "padding:\(padding.map { "\($0)px" }.joined(separator: " "));\(ground.cellStyle)"
    let name = classes.isEmpty ? "" : " class=\"\(classes)\""
    let cell = "<td\(name) style=\"\(style)\">\n\(ground.open)\(columns)\(ground.close)</td>"
    return TemplateText.wrap(shown(cell, row.show), in: row.when)
  }

  private func shown(_ cell: String, _ audience: Row.Audience) -> String {
    switch audience {
    case .all: "<tr>\(cell)</tr>\n"
    case .desktop: "<tr class=\"dk\">\(cell)</tr>\n"
    case .phone:
      // Word shows what is hidden by display, so it gets none of it.
      "<!--[if !mso]><!--><tr class=\"ph\" style=\"display:none;mso-hide:all;\">\(cell)</tr><!--<![endif]-->\n"
    }
  }

  private func isBoxed(_ row: Row) -> Bool {
    row.style.background == .panel || row.style.background == .accent
  }

  /// What a row stands on: a box around its columns, or a colour of its cell.
  private mutating func ground(
    _ row: Row
  ) -> (open: String, close: String, cellClass: String, cellStyle: String) {
    switch row.style.background {
    case .none: return ("", "", "", "")
    case .colors(let light, let dark):
      return ("", "", backgroundClass(light: light, dark: dark), "background-color:\(light);")
    case .panel: return (Self.box("pn", theme.light.panel, theme.radius), "</td></tr></table>\n", "", "")
    case .accent: return (Self.box("bt", theme.light.button, theme.radius), "</td></tr></table>\n", "", "")
    }
  }

  private static func box(_ name: String, _ color: Color, _ radius: Int) -> String {
    let table = table(style: "border-collapse:separate;")
    return """
      \(table)
      <tr><td class="\(name) pi" bgcolor="\(color)" style="background-color:\(color);\
      border-radius:\(radius)px;padding:\(inset.vertical)px \(inset.horizontal)px;">

      """
  }

  /// Columns beside each other. They stack by themselves where there is no room, without media queries;
  /// Word gets a table instead.
  private func columns(_ row: Row, _ inner: Int, _ ink: Ink) throws(DocumentError) -> String {
    guard row.isStacked else { return try fixedColumns(row, inner, ink) }
    let isRightToLeft = settings.direction == .rtl
    // A row for phones is in a comment for all but Word already, and such comments do not nest.
    func word(_ code: String) -> String { row.show == .phone ? "" : "<!--[if mso]>\(code)<![endif]-->\n" }
    var cells = ""
    let order = row.isReversed ? Array(row.columns.indices.reversed()) : Array(row.columns.indices)
    for (place, index) in order.enumerated() {
      let width = inner * row.columns[index].span / 12
      let (left, right) = gutters(index, of: row.columns.count)
      let content = try column(row.columns[index], width - left - right, ink)
      let names = place == 0 ? "gu" : "gu st"
      cells += """
        \(word("<td width=\"\(width)\" valign=\"top\">"))\
        <div class="col" dir="\(settings.direction.rawValue)" style="display:inline-block;width:100%;\
        max-width:\(width)px;vertical-align:top;">
        \(Self.table())<tr><td class="\(names)" style="padding:0 \(right)px 0 \(left)px;">
        \(content)</td></tr></table>
        </div>
        \(word("</td>"))
        """
    }
    // The last first on phones: the source has them in that order, and the other direction turns them back.
    let direction = row.isReversed != isRightToLeft ? "rtl" : "ltr"
    return """
      \(Self.table("width=\"100%\" dir=\"\(direction)\""))<tr><td style="font-size:0;">
      \(word("\(Self.table("width=\"100%\" dir=\"\(direction)\""))<tr>"))\(cells)\(word("</tr></table>"))\
      </td></tr></table>

      """
  }

  /// Columns that stay beside each other on phones.
  private func fixedColumns(_ row: Row, _ inner: Int, _ ink: Ink) throws(DocumentError) -> String {
    var cells = ""
    for (index, item) in row.columns.enumerated() {
      let width = inner * item.span / 12
      let (left, right) = gutters(index, of: row.columns.count)
      cells += """
        <td width="\(item.span * 100 / 12)%" valign="top" style="padding:0 \(right)px 0 \(left)px;">
        \(try column(item, width - left - right, ink))</td>

        """
    }
    return "\(Self.table())<tr>\n\(cells)</tr></table>\n"
  }

  private func gutters(_ index: Int, of count: Int) -> (left: Int, right: Int) {
    let half = Self.gutter / 2
    let (before, after) = (index == 0 ? 0 : half, index == count - 1 ? 0 : half)
    return settings.direction == .ltr ? (before, after) : (after, before)
  }

  /// The blocks of a column, a row each: Word honours distances of cells only.
  private func column(_ column: Column, _ width: Int, _ ink: Ink) throws(DocumentError) -> String {
    var rows = ""
    for (index, block) in column.blocks.enumerated() {
      let space = index == column.blocks.count - 1 ? block.space ?? 0 : block.space ?? block.content.space
      let content = try html(of: block, width, ink)
      let side = block.content.align?.rawValue ?? (settings.direction == .rtl ? "right" : "left")
      let row = "<tr><td align=\"\(side)\" style=\"padding:0 0 \(space)px 0;\">\(content)</td></tr>\n"
      rows += TemplateText.wrap(row, in: block.when)
    }
    return rows.isEmpty ? "&nbsp;\n" : "\(Self.table())\n\(rows)</table>\n"
  }
}

extension BlockContent {
  /// The usual distance to the next block, in pixels.
  var space: Int {
    switch self {
    case .heading(let heading): heading.level == 1 ? 16 : 8
    case .spacer: 0
    case .button, .code, .items, .details: 24
    case .text(let text): text.tone == .small ? 16 : 20
    case .image, .divider, .logo, .social, .html, .footer: 16
    }
  }

  var align: Align? {
    switch self {
    case .heading(let heading): heading.align
    case .text(let text): text.align
    case .image(let image): image.align
    case .button(let button): button.align
    case .logo(let align): align
    case .social(let links): links.align
    case .footer(let footer): footer.align
    case .code: .center
    case .divider, .spacer, .details, .items, .html: nil
    }
  }
}
