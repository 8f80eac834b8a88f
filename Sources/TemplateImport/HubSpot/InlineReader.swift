import EmailDesign

/// Running text with its marks.
struct InlineReader {
  private let tree: HTMLTree
  private let place: String
  private(set) var lost: Set<String> = []
  private var marks = RichInline.Marks()

  init(_ tree: HTMLTree, _ place: String) {
    self.tree = tree
    self.place = place
  }

  /// Takes the weight and form of letters of what is around.
  mutating func enter(_ element: HTMLTree.Element) { marks = Self.marks(marks, element) }

  /// nil when there is more in it than text, links, values and line ends.
  mutating func pieces(_ nodes: [HTMLTree.Node], _ report: inout ImportReport) -> [RichInline]? {
    var result = [RichInline]()
    for node in nodes {
      switch node {
      case .text(let text):
        guard let inlines = tree.inlines(Self.collapsed(text), place, &report) else { return nil }
        result += inlines.map { piece in
          switch piece {
          case .text(let text): .text(Self.clean(text), marks)
          case .token(let token): .token(token, marks)
          }
        }
      case .element(let element):
        guard let inner = pieces(element, &report) else { return nil }
        result += inner
      }
    }
    return result
  }

  private mutating func pieces(_ element: HTMLTree.Element, _ report: inout ImportReport) -> [RichInline]? {
    if element.tag == "br" { return [.lineBreak] }
    guard Self.inlineTags.contains(element.tag) else { return nil }
    let outer = marks
    defer { marks = outer }
    marks = Self.marks(marks, element)
    if element.tag == "a", let href = element.attributes["href"] {
      guard let parts = tree.inlines(href, place, &report) else { return nil }
      if parts.isEmpty {
        report.add(.changed, place, "link", "it leads nowhere: its words are here without it")
      } else {
        marks.link = Destination(parts.map(Self.clean))
      }
    }
    lost.formUnion(Self.lost(element.style))
    if element.tag == "font" { lost.insert("font") }
    return pieces(element.children, &report)
  }

  private static let inlineTags: Set<String> = ["a", "b", "strong", "i", "em", "u", "ins", "span", "font"]

  private static func marks(_ outer: RichInline.Marks, _ element: HTMLTree.Element) -> RichInline.Marks {
    var marks = outer
    switch element.tag {
    case "b", "strong": marks.isBold = true
    case "i", "em": marks.isItalic = true
    case "u", "ins": marks.isUnderlined = true
    default: break
    }
    if let weight = element.style["font-weight"] {
      marks.isBold = weight == "bold" || weight == "bolder" || (Int(weight) ?? 400) >= 600
    }
    if let style = element.style["font-style"] { marks.isItalic = style == "italic" }
    // Links are underlined anyway.
    if let line = element.style["text-decoration"], element.tag != "a" {
      marks.isUnderlined = line == "underline"
    }
    return marks
  }

  /// Looks that are the theme's here.
  static func lost(_ style: [String: String]) -> Set<String> {
    Set(
      [
        "color", "background-color", "background", "font-size", "font-family", "letter-spacing",
        "text-transform",
      ]
      .filter { style[$0] != nil && style[$0] != "inherit" && style[$0] != "transparent" })
  }

  /// A list with its items; nil when one of them is more than text.
  mutating func list(_ element: HTMLTree.Element, depth: Int, _ report: inout ImportReport) -> RichBlock? {
    guard depth < 5 else { return nil }
    var items = [[RichBlock]]()
    for node in element.children {
      guard case .element(let item) = node else { continue }
      guard item.tag == "li", let blocks = self.item(item, depth: depth, &report) else { return nil }
      lost.formUnion(Self.lost(item.style))
      items.append(blocks)
    }
    guard (1...500).contains(items.count) else { return nil }
    return .list(isOrdered: element.tag == "ol", items: items)
  }

  private mutating func item(
    _ item: HTMLTree.Element, depth: Int, _ report: inout ImportReport
  ) -> [RichBlock]? {
    var blocks = [RichBlock]()
    var running = [HTMLTree.Node]()
    for node in item.children {
      guard case .element(let element) = node, ["ul", "ol", "p", "div"].contains(element.tag) else {
        running.append(node)
        continue
      }
      guard add(running, to: &blocks, &report) else { return nil }
      running = []
      if element.tag == "ul" || element.tag == "ol" {
        guard let list = list(element, depth: depth + 1, &report) else { return nil }
        blocks.append(list)
      } else {
        lost.formUnion(Self.lost(element.style))
        guard add(element.children, to: &blocks, &report) else { return nil }
      }
    }
    return add(running, to: &blocks, &report) ? blocks : nil
  }

  private mutating func add(
    _ nodes: [HTMLTree.Node], to blocks: inout [RichBlock], _ report: inout ImportReport
  ) -> Bool {
    guard let pieces = pieces(nodes, &report), Self.isFit(pieces) else { return false }
    let trimmed = Self.trimmed(pieces)
    if !trimmed.isEmpty { blocks.append(.paragraph(trimmed)) }
    return true
  }
}

extension InlineReader {
  /// White space as a browser shows it: one space, but for hard ones.
  private static func collapsed(_ text: String) -> String {
    var result = [UInt8]()
    for byte in text.utf8 {
      let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D || byte == 0x0C
      if isSpace, result.last == 0x20 { continue }
      result.append(isSpace ? 0x20 : byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether a paragraph may have so many and so long pieces.
  static func isFit(_ pieces: [RichInline]) -> Bool {
    pieces.count <= 2000
      && pieces.allSatisfy { if case .text(let text, _) = $0 { text.utf8.count <= 20_000 } else { true } }
  }

  static func clean(_ piece: Inline) -> Inline {
    if case .text(let text) = piece { .text(clean(text)) } else { piece }
  }

  /// Without control characters.
  static func clean(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
    }
    return String(result)
  }

  /// Without white space at the ends and around line ends, and without a line end last.
  static func trimmed(_ pieces: [RichInline]) -> [RichInline] {
    var result = [RichInline]()
    var isAtStart = true
    for piece in pieces {
      switch piece {
      case .lineBreak:
        dropSpace(&result)
        result.append(piece)
        isAtStart = true
      case .text(let text, let marks):
        let text = isAtStart ? text.droppingFirst { $0 == 0x20 } : text
        if text.isEmpty { continue }
        result.append(.text(text, marks))
        isAtStart = text.utf8.last == 0x20
      case .token:
        result.append(piece)
        isAtStart = false
      }
    }
    dropSpace(&result)
    if case .lineBreak? = result.last { result.removeLast() }
    dropSpace(&result)
    return result
  }

  private static func dropSpace(_ pieces: inout [RichInline]) {
    while case .text(let text, let marks)? = pieces.last {
      let kept = text.droppingLast { $0 == 0x20 }
      pieces.removeLast()
      if !kept.isEmpty { return pieces.append(.text(kept, marks)) }
    }
  }

  /// For headings and labels, which have no marks but are one line; nil when a link would be lost.
  static func line(_ pieces: [RichInline]) -> [Inline]? {
    var result = [Inline]()
    for piece in trimmed(pieces) {
      switch piece {
      case .text(_, let marks) where marks.link != nil: return nil
      case .token(_, let marks) where marks.link != nil: return nil
      case .text(let text, _):
        if case .text(let last)? = result.last {
          result[result.count - 1] = .text(last + text)
        } else {
          result.append(.text(text))
        }
      case .token(let token, _): result.append(.token(token))
      case .lineBreak: result.append(.text(" "))
      }
    }
    return result
  }
}
