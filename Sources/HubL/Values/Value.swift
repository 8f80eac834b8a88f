/// What a template is given, and what an expression is worth: JSON's kinds, with whole numbers apart from fractions.
public enum Value: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case list([Value])
  case map(ValueMap)

  /// The value under a name; nil when this is no map or has no such name.
  public subscript(name: String) -> Value? {
    guard case .map(let entries) = self else { return nil }
    return entries[name]
  }

  /// A map of strings, such as a contact's properties.
  public init(_ strings: [String: String]) {
    self = .map(ValueMap(strings.mapValues(Value.string)))
  }
}

extension Value: Codable {
  /// From any JSON value. A decoder forgets the order of members, so they come sorted by name; see
  /// `init(json:)` for the order that they were written in.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([Value].self) {
      self = .list(value)
    } else {
      self = .map(ValueMap(try container.decode([String: Value].self)))
    }
  }

  /// To the JSON value it came from.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .map(let value): try container.encode(value.dictionary)
    }
  }
}
