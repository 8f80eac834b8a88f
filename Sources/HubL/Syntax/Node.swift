/// Number of a node, or of an entry in one of the program's tables.
typealias Ref = Int32

/// A piece of a parsed template. Nodes lie in one array and name each other by number: walking them counts no
/// references and copies no memory.
enum Node: Sendable, BitwiseCopyable {
  // Expressions.
  case literal(Ref)
  case name(Ref)
  /// `base.key`; `path` names the custom value that this is, or −1.
  case member(base: Ref, key: Ref, path: Ref)
  case index(base: Ref, by: Ref, path: Ref)
  case slice(base: Ref, bounds: Ref)
  case filter(base: Ref, filter: Ref, arguments: Ref)
  case test(base: Ref, test: Ref, arguments: Ref)
  case call(name: Ref, arguments: Ref)
  case method(base: Ref, key: Ref, arguments: Ref)
  case not(Ref)
  case negated(Ref)
  case binary(BinaryOperator, Ref, Ref)
  case and(Ref, Ref)
  case or(Ref, Ref)
  /// Without `else` the third is −1.
  case choice(condition: Ref, then: Ref, otherwise: Ref)
  /// Numbers of nodes: a place in the program's `pool`.
  case joined(list: Ref)
  case list(list: Ref)
  /// Keys and values by turns.
  case map(list: Ref)

  // Statements.
  case text(start: Ref, count: Ref)
  case output(Ref, OutputContext)
  case sequence(list: Ref)
  /// Conditions and bodies by turns; the last without a partner is for all other cases.
  case branches(list: Ref)
  case loop(Ref)
  case set(names: Ref, value: Ref)
  /// `{% set name|filters %}…{% endset %}`: the filters take the text from the name.
  case capture(name: Ref, body: Ref, filtered: Ref)
  case setMember(name: Ref, key: Ref, value: Ref)
  case macro(Ref)
  /// `{% call(parameters) macro(…) %}…`: the macro is for the body.
  case callBlock(macro: Ref, call: Ref)
  case block(Ref)
  case extends(Ref)
  case include(Ref, isOptional: Bool)
  case imports(Ref)
  case evaluate(Ref)
  case cycle(list: Ref, OutputContext)
  case ifChanged(value: Ref, body: Ref, memory: Ref)
  case breakLoop
  case continueLoop
  case widget(Ref)
}

enum BinaryOperator: Sendable, BitwiseCopyable {
  case add, subtract, multiply, divide, floorDivide, remainder, power
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contains, lacks
}

/// Where in the text an output stands, which decides how its value is made safe.
enum OutputContext: Sendable, BitwiseCopyable {
  /// HTML text, and attributes in quotes.
  case markup
  /// Between the attributes of a tag.
  case attributes
  /// An attribute without quotes ends with a blank.
  case bareAttribute
  /// The start of a link, where a scheme may stand.
  case linkStart
  case linkPath
  /// Behind `?…=` or `&…=`: one value of a query.
  case linkQuery
  /// In a script, or an attribute that is one: `onclick`.
  case script
  /// In an attribute `style`.
  case style
  /// In an element `style`, where there are no entities.
  case styleSheet
  /// Within `{% autoescape false %}`.
  case raw
}

/// What stands between the parentheses of a call, for the parser. In the pool it is a list: the number of the named
/// ones, or −1, and then the others.
struct Arguments {
  var positional: [Ref] = []
  var named: [(key: Key, value: Ref)] = []
}

struct LoopDefinition: Sendable {
  /// Symbols that take the element, or its parts.
  var names: [Ref]
  var items: Ref
  /// `for x in items if condition`; −1 without.
  var condition: Ref
  var body: Ref
  /// −1 without `else`.
  var otherwise: Ref
}

struct MacroDefinition: Sendable {
  var name: String
  /// Where it is kept; −1 for the body of a `call`.
  var symbol: Ref
  var parameters: [Parameter]
  var body: Ref

  struct Parameter: Sendable {
    var key: Key
    var symbol: Ref
    /// −1 without.
    var standard: Ref
  }
}

struct ImportDefinition: Sendable {
  var source: Ref
  /// `import … as name`; −1 when the names are taken over.
  var name: Ref
  /// `from … import a as b`; nil for everything.
  var taken: [(key: Key, symbol: Ref)]?
}

/// `{% text "name" value="…" %}` and its like.
struct WidgetDefinition: Sendable {
  var kind: String
  var name: String
  /// Where its text stands, for those that are no more than a value.
  var context: OutputContext
  var parameters: [(key: Key, value: Ref)]
  /// Attributes given as bodies, rendered: `{% widget_attribute "html" %}…`.
  var bodies: [(key: Key, body: Ref)]
}

/// A template, as the parser makes it.
struct Program: Sendable {
  var nodes: [Node] = []
  /// Byte of the source where each node starts.
  var offsets: [Ref] = []
  var root: Ref = 0
  var source: [UInt8] = []
  /// All literal text, one after the other.
  var text: [UInt8] = []
  var literals: [Value] = []
  var keys: [Key] = []
  /// Names of variables.
  var symbols: [String] = []
  var symbolNumbers: [String: Ref] = [:]
  /// Full names of custom values.
  var paths: [String] = []
  /// Lists of numbers, one after the other, each behind its length.
  var pool: [Ref] = []
  /// Named arguments of calls that take any.
  var named: [[(key: Key, value: Ref)]] = []
  var loops: [LoopDefinition] = []
  var macros: [MacroDefinition] = []
  var blocks: [(name: String, body: Ref)] = []
  var imports: [ImportDefinition] = []
  var widgets: [WidgetDefinition] = []
  /// How many `ifchanged` and `cycle` tags remember something.
  var memories = 0
}

extension Program {
  /// A list of the pool.
  func list(_ list: Ref) -> ArraySlice<Ref> {
    let start = Int(list) + 1
    return pool[start..<start + Int(pool[start - 1])]
  }
}

/// The parts of a program that a rendering walks through, as plain memory: reading them counts no references.
/// Immutable once it is made, and freed with the object, which therefore threads may share; the literals are numbers
/// and texts, nothing that a template can change.
final class Code: @unchecked Sendable {
  let nodes: UnsafeBufferPointer<Node>
  let pool: UnsafeBufferPointer<Ref>
  let text: UnsafeBufferPointer<UInt8>
  let keys: UnsafeMutableBufferPointer<Key>
  let literals: UnsafeMutableBufferPointer<Datum>

  init(_ program: Program) {
    nodes = Self.copy(program.nodes)
    pool = Self.copy(program.pool)
    text = Self.copy(program.text)
    keys = .allocate(capacity: program.keys.count)
    _ = keys.initialize(from: program.keys)
    literals = .allocate(capacity: program.literals.count)
    _ = literals.initialize(from: program.literals.map { Datum($0) })
  }

  deinit {
    keys.deinitialize()
    keys.deallocate()
    literals.deinitialize()
    literals.deallocate()
    nodes.deallocate()
    pool.deallocate()
    text.deallocate()
  }

  private static func copy<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafeBufferPointer<Element> {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
    _ = memory.initialize(from: array)
    return UnsafeBufferPointer(memory)
  }
}
