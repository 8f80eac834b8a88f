/// How values are made safe for the text that they are put into.
public enum Escaping: Sendable, Hashable {
  /// `& < > " '` become entities, unless `|safe` says otherwise.
  case html
  /// Subjects and plain text: as it is.
  case none
}

/// A HubL text, parsed once and rendered for each recipient. May be shared between threads.
public struct Template: Sendable {
  /// Parses; throws for bad syntax with its place.
  public init(_ source: String) throws(TemplateError) {
    throw TemplateError(.unsupported, line: 1, column: 1, "not there yet")
  }

  /// Fills the template in. `values` holds the top names: `contact`, `custom` and so on. A missing
  /// `custom` value without a default fails (all missing names are collected); anything else missing
  /// is empty.
  public func render(_ values: [String: Value], escaping: Escaping) throws(TemplateError) -> String { "" }
}
