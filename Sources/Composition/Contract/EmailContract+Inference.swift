import HubL

extension EmailContract {
  /// What an e-mail's templates use, as a contract to begin with: kinds are guessed from the use (what a `for` goes over
  /// is a list, what has members is a map) and from the name; what has a default or is only asked about is not required.
  public init(inferredFrom templates: [Template]) {
    properties = []
    for reference in templates.flatMap(\.customReferences) { Self.add(reference, to: &properties) }
  }

  /// Inferred properties that this contract does not declare, as paths below `custom`.
  public func undeclared(of inferred: EmailContract) -> [String] {
    Self.undeclared(properties, inferred.properties, "custom.")
  }

  private static func undeclared(
    _ declared: [CustomProperty], _ used: [CustomProperty], _ path: String
  ) -> [String] {
    used.flatMap { property -> [String] in
      guard let own = declared.first(where: { $0.name == property.name }) else {
        return [path + property.name]
      }
      // Whoever declares no members leaves them open.
      if own.properties.isEmpty { return [] }
      return undeclared(own.properties, property.properties, path + property.name + ".")
    }
  }

  private static func add(_ reference: CustomReference, to properties: inout [CustomProperty]) {
    guard let name = reference.path.first else { return }
    let place = properties.firstIndex { $0.name == name }
    var property = place.map { properties[$0] } ?? CustomProperty(name, guess(name), isRequired: false)
    if reference.path.count > 1 {
      property.kind = .map
      var rest = reference
      rest.path.removeFirst()
      add(rest, to: &property.properties)
    } else if reference.isList {
      property.kind = .list
      for element in reference.elements { add(element, to: &property.properties) }
    }
    if !reference.isOptional { property.isRequired = true }
    if let place { properties[place] = property } else { properties.append(property) }
  }

  private static func guess(_ name: String) -> CustomProperty.Kind {
    let words = name.lowercased().split(separator: "_")
    if words.last == "date" || words.last == "at" { return .date }
    if words.first == "is" || words.first == "has" { return .boolean }
    return ["quantity", "count"].contains(words.last ?? "") ? .integer : .text
  }
}
