import CGumbo
import EmailDesign

/// HTML of a text field as a tree. HubL's values in it are marks that text and attributes keep.
struct HTMLTree {
  indirect enum Node {
    case text(String)
    case element(Element)
  }

  struct Element {
    /// In lower case.
    var tag: String
    var attributes: [String: String]
    /// Declarations of its `style`, in lower case.
    var style: [String: String]
    var children: [Node]
    /// What it is made of, with HubL as it was.
    var source: String
  }

  /// What is in the body.
  private(set) var nodes: [Node] = []
  private let values: HubLValues
  /// Deeper nesting is not read.
  private static let depthLimit = 60

  /// nil when it has HubL's tags, or is too large or too deep to be read.
  init?(_ html: String) {
    guard let values = HubLValues(html) else { return nil }
    self.values = values
    var bytes = values.marked
    bytes.append(0)
    let found = bytes.withUnsafeBufferPointer {
      Self.read(UnsafeBufferPointer(rebasing: $0.dropLast()), values)
    }
    guard let found else { return nil }
    nodes = found
  }

  /// A text of the tree in pieces; nil when one of its values is more than a name.
  func inlines(_ text: String, _ place: String, _ report: inout ImportReport) -> [Inline]? {
    values.inlines(text, place, &report)
  }

  private static func read(_ html: UnsafeBufferPointer<UInt8>, _ values: HubLValues) -> [Node]? {
    guard html.count <= 512 * 1024, let arena = brevdue_html_arena_new() else { return nil }
    defer { brevdue_html_arena_free(arena) }
    guard let bytes = UnsafeRawPointer(html.baseAddress)?.assumingMemoryBound(to: CChar.self),
      let output = brevdue_html_parse(arena, bytes, html.count, 16_000_000 + html.count * 30, 500_000_000),
      let root = output.pointee.root, root.pointee.type == GUMBO_NODE_ELEMENT
    else { return nil }
    for child in children(root.pointee.v.element) where child.pointee.type == GUMBO_NODE_ELEMENT {
      guard child.pointee.v.element.tag == GUMBO_TAG_BODY else { continue }
      return nodes(child.pointee.v.element, values, depth: 0)
    }
    return []
  }

  private static func children(_ element: GumboElement) -> [UnsafeMutablePointer<GumboNode>] {
    (0..<Int(element.children.length)).compactMap {
      element.children.data[$0]?.assumingMemoryBound(to: GumboNode.self)
    }
  }

  private static func nodes(_ element: GumboElement, _ values: HubLValues, depth: Int) -> [Node]? {
    guard depth < depthLimit else { return nil }
    var nodes = [Node]()
    for child in children(element) {
      switch child.pointee.type {
      case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE, GUMBO_NODE_CDATA:
        nodes.append(.text(String(cString: child.pointee.v.text.text)))
      case GUMBO_NODE_ELEMENT:
        let inner = child.pointee.v.element
        guard let children = Self.nodes(inner, values, depth: depth + 1) else { return nil }
        let attributes = attributes(inner)
        nodes.append(
          .element(
            Element(
              tag: tag(inner), attributes: attributes, style: style(attributes["style"] ?? ""),
              children: children,
              source: values.restored(source(inner)))))
      default: break
      }
    }
    return nodes
  }

  private static func tag(_ element: GumboElement) -> String {
    element.tag == GUMBO_TAG_UNKNOWN ? "?" : String(cString: gumbo_normalized_tagname(element.tag))
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

  /// From its opening tag to its closing one; empty when gumbo put it in itself.
  private static func source(_ element: GumboElement) -> [UInt8] {
    guard let start = element.original_tag.data else { return [] }
    var end = start + element.original_tag.length
    if let close = element.original_end_tag.data, close >= end {
      end = close + element.original_end_tag.length
    }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: end - start))
  }

  private static func style(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for declaration in text.lowercased().split(separator: ";") {
      let parts = declaration.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      result[String(parts[0]).trimmingWhitespace] = String(parts[1]).trimmingWhitespace
    }
    return result
  }
}

/// The values in HTML with marks in their places: their quotes would break attributes.
struct HubLValues {
  /// A mark is this, its number, and `qx`.
  private static let mark = Array("xqvalue".utf8)
  private static let end = Array("qx".utf8)

  private(set) var marked: [UInt8] = []
  private var codes: [(code: String, source: [UInt8])] = []

  /// nil when there are tags among them, or something like a mark in the text.
  init?(_ html: String) {
    let bytes = Array(html.utf8)
    guard !bytes.contains(0) else { return nil }
    for piece in SourceScanner.pieces(of: bytes) {
      switch piece {
      case .text(let range):
        guard !Self.hasMark(bytes[range]) else { return nil }
        marked += bytes[range]
      case .output(let code, let range):
        marked += Self.mark + String(codes.count).utf8 + Self.end
        codes.append((code, Array(bytes[range])))
      case .tag: return nil
      case .comment: break
      }
    }
  }

  private static func hasMark(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.indices.contains { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
  }

  /// Text pieces and numbers of values.
  private func pieces(_ bytes: [UInt8]) -> [(text: ArraySlice<UInt8>, value: Int?)] {
    var pieces = [(text: ArraySlice<UInt8>, value: Int?)]()
    var start = 0
    var position = 0
    while position < bytes.count {
      guard bytes[position] == Self.mark[0], bytes[position...].starts(with: Self.mark) else {
        position += 1
        continue
      }
      let from = position + Self.mark.count
      let digits = bytes[from...].prefix { $0 &- 0x30 < 10 }
      let number = Int(String(decoding: digits, as: UTF8.self))
      guard let number, number < codes.count, bytes[digits.endIndex...].starts(with: Self.end) else {
        position = from
        continue
      }
      pieces.append((bytes[start..<position], number))
      position = digits.endIndex + Self.end.count
      start = position
    }
    pieces.append((bytes[start...], nil))
    return pieces
  }

  /// HTML with the values as they were.
  func restored(_ bytes: [UInt8]) -> String {
    var result = [UInt8]()
    for piece in pieces(bytes) {
      result += piece.text
      if let number = piece.value { result += codes[number].source }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// nil when one of the values is more than a name.
  func inlines(_ text: String, _ place: String, _ report: inout ImportReport) -> [Inline]? {
    var result = [Inline]()
    for piece in pieces(Array(text.utf8)) {
      if !piece.text.isEmpty { result.append(.text(String(decoding: piece.text, as: UTF8.self))) }
      guard let number = piece.value else { continue }
      guard let token = HubLLine.token(codes[number].code, place, &report) else { return nil }
      result.append(.token(token))
    }
    return result
  }
}
