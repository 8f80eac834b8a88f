/// Why a template could not be read or filled in. Places count from 1.
public struct TemplateError: Error, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Kind: Sendable, Hashable {
    /// The template itself is wrong.
    case syntax
    /// Values without a default were not given: their full names, such as `custom.order.id`, each once,
    /// in the order of the template.
    case missing([String])
    /// The template asks for what this version does not know: a tag or filter.
    case unsupported
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// Line of the template, from 1.
  public let line: Int
  /// Place in the line, from 1.
  public let column: Int
  /// For people, without the place.
  public let message: String

  init(_ kind: Kind, line: Int, column: Int, _ message: String) {
    self.kind = kind
    self.line = line
    self.column = column
    self.message = message
  }

  /// Place and message.
  public var description: String { "line \(line), column \(column): \(message)" }
}
