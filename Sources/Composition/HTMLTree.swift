import CGumbo

/// The HTML5 tree of some bytes, and a walk over it in document order that needs no recursion.
struct HTMLTree: ~Copyable {
  /// More HTML than this is not read.
  static let sizeLimit = 2 * 1024 * 1024
  /// What a tree may take: 16 MB and 30 times its text, and half a second of processor time.
  private static let nanosecondLimit: Int64 = 500_000_000

  typealias Node = UnsafeMutablePointer<GumboNode>

  private let arena: UnsafeMutablePointer<brevdue_html_arena>
  /// The document node.
  let document: Node
  private let html: UnsafeBufferPointer<UInt8>

  /// - Parameter html: must live as long as the tree. nil when it is larger or more complex than the limits.
  init?(_ html: UnsafeBufferPointer<UInt8>) {
    guard html.count <= Self.sizeLimit, let arena = brevdue_html_arena_new() else { return nil }
    let bytes = UnsafeRawPointer(html.baseAddress)?.assumingMemoryBound(to: CChar.self)
    let limit = 16 * 1024 * 1024 + html.count * 30
    guard let bytes,
      let output = brevdue_html_parse(arena, bytes, html.count, limit, Self.nanosecondLimit),
      let document = output.pointee.document
    else {
      brevdue_html_arena_free(arena)
      return nil
    }
    self.arena = arena
    self.document = document
    self.html = html
  }

  deinit { brevdue_html_arena_free(arena) }

  /// Where a piece of the source lies in the bytes; nil for pieces that the parser made up.
  func range(of piece: GumboStringPiece) -> Range<Int>? {
    guard let start = piece.data, let base = html.baseAddress else { return nil }
    let offset = UnsafeRawPointer(start) - UnsafeRawPointer(base)
    guard offset >= 0, piece.length >= 0, offset + piece.length <= html.count else { return nil }
    return offset..<(offset + piece.length)
  }
}

extension UnsafeMutablePointer<GumboNode> {
  /// The element; nil for text, comments and the document.
  var element: UnsafeMutablePointer<GumboElement>? {
    guard pointee.type == GUMBO_NODE_ELEMENT || pointee.type == GUMBO_NODE_TEMPLATE else { return nil }
    return UnsafeMutableRawPointer(self).advanced(by: MemoryLayout<GumboNode>.offset(of: \.v) ?? 0)
      .assumingMemoryBound(to: GumboElement.self)
  }

  /// Text of text nodes, entities decoded.
  var text: String? {
    switch pointee.type {
    case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE, GUMBO_NODE_CDATA: String(cString: pointee.v.text.text)
    default: nil
    }
  }

  /// The children of elements and of the document.
  var children: GumboVector {
    if pointee.type == GUMBO_NODE_DOCUMENT { return pointee.v.document.children }
    return element?.pointee.children ?? GumboVector()
  }
}

extension GumboVector {
  /// The nodes of a vector of nodes.
  func node(_ index: Int) -> HTMLTree.Node? { data[index]?.assumingMemoryBound(to: GumboNode.self) }
}

extension UnsafeMutablePointer<GumboElement> {
  /// The attribute of this name (lower case).
  func attribute(_ name: StaticString) -> UnsafeMutablePointer<GumboAttribute>? {
    guard pointee.attributes.length > 0 else { return nil }
    return name.withUTF8Buffer { buffer in
      guard let start = buffer.baseAddress else { return nil }
      return start.withMemoryRebound(to: CChar.self, capacity: buffer.count + 1) {
        gumbo_get_attribute(&pointee.attributes, $0)
      }
    }
  }
}
