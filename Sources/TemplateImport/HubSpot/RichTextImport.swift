import EmailDesign

/// HTML of a text field as blocks: paragraphs, lists, headings, images and buttons where they say the same,
/// HTML where they would not.
struct RichTextImport {
  private let html: String
  private let place: String
  /// Looks that blocks of text have not: they are the theme's.
  private var lost: Set<String> = []
  private var result: [BlockContent] = []

  init(_ html: String, _ place: String) {
    self.html = html
    self.place = place
  }

  func blocks(_ report: inout ImportReport) -> [BlockContent] {
    guard let tree = HTMLTree(html) else {
      report.add(
        .changed, place, "rich text", "it has code in it, or is too large: it is a block of HTML with HubL")
      return Markup.block(html, "", place, &report)
    }
    var importer = self
    importer.add(tree.nodes, nil, tree, &report)
    if !importer.lost.isEmpty {
      report.add(
        .changed, place, importer.lost.sorted().joined(separator: ", "),
        "text looks as the theme says: \(importer.lost.count == 1 ? "this is" : "these are") not brought along"
      )
    }
    return importer.result
  }

  private mutating func add(_ block: BlockContent) { result.append(block) }

  /// Running text joins the text before it, if that stands at the same side.
  private mutating func add(_ block: RichBlock, _ align: Align?) {
    if case .text(var last)? = result.last, last.align == align, last.text.blocks.count < 400 {
      last.text.blocks.append(block)
      result[result.count - 1] = .text(last)
    } else {
      add(.text(TextBlock(RichText([block]), align: align)))
    }
  }

  /// Nodes that stand under each other; what runs on between them is a paragraph.
  private mutating func add(
    _ nodes: [HTMLTree.Node], _ align: Align?, _ tree: HTMLTree, _ report: inout ImportReport
  ) {
    var running = [HTMLTree.Node]()
    for node in nodes {
      if case .element(let element) = node, Self.blockTags.contains(element.tag) {
        addParagraph(running, align, tree, &report, source: nil)
        running = []
        add(element, align, tree, &report)
      } else {
        running.append(node)
      }
    }
    addParagraph(running, align, tree, &report, source: nil)
  }

  private static let blockTags: Set<String> = [
    "p", "div", "center", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "hr", "table", "blockquote", "pre",
    "style",
    "section", "article", "header", "footer", "form", "dl", "figure", "script", "iframe", "video",
  ]

  private mutating func add(
    _ element: HTMLTree.Element, _ outer: Align?, _ tree: HTMLTree, _ report: inout ImportReport
  ) {
    let align = Self.align(element) ?? outer
    switch element.tag {
    case "p": addParagraph(element.children, align, tree, &report, source: element)
    case "div", "center", "section", "article":
      lose(element)
      add(element.children, element.tag == "center" ? align ?? .center : align, tree, &report)
    case "h1", "h2", "h3", "h4", "h5", "h6": addHeading(element, align, tree, &report)
    case "ul", "ol":
      var runs = InlineReader(tree, place)
      guard let list = runs.list(element, depth: 0, &report) else { return addHTML(element, &report) }
      lost.formUnion(runs.lost)
      lose(element)
      add(list, align)
    case "hr": add(.divider)
    default: addHTML(element, &report)
    }
  }

  private mutating func addHTML(_ element: HTMLTree.Element, _ report: inout ImportReport) {
    guard !element.source.isEmpty else { return }
    report.add(.changed, place, "<\(element.tag)>", "it stays HTML: no block says the same")
    result += Markup.block(element.source, "", place, &report)
  }

  private mutating func addParagraph(
    _ nodes: [HTMLTree.Node], _ align: Align?, _ tree: HTMLTree, _ report: inout ImportReport,
    source: HTMLTree.Element?
  ) {
    if let blocks = alone(nodes, align, tree, &report) {
      result += blocks
      return
    }
    var runs = InlineReader(tree, place)
    if let source { runs.enter(source) }
    guard let pieces = runs.pieces(nodes, &report), InlineReader.isFit(pieces) else {
      let html = source?.source ?? Self.source(nodes)
      report.add(.changed, place, "paragraph", "it stays HTML: it holds more than text, links and values")
      result += Markup.block(html, "", place, &report)
      return
    }
    let trimmed = InlineReader.trimmed(pieces)
    // A paragraph of nothing takes no room in a browser; one with a hard space does.
    guard !trimmed.isEmpty else { return }
    lost.formUnion(runs.lost)
    if let source { lose(source) }
    add(.paragraph(trimmed), align)
  }

