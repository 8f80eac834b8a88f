import MailModel

/// Fills one template in.
struct Renderer {
  let options: RenderOptions
  let values: [String: Value]
  /// Whether values are made safe for HTML.
  let isEscaping: Bool
  var output: Output
  var scopes: Scopes
  var unit: Unit {
    didSet {
      (nodes, pool, text) = (unit.code.nodes, unit.code.pool, unit.code.text)
      (keys, literals, cells) = (unit.code.keys, unit.code.literals, unit.cells)
    }
  }
  /// The unit's, which keeps them.
  private(set) var nodes: UnsafeBufferPointer<Node>
  private(set) var pool: UnsafeBufferPointer<Ref>
  private(set) var text: UnsafeBufferPointer<UInt8>
  private(set) var keys: UnsafeMutableBufferPointer<Key>
  private(set) var literals: UnsafeMutableBufferPointer<Datum>
  private(set) var cells: UnsafeMutableBufferPointer<Int32>
  /// Values that are missing, by the numbers of `Datum.undefined`, with the place where each was looked up.
  private(set) var missingPaths: [(name: String, offset: Int, unit: Unit)] = []
  private var missingNumbers: [String: Int32] = [:]
  /// Those that were printed or used, in order.
  private(set) var missing: [Int32] = []
  private var missed: Set<Int32> = []
  /// Why the rendering stopped.
  private(set) var failure: TemplateError?
  /// Set by `break` and `continue` until their loop sees it.
  var jump = Jump.none
  var loopDepth = 0
  var includes: [String] = []
  /// Blocks by name, from the template that extends most to the base.
  var blocks: [String: [BlockBody]] = [:]
  /// The block that is being rendered and its place among those of its name.
  var block: (name: String, level: Int)?
  /// The template that this one extends, once it is known.
  var parent: Template?
  var parentName = ""
  /// What `ifchanged` and `cycle` remember.
  var memories: [ObjectIdentifier: [Ref: Datum]] = [:]
  var random: RandomNumbers
  /// What the template changed: only these can hold themselves, and would never be freed.
  private var changed: [Datum] = []
  private(set) var steps: Int
  private var deadline: Deadline
  private var depth = 0

  enum Jump { case none, `break`, `continue` }

  struct BlockBody {
    let unit: Unit
    let body: Ref
  }

  init(_ template: Template, _ values: [String: Value], _ options: RenderOptions) {
    self.options = options
    self.values = values
    isEscaping = options.escaping == .html
    output = Output(
      limit: options.limits.outputBytes, expected: 2 * template.program.source.count + 64)
    steps = options.limits.steps
    deadline = Deadline(milliseconds: options.limits.milliseconds)
    random = RandomNumbers(seed: options.seed)
    let symbols = template.program.symbols
    var scopes = Scopes()
    let cells = symbols.map { scopes.add(Datum(values[$0])) }
    self.scopes = scopes
    unit = Unit(template, Space(template.program.symbolNumbers), cells: cells, name: nil)
    (nodes, pool, text) = (template.code.nodes, template.code.pool, template.code.text)
    (keys, literals, self.cells) = (template.code.keys, template.code.literals, unit.cells)
  }

  /// Finds cells for the names of a program; those that are new start with the caller's value.
  mutating func makeUnit(_ template: Template, _ space: Space, name: String?) -> Unit {
    let cells = template.program.symbols.map { symbol in
      if let cell = space.cells[symbol] { return cell }
      let cell = scopes.add(Datum(values[symbol]))
      space.cells[symbol] = cell
      return cell
    }
    return Unit(template, space, cells: cells, name: name)
  }

  /// A list of the pool.
  @inline(__always)
  func list(_ list: Ref) -> UnsafeBufferPointer<Ref> {
    let start = Int(list) + 1
    return UnsafeBufferPointer(rebasing: pool[start..<start + Int(pool[start - 1])])
  }

  /// The whole template, with those that it extends.
  mutating func render() throws(Stop) {
    try renderUnit()
    if output.isFull {
      throw fail(.limit, at: unit.program.root, "the result is longer than \(output.limit) bytes")
    }
  }

  /// Notes that something is about to be changed.
  mutating func note(changed datum: Datum) { changed.append(datum) }

  /// Empties all that was changed, at the end.
  mutating func release() {
    for datum in changed {
      switch datum {
      case .list(let list): _ = list.take()
      case .map(let map): _ = map.take()
      case .loop(let loop): _ = loop.take()
      default: break
      }
    }
    changed = []
  }

  // MARK: Limits

  /// Counts work. Called for all that a template can repeat.
  @inline(__always)
  mutating func step(_ node: Ref, _ count: Int = 1) throws(Stop) {
    let before = steps
    steps -= count
    if steps < 0 {
      throw fail(.limit, at: node, "the template takes more than \(options.limits.steps) steps")
    }
    if before >> 8 != steps >> 8 || count > 64 { try checkTime(node) }
  }

