/// What a filter, test or function may be given.
struct Parameters: Sendable {
  /// In their order.
  let names: [String]
  /// How many of them must be given.
  let required: Int
  /// More may follow, and others by name.
  let isOpen: Bool

  /// Names; one that may be left out ends with `?`, and a last `…` takes any number more.
  init(_ names: [String]) {
    isOpen = names.last == "…"
    let own = isOpen ? names.dropLast() : names[...]
    required = own.filter { !$0.hasSuffix("?") }.count
    self.names = own.map { $0.hasSuffix("?") ? String($0.dropLast()) : $0 }
  }

  /// For errors: “1 or 2 arguments: length, end”.
  var description: String {
    if names.isEmpty { return isOpen ? "any arguments" : "no arguments" }
    let list = names.joined(separator: ", ")
    if isOpen { return "at least \(required) arguments: \(list)" }
    let count = required == names.count ? "\(required)" : "\(required) to \(names.count)"
    return "\(count) \(names.count == 1 ? "argument" : "arguments"): \(list)"
  }
}

typealias Operation = @Sendable (inout Renderer, Call) throws(Stop) -> Datum

/// A filter with what the parser and the renderer must know of it.
final class Filter: Sendable {
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt8
    /// A text marked safe stays so.
    static let keepsSafety = Traits(rawValue: 1)
    /// It is asked even when the value is missing.
    static let isForMissing = Traits(rawValue: 2)
    /// It may give text that is marked safe.
    static let makesMarkup = Traits(rawValue: 4)
    /// Its result can stand in a query.
    static let isURLEncoding = Traits(rawValue: 8)
    /// Its result can stand in a script.
    static let isScript = Traits(rawValue: 16)
  }

  let names: [String]
  let parameters: Parameters
  let traits: Traits
  let apply: Operation

  init(_ names: String..., takes parameters: [String] = [], traits: Traits = [], apply: @escaping Operation) {
    self.names = names
    self.parameters = Parameters(parameters)
    self.traits = traits
    self.apply = apply
  }

  var keepsSafety: Bool { traits.contains(.keepsSafety) }
  var isForMissing: Bool { traits.contains(.isForMissing) }
  var makesMarkup: Bool { traits.contains(.makesMarkup) }
  var isURLEncoding: Bool { traits.contains(.isURLEncoding) }
  var isScript: Bool { traits.contains(.isScript) }
}

/// All filters, by number and by name.
enum FilterTable {
  static let all =
    BasicFilters.all + TextFilters.all + MarkupFilters.all + CodeFilters.all + NumberFilters.all
    + ListFilters.all
    + SelectionFilters.all + SetFilters.all + DateFilters.all

  static let numbers: [String: Int] = Dictionary(
    all.enumerated().flatMap { place, filter in filter.names.map { ($0, place) } }, uniquingKeysWith: { $1 })
}

/// A function of templates.
final class Function: Sendable {
  let name: String
  let parameters: Parameters
  /// It is asked even when an argument is missing.
  let isForMissing: Bool
  let apply: Operation

  init(
    _ name: String, takes parameters: [String] = [], isForMissing: Bool = false, apply: @escaping Operation
  ) {
    self.name = name
    self.parameters = Parameters(parameters)
    self.isForMissing = isForMissing
    self.apply = apply
  }
}

/// All functions, by number and by name.
enum FunctionTable {
  static let all = Functions.all
  static let numbers: [String: Int] = Dictionary(
    all.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
}

/// What `is` asks.
final class Test: Sendable {
  let names: [String]
  let parameters: Parameters
  let holds: @Sendable (inout Renderer, Call) throws(Stop) -> Bool

  init(
    _ names: String..., takes parameters: [String] = [],
    holds: @escaping @Sendable (inout Renderer, Call) throws(Stop) -> Bool
  ) {
    self.names = names
    self.parameters = Parameters(parameters)
    self.holds = holds
  }
}

/// All tests, by number and by name.
enum TestTable {
  static let all = Tests.all
  static let numbers: [String: Int] = Dictionary(
    all.enumerated().flatMap { place, test in test.names.map { ($0, place) } }, uniquingKeysWith: { $1 })
}
