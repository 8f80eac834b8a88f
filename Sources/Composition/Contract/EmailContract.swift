import HubL

/// A custom property that an e-mail declares: what `customProperties` of a send has to hold.
public struct CustomProperty: Sendable, Hashable {
  /// What its value must be, and what that looks like in JSON.
  public enum Kind: String, Sendable, CaseIterable {
    /// A text; numbers and true or false are taken as such too.
    case text
    /// A number, or its decimal text.
    case number
    /// A whole number, or its decimal text.
    case integer
    /// `true` or `false`.
    case boolean
    /// Milliseconds since 1970, or `2026-11-23` with or without a time behind it.
    case date
    /// A list; `properties` are those of each element.
    case list
    /// An object; `properties` are its members.
    case map
  }

  /// A name of HubL: letters, digits and `_`.
  public var name: String
  public var kind: Kind
  public var isRequired: Bool
  /// What previews and test sends show.
  public var sample: Value?
  public var description: String?
  /// Of a map, or of each element of a list.
  public var properties: [CustomProperty]

  public init(
    _ name: String, _ kind: Kind = .text, isRequired: Bool = true, sample: Value? = nil,
    description: String? = nil, properties: [CustomProperty] = []
  ) {
    self.name = name
    self.kind = kind
    self.isRequired = isRequired
    self.sample = sample
    self.description = description
    self.properties = properties
  }
}

/// What an e-mail says that each send of it must give.
public struct EmailContract: Sendable, Hashable {
  public var properties: [CustomProperty]

  public init(_ properties: [CustomProperty] = []) { self.properties = properties }

  /// Values for previews and tests: each property's own sample, or one made up for its kind.
  public var sample: ValueMap { Self.sample(of: properties) }

  private static func sample(of properties: [CustomProperty]) -> ValueMap {
    var map = ValueMap()
    for property in properties { map[property.name] = property.sample ?? standIn(for: property) }
    return map
  }

  private static func standIn(for property: CustomProperty) -> Value {
    switch property.kind {
    case .text: .string(property.name)
    case .number: .double(12.5)
    case .integer: .int(3)
    case .boolean: .bool(true)
    case .date: .string("2026-01-31")
    case .list: .list([property.properties.isEmpty ? .string("…") : .map(sample(of: property.properties))])
    case .map: .map(sample(of: property.properties))
    }
  }
}

// MARK: - checking

/// What is wrong with a value of a send.
public struct ContractProblem: Sendable, Hashable {
  /// Such as `custom.lines[2].price`.
  public var path: String
  /// How the sentence that begins with the path goes on.
  public var message: String
  /// It is required and not there; else it is of the wrong kind.
  public var isMissing: Bool
}

extension EmailContract {
  /// More are not told.
  private static let problemLimit = 50

  /// Everything that is wrong with the values of a send, in the order of the contract. Values that are not declared
  /// are no problem.
  public func problems(with custom: ValueMap) -> [ContractProblem] {
    var problems: [ContractProblem] = []
    Self.check(custom, properties, "custom.", &problems)
    return problems
  }

  private static func check(
    _ values: ValueMap, _ properties: [CustomProperty], _ path: String, _ problems: inout [ContractProblem]
  ) {
    for property in properties where problems.count < problemLimit {
      let path = path + property.name
      guard let value = values[property.name], value != .null else {
        if property.isRequired {
          problems.append(.init(path: path, message: "is missing", isMissing: true))
        }
        continue
      }
      guard property.kind.takes(value) else {
        problems.append(.init(path: path, message: "must be \(property.kind.demand)", isMissing: false))
        continue
      }
      check(value, property.properties, path, &problems)
    }
  }

  private static func check(
    _ value: Value, _ properties: [CustomProperty], _ path: String, _ problems: inout [ContractProblem]
  ) {
    guard !properties.isEmpty else { return }
    switch value {
    case .map(let members): check(members, properties, path + ".", &problems)
    case .list(let elements):
      for (place, element) in elements.enumerated() where problems.count < problemLimit {
        if case .map(let members) = element {
          check(members, properties, "\(path)[\(place)].", &problems)
        } else {
          problems.append(.init(path: "\(path)[\(place)]", message: "must be an object", isMissing: false))
        }
      }
    case .null, .bool, .int, .double, .string: break
    }
  }
}

extension CustomProperty.Kind {
  fileprivate var demand: String {
    switch self {
    case .text: "text"
    case .number: "a number"
    case .integer: "a whole number"
    case .boolean: "true or false"
    case .date: "a date, as milliseconds since 1970 or like 2026-01-31"
    case .list: "a list"
    case .map: "an object"
    }
  }

  fileprivate func takes(_ value: Value) -> Bool {
    switch (self, value) {
    case (.text, .string), (.text, .int), (.text, .double), (.text, .bool): true
    case (.number, .int), (.number, .double), (.integer, .int), (.date, .int): true
    case (.number, .string(let text)): Double(text)?.isFinite == true
    case (.integer, .string(let text)): Int64(text) != nil
    case (.integer, .double(let number)): number.rounded() == number
    case (.boolean, .bool), (.list, .list), (.map, .map): true
    case (.date, .string(let text)): Self.isDate(text)
    default: false
    }
  }

  /// ISO 8601: a day, and perhaps a time.
  private static func isDate(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, bytes.count == 10 || bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x20 else {
      return false
    }
    let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], let month = Int(parts[1]), let day = Int(parts[2]),
      Int(parts[0]) != nil
    else { return false }
    return (1...12).contains(month) && (1...31).contains(day)
  }
}