  private mutating func checkTime(_ node: Ref) throws(Stop) {
    if deadline.isPast() || options.isOverdue?() == true {
      throw fail(.limit, at: node, "the template takes too long")
    }
    if output.isFull { throw fail(.limit, at: node, "the result is longer than \(output.limit) bytes") }
  }

  /// Counts text that is made.
  mutating func charge(bytes: Int, _ node: Ref) throws(Stop) { try step(node, 1 + bytes / 16) }

  /// Counts elements that are made.
  mutating func charge(elements: Int, _ node: Ref) throws(Stop) { try step(node, 1 + elements / 4) }

  /// Counts what is looked at: less than what is made, and nothing when it is small.
  @inline(__always)
  mutating func weigh(_ value: Datum, _ node: Ref) throws(Stop) {
    switch value {
    case .string(let text), .safe(let text):
      if text.utf8.count > 1024 { try step(node, text.utf8.count / 256) }
    // Each may lead to many more, so that it is time to look at the clock.
    case .values, .members, .list, .map: try weigh(container: value, node)
    default: break
    }
  }

  private mutating func weigh(container value: Datum, _ node: Ref) throws(Stop) {
    try step(node, (value.count ?? 0) / 16)
    try checkTime(node)
  }

  /// Counts what a filter, test, function or method is called with.
  mutating func weigh(_ call: Call) throws(Stop) {
    try weigh(call.value, call.node)
    for place in 0..<call.count { try weigh(call[place], call.node) }
  }

  /// Counts what came of it.
  mutating func charged(_ result: Datum, _ node: Ref) throws(Stop) -> Datum {
    switch result {
    case .string(let text), .safe(let text): try charge(bytes: text.utf8.count, node)
    case .list(let list): try charge(elements: list.items.count, node)
    default: break
    }
    return result
  }

  /// Counts comparing.
  mutating func charge(_ work: Comparison, _ node: Ref) throws(Stop) {
    if work.isTooMuch { throw fail(.limit, at: node, "there is too much to compare") }
    if work.count > 4 { try charge(elements: work.count, node) }
  }

  /// The elements of a value, counted before they are made: those of a text take far more room than it.
  mutating func sequence(of value: Datum, _ node: Ref) throws(Stop) -> [Datum] {
    try charge(elements: value.count ?? 0, node)
    return value.sequence
  }

  /// As text that may be long: a list or map is written out.
  mutating func text(of value: Datum, _ node: Ref) throws(Stop) -> String {
    if let text = value.string { return text }
    try weigh(value, node)
    return value.text
  }

  mutating func descend(_ node: Ref) throws(Stop) {
    depth += 1
    if depth > options.limits.depth { throw fail(.limit, at: node, "this is nested too deeply") }
  }

  mutating func ascend() { depth -= 1 }

  // MARK: Failures

  /// Notes why the rendering stops; to be thrown.
  mutating func fail(_ kind: TemplateError.Kind, at node: Ref, _ message: String, hint: String? = nil) -> Stop
  {
    let offset = Int(unit.program.offsets[Int(node)])
    return fail(
      TemplateError(
        kind, at: offset, in: unit.program.source, message, hint: hint.map { "“\($0)”" }, template: unit.name)
    )
  }

  mutating func fail(_ error: TemplateError) -> Stop {
    if failure == nil { failure = error }
    return Stop()
  }

  /// Notes that a missing value was used.
  mutating func use(missing number: Int32) {
    if number > 0, missed.insert(number).inserted { missing.append(number) }
  }

  /// The number of a missing value; 0 when nobody minds.
  mutating func number(ofMissing path: Ref, at node: Ref) -> Int32 {
    guard options.isStrict, path >= 0 else { return 0 }
    let name = unit.program.paths[Int(path)]
    if let known = missingNumbers[name] { return known }
    missingPaths.append((name, Int(unit.program.offsets[Int(node)]), unit))
    missingNumbers[name] = Int32(missingPaths.count)
    return Int32(missingPaths.count)
  }

  /// A custom value with a similar name.
  func hint(for path: String) -> String? {
    var names = path.split(separator: ".").map(String.init)
    guard let last = names.popLast() else { return nil }
    var value: Value? = names.first.flatMap { values[$0] }
    for name in names.dropFirst() { value = value?[name] }
    guard case .map(let members)? = value else { return nil }
    return Suggestion.nearest(to: last, among: members.keys).map { (names + [$0]).joined(separator: ".") }
  }
}

/// A small generator with a seed: the same template with the same values gives the same text.
struct RandomNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
