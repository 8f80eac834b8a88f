import HubL

/// What is wrong with a declaration.
public struct ContractError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Such as `contract[2].type`.
  public var path: String
  public var message: String

  public var description: String { "\(path) \(message)" }
}

extension EmailContract {
  /// Most properties, those within others counted too.
  public static let limit = 500

  /// Reads the JSON form: a list of objects with `name`, `type` (`text` when left out), `required` (true when left
  /// out), `sample`, `description`, and for `list` and `map` their own `properties`.
  public init(_ value: Value) throws(ContractError) {
    var count = 0
    properties = try Self.read(value, "contract", depth: 0, &count)
  }

  private static func read(
    _ value: Value, _ path: String, depth: Int, _ count: inout Int
  ) throws(ContractError) -> [CustomProperty] {
    guard case .list(let entries) = value else {
      throw ContractError(path: path, message: "must be a list of properties")
    }
    guard depth < 5 else { throw ContractError(path: path, message: "is nested too deeply") }
    var properties: [CustomProperty] = []
    for (place, entry) in entries.enumerated() {
      count += 1
      guard count <= limit else {
        throw ContractError(path: path, message: "has more than \(limit) properties")
      }
      let property = try read(entry, at: "\(path)[\(place)]", depth: depth, &count)
      guard !properties.contains(where: { $0.name == property.name }) else {
        throw ContractError(path: "\(path)[\(place)].name", message: "is there twice: \(property.name)")
      }
      properties.append(property)
    }
    return properties
  }

  private static func read(
    _ entry: Value, at path: String, depth: Int, _ count: inout Int
  ) throws(ContractError) -> CustomProperty {
    guard case .map(let members) = entry else {
      throw ContractError(path: path, message: "must be an object")
    }
    for name in members.keys where !memberNames.contains(name) {
      throw ContractError(
        path: "\(path).\(name)", message: "is not known; there is \(memberNames.joined(separator: ", "))")
    }
    guard case .string(let name)? = members["name"], isName(name) else {
      throw ContractError(path: "\(path).name", message: "must be a name of letters, digits and _")
    }
    var property = CustomProperty(name, try kind(members["type"], path), sample: members["sample"])
    switch members["required"] {
    case nil: break
    case .bool(let isRequired)?: property.isRequired = isRequired
    default: throw ContractError(path: "\(path).required", message: "must be true or false")
    }
    switch members["description"] {
    case nil, .null?: break
    case .string(let text)?: property.description = text
    default: throw ContractError(path: "\(path).description", message: "must be text")
    }
    if let inner = members["properties"] {
      guard property.kind == .list || property.kind == .map else {
        throw ContractError(path: "\(path).properties", message: "goes with the types list and map only")
      }
      property.properties = try read(inner, "\(path).properties", depth: depth + 1, &count)
    }
    return property
  }

  private static func kind(_ value: Value?, _ path: String) throws(ContractError) -> CustomProperty.Kind {
    guard let value else { return .text }
    guard case .string(let word) = value, let kind = CustomProperty.Kind(rawValue: word) else {
      let known = CustomProperty.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ContractError(path: "\(path).type", message: "must be one of \(known)")
    }
    return kind
  }

  private static let memberNames = ["name", "type", "required", "sample", "description", "properties"]

  private static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 100, !(0x30...0x39).contains(first) else { return false }
    return bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x5F
    }
  }

  /// The JSON form.
  public var value: Value { Self.value(of: properties) }

  private static func value(of properties: [CustomProperty]) -> Value {
    .list(
      properties.map { property in
        var members: ValueMap = [
          "name": .string(property.name), "type": .string(property.kind.rawValue),
          "required": .bool(property.isRequired),
        ]
        if let sample = property.sample { members["sample"] = sample }
        if let description = property.description { members["description"] = .string(description) }
        if !property.properties.isEmpty { members["properties"] = value(of: property.properties) }
        return .map(members)
      })
  }
}
