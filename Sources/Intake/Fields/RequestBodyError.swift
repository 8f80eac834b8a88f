/// What is wrong with one field of a request's body.
public struct FieldProblem: Sendable, Equatable {
  /// Path of the field, such as `message.to`; empty for the body as a whole.
  public var field: String
  /// For people.
  public var message: String
  /// `REQUIRED_FIELD` or `INVALID_FIELD`.
  public var code: String

  static func required(_ field: String) -> Self {
    Self(field: field, message: "Required field '\(field)' is missing.", code: "REQUIRED_FIELD")
  }

  /// - Parameter what: how the sentence that begins with the field goes on, such as `must be text`.
  static func invalid(_ field: String, _ what: String) -> Self {
    Self(field: field, message: "Field '\(field)' \(what).", code: "INVALID_FIELD")
  }
}

/// A body that can't be taken, and every reason.
public struct RequestBodyError: Error, Sendable, Equatable {
  public var problems: [FieldProblem]

  public init(_ problems: [FieldProblem]) { self.problems = problems }

  init(_ message: String) {
    problems = [FieldProblem(field: "", message: message, code: "INVALID_FIELD")]
  }

  /// All of it in one line.
  public var message: String { problems.map(\.message).joined(separator: " ") }
}
