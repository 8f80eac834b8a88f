import CGumbo

/// A place in HTML that tracking changes.
struct HTMLPlace: Equatable {
  /// In the decoded HTML. For a link its attribute's value with the quotes, if it has some; empty for the
  /// pixel.
  var range: Range<Int>
  /// The quote around the value; nil where there is none.
  var quote: UInt8?
  /// nil for the pixel.
  var url: String?
}

/// Finds the links of an HTML text that can be tracked, and where the pixel goes.
enum LinkFinder {
  /// Ascending, each place once. nil when the HTML is too large or too complex to be read.
  static func places(in html: [UInt8]) -> [HTMLPlace]? {
    html.withUnsafeBufferPointer { places(in: $0, by: HTMLSkeleton($0)) }
  }

  /// By a skeleton of the HTML, which may be all of it.
  static func places(in html: UnsafeBufferPointer<UInt8>, by skeleton: HTMLSkeleton) -> [HTMLPlace]? {
    skeleton.bytes.withUnsafeBufferPointer { bytes in
      guard html.count <= HTMLTree.sizeLimit, let tree = HTMLTree(bytes) else { return nil }
      var finder = Walker(html, skeleton)
      finder.walk(tree)
      return finder.places
    }
  }
}

extension LinkFinder {
  private struct Walker {
    private let html: UnsafeBufferPointer<UInt8>
    private let skeleton: HTMLSkeleton
    private var links: [HTMLPlace] = []
    /// Where the body's end tag starts, or the document's.
    private var end: Int?

    init(_ html: UnsafeBufferPointer<UInt8>, _ skeleton: HTMLSkeleton) {
      self.html = html
      self.skeleton = skeleton
    }

    /// What was found, in order.
    var places: [HTMLPlace] {
      var places = links.sorted { $0.range.lowerBound < $1.range.lowerBound }
      // The parser copies elements that HTML's rules make it open twice; their source is one.
      places = places.indices.filter { $0 == 0 || places[$0].range != places[$0 - 1].range }.map {
        places[$0]
      }
      let end = end ?? html.count
      let index = places.firstIndex { $0.range.lowerBound >= end } ?? places.count
      places.insert(HTMLPlace(range: end..<end, quote: nil, url: nil), at: index)
      return places
    }

    mutating func walk(_ tree: borrowing HTMLTree) {
      var waiting = [tree.document]
      while let node = waiting.popLast() {
        if let element = node.element {
          if isSwitchedOff(element) { continue }
          visit(element, tree)
        }
        let children = node.children
        for index in (0..<Int(children.length)).reversed() {
          if let child = children.node(index) { waiting.append(child) }
        }
      }
    }

    private mutating func visit(_ element: UnsafeMutablePointer<GumboElement>, _ tree: borrowing HTMLTree) {
      switch element.pointee.tag {
      case GUMBO_TAG_A, GUMBO_TAG_AREA:
        if element.pointee.tag_namespace == GUMBO_NAMESPACE_HTML { addLink(element, tree) }
      case GUMBO_TAG_BODY, GUMBO_TAG_HTML:
        if let tag = tree.range(of: element.pointee.original_end_tag), !tag.isEmpty {
          let start = skeleton.whole(tag.lowerBound)
          end = min(end ?? start, start)
        }
      default: break
      }
    }

    private mutating func addLink(_ element: UnsafeMutablePointer<GumboElement>, _ tree: borrowing HTMLTree) {
      guard let href = element.attribute("href"), let kept = tree.range(of: href.pointee.original_value),
        !kept.isEmpty
      else { return }
      let range = skeleton.whole(kept.lowerBound)..<(skeleton.whole(kept.upperBound - 1) + 1)
      let first = html[range.lowerBound]
      let quote = first == 0x22 || first == 0x27 ? first : nil
      if quote != nil, range.count < 2 || html[range.upperBound - 1] != quote { return }
      guard let value = range.count == kept.count ? String(cString: href.pointee.value) : value(range, quote),
        let url = TrackedURL.normalized(value), !html[range].contains(0)
      else { return }
      links.append(HTMLPlace(range: range, quote: quote, url: url))
    }

    /// An attribute's value of which the skeleton has a part only.
    private func value(_ range: Range<Int>, _ quote: UInt8?) -> String? {
      let mark: [UInt8] = quote == nil ? [0x22] : []
      let tag = Array("<a href=".utf8) + mark + html[range] + mark + [0x3E]
      return tag.withUnsafeBufferPointer { bytes in
        guard let tree = HTMLTree(bytes) else { return nil }
        var node: HTMLTree.Node? = tree.document
        while let current = node {
          if let href = current.element?.attribute("href") { return String(cString: href.pointee.value) }
          let children = current.children
          node = children.length > 0 ? children.node(Int(children.length) - 1) : nil
        }
        return nil
      }
    }

    private func isSwitchedOff(_ element: UnsafeMutablePointer<GumboElement>) -> Bool {
      guard let attribute = element.attribute("data-brevdue-track") else { return false }
      return String(cString: attribute.pointee.value).utf8.lazy.map { $0 | 0x20 }.elementsEqual("off".utf8)
    }
  }
}

/// The URLs that are tracked, in the form in which a redirect names them.
enum TrackedURL {
  private static let lengthLimit = 8000

  /// `http` and `https` only. As browsers do (WHATWG URL): no white space around, no tabs and line ends
  /// inside; spaces and everything beyond ASCII are percent-encoded. nil for all others, and for text that
  /// was not UTF-8.
  static func normalized(_ text: String) -> String? {
    var bytes = text.utf8.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }[...]
    while let first = bytes.first, first <= 0x20 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last <= 0x20 { bytes = bytes.dropLast() }
    let start = bytes.prefix(8).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    guard start.starts(with: "http://".utf8) || start.starts(with: "https://".utf8), bytes.count > 8,
      bytes.count <= lengthLimit, !text.unicodeScalars.contains("\u{FFFD}")
    else { return nil }
    var result = [UInt8]()
    result.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte > 0x20, byte < 0x7F {
        result.append(byte)
      } else {
        result += [0x25, hexDigit(byte >> 4), hexDigit(byte & 15)]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}
