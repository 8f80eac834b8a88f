/// Text with paragraphs and lists: the part of ProseMirror's documents that mail can show.
public struct RichText: Sendable, Hashable {
  public var blocks: [RichBlock]

  public init(_ blocks: [RichBlock]) {
    self.blocks = blocks
  }
}

/// A paragraph, or a list of such.
public indirect enum RichBlock: Sendable, Hashable {
  case paragraph([RichInline])
  /// An item holds paragraphs and lists.
  case list(isOrdered: Bool, items: [[RichBlock]])
}

/// A piece of a paragraph.
public enum RichInline: Sendable, Hashable {
  case text(String, Marks)
  case token(Token, Marks)
  case lineBreak

  /// How a piece looks and where it leads.
  public struct Marks: Sendable, Hashable {
    public var isBold = false
    public var isItalic = false
    public var isUnderlined = false
    public var link: Destination?

    public init(
      isBold: Bool = false, isItalic: Bool = false, isUnderlined: Bool = false, link: Destination? = nil
    ) {
      self.isBold = isBold
      self.isItalic = isItalic
      self.isUnderlined = isUnderlined
      self.link = link
    }
  }
}

extension RichText {
  /// Deeper lists are refused.
  private static let depthLimit = 5

  /// A ProseMirror document. Attributes that are not known, such as an alignment, are passed over.
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.members()
    guard try members.required("type").text() == "doc" else { throw field.error("must be of the type doc") }
    blocks =
      try members.optional("content") { field throws(DocumentError) in try Self.blocks(field, depth: 0) }
      ?? []
  }

  private static func blocks(_ field: JSONField, depth: Int) throws(DocumentError) -> [RichBlock] {
    try field.list(0...500) { field throws(DocumentError) in try block(field, depth: depth) }
  }

  private static func block(_ field: JSONField, depth: Int) throws(DocumentError) -> RichBlock {
    let members = try field.members()
    let type = try members.required("type")
    switch try type.text() {
    case "paragraph":
      let content = try members.optional("content") { field throws(DocumentError) in
        try field.list(0...2000) { field throws(DocumentError) in try RichInline(field) }
      }
      return .paragraph(content ?? [])
    case "bulletList", "orderedList":
      guard depth < depthLimit else {
        throw field.error("must not be nested deeper than \(depthLimit) lists")
      }
      let items = try members.required("content").list(1...500) { field throws(DocumentError) in
        try item(field, depth: depth + 1)
      }
      return .list(isOrdered: type.value == "orderedList", items: items)
    default:
      throw type.error("must be one of “paragraph”, “bulletList”, “orderedList”")
    }
  }

  private static func item(_ field: JSONField, depth: Int) throws(DocumentError) -> [RichBlock] {
    let members = try field.members()
    let type = try members.required("type")
    guard try type.text() == "listItem" else { throw type.error("must be “listItem”") }
    return try members.optional("content") { field throws(DocumentError) in
      try blocks(field, depth: depth)
    } ?? []
  }
}

extension RichInline {
  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.members()
    let type = try members.required("type")
    switch try type.text() {
    case "text": self = .text(try members.required("text").line(upTo: 20_000), try Marks(members))
    case "token":
      let attributes = try members.required("attrs").members()
      self = .token(try Token(attributes, "path"), try Marks(members))
    case "hardBreak": self = .lineBreak
    default: throw type.error("must be one of “text”, “token”, “hardBreak”")
    }
  }
}

extension RichInline.Marks {
  init(_ members: JSONMembers) throws(DocumentError) {
    for mark in try members.optional("marks")?.items(0...8) ?? [] {
      let members = try mark.members()
      let type = try members.required("type")
      switch try type.text() {
      case "bold": isBold = true
      case "italic": isItalic = true
      case "underline": isUnderlined = true
      case "link": link = try members.required("attrs").members().required("href").destination()
      default: throw type.error("must be one of “bold”, “italic”, “underline”, “link”")
      }
    }
  }

  fileprivate var json: JSONValue? {
    var marks = [JSONValue]()
    if isBold { marks.append(["type": "bold"]) }
    if isItalic { marks.append(["type": "italic"]) }
    if isUnderlined { marks.append(["type": "underline"]) }
    if let link { marks.append(["type": "link", "attrs": ["href": link.json]]) }
    return marks.isEmpty ? nil : .array(marks)
  }
}

extension RichText {
  var json: JSONValue { ["type": "doc", "content": .array(blocks.map(\.json))] }
}

extension RichBlock {
  fileprivate var json: JSONValue {
    switch self {
    case .paragraph(let content): ["type": "paragraph", "content": .array(content.map(\.json))]
    case .list(let isOrdered, let items):
      [
        "type": isOrdered ? "orderedList" : "bulletList",
        "content": .array(items.map { ["type": "listItem", "content": .array($0.map(\.json))] }),
      ]
    }
  }
}

extension RichInline {
  fileprivate var json: JSONValue {
    switch self {
    case .text(let text, let marks):
      .object(["type": "text", "text": .string(text), "marks": marks.json])
    case .token(let token, let marks):
      .object(["type": "token", "attrs": token.json("path"), "marks": marks.json])
    case .lineBreak: ["type": "hardBreak"]
    }
  }

  /// The piece without its marks.
  var plain: Inline? {
    switch self {
    case .text(let text, _): .text(text)
    case .token(let token, _): .token(token)
    case .lineBreak: nil
    }
  }

  var marks: Marks {
    switch self {
    case .text(_, let marks), .token(_, let marks): marks
    case .lineBreak: Marks()
    }
  }
}

extension RichText {
  /// All pieces in order.
  var pieces: [RichInline] { blocks.flatMap(\.pieces) }
}

extension RichBlock {
  var pieces: [RichInline] {
    switch self {
    case .paragraph(let content): content
    case .list(_, let items): items.flatMap { $0.flatMap(\.pieces) }
    }
  }
}
