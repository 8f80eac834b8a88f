/// Running text in HTML.
struct RichTextHTML {
  private let ink: Ink
  private let settings: EmailSettings
  private let style: String
  private let name: String

  init(_ ink: Ink, _ settings: EmailSettings, _ tone: TextBlock.Tone) {
    self.ink = ink
    self.settings = settings
    let isSmall = tone == .small
    style = ink.style(size: isSmall ? ink.theme.smallSize : nil, isMuted: isSmall)
    name = isSmall ? ink.mutedClass : ink.textClass
  }

  func html(_ text: RichText) -> String { blocks(text.blocks, isLast: true) }

  private func blocks(_ blocks: [RichBlock], isLast: Bool) -> String {
    blocks.enumerated().map { place, block in
      let margin = isLast && place == blocks.count - 1 ? "0" : "0 0 12px 0"
      return html(block, margin)
    }.joined(separator: "\n")
  }

  private func html(_ block: RichBlock, _ margin: String) -> String {
    switch block {
    case .paragraph(let pieces):
      let content = pieces.isEmpty ? "&nbsp;" : pieces.map { self.html($0) }.joined()
      return "<p class=\"\(name)\" style=\"margin:\(margin);\(style)\">\(content)</p>"
    case .list(let isOrdered, let items):
      let tag = isOrdered ? "ol" : "ul"
      // Word indents lists by their margin, all others by either.
      let side = settings.direction == .rtl ? "margin-right" : "margin-left"
      let entries = items.enumerated().map { place, item in
        "<li style=\"margin:0 0 \(place == items.count - 1 ? 0 : 6)px 0;\">\(self.item(item))</li>"
      }
      return "<\(tag) class=\"\(name)\" style=\"margin:\(margin);\(side):24px;padding:0;\(style)\">\n"
        + "\(entries.joined(separator: "\n"))\n</\(tag)>"
    }
  }

  /// An item of one paragraph needs none of its own.
  private func item(_ blocks: [RichBlock]) -> String {
    guard case .paragraph(let pieces)? = blocks.first else { return self.blocks(blocks, isLast: true) }
    let rest = blocks.dropFirst()
    let first = pieces.map { self.html($0) }.joined()
    return rest.isEmpty ? first : "\(first)\n\(self.blocks(Array(rest), isLast: true))"
  }

  private func html(_ piece: RichInline) -> String {
    guard let plain = piece.plain else { return "<br>\n" }
    let marks = piece.marks
    var text = TemplateText.html([plain])
    if marks.isUnderlined { text = "<u>\(text)</u>" }
    if marks.isItalic { text = "<em>\(text)</em>" }
    if marks.isBold { text = "<strong>\(text)</strong>" }
    guard let link = marks.link else { return text }
    return
      "<a class=\"\(ink.linkClass)\" href=\"\(TemplateText.link(link))\" style=\"\(ink.link)\">\(text)</a>"
  }
}
