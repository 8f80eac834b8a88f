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

  public let kind: Kind
  public let line: Int
  public let column: Int
  /// For people, without the place.
  public let message: String

  init(_ kind: Kind, line: Int, column: Int, _ message: String) {
    self.kind = kind
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { "line \(line), column \(column): \(message)" }
}