  private static func source(_ nodes: [HTMLTree.Node]) -> String {
    nodes.map { node in
      switch node {
      case .text(let text): Markup.attribute([.text(text)])
      case .element(let element): element.source
      }
    }.joined()
  }

  private mutating func addHeading(
    _ element: HTMLTree.Element, _ align: Align?, _ tree: HTMLTree, _ report: inout ImportReport
  ) {
    var runs = InlineReader(tree, place)
    guard let pieces = runs.pieces(element.children, &report), let line = InlineReader.line(pieces) else {
      return addHTML(element, &report)
    }
    guard !line.isEmpty else { return }
    lost.formUnion(runs.lost)
    lose(element)
    let level = min(Int(element.tag.dropFirst()) ?? 3, 3)
    add(.heading(Heading(level: level, content: line, align: align)))
  }

  /// An image or a button that has a paragraph for itself.
  private func alone(
    _ nodes: [HTMLTree.Node], _ align: Align?, _ tree: HTMLTree, _ report: inout ImportReport
  ) -> [BlockContent]? {
    guard var element = Self.only(nodes) else { return nil }
    while ["span", "strong", "b"].contains(element.tag), let inner = Self.only(element.children) {
      element = inner
    }
    if element.tag == "img" { return picture(element, nil, align, tree, &report) }
    guard element.tag == "a", let href = href(element, tree, &report) else { return nil }
    if let image = Self.only(element.children), image.tag == "img" {
      return picture(image, href, align, tree, &report)
    }
    let isButton = element.style["padding"] != nil || element.style["padding-top"] != nil
    guard isButton, element.style["background-color"] ?? element.style["background"] != nil else {
      return nil
    }
    var runs = InlineReader(tree, place)
    guard let pieces = runs.pieces(element.children, &report), let label = InlineReader.line(pieces),
      !label.isEmpty
    else { return nil }
    report.add(.changed, place, "link with a background", "it is a button in the theme's colours")
    return [.button(ButtonBlock(label, href: href, align: align))]
  }

  private static func only(_ nodes: [HTMLTree.Node]) -> HTMLTree.Element? {
    var found: HTMLTree.Element?
    for node in nodes {
      switch node {
      case .text(let text): if !text.utf8.allSatisfy({ $0 <= 0x20 }) { return nil }
      case .element(let element):
        if element.tag == "br" { continue }
        guard found == nil else { return nil }
        found = element
      }
    }
    return found
  }

  private func href(
    _ element: HTMLTree.Element, _ tree: HTMLTree, _ report: inout ImportReport
  ) -> Destination? {
    guard let text = element.attributes["href"], let parts = tree.inlines(text, place, &report),
      !parts.isEmpty
    else { return nil }
    return Destination(parts.map(InlineReader.clean))
  }

  private func picture(
    _ image: HTMLTree.Element, _ href: Destination?, _ align: Align?, _ tree: HTMLTree,
    _ report: inout ImportReport
  ) -> [BlockContent]? {
    guard let source = tree.inlines(image.attributes["src"] ?? "", place, &report), !source.isEmpty else {
      return nil
    }
    let alt = tree.inlines(image.attributes["alt"] ?? "", place, &report) ?? []
    func size(_ name: String) -> Int? {
      JSONValue.string(image.attributes[name] ?? "").pixels
        ?? JSONValue.string(image.style[name] ?? "").pixels
    }
    let picture = Picture(
      source: Destination(source.map(InlineReader.clean)), alt: alt.map(InlineReader.clean),
      width: size("width"),
      height: size("height"), href: href, align: align)
    return picture.block(place, &report)
  }

  private static func align(_ element: HTMLTree.Element) -> Align? {
    JSONValue.string(element.style["text-align"] ?? element.attributes["align"] ?? "").align
  }

  private mutating func lose(_ element: HTMLTree.Element) { lost.formUnion(InlineReader.lost(element.style)) }
}
