extension Template {
  /// The templates that this one names with `include`, `extends`, `import` and `from`, as texts; those whose name it
  /// makes of values are not among them.
  public var templateNames: [String] {
    var names: [String] = []
    for source in program.nodes.compactMap(\.templateSource) + program.imports.map(\.source) {
      guard case .literal(let number) = program.nodes[Int(source)],
        case .string(let name) = program.literals[Int(number)], !names.contains(name)
      else { continue }
      names.append(name)
    }
    return names
  }
}

extension Node {
  /// The node of the name.
  fileprivate var templateSource: Ref? {
    switch self {
    case .extends(let source), .include(let source, _): source
    default: nil
    }
  }
}
