import CGumbo

/// HTML of an author's, read as a browser reads it: elements in document order. HubL in it is set apart
/// first, since its quotes and signs would break attributes.
struct HTMLSource {
  struct Element {
    /// In lower case.
    var tag: String
    var attributes: [String: String]
    /// Index of the element around it.
    var parent: Int?
    /// Of the source, from 1.
    var line: Int
    /// Of its own, without that of elements in it.
    var text = ""
    /// What its `style` says.
    var style: [CSS.Declaration] = []
    /// An element around it is a link.
    var isInLink = false

    var isLink: Bool { tag == "a" && attributes["href"] != nil }
  }

  /// A value that is printed.
  struct Output {
    /// nil when it is more than a name with a default.
    var token: Token?
    var line: Int
  }

  private(set) var elements: [Element] = []
  private(set) var outputs: [Output] = []
  /// HubL's tags: their code and lines.
  private(set) var tags: [(code: String, line: Int)] = []
  /// False when it is too large or too complex to be read.
  private(set) var isReadable = false

  /// A value's mark in texts and attributes is this, its number, and `qx`.
  private static let mark = "xqvalue"

  init(_ source: String) {
    var html = plainHTML(of: Array(source.utf8))
    html.append(0)
    html.withUnsafeBufferPointer { read(UnsafeBufferPointer(rebasing: $0.dropLast())) }
  }

  /// The source with marks in place of values; lines stay where they are.
  private mutating func plainHTML(of bytes: [UInt8]) -> [UInt8] {
    var html = [UInt8]()
    var line = 1
    for piece in SourceScanner.pieces(of: bytes) {
      let range: Range<Int>
      switch piece {
      case .text(let place):
        html += bytes[place]
        range = place
      case .output(let code, let place):
        html += "\(Self.mark)\(outputs.count)qx".utf8
        outputs.append(Output(token: Token(expression: code), line: line))
        range = place
      case .tag(let code, let place):
        tags.append((code, line))
        range = place
      case .comment(let place): range = place
      }
      let breaks = bytes[range].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
      line += breaks
      if case .text = piece { continue }
      html += repeatElement(0x0A, count: breaks)
    }
    return html
  }

  private mutating func read(_ html: UnsafeBufferPointer<UInt8>) {
    guard html.count <= 2 * 1024 * 1024, let arena = brevdue_html_arena_new() else { return }
    defer { brevdue_html_arena_free(arena) }
    guard let bytes = UnsafeRawPointer(html.baseAddress)?.assumingMemoryBound(to: CChar.self),
      let output = brevdue_html_parse(arena, bytes, html.count, 16_000_000 + html.count * 30, 500_000_000),
      let document = output.pointee.document
    else { return }
    isReadable = true
    var waiting: [(node: UnsafeMutablePointer<GumboNode>, parent: Int?)] = [(document, nil)]
    while let (node, parent) = waiting.popLast() {
      let place = add(node, parent)
      let children = Self.children(node)
      for index in (0..<Int(children.length)).reversed() {
        guard let child = children.data[index] else { continue }
        waiting.append((child.assumingMemoryBound(to: GumboNode.self), place))
      }
    }
  }

  /// The index of the element that the node's children are in.
  private mutating func add(_ node: UnsafeMutablePointer<GumboNode>, _ parent: Int?) -> Int? {
    switch node.pointee.type {
    case GUMBO_NODE_ELEMENT, GUMBO_NODE_TEMPLATE:
      let element = node.pointee.v.element
      let attributes = Self.attributes(element)
      elements.append(
        Element(
          tag: Self.name(element), attributes: attributes, parent: parent, line: Int(element.start_pos.line),
          style: attributes["style"].map(CSS.declarations) ?? [],
          isInLink: parent.map { elements[$0].isInLink || elements[$0].isLink } ?? false))
      return elements.count - 1
    case GUMBO_NODE_TEXT, GUMBO_NODE_CDATA, GUMBO_NODE_WHITESPACE:
      if let parent { elements[parent].text += String(cString: node.pointee.v.text.text) }
      return parent
    default: return parent
    }
  }

  private static func children(_ node: UnsafeMutablePointer<GumboNode>) -> GumboVector {
    switch node.pointee.type {
    case GUMBO_NODE_DOCUMENT: node.pointee.v.document.children
    case GUMBO_NODE_ELEMENT, GUMBO_NODE_TEMPLATE: node.pointee.v.element.children
    default: GumboVector()
    }
  }

  private static func name(_ element: GumboElement) -> String {
    if element.tag != GUMBO_TAG_UNKNOWN { return String(cString: gumbo_normalized_tagname(element.tag)) }
    var piece = element.original_tag
    gumbo_tag_from_original_text(&piece)
    guard let start = piece.data else { return "" }
    let bytes = UnsafeRawBufferPointer(start: start, count: piece.length)
    return String(decoding: bytes, as: UTF8.self).lowercased()
  }

  private static func attributes(_ element: GumboElement) -> [String: String] {
    var result: [String: String] = [:]
    for index in 0..<Int(element.attributes.length) {
      guard let item = element.attributes.data[index]?.assumingMemoryBound(to: GumboAttribute.self) else {
        continue
      }
      result[String(cString: item.pointee.name).lowercased()] = String(cString: item.pointee.value)
    }
    return result
  }

  /// A text of the tree with its values.
  func pieces(_ text: String) -> [Inline] {
    guard text.utf8Contains(Self.mark) else { return text.isEmpty ? [] : [.text(text)] }
    var result = [Inline]()
    var rest = text[...]
    while let start = rest.firstRange(of: Self.mark) {
      let digits = rest[start.upperBound...].prefix { $0.isASCII && $0.isNumber }
      let end = rest[digits.endIndex...]
      guard let number = Int(digits), outputs.indices.contains(number), end.hasPrefix("qx") else { break }
      if start.lowerBound > rest.startIndex { result.append(.text(String(rest[..<start.lowerBound]))) }
      let token = outputs[number].token ?? Token(TokenPath(trusted: "…"))
      result.append(.token(token))
      rest = end.dropFirst(2)
    }
    if !rest.isEmpty { result.append(.text(String(rest))) }
    return result
  }
}

extension Substring {
  fileprivate func firstRange(of sign: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(sign) { return start..<index(start, offsetBy: sign.count) }
      start = index(after: start)
    }
    return nil
  }
}

extension Token {
  /// Of HubL: a name, perhaps with a default in quotes; nil for anything else.
  init?(expression: String) {
    let bytes = Array(expression.utf8)
    let end = bytes.firstIndex(of: 0x7C) ?? bytes.count
    guard let path = TokenPath(String(decoding: bytes[..<end], as: UTF8.self).trimmed) else { return nil }
    self.init(path)
    guard end < bytes.count else { return }
    let filter = String(decoding: bytes[(end + 1)...], as: UTF8.self).trimmed
    let isDefault = filter.hasPrefix("default(") || filter.hasPrefix("d(")
    guard isDefault, let open = filter.utf8.firstIndex(of: 0x28) else { return }
    let argument =
      String(filter.utf8[filter.utf8.index(after: open)...].prefix { $0 != 0x2C && $0 != 0x29 }) ?? ""
    let words = argument.trimmed.utf8.dropFirst().dropLast()
    fallback = String(words) ?? ""
  }
}
