/// A template as a tree.
indirect enum MustacheNode {
  case text(String)
  case output(MustacheStatement, isRaw: Bool, offset: Int)
  case comment(String)
  /// Another template by its name.
  case partial(String, offset: Int)
  case block(MustacheBlock)
  /// What could not be read as an expression.
  case unknown(String, offset: Int)
}

/// `{{#name …}} … {{else}} … {{/name}}`.
struct MustacheBlock {
  var statement: MustacheStatement
  /// `{{^name}}`.
  var isInverted: Bool
  var offset: Int
  var body: [MustacheNode]
  /// What stands behind `else`; a chained `else if` is one block alone.
  var otherwise: [MustacheNode]?
  /// It is such a block.
  var isChained = false
}

/// Puts pieces together to a tree.
struct MustacheParser {
  private static let depthLimit = 60
  private let source: [UInt8]
  private let dialect: TemplateDialect
  private let tokens: [MustacheToken]
  private var position = 0
  private var depth = 0

  static func nodes(_ source: [UInt8], _ dialect: TemplateDialect) throws(ImportError) -> [MustacheNode] {
    var parser = MustacheParser(source, dialect, try MustacheScanner.tokens(source, dialect))
    let nodes = try parser.nodes(in: nil)
    if let token = parser.current { throw parser.error("this closes nothing", token) }
    return nodes
  }

  private init(_ source: [UInt8], _ dialect: TemplateDialect, _ tokens: [MustacheToken]) {
    self.source = source
    self.dialect = dialect
    self.tokens = tokens
  }

  private var current: MustacheToken? { position < tokens.count ? tokens[position] : nil }

  private func error(_ message: String, _ token: MustacheToken) -> ImportError {
    ImportError(message, at: token.offset, in: source)
  }

  /// Up to what closes or continues the block around, whose opening content is given.
  private mutating func nodes(in block: String?) throws(ImportError) -> [MustacheNode] {
    depth += 1
    defer { depth -= 1 }
    var nodes = [MustacheNode]()
    while let token = current {
      if depth > Self.depthLimit { throw error("blocks are nested too deep here", token) }
      switch token.kind {
      case .close, .otherwise: return nodes
      case .open, .inverted:
        if dialect == .postmark, token.content == block { return nodes }
        nodes += try blocks(token)
        continue
      case .text: nodes.append(.text(token.content))
      case .comment: nodes.append(.comment(token.content))
      case .partial: nodes.append(.partial(token.content, offset: token.offset))
      case .output, .raw: nodes.append(output(token))
      }
      position += 1
    }
    return nodes
  }

  private func output(_ token: MustacheToken) -> MustacheNode {
    guard let statement = statement(token.content), statement.names.isEmpty else {
      return .unknown(token.content, offset: token.offset)
    }
    return .output(statement, isRaw: token.kind == .raw, offset: token.offset)
  }

  private func statement(_ text: String) -> MustacheStatement? {
    dialect == .postmark ? Mustachio.statement(text) : ExpressionReader.statement(text)
  }

  /// A block; in Mustachio with those that follow it under the same name: `{{#a}}…{{^a}}…{{/a}}`.
  private mutating func blocks(_ open: MustacheToken) throws(ImportError) -> [MustacheNode] {
    var nodes = [MustacheNode]()
    var token = open
    while true {
      position += 1
      var block = try opened(token)
      block.body = try self.nodes(in: token.content)
      guard let end = current else { throw error("this block is not closed", open) }
      if end.kind == .otherwise {
        block.otherwise = try otherwise(open)
      } else if end.kind != .close {
        nodes.append(.block(block))
        token = end
        continue
      } else {
        try close(open)
      }
      nodes.append(.block(block))
      return nodes
    }
  }

  private func opened(_ token: MustacheToken) throws(ImportError) -> MustacheBlock {
    guard let statement = statement(token.content) else {
      throw error("“\(token.content)” opens no block that is known", token)
    }
    return MustacheBlock(
      statement: statement, isInverted: token.kind == .inverted, offset: token.offset, body: [],
      otherwise: nil)
  }

  /// Behind `else`, the closing tag too.
  private mutating func otherwise(_ open: MustacheToken) throws(ImportError) -> [MustacheNode] {
    guard let token = current else { throw error("this block is not closed", open) }
    position += 1
    if token.content.isEmpty {
      let nodes = try nodes(in: open.content)
      guard current?.kind == .close else { throw error("this block is not closed", open) }
      try close(open)
      return nodes
    }
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { throw error("blocks are nested too deep here", token) }
    var block = try opened(token)
    block.isChained = true
    block.body = try nodes(in: open.content)
    if current?.kind == .otherwise {
      block.otherwise = try otherwise(open)
    } else {
      guard current != nil else { throw error("this block is not closed", open) }
      try close(open)
    }
    return [.block(block)]
  }

  private mutating func close(_ open: MustacheToken) throws(ImportError) {
    guard let token = current else { throw error("this block is not closed", open) }
    let name = Self.firstWord(open.content)
    let isSame =
      dialect == .postmark && name != "each" ? token.content == open.content : token.content == name
    guard isSame else { throw error("“\(token.content)” is closed here, where “\(name)” is open", token) }
    position += 1
  }

  private static func firstWord(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
  }
}

/// Mustachio's expressions: paths, and `each` with one.
enum Mustachio {
  static func statement(_ text: String) -> MustacheStatement? {
    guard text.hasPrefix("each "), let path = path(text.dropFirst(5)) else {
      return path(text[...]).map { MustacheStatement(expression: .path($0)) }
    }
    return MustacheStatement(expression: .call("each", [.path(path)], hash: []))
  }

  private static func path(_ text: Substring) -> MustachePath? {
    var rest = String(text).trimmingWhitespace[...]
    var path = MustachePath()
    if rest.hasPrefix("@") {
      path.isData = true
      rest = rest.dropFirst().drop { $0 == " " }
    }
    while rest.hasPrefix("../") {
      path.up += 1
      rest = rest.dropFirst(3)
    }
    guard !rest.isEmpty || path.up > 0 else { return nil }
    path.segments = rest.split(separator: ".").map(String.init)
    let isFit = path.segments.allSatisfy { name in
      name.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" || $0 == ":"
      }
    }
    return isFit ? path : nil
  }
}
