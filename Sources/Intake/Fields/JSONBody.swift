import HubL

/// The JSON object of a request of which only some members are known, to be read member by member.
public struct JSONBody: Sendable {
  public let members: ValueMap

  /// - Throws: `RequestBodyError` when it is no JSON (RFC 8259) or no object.
  public init(_ bytes: [UInt8]) throws(RequestBodyError) {
    let value: Value
    do {
      value = try Value(json: bytes)
    } catch {
      throw RequestBodyError("The body is not valid JSON: \(error.message), at byte \(error.offset).")
    }
    guard case .map(let members) = value else { throw RequestBodyError("The body must be an object.") }
    self.members = members
  }

  public func reader() -> MemberReader { MemberReader(members, path: "") }
}

/// Reads members of an object by type and collects what is wrong with them.
public struct MemberReader {
  private let members: ValueMap
  /// Of the object, with the dot behind it; empty for the body.
  private let path: String
  public private(set) var problems: [FieldProblem] = []

  init(_ members: ValueMap, path: String) {
    self.members = members
    self.path = path
  }

  /// Whether the member is there, null included.
  public func has(_ name: String) -> Bool { members[name] != nil }

  public mutating func text(_ name: String, isRequired: Bool = false) -> String? {
    read(name, "text", isRequired) { value in
      if case .string(let text) = value { text } else { nil }
    }
  }

  public mutating func texts(_ name: String) -> [String]? {
    read(name, "a list of texts") { value in
      guard case .list(let list) = value else { return nil }
      let texts = list.compactMap { if case .string(let text) = $0 { text } else { nil } }
      return texts.count == list.count ? texts : nil
    }
  }

  public mutating func bool(_ name: String, isRequired: Bool = false) -> Bool? {
    read(name, "true or false", isRequired) { value in
      if case .bool(let word) = value { word } else { nil }
    }
  }

  public mutating func map(_ name: String, isRequired: Bool = false) -> ValueMap? {
    read(name, "an object", isRequired) { value in
      if case .map(let members) = value { members } else { nil }
    }
  }

  /// A whole number, or its decimal text, which some clients send.
  public mutating func integer(_ name: String, isRequired: Bool = false) -> Int64? {
    read(name, "a whole number", isRequired) { value in
      switch value {
      case .int(let number): number
      case .string(let text): Int64(text)
      default: nil
      }
    }
  }

  /// Reads the members of an object that is a member.
  public mutating func object(
    _ name: String, isRequired: Bool = false, _ body: (inout MemberReader) -> Void
  ) {
    guard let members = map(name, isRequired: isRequired) else { return }
    var inner = MemberReader(members, path: "\(path)\(name).")
    body(&inner)
    problems += inner.problems
  }

  /// Reads the members of each object in a list.
  public mutating func objects(_ name: String, _ body: (inout MemberReader) -> Void) {
    let list = read(name, "a list of objects") { value -> [ValueMap]? in
      guard case .list(let list) = value else { return nil }
      let maps = list.compactMap { if case .map(let members) = $0 { members } else { nil } }
      return maps.count == list.count ? maps : nil
    }
    for (place, members) in (list ?? []).enumerated() {
      var inner = MemberReader(members, path: "\(path)\(name).\(place).")
      body(&inner)
      problems += inner.problems
    }
  }

  /// Something more is wrong with a member. `what` goes on with the sentence, such as `must not be empty`.
  public mutating func note(_ name: String, _ what: String) { problems.append(.invalid(path + name, what)) }

  /// - Throws: `RequestBodyError` when anything was wrong.
  public func finish() throws(RequestBodyError) {
    if !problems.isEmpty { throw RequestBodyError(problems) }
  }

  private mutating func read<T>(
    _ name: String, _ kind: String, _ isRequired: Bool = false, _ convert: (Value) -> T?
  ) -> T? {
    guard let value = members[name], value != .null else {
      if isRequired { problems.append(.required(path + name)) }
      return nil
    }
    if let result = convert(value) { return result }
    note(name, "must be \(kind)")
    return nil
  }
}
