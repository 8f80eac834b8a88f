/// Makes plain text of the same rows: a paragraph for each block, links as “label: address”, tables as lists.
struct TextCompiler {
  private let context: CompileContext
  private let theme: Theme

  init(_ context: CompileContext, _ theme: Theme) {
    self.context = context
    self.theme = theme
  }

  func document(_ rows: [Row]) -> String {
    // What is for phones only is there in another form for all others.
    let text = rows.filter { $0.show != .phone }.map { self.text(of: $0) }.joined()
    return text.hasSuffix("\n\n") ? String(text.dropLast()) : text
  }

  private func text(of row: Row) -> String {
    let blocks = row.columns.flatMap(\.blocks).map { block in
      let text = self.text(of: block.content)
      return text.isEmpty ? "" : TemplateText.wrap(Self.paragraph(text), in: block.when)
    }
    let text = blocks.joined()
    return text.isEmpty ? "" : TemplateText.wrap(text, in: row.when)
  }

  /// With an empty line behind it. Lists end their lines themselves, since the last may be left out.
  private static func paragraph(_ text: String) -> String {
    let isEnded = ["\n", "\n{% endif %}", "\n{% endfor %}"].contains { text.hasSuffix($0) }
    return text + (isEnded ? "\n" : "\n\n")
  }

  private func text(of content: BlockContent) -> String {
    switch content {
    case .heading(let heading): return TemplateText.plain(heading.content)
    case .text(let text): return RichTextPlain.text(text.text)
    case .image(let image):
      let alt = image.isDecorative ? "" : TemplateText.plain(image.alt)
      guard let href = image.href else { return alt.isEmpty ? "" : "[\(alt)]" }
      return alt.isEmpty ? TemplateText.plain(href) : "\(alt): \(TemplateText.plain(href))"
    case .button(let button): return "\(TemplateText.plain(button.label)): \(TemplateText.plain(button.href))"
    case .divider: return "----------------------------------------"
    case .spacer: return ""
    case .logo: return theme.logo.map { TemplateText.plain($0.alt) } ?? "{{ site_settings.company_name }}"
    case .code(let content): return TemplateText.plain(content)
    case .details(let details): return Self.pairs(details.rows)
    case .items(let table): return items(table)
    case .social(let social):
      return social.links.map { "\(TemplateText.plain($0.name)): \(TemplateText.plain($0.href))" }
        .joined(separator: "\n")
    case .html(let block): return block.isTemplate ? block.text : TemplateText.plain(block.text)
    case .footer(let footer): return text(of: footer)
    }
  }

  /// A line for each pair, with its end.
  private static func pairs(_ pairs: [Details.Pair]) -> String {
    pairs.map { pair in
      TemplateText.wrap(
        "\(TemplateText.plain(pair.label)): \(TemplateText.plain(pair.value))\n", in: pair.when)
    }.joined()
  }

  /// The first cell on a line of its own, the others with their headings behind it.
  private func items(_ table: ItemTable) -> String {
    guard let first = table.columns.first else { return "" }
    let rest = table.columns.dropFirst().map { column in
      "\(TemplateText.plain(column.header)): \(cell(column))"
    }
    let tail = rest.isEmpty ? "" : "\n  " + rest.joined(separator: ", ")
    let loop = "{% for \(table.name) in \(table.list) %}- \(cell(first))\(tail)\n{% endfor %}"
    let totals = Self.pairs(table.totals)
    return totals.isEmpty ? loop : "\(loop)\n\(totals)"
  }

  private func cell(_ column: ItemTable.Column) -> String {
    let text = TemplateText.plain(column.cell)
    guard !column.note.isBlank else { return text }
    let note = " (\(TemplateText.plain(column.note)))"
    return text + TemplateText.wrap(note, in: column.note.tokens.first.map { Condition($0.path) })
  }

  private func text(of footer: Footer) -> String {
    var parts = [String]()
    if !footer.text.blocks.isEmpty { parts.append(RichTextPlain.text(footer.text)) }
    if footer.hasAddress { parts.append(FooterText.address) }
    let links = FooterText.links(footer, isTransactional: context.isTransactional).map { name, path in
      "\(TemplateText.plain(name)): {{ \(path) }}"
    }
    if !links.isEmpty { parts.append(links.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }
}

/// Running text without letters' shapes.
enum RichTextPlain {
  static func text(_ text: RichText) -> String {
    text.blocks.map { self.text($0, indent: 0) }.joined(separator: "\n\n")
  }

  private static func text(_ block: RichBlock, indent: Int) -> String {
    switch block {
    case .paragraph(let pieces): return pieces.map { self.text($0) }.joined()
    case .list(let isOrdered, let items):
      return items.enumerated().map { place, item in
        let mark = isOrdered ? "\(place + 1). " : "- "
        let margin = String(repeating: " ", count: indent)
        let inner = indent + mark.utf8.count
        let parts = item.map { self.text($0, indent: inner) }
        let gap = "\n" + String(repeating: " ", count: inner)
        let isNested = item.map { if case .list = $0 { true } else { false } }
        let body = zip(parts, isNested).enumerated().map { number, part in
          number == 0 ? part.0 : (part.1 ? "\n" : gap) + part.0
        }
        return margin + mark + body.joined()
      }.joined(separator: "\n")
    }
  }

  private static func text(_ piece: RichInline) -> String {
    guard let plain = piece.plain else { return "\n" }
    let text = TemplateText.plain([plain])
    guard let link = piece.marks.link else { return text }
    let address = TemplateText.plain(link)
    let isSame = address == text || address == "mailto:\(text)" || address == "tel:\(text)"
    return isSame ? text : "\(text) (\(address))"
  }
}
