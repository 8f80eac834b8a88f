/// When a part of an e-mail is shown, decided for each recipient.
public struct Condition: Sendable, Hashable {
  /// How the value is looked at.
  public enum Test: Sendable, Hashable {
    /// It is there: no empty text or list, not 0, not false.
    case set
    case empty
    case equals(Comparand)
    case differs(Comparand)
  }

  /// What a value is compared with.
  public enum Comparand: Sendable, Hashable {
    case text(String)
    case number(Int64)
    case bool(Bool)
  }

  public var path: TokenPath
  public var test: Test

  public init(_ path: TokenPath, _ test: Test = .set) {
    self.path = path
    self.test = test
  }
}

extension Condition {
  private enum Word: String, CaseIterable { case set, empty, equals, differs }

  init(_ field: JSONField) throws(DocumentError) {
    let members = try field.object("path", "is", "value")
    path = try members.required("path").tokenPath()
    let word = try members.optional("is") { field throws(DocumentError) in try field.word(Word.self) } ?? .set
    switch word {
    case .set, .empty:
      if let value = members.optional("value") { throw value.error("is only for equals and differs") }
      test = word == .set ? .set : .empty
    case .equals: test = .equals(try Self.comparand(members.required("value")))
    case .differs: test = .differs(try Self.comparand(members.required("value")))
    }
  }

  private static func comparand(_ field: JSONField) throws(DocumentError) -> Comparand {
    switch field.value {
    case .string: .text(try field.line())
    case .int(let number): .number(number)
    case .bool(let word): .bool(word)
    default: throw field.error("must be a text, a whole number, true or false")
    }
  }

  var json: JSONValue {
    let (word, value): (Word, Comparand?) =
      switch test {
      case .set: (.set, nil)
      case .empty: (.empty, nil)
      case .equals(let value): (.equals, value)
      case .differs(let value): (.differs, value)
      }
    return .object([
      "path": .string(path.description), "is": .string(word.rawValue), "value": value?.json,
    ])
  }
}

extension Condition.Comparand {
  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .number(let number): .int(number)
    case .bool(let word): .bool(word)
    }
  }
}
