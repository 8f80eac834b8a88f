/// A sign or word of an expression.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    case name(String)
    case string(String)
    case int(Int64)
    case double(Double)
    case sign(Sign)
    /// `}}` or `%}`.
    case end
  }

  var kind: Kind
  /// Byte of the source where it starts.
  var offset: Int
}

/// Operators and punctuation.
enum Sign: String, Sendable {
  case dot = "."
  case comma = ","
  case colon = ":"
  case pipe = "|"
  case open = "("
  case close = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case power = "**"
  case over = "/"
  case floorOver = "//"
  case percent = "%"
  case tilde = "~"
  case assign = "="
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case not = "!"
  case and = "&&"
  case or = "||"
  case question = "?"
}

extension Token.Kind {
  /// As an error names it.
  var text: String {
    switch self {
    case .end: "the end"
    case .name(let name): "“\(name)”"
    case .string: "a text"
    case .int, .double: "a number"
    case .sign(let sign): "“\(sign.rawValue)”"
    }
  }
}
