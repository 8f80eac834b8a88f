/// Why a template could not be read or filled in. Places count from 1.
public struct TemplateError: Error, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Kind: Sendable, Hashable {
    /// The template itself is wrong.
    case syntax
    /// Values without a default were not given: their full names, such as `custom.order.id`, each once,
    /// in the order of the template.
    case missing([String])
    /// The template asks for what is not known: a tag, filter, test, function or another template.
    case unsupported
    /// The values do not fit what the template does with them.
    case value
    /// The template would take too long or make too much.
    case limit
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// Line of the template, from 1.
  public let line: Int
  /// Place in the line, from 1.
  public let column: Int
  /// For people, without the place.
  public let message: String
  /// What may have been meant; nil when nobody can say.
  public let hint: String?
  /// Name of the template when it is one that another includes.
  public private(set) var template: String?
  /// The line of the source.
  public let excerpt: String

  init(
    _ kind: Kind, at offset: Int, in source: [UInt8], _ message: String, hint: String? = nil,
    template: String? = nil
  ) {
    let place = Place(offset, in: source)
    self.kind = kind
    self.line = place.line
    self.column = place.column
    self.message = message
    self.hint = hint
    self.template = template
    self.excerpt = place.excerpt
  }

  /// The same in a template that another uses.
  func of(template name: String) -> TemplateError {
    var error = self
    error.template = template ?? name
    return error
  }

  /// Place and message in one line.
  public var description: String {
    let prefix = template.map { "“\($0)”, " } ?? ""
    return "\(prefix)line \(line), column \(column): \(message)"
      + (hint.map { "; did you mean \($0)?" } ?? "")
  }

  /// Place and message, the line of the source, and a caret under the place.
  public var diagnosis: String {
    guard !excerpt.isEmpty else { return description }
    // Tabs stay tabs, so that the caret stands below its place however wide they are.
    let blank = excerpt.unicodeScalars.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
    return "\(description)\n  \(excerpt)\n  \(blank)^"
  }
}

/// The nearest of the names that are known.
enum Suggestion {
  /// nil when none is near: more than a third of its letters, at least one and at most three, would change.
  static func nearest<Names: Sequence<String>>(to name: String, among names: Names) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    let wanted = Array(name.utf8)
    var best: (name: String, distance: Int)?
    for candidate in names where candidate != name {
      let other = Array(candidate.utf8)
      guard abs(other.count - wanted.count) <= 3, other.count <= 64 else { continue }
      let distance = distance(wanted, other)
      if distance > min(3, max(1, wanted.count / 3)) { continue }
      if let best, (best.distance, best.name) <= (distance, candidate) { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// How many letters to add, take away, replace or swap with the next (optimal string alignment).
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var above = [Int]()
    var row = Array(0...other.count)
    for place in one.indices {
      var next = [place + 1]
      for column in other.indices {
        let replaced = row[column] + (one[place] == other[column] ? 0 : 1)
        next.append(min(replaced, row[column + 1] + 1, next[column] + 1))
        if place > 0, column > 0, one[place] == other[column - 1], one[place - 1] == other[column] {
          next[column + 1] = min(next[column + 1], above[column - 1] + 1)
        }
      }
      (above, row) = (row, next)
    }
    return row[other.count]
  }
}
