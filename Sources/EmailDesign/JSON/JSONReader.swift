import HubL

/// Why bytes are no JSON.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  /// Byte at which reading ended, from 0.
  public let offset: Int
  /// For people, without the place.
  public let message: String

  /// Place and message.
  public var description: String { "byte \(offset): \(message)" }
}

extension JSONValue {
  /// Larger texts are refused.
  private static let sizeLimit = 4 * 1024 * 1024

  /// Reads one JSON value, strictly: no comments, no name twice, UTF-8, at most 4 MB and 64 levels.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    guard bytes.count <= Self.sizeLimit else {
      throw JSONError(offset: 0, message: "the text is larger than \(Self.sizeLimit / 1024 / 1024) MB")
    }
    do {
      self.init(try HubL.Value(json: bytes, JSONRules(depth: 64, isStrict: true)))
    } catch {
      throw JSONError(offset: error.offset, message: error.message)
    }
  }

  /// What HubL reads, in the form that documents are written in.
  private init(_ value: HubL.Value) {
    switch value {
    case .null: self = .null
    case .bool(let word): self = .bool(word)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .list(let values): self = .array(values.map { JSONValue($0) })
    case .map(let members): self = .object(members.map { Member($0.key, JSONValue($0.value)) })
    }
  }
}
