/// How values are made safe for the text that they are put into.
public enum Escaping: Sendable, Hashable {
  /// `& < > " '` become entities, unless `|safe` says otherwise.
  case html
  /// Subjects and plain text: as it is.
  case none
}

/// A HubL text, parsed once and rendered for each recipient. May be shared between threads.
///
/// So far: `{{ name.member["member"][0] }}`, the filters `default`, `safe` and `escape`, `{# comments #}`,
/// and `-` inside the braces, which takes away the white space next to them.
public struct Template: Sendable {
  private let nodes: [Node]
  /// Bytes of the source, as a first guess of the size of the result.
  private let size: Int
  /// Finds line and column of an error; holds the source.
  private let parser: Parser

  /// Parses; throws for bad syntax with its place.
  public init(_ source: String) throws(TemplateError) {
    var parser = Parser(Array(source.utf8))
    nodes = try parser.parse()
    size = source.utf8.count
    self.parser = parser
  }

  /// Fills the template in. `values` holds the top names: `contact`, `custom` and so on. A missing
  /// `custom` value without a default fails (all missing names are collected); anything else missing
  /// is empty.
  public func render(_ values: [String: Value], escaping: Escaping) throws(TemplateError) -> String {
    var output = [UInt8]()
    output.reserveCapacity(size + size / 4 + 64)
    var evaluator = Evaluator(values, escaping)
    for node in nodes {
      switch node {
      case .text(let bytes): output += bytes
      case .output(let expression): evaluator.append(expression, to: &output)
      }
    }
    guard let first = evaluator.missing.first else { return String(decoding: output, as: UTF8.self) }
    let names = evaluator.missing.map(\.name)
    let list = names.joined(separator: ", ")
    throw parser.error(.missing(names), first.offset, "no value is given for \(list)")
  }

  /// The same template with its text changed, such as from HTML to plain text.
  ///
  /// `change` gets the whole text with a mark in place of each output, and the start of all marks; where it
  /// leaves a mark, the output will stand. nil when an output is `|safe`, that is, text of the kind that is
  /// to be changed, or when the text has something like a mark, before or behind the change.
  public func changingText(_ change: (_ text: String, _ mark: String) -> String) -> Template? {
    let mark = Array(Self.mark.utf8)
    var outputs = [Expression]()
    var text = [UInt8]()
    text.reserveCapacity(size)
    for node in nodes {
      switch node {
      case .text(let bytes): text += bytes
      case .output(let expression):
        if expression.isMarkedSafe { return nil }
        text += "\(Self.mark)\(outputs.count)\(Self.markEnd)".utf8
        outputs.append(expression)
      }
    }
    guard !nodes.contains(where: { $0.contains(mark) }) else { return nil }
    let changed = Array(change(String(decoding: text, as: UTF8.self), Self.mark).utf8)
    guard let nodes = Self.nodes(of: changed, outputs) else { return nil }
    return Template(nodes: nodes, size: changed.count, parser: parser)
  }

  /// A mark is this, the number of the output, and its end.
  private static let mark = "xqhubl"
  private static let markEnd = "qx"

  private init(nodes: [Node], size: Int, parser: Parser) {
    self.nodes = nodes
    self.size = size
    self.parser = parser
  }

  /// The text between marks, and the outputs in their place; nil when a mark is damaged.
  private static func nodes(of text: [UInt8], _ outputs: [Expression]) -> [Node]? {
    let (mark, end) = (Array(mark.utf8), Array(markEnd.utf8))
    var nodes = [Node]()
    var position = 0
    while let found = text.firstRange(of: mark, from: position) {
      let digits = text[found.upperBound...].prefix { $0 &- UInt8(ascii: "0") < 10 }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), outputs.indices.contains(number),
        text[digits.endIndex...].starts(with: end)
      else { return nil }
      nodes.append(.text(Array(text[position..<found.lowerBound])))
      nodes.append(.output(outputs[number]))
      position = digits.endIndex + end.count
    }
    return nodes + [.text(Array(text[position...]))]
  }
}
