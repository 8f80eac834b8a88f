/// A document as the starters write it; ids are given in order at the end.
struct Draft {
  private var rows: [Row] = []
  private let settings: EmailSettings

  init(subject: Copy, preheader: Copy) {
    settings = EmailSettings(language: .english, subject: subject.line, preheader: preheader.line)
  }

  /// The document, with logo above the card and footer below it.
  func document(_ parts: [Part], footer: Copy) -> EmailDocument {
    let card = parts.enumerated().map { place, part in
      part.row(isFirst: place == 0, isLast: place == parts.count - 1)
    }
    let footer = BlockContent.footer(Footer(RichText([.paragraph(footer.pieces)])))
    let rows =
      [Part.canvas(.logo(nil), padding: [8, 33, 20, 33])] + card + [
        Part.canvas(footer, padding: [24, 33, 8, 33])
      ]
    return EmailDocument(settings: settings, rows: Self.numbered(rows).map { .row($0) })
  }

  private static func numbered(_ rows: [Row]) -> [Row] {
    var rows = rows
    var count = 0
    for row in rows.indices {
      rows[row].id = "r\(row + 1)"
      for column in rows[row].columns.indices {
        rows[row].columns[column].id = "r\(row + 1)c\(column + 1)"
        for block in rows[row].columns[column].blocks.indices {
          count += 1
          rows[row].columns[column].blocks[block].id = "b\(count)"
        }
      }
    }
    return rows
  }
}

/// A row of a starter's card.
struct Part {
  private var columns: [Column]
  private var background = RowStyle.Background.none
  private var when: Condition?

  /// Blocks on the card itself.
  static func plain(_ blocks: Block...) -> Part { Part(columns: [Column(id: "", span: 12, blocks: blocks)]) }

  /// Blocks in a box.
  static func panel(_ blocks: Block...) -> Part {
    var part = Part(columns: [Column(id: "", span: 12, blocks: blocks)])
    part.background = .panel
    return part
  }

  /// Two halves in a box.
  static func halves(_ left: [Block], _ right: [Block]) -> Part {
    var part = Part(columns: [Column(id: "", span: 6, blocks: left), Column(id: "", span: 6, blocks: right)])
    part.background = .panel
    return part
  }

  /// The same, only where a value is there.
  func when(_ path: String) -> Part {
    var part = self
    part.when = .set(path)
    return part
  }

  func row(isFirst: Bool, isLast: Bool) -> Row {
    var row = Row(id: "", columns: columns)
    row.style.padding = [isFirst ? 32 : 12, 32, isLast ? 32 : 12, 32]
    row.style.background = background
    row.when = when
    return row
  }

  static func canvas(_ content: BlockContent, padding: [Int]) -> Row {
    var row = Row(id: "", columns: [Column(id: "", span: 12, blocks: [Block(id: "", content)])])
    row.area = .canvas
    row.style.padding = padding
    return row
  }
}

extension Block {
  static func heading(_ text: Copy, level: Int = 1) -> Block {
    Block(id: "", .heading(Heading(level: level, content: text.line)))
  }

  /// Paragraphs.
  static func text(_ paragraphs: Copy..., tone: TextBlock.Tone = .normal) -> Block {
    Block(id: "", .text(TextBlock(RichText(paragraphs.map { .paragraph($0.pieces) }), tone: tone)))
  }

  static func list(isOrdered: Bool = false, _ items: Copy...) -> Block {
    let list = RichBlock.list(isOrdered: isOrdered, items: items.map { [.paragraph($0.pieces)] })
    return Block(id: "", .text(TextBlock(RichText([list]))))
  }

  static func button(_ label: Copy, to path: String) -> Block {
    Block(id: "", .button(ButtonBlock(label.line, href: .token(path))))
  }

  static func code(_ path: String) -> Block {
    Block(id: "", .code([.token(Token(TokenPath(trusted: path)))]))
  }

  static func details(_ rows: Details.Pair...) -> Block { Block(id: "", .details(Details(rows: rows))) }

  /// The same with another distance to the next.
  func space(_ pixels: Int) -> Block {
    var block = self
    block.space = pixels
    return block
  }

  /// The same, only where a value is there.
  func when(_ path: String) -> Block {
    var block = self
    block.when = .set(path)
    return block
  }
}

extension Details.Pair {
  static func pair(_ label: Copy, _ value: Copy, isStrong: Bool = false, when path: String? = nil) -> Self {
    Self(label: label.line, value: value.line, isStrong: isStrong, when: path.map { .set($0) })
  }
}

extension ItemTable.Column {
  static func column(_ header: Copy, _ cell: Copy, note: Copy? = nil, align: Align = .left) -> Self {
    Self(header: header.line, cell: cell.line, note: note?.line ?? [], align: align)
  }
}
