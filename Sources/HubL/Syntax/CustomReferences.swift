/// A custom value that a template uses.
public struct CustomReference: Sendable, Hashable {
  /// Names below `custom`, such as `["customer", "city"]`.
  public var path: [String]
  /// A `for` goes over it.
  public var isList = false
  /// It need not be given: there is a `default` for it, or it is only asked about.
  public var isOptional = false
  /// Of what a `for` goes over: what is used of its elements.
  public var elements: [CustomReference] = []
}

extension Template {
  /// The custom values that the template names, in the order in which it first does. Those that it reaches in other
  /// ways (`custom[name]`, in included templates) are not among them.
  public var customReferences: [CustomReference] {
    ReferenceFinder(program).references(of: "custom", depth: 0)
  }
}

/// Looks through all nodes; which of them can be reached does not matter.
private struct ReferenceFinder {
  private let program: Program
  /// Nodes whose being missing is provided for.
  private var optional: Set<Ref> = []
  /// Nodes that are but the beginning of a longer path.
  private var inner: Set<Ref> = []

  init(_ program: Program) {
    self.program = program
    for node in program.nodes {
      switch node {
      case .member(let base, _, _), .index(let base, _, _): inner.insert(base)
      case .filter(let base, let filter, _) where isDefault(filter): optional.insert(base)
      case .test(let base, _, _): optional.insert(base)
      case .or(let left, _): optional.insert(left)
      case .not(let base): optional.insert(base)
      case .choice(let condition, _, _): optional.insert(condition)
      case .branches(let list):
        let parts = Array(program.list(list))
        for place in stride(from: 0, to: parts.count - 1, by: 2) { optional.insert(parts[place]) }
      default: break
      }
    }
  }

  private func isDefault(_ filter: Ref) -> Bool { FilterTable.all[Int(filter)].names.first == "default" }

  /// Loops within loops that are looked into.
  private static let depthLimit = 5

  /// What is used of the variable.
  func references(of variable: String, depth: Int) -> [CustomReference] {
    var found: [CustomReference] = []
    for number in program.nodes.indices.map(Ref.init) where !inner.contains(number) {
      guard let path = path(number, from: variable) else { continue }
      add(CustomReference(path: path, isOptional: optional.contains(number)), to: &found)
    }
    for loop in program.loops {
      guard let path = path(loop.items, from: variable) else { continue }
      var list = CustomReference(path: path, isList: true, isOptional: optional.contains(loop.items))
      if depth < Self.depthLimit, loop.names.count == 1 {
        list.elements = references(of: program.symbols[Int(loop.names[0])], depth: depth + 1)
      }
      add(list, to: &found)
    }
    return found
  }

  /// The names behind the variable in `a.b.c` or `a["b"]`; nil when there are none or it is something else.
  private func path(_ node: Ref, from variable: String) -> [String]? {
    var names: [String] = []
    var node = node
    while true {
      switch program.nodes[Int(node)] {
      case .member(let base, let key, _):
        names.append(program.keys[Int(key)].name)
        node = base
      case .index(let base, let by, _):
        guard case .literal(let number) = program.nodes[Int(by)],
          case .string(let name) = program.literals[Int(number)]
        else { return nil }
        names.append(name)
        node = base
      case .name(let symbol):
        return program.symbols[Int(symbol)] == variable && !names.isEmpty ? names.reversed() : nil
      default: return nil
      }
    }
  }

  /// One that is used twice is as needed as the stricter use.
  private func add(_ reference: CustomReference, to found: inout [CustomReference]) {
    guard let place = found.firstIndex(where: { $0.path == reference.path }) else {
      return found.append(reference)
    }
    found[place].isOptional = found[place].isOptional && reference.isOptional
    found[place].isList = found[place].isList || reference.isList
    for element in reference.elements { add(element, to: &found[place].elements) }
  }
}
