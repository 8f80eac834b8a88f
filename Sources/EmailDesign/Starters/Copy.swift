/// Words with values and links in them, as the starters are written:
/// `"Hi \(token: "contact.firstname", or: "there")"`.
struct Copy: ExpressibleByStringInterpolation {
  var pieces: [RichInline] = []

  init(stringLiteral value: String) {
    pieces = [.text(value, .init())]
  }

  init(stringInterpolation: Pieces) {
    pieces = stringInterpolation.pieces
  }

  /// Without links and bold letters, for headings and labels.
  var line: [Inline] { pieces.compactMap(\.plain) }

  struct Pieces: StringInterpolationProtocol {
    var pieces: [RichInline] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { pieces.append(.text(literal, .init())) }
    }

    mutating func appendInterpolation(token path: String, or fallback: String? = nil, isBold: Bool = false) {
      pieces.append(.token(.init(.init(trusted: path), fallback: fallback), .init(isBold: isBold)))
    }

    /// A new line in the same paragraph.
    mutating func appendInterpolation(lineBreak: Void) { pieces.append(.lineBreak) }

    mutating func appendInterpolation(bold text: String) {
      pieces.append(.text(text, .init(isBold: true)))
    }

    mutating func appendInterpolation(link text: String, to path: String) {
      pieces.append(.text(text, .init(link: .token(path))))
    }
  }
}

extension Destination {
  /// An address that is a value.
  static func token(_ path: String) -> Destination {
    Destination([.token(Token(TokenPath(trusted: path)))])
  }
}

extension Condition {
  static func set(_ path: String) -> Condition { Condition(TokenPath(trusted: path)) }
}
