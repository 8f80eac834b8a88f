import CGumbo

/// A text for those who read no HTML, made from the HTML's tree.
enum PlainText {
  /// Paragraphs apart by an empty line, list items with a dash, links with their address behind them,
  /// images by their alternative text; style, script and what is hidden left out. Empty when the HTML
  /// can't be read.
  ///
  /// - Parameter mark: what addresses may start with that are not known yet.
  static func from(html: String, mark: String? = nil) -> String {
    var html = html
    return html.withUTF8 { bytes in
      guard let tree = HTMLTree(bytes) else { return "" }
      var writer = Writer(mark)
      writer.walk(tree)
      return writer.finish()
    }
  }
}

extension PlainText {
  private struct Writer {
    /// What is still to be done, the next at the end.
    private enum Step {
      case visit(HTMLTree.Node)
      case close(breaks: Int, link: String?)
    }

    private let mark: String?
    private var output = [UInt8]()
    /// Line ends that are due before the next text.
    private var breaks = 0
    private var isSpaceDue = false

    init(_ mark: String?) {
      self.mark = mark
    }

    mutating func walk(_ tree: borrowing HTMLTree) {
      var steps = [Step.visit(tree.document)]
      while let step = steps.popLast() {
        switch step {
        case .close(let breaks, let link):
          if let link { add(" (\(link))") }
          end(breaks)
        case .visit(let node):
          if let text = node.text { addText(text) }
          if let element = node.element {
            guard open(element) else { continue }
            steps.append(.close(breaks: Self.breaks(around: element.pointee.tag), link: link(element)))
          }
          let children = node.children
          for index in (0..<Int(children.length)).reversed() {
            if let child = children.node(index) { steps.append(.visit(child)) }
          }
        }
      }
    }

    func finish() -> String {
      var text = output[...]
      while text.last == 0x0A || text.last == 0x20 { text = text.dropLast() }
      return text.isEmpty ? "" : String(decoding: text, as: UTF8.self) + "\n"
    }

    /// False when the element and all in it is left out.
    private mutating func open(_ element: UnsafeMutablePointer<GumboElement>) -> Bool {
      let tag = element.pointee.tag
      switch tag {
      case GUMBO_TAG_HEAD, GUMBO_TAG_STYLE, GUMBO_TAG_SCRIPT, GUMBO_TAG_TITLE, GUMBO_TAG_TEMPLATE:
        return false
      case GUMBO_TAG_BR: end(min(breaks + 1, 2))
      case GUMBO_TAG_IMG: addText(Self.value(element, "alt") ?? "")
      case GUMBO_TAG_TD, GUMBO_TAG_TH: isSpaceDue = true
      default: break
      }
      if Self.isHidden(element) { return false }
      end(Self.breaks(around: tag))
      if tag == GUMBO_TAG_LI { add("- ") }
      return true
    }

    private static func isHidden(_ element: UnsafeMutablePointer<GumboElement>) -> Bool {
      guard let style = value(element, "style") else { return false }
      let compact = style.utf8.filter { $0 > 0x20 }.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
      return String(decoding: compact, as: UTF8.self).contains("display:none")
    }

    /// The address to show behind a link's text: not when the text is the address.
    private func link(_ element: UnsafeMutablePointer<GumboElement>) -> String? {
      guard element.pointee.tag == GUMBO_TAG_A, let address = Self.value(element, "href") else { return nil }
      let isMark = mark.map(address.hasPrefix) ?? false
      guard let url = isMark ? address : TrackedURL.normalized(address) else { return nil }
      if element.pointee.children.length == 1, let text = element.pointee.children.node(0)?.text, text == url
      {
        return nil
      }
      return url
    }

    private static func value(_ element: UnsafeMutablePointer<GumboElement>, _ name: StaticString) -> String?
    {
      element.attribute(name).map { String(cString: $0.pointee.value) }
    }

    private static func breaks(around tag: GumboTag) -> Int {
      switch tag {
      case GUMBO_TAG_P, GUMBO_TAG_H1, GUMBO_TAG_H2, GUMBO_TAG_H3, GUMBO_TAG_H4, GUMBO_TAG_H5, GUMBO_TAG_H6,
        GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_TABLE, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_PRE, GUMBO_TAG_HR:
        2
      case GUMBO_TAG_DIV, GUMBO_TAG_LI, GUMBO_TAG_TR, GUMBO_TAG_SECTION, GUMBO_TAG_ARTICLE, GUMBO_TAG_HEADER,
        GUMBO_TAG_FOOTER, GUMBO_TAG_CENTER, GUMBO_TAG_DL, GUMBO_TAG_DT, GUMBO_TAG_DD, GUMBO_TAG_ADDRESS:
        1
      default: 0
      }
    }

    private mutating func end(_ count: Int) { breaks = max(breaks, count) }

    /// Text with its white space as HTML shows it: one space for each run.
    private mutating func addText(_ text: String) {
      var isInWord = false
      for byte in text.utf8 {
        if byte <= 0x20 {
          isInWord = false
          isSpaceDue = true
          continue
        }
        if !isInWord { startWord() }
        isInWord = true
        output.append(byte)
      }
    }

    private mutating func add(_ word: String) {
      startWord()
      output += word.utf8
    }

    /// Puts the line ends or the space that are due before what comes next.
    private mutating func startWord() {
      if !output.isEmpty {
        if breaks > 0 {
          output += [UInt8](repeating: 0x0A, count: breaks)
        } else if isSpaceDue, output.last != 0x20 {
          output.append(0x20)
        }
      }
      breaks = 0
      isSpaceDue = false
    }
  }
}
