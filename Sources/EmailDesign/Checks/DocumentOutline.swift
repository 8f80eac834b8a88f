extension Outline {
  /// Of the rows of a document, sections and layout put in.
  init(_ rows: [Row], _ settings: EmailSettings, _ context: CompileContext, _ theme: Theme) {
    use(settings.subject.tokens, .subject)
    use(settings.preheader.tokens, .preheader)
    for row in rows {
      let guards = guards(row.when, .block(row.id), [])
      for block in row.columns.flatMap(\.blocks) {
        let place = Place.block(block.id)
        add(block.content, place, self.guards(block.when, place, guards), context, theme)
      }
    }
  }

  /// Values that are there behind a condition; the condition itself need not have them.
  private mutating func guards(_ condition: Condition?, _ place: Place, _ known: Set<String>) -> Set<String> {
    guard let condition else { return known }
    uses.append(Use(place: place, token: Token(condition.path), isGuarded: true))
    return known.union(condition.guarded)
  }

  private mutating func add(
    _ content: BlockContent, _ place: Place, _ guards: Set<String>, _ context: CompileContext, _ theme: Theme
  ) {
    switch content {
    case .heading(let heading):
      headings.append((heading.level, place, heading.content.shown))
      read(heading.content, place, guards: guards)
    case .text(let text): add(text.text, place, guards)
    case .image(let image): add(image, place, guards, context)
    case .button(let button):
      read(button.label, place, guards: guards)
      link(button.href, button.label.shown, place, guards)
    case .divider, .spacer: break
    case .logo: addLogo(theme, place)
    case .code(let content): read(content, place, guards: guards)
    case .details(let details): add(details.rows, place, guards)
    case .items(let table): add(table, place, guards)
    case .social(let social):
      for item in social.links { link(item.href, item.name, place, guards) }
    case .html(let block): add(block, place)
    case .footer(let footer):
      add(footer.text, place, guards)
      hasAddress = hasAddress || footer.hasAddress
      hasUnsubscribe = true
    }
  }

  private mutating func link(
    _ destination: Destination, _ text: String, _ place: Place, _ guards: Set<String>, isImage: Bool = false
  ) {
    use(destination.parts.tokens, place, guards: guards)
    links.append(Link(place: place, text: text, destination: destination, isImage: isImage))
  }

  private mutating func add(_ text: RichText, _ place: Place, _ guards: Set<String>) {
    var open: (destination: Destination, words: String)?
    for piece in text.pieces {
      let pieces = piece.plain.map { [$0] } ?? []
      read(pieces, place, guards: guards)
      if let current = open, piece.marks.link != current.destination {
        link(current.destination, current.words, place, guards)
        open = nil
      }
      // Pieces that follow each other with the same address are one link to the reader.
      if let destination = piece.marks.link {
        open = (destination, (open?.words ?? "") + pieces.shown)
      }
    }
    if let open { link(open.destination, open.words, place, guards) }
  }

  private mutating func add(
    _ image: ImageBlock, _ place: Place, _ guards: Set<String>, _ context: CompileContext
  ) {
    let alt = image.isDecorative ? "" : image.alt.shown
    var item = Image(
      place: place, alt: image.isDecorative || !alt.trimmed.isEmpty ? alt : nil, isLinked: image.href != nil,
      width: image.width, height: image.height)
    switch image.source {
    case .asset(let id):
      item.key = id
      item.source = context.assets[id].map { Destination($0) }
    case .url(let url):
      item.key = url.fixed
      item.source = url
      use(url.parts.tokens, place, guards: guards)
    }
    images.append(item)
    use(image.alt.tokens, place, guards: guards)
    if let href = image.href { link(href, alt, place, guards, isImage: true) }
  }

  private mutating func addLogo(_ theme: Theme, _ place: Place) {
    guard let logo = theme.logo else { return }
    images.append(
      Image(
        place: place, source: logo.source, key: logo.source.fixed, alt: logo.alt, isLinked: logo.href != nil,
        width: logo.width, height: logo.height))
    if let href = logo.href { link(href, logo.alt, place, [], isImage: true) }
  }

  private mutating func add(_ pairs: [Details.Pair], _ place: Place, _ guards: Set<String>) {
    for pair in pairs {
      let guards = self.guards(pair.when, place, guards)
      read(pair.label, place, guards: guards)
      read(pair.value, place, guards: guards)
    }
  }

  private mutating func add(_ table: ItemTable, _ place: Place, _ guards: Set<String>) {
    use([Token(table.list)], place, guards: guards)
    localNames.insert(table.name)
    for column in table.columns {
      read(column.header, place, guards: guards)
      read(column.cell, place, guards: guards)
      read(column.note, place, guards: guards)
    }
    add(table.totals, place, guards)
  }

  private mutating func add(_ block: HTMLBlock, _ place: Place) {
    guard case .block(let id) = place else { return }
    let html = block.isTemplate ? block.html : TemplateText.markup(block.html)
    add(Source(html: HTMLSource(html), block: id))
  }
}
