/// A value while a template is rendered: what the caller gave, shared and fixed, or what the template made.
enum Datum {
  /// Not there. The number names the custom value that is missing (an entry of the renderer's `missingPaths`);
  /// 0 for anything else.
  case undefined(Int32)
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  /// Rounded to so many digits, all of which are printed: `2.5|round(2)` is 2.50.
  case fixed(Double, digits: UInt8)
  case string(String)
  /// Text that is markup already and is not escaped again.
  case safe(String)
  /// The caller's list and map.
  case values([Value])
  case members(ValueMap)
  /// The template's own.
  case list(DatumList)
  case map(DatumMap)
  case macro(Macro)
  case loop(LoopState)
  case moment(Moment)

  static var undefined: Datum { .undefined(0) }

  init(_ value: Value) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .list(let values): self = .values(values)
    case .map(let members): self = .members(members)
    }
  }

  init(_ items: [Datum]) { self = .list(DatumList(items)) }

  /// The caller's value, or undefined.
  init(_ value: Value?) {
    if let value { self = Datum(value) } else { self = .undefined }
  }
}

/// A list that the template may change.
final class DatumList: Container {
  var items: [Datum]

  init(_ items: [Datum]) { self.items = items }

  override func take() -> [Datum] {
    defer { items = [] }
    return items
  }

  deinit { if !items.isEmpty { free() } }
}

/// A map that the template may change; also what `namespace()` and `import … as` give.
final class DatumMap: Container {
  var members: OrderedMap<Datum>

  init(_ members: OrderedMap<Datum> = OrderedMap()) { self.members = members }

  override func take() -> [Datum] {
    defer { members = OrderedMap() }
    return members.entries.map(\.value)
  }

  deinit { if members.count > 0 { free() } }
}

/// A macro with where it was defined.
final class Macro {
  let definition: MacroDefinition
  let unit: Unit
  /// Which scopes it sees.
  let environment: [Range<Int>]

  init(_ definition: MacroDefinition, _ unit: Unit, _ environment: [Range<Int>]) {
    self.definition = definition
    self.unit = unit
    self.environment = environment
  }
}

/// What `loop` knows.
final class LoopState: Container {
  // Unchecked: nothing keeps a hold of it while it changes.
  @exclusivity(unchecked) var index = 0
  let count: Int
  private(set) var items: [Datum]
  /// What `loop.changed` saw last.
  var seen: [Datum]?

  init(count: Int, items: [Datum]) {
    self.count = count
    self.items = items
  }

  override func take() -> [Datum] {
    defer { (items, seen) = ([], nil) }
    return items + (seen ?? [])
  }

  deinit { free() }
}

/// What holds values. Freed level by level, as a template can nest deeper than the stack is.
class Container {
  /// All values that it held.
  func take() -> [Datum] { [] }

  /// Nobody else may have the values while this runs, so they are taken here.
  fileprivate func free() {
    var pending = [Container]()
    Self.collect(take(), into: &pending)
    while var container = pending.popLast() {
      if isKnownUniquelyReferenced(&container) { Self.collect(container.take(), into: &pending) }
    }
  }

  private static func collect(_ items: [Datum], into pending: inout [Container]) {
    for item in items {
      switch item {
      case .list(let list): pending.append(list)
      case .map(let map): pending.append(map)
      case .loop(let loop): pending.append(loop)
      default: break
      }
    }
  }
}

extension Datum {
  /// Whether a condition takes it for true. A text that says “false” is not.
  var isTrue: Bool {
    switch self {
    case .undefined, .null: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .double(let value), .fixed(let value, _): value != 0
    case .string(let text), .safe(let text): !text.isEmpty && !Self.saysFalse(text)
    case .values(let items): !items.isEmpty
    case .members(let members): !members.isEmpty
    case .list(let list): !list.items.isEmpty
    case .map(let map): map.members.count > 0
    case .macro, .loop, .moment: true
    }
  }

  private static func saysFalse(_ text: String) -> Bool {
    text.utf8.count == 5 && text.utf8.elementsEqual("false".utf8, by: { $0 | 0x20 == $1 })
  }

  /// Whether it is there: `null` is as good as nothing, as in Jinjava.
  var isDefined: Bool {
    switch self {
    case .undefined, .null: false
    default: true
    }
  }

  /// Text, marked safe or not; nil for anything else.
  var string: String? {
    switch self {
    case .string(let text), .safe(let text): text
    default: nil
    }
  }

  var isSafe: Bool { if case .safe = self { true } else { false } }

  /// The elements of a list, nil for anything else.
  var items: [Datum]? {
    switch self {
    case .values(let values): values.map { Datum($0) }
    case .list(let list): list.items
    default: nil
    }
  }

  /// The members of a map, nil for anything else.
  var entries: [(key: String, value: Datum)]? {
    switch self {
    case .members(let members): members.members.entries.map { ($0.key.name, Datum($0.value)) }
    case .map(let map): map.members.entries.map { ($0.key.name, $0.value) }
    default: nil
    }
  }

  /// What a loop or a filter for sequences goes through: elements, a map's values, the signs of a text, one
  /// value alone, or nothing.
  var sequence: [Datum] {
    if let items { return items }
    if let entries { return entries.map(\.value) }
    switch self {
    case .undefined, .null: return []
    case .string(let text), .safe(let text): return text.unicodeScalars.map { .string(String($0)) }
    default: return [self]
    }
  }

  /// How many elements, members or signs; nil for what has none.
  var count: Int? {
    switch self {
    case .values(let items): items.count
    case .list(let list): list.items.count
    case .members(let members): members.count
    case .map(let map): map.members.count
    case .string(let text), .safe(let text): text.unicodeScalars.count
    default: nil
    }
  }

  /// A member of a map.
  func member(_ key: Key) -> Datum? {
    switch self {
    case .members(let members): members.members[key].map { Datum($0) }
    case .map(let map): map.members[key]
    default: nil
    }
  }
}
