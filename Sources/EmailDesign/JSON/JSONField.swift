/// What a document breaks, and where: the path of the JSON value and the rule.
public struct DocumentError: Error, Hashable, CustomStringConvertible {
  /// Such as `rows[2].columns[0].blocks[1].props.label`; empty for the document itself.
  public let path: String
  /// For people, such as “must be a text”.
  public let rule: String

  /// - Parameter path: from the top of the document.
  public init(path: String, rule: String) {
    self.path = path
    self.rule = rule
  }

  /// Path and rule.
  public var description: String { path.isEmpty ? "The document \(rule)." : "\(path) \(rule)." }
}

/// A JSON value with its path in the document, to be read by type.
struct JSONField {
  let value: JSONValue
  let path: String

  init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  func error(_ rule: String) -> DocumentError { DocumentError(path: path, rule: rule) }

  var isNull: Bool { value == .null }

  func text(upTo limit: Int = 100_000) throws(DocumentError) -> String {
    guard case .string(let text) = value else { throw error("must be a text") }
    guard text.utf8.count <= limit else { throw error("must not be longer than \(limit) bytes") }
    return text
  }

  /// A text of one line: no control characters.
  func line(upTo limit: Int = 2000) throws(DocumentError) -> String {
    let text = try text(upTo: limit)
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
      throw error("must be one line without control characters")
    }
    return text
  }

  func bool() throws(DocumentError) -> Bool {
    guard case .bool(let word) = value else { throw error("must be true or false") }
    return word
  }

  func int(_ range: ClosedRange<Int>) throws(DocumentError) -> Int {
    guard case .int(let number) = value, let whole = Int(exactly: number), range.contains(whole) else {
      throw error("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  func items(_ range: ClosedRange<Int> = 0...1000) throws(DocumentError) -> [JSONField] {
    guard case .array(let values) = value else { throw error("must be a list") }
    guard range.contains(values.count) else {
      throw error("must have \(range.lowerBound) to \(range.upperBound) elements")
    }
    return values.enumerated().map { JSONField($1, path: "\(path)[\($0)]") }
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) throws(DocumentError) -> Word
  where Word.RawValue == String {
    if case .string(let text) = value, let word = Word(rawValue: text) { return word }
    throw error("must be one of " + Word.allCases.map { "“\($0.rawValue)”" }.joined(separator: ", "))
  }

  /// The members of an object, of which there may be no others than these.
  func object(_ names: String...) throws(DocumentError) -> JSONMembers {
    let members = try members()
    if let stranger = members.names.first(where: { !names.contains($0) }) {
      throw DocumentError(
        path: path.isEmpty ? stranger : "\(path).\(stranger)",
        rule: "is not known; known here are " + names.joined(separator: ", "))
    }
    return members
  }

  /// The members of an object that may have others, which are passed over.
  func members() throws(DocumentError) -> JSONMembers {
    guard case .object(let members) = value else { throw error("must be an object") }
    return JSONMembers(members, path: path)
  }

  /// Each element read by the same function.
  func list<Item>(
    _ range: ClosedRange<Int> = 0...1000, _ read: (JSONField) throws(DocumentError) -> Item
  ) throws(DocumentError) -> [Item] {
    var result = [Item]()
    for item in try items(range) { result.append(try read(item)) }
    return result
  }
}

/// The members of a JSON object with its path.
struct JSONMembers {
  let path: String
  private let members: [JSONValue.Member]

  init(_ members: [JSONValue.Member], path: String) {
    self.members = members
    self.path = path
  }

  var names: [String] { members.map(\.name) }

  /// The member; nil when it is not there or null.
  func optional(_ name: String) -> JSONField? {
    guard let member = members.first(where: { $0.name == name }), member.value != .null else { return nil }
    return JSONField(member.value, path: place(name))
  }

  func required(_ name: String) throws(DocumentError) -> JSONField {
    guard let field = optional(name) else { throw DocumentError(path: place(name), rule: "is missing") }
    return field
  }

  /// The member read by a function; nil when it is not there or null.
  func optional<Item>(_ name: String, _ read: (JSONField) throws(DocumentError) -> Item)
    throws(DocumentError) -> Item?
  {
    guard let field = optional(name) else { return nil }
    return try read(field)
  }

  private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension JSONValue {
  /// Reads JSON that ought to be a document.
  static func document(_ bytes: [UInt8]) throws(DocumentError) -> JSONValue {
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw DocumentError(path: "", rule: "is not valid JSON (\(error))")
    }
  }
}
