import HubL

/// The JSON object of a request of which only some members are known, to be read member by member.
struct JSONBody {
  var members: ValueMap

  init(_ bytes: [UInt8]) throws(APIError) {
    guard let value = try? Value(json: bytes) else {
      throw .validation("Invalid input JSON: The body is not valid JSON.")
    }
    guard case .map(let members) = value else {
      throw .validation("Invalid input JSON: The body must be an object.")
    }
    self.members = members
  }

  func reader() -> MemberReader { MemberReader(members, path: "") }
}

/// Reads members of an object by type and collects what is wrong with them.
struct MemberReader {
  private let members: ValueMap
  private let path: String
  private(set) var problems: [APIError.Detail] = []

  init(_ members: ValueMap, path: String) {
    self.members = members
    self.path = path
  }

  /// Whether the member is there, null included.
  func has(_ name: String) -> Bool { members[name] != nil }

  mutating func text(_ name: String, isRequired: Bool = false) -> String? {
    read(name, "text", isRequired) { value in
      if case .string(let text) = value { text } else { nil }
    }
  }

  mutating func bool(_ name: String, isRequired: Bool = false) -> Bool? {
    read(name, "true or false", isRequired) { value in
      if case .bool(let word) = value { word } else { nil }
    }
  }

  mutating func map(_ name: String) -> ValueMap? {
    read(name, "an object", false) { value in
      if case .map(let members) = value { members } else { nil }
    }
  }

  /// A whole number, or its decimal text.
  mutating func integer(_ name: String) -> Int64? {
    read(name, "a whole number", false) { value in
      switch value {
      case .int(let number): number
      case .string(let text): Int64(text)
      default: nil
      }
    }
  }

  /// Takes over what another reader found wrong.
  mutating func add(_ other: MemberReader) { problems += other.problems }

  mutating func note(_ name: String, _ text: String) {
    problems.append(.init("Field '\(path)\(name)' \(text).", in: path + name, code: "INVALID_FIELD"))
  }

  /// Throws when anything was wrong.
  func finish() throws(APIError) {
    guard !problems.isEmpty else { return }
    throw .validation("Invalid input JSON: " + problems.map(\.message).joined(separator: " "), problems)
  }

  private mutating func read<T>(
    _ name: String, _ kind: String, _ isRequired: Bool, _ convert: (Value) -> T?
  ) -> T? {
    guard let value = members[name], value != .null else {
      if isRequired {
        problems.append(
          .init("Required field '\(path)\(name)' is missing.", in: path + name, code: "REQUIRED_FIELD"))
      }
      return nil
    }
    if let result = convert(value) { return result }
    note(name, "must be \(kind)")
    return nil
  }
}

extension JSONWriter {
  /// Any value, members in order of their names.
  mutating func value(_ value: Value) {
    switch value {
    case .null: null()
    case .bool(let word): bool(word)
    case .int(let whole): number(whole)
    case .double(let fraction): number(fraction)
    case .string(let text): string(text)
    case .list(let elements):
      array { list in
        for element in elements { list.value(element) }
      }
    case .map(let members):
      object { object in
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
          object.key(name)
          object.value(member)
        }
      }
    }
  }
}
