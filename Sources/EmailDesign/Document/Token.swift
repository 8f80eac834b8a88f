/// The name of a value that is filled in for each recipient, such as `contact.firstname` or
/// `custom.order.items[0].name`.
public struct TokenPath: Sendable, Hashable, CustomStringConvertible {
  /// As it stands in HubL.
  public let description: String

  /// Names of ASCII letters, digits and `_`, with points between them, and places in lists; nil for
  /// everything else, and for HubL's own words.
  public init?(_ text: String) {
    guard text.utf8.count <= 200, Self.isPath(Array(text.utf8)) else { return nil }
    description = text
    if Self.words.contains(root) { return nil }
  }

  /// A path that is known to be right: one that the program itself writes.
  init(trusted text: String) {
    description = text
  }

  /// The first name: `contact`, `custom` and so on.
  public var root: String { String(description.prefix { $0 != "." && $0 != "[" }) }

  private static let words: Set<String> = [
    "and", "or", "not", "in", "is", "if", "else", "elif", "for", "true", "false", "none", "null", "True",
    "False", "None", "recursive",
  ]

  private static func isPath(_ bytes: [UInt8]) -> Bool {
    var position = 0
    func skip(_ isFit: (UInt8) -> Bool) -> Int {
      let start = position
      while position < bytes.count, isFit(bytes[position]) { position += 1 }
      return position - start
    }
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    func isLetter(_ byte: UInt8) -> Bool { byte == 0x5F || (byte | 0x20) &- 0x61 < 26 }
    func name() -> Bool {
      guard position < bytes.count, isLetter(bytes[position]) else { return false }
      return skip { isLetter($0) || isDigit($0) } > 0
    }
    guard name() else { return false }
    while position < bytes.count {
      let sign = bytes[position]
      position += 1
      if sign == 0x2E {
        guard name() else { return false }
      } else {
        guard sign == 0x5B, (1...4).contains(skip(isDigit)), position < bytes.count, bytes[position] == 0x5D
        else { return false }
        position += 1
      }
    }
    return true
  }
}

/// A value of the recipient's, with what stands in its place when it is empty.
public struct Token: Sendable, Hashable {
  public var path: TokenPath
  /// nil when there is nothing to stand in.
  public var fallback: String?

  public init(_ path: TokenPath, fallback: String? = nil) {
    self.path = path
    self.fallback = fallback
  }
}

/// A piece of a line: words of the author, or a value of the recipient's.
public enum Inline: Sendable, Hashable {
  case text(String)
  case token(Token)
}

extension Token {
  init(_ members: JSONMembers, _ name: String) throws(DocumentError) {
    path = try members.required(name).tokenPath()
    fallback = try members.optional("fallback") { field throws(DocumentError) in try field.line() }
  }
}

extension JSONField {
  func tokenPath() throws(DocumentError) -> TokenPath {
    guard let path = TokenPath(try text()) else {
      throw error("must be the name of a value, such as contact.firstname")
    }
    return path
  }

  /// `{"text": …}` or `{"token": …, "fallback": …}`.
  func inline() throws(DocumentError) -> Inline {
    let members = try object("text", "token", "fallback")
    if let text = members.optional("text") {
      if members.optional("token") != nil { throw error("must have either text or token") }
      return .text(try text.line(upTo: 20_000))
    }
    return .token(try Token(members, "token"))
  }

  /// A list of pieces.
  func line() throws(DocumentError) -> [Inline] {
    try list { field throws(DocumentError) in try field.inline() }
  }
}

extension Inline {
  var json: JSONValue {
    switch self {
    case .text(let text): .object(["text": .string(text)])
    case .token(let token): token.json("token")
    }
  }
}

extension Token {
  func json(_ name: String) -> JSONValue {
    .object([JSONValue.Member(name, .string(path.description))])
      .adding("fallback", fallback.map { .string($0) })
  }
}

extension JSONValue {
  /// An object with one more member, unless it is nil.
  func adding(_ name: String, _ value: JSONValue?) -> JSONValue {
    guard case .object(var members) = self, let value else { return self }
    members.append(Member(name, value))
    return .object(members)
  }
}

extension [Inline] {
  var json: JSONValue { .array(map(\.json)) }

  /// Whether it has neither words nor values.
  var isBlank: Bool {
    allSatisfy { piece in
      if case .text(let text) = piece { text.utf8.allSatisfy { $0 <= 0x20 } } else { false }
    }
  }

  var tokens: [Token] {
    compactMap { if case .token(let token) = $0 { token } else { nil } }
  }

  /// The words, with a value shown by its fall-back or its name.
  var shown: String {
    map { piece in
      switch piece {
      case .text(let text): text
      case .token(let token): token.fallback ?? "{\(token.path)}"
      }
    }.joined()
  }
}
