/// Tables of data: real ones, with headings that are read out with their cells.
struct TableHTML {
  private let ink: Ink
  private let settings: EmailSettings

  init(_ ink: Ink, _ settings: EmailSettings) {
    self.ink = ink
    self.settings = settings
  }

  private var start: String { settings.direction == .rtl ? "right" : "left" }
  private var end: String { settings.direction == .rtl ? "left" : "right" }
  private var line: String { "border-top:1px solid \(ink.theme.light.line);" }
  private static let open = "<table width=\"100%\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\""

  func details(_ details: Details) -> String {
    let rows = details.rows.map { pair in
      let label = cell(
        "th", "scope=\"row\" align=\"\(start)\"", padding: "4px 16px 4px 0", pair.label,
        isStrong: pair.isStrong,
        isMuted: !pair.isStrong,
        more: "text-align:\(start);\(isShort(pair.label) ? "white-space:nowrap;" : "")")
      let value = cell(
        "td", "align=\"\(end)\"", padding: "4px 0", pair.value, isStrong: pair.isStrong,
        more: "text-align:\(end);word-break:break-word;")
      return TemplateText.wrap("<tr>\(label)\n\(value)</tr>\n", in: pair.when)
    }
    return "\(Self.open)>\n\(rows.joined())</table>"
  }

  /// Whether a label may be kept on one line without pushing its value off a phone.
  private func isShort(_ label: [Inline]) -> Bool { label.tokens.isEmpty && label.shown.count <= 18 }

  func items(_ table: ItemTable) -> String {
    let label = table.caption.isEmpty ? "" : " aria-label=\"\(TemplateText.html(table.caption))\""
    let headers = table.columns.enumerated().map { place, column in
      cell(
        "th", "scope=\"col\" align=\"\(side(column.align))\"", padding: padding(place, "0", "8px"),
        column.header,
        isMuted: true, more: place == 0 ? "" : "white-space:nowrap;", size: ink.theme.smallSize)
    }
    return """
      \(Self.open)\(label)>
      <tr>\(headers.joined(separator: "\n"))</tr>
      {% for \(table.name) in \(table.list) %}\(item(table)){% endfor %}
      \(totals(table))</table>
      """
  }

  private func item(_ table: ItemTable) -> String {
    let cells = table.columns.enumerated().map { place, column in
      cell(
        "td", "class=\"hr\" align=\"\(side(column.align))\"", padding: padding(place, "12px", "12px"),
        column.cell,
        more: line + (place == 0 ? "word-break:break-word;" : "white-space:nowrap;"), note: column.note)
    }
    return "<tr>\(cells.joined(separator: "\n"))</tr>\n"
  }

  private func totals(_ table: ItemTable) -> String {
    table.totals.enumerated().map { place, pair in
      let rule = place == 0 || pair.isStrong ? line : ""
      let span = table.columns.count - 1
      let top = rule.isEmpty ? 4 : 12
      let bottom =
        pair.isStrong ? 0 : place + 1 < table.totals.count && table.totals[place + 1].isStrong ? 12 : 4
      let name = rule.isEmpty ? "" : "class=\"hr\" "
      let label = cell(
        "th", "\(name)scope=\"row\" colspan=\"\(span)\" align=\"\(start)\"",
        padding: "\(top)px 16px \(bottom)px 0",
        pair.label, isStrong: pair.isStrong, isMuted: !pair.isStrong, more: rule + "text-align:\(start);")
      let value = cell(
        "td", "\(name)align=\"\(end)\"", padding: "\(top)px 0 \(bottom)px 0", pair.value,
        isStrong: pair.isStrong,
        more: rule + "white-space:nowrap;")
      return TemplateText.wrap("<tr>\(span > 0 ? label : "")\n\(value)</tr>\n", in: pair.when)
    }.joined()
  }

  private func side(_ align: Align) -> String {
    guard settings.direction == .rtl else { return align.rawValue }
    return align == .left ? "right" : align == .right ? "left" : "center"
  }

  private func padding(_ place: Int, _ top: String, _ bottom: String) -> String {
    guard place > 0 else { return "\(top) 0 \(bottom) 0" }
    return settings.direction == .rtl ? "\(top) 12px \(bottom) 0" : "\(top) 0 \(bottom) 12px"
  }

  private func cell(
    _ tag: String, _ attributes: String, padding: String, _ content: [Inline], isStrong: Bool = false,
    isMuted: Bool = false, more: String = "", size: Int? = nil, note: [Inline] = []
  ) -> String {
    let style = ink.style(
      size: size ?? ink.theme.baseSize - 1, weight: isStrong ? 700 : 400, isMuted: isMuted)
    let weight = tag == "th" && !isStrong ? "font-weight:400;" : ""
    let color = isMuted ? ink.mutedClass : ink.textClass
    let text =
      "<span class=\"\(color)\" style=\"\(style)\">\(TemplateText.html(content))</span>\(self.note(note))"
    return
      "<\(tag) \(attributes) valign=\"top\" style=\"padding:\(padding);\(weight)\(more)\">\(text)</\(tag)>"
  }

  /// The second line of a cell, where its first value is there.
  private func note(_ content: [Inline]) -> String {
    guard !content.isBlank else { return "" }
    let style = ink.style(size: ink.theme.smallSize, isMuted: true)
    let text = "<br><span class=\"\(ink.mutedClass)\" style=\"\(style)\">\(TemplateText.html(content))</span>"
    return TemplateText.wrap(text, in: content.tokens.first.map { Condition($0.path) })
  }
}
