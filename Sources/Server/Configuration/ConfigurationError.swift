/// Everything that is wrong with the configuration, all at once rather than one a run.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  public var problems: [Problem]

  /// One value (or file) that cannot be used.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The key, or nil when the file as a whole is the problem.
    public var key: String?
    /// As it was given; hidden for secrets.
    public var value: String?
    /// Command line, environment variable or file.
    public var origin: String
    /// What is expected, or what to do.
    public var expected: String

    public var description: String {
      guard let key else { return "\(origin): \(expected)" }
      let shown = value.map { " = \"\($0)\"" } ?? ""
      return "\(key)\(shown) (from \(origin)): \(expected)"
    }
  }

  public var description: String {
    let lines = problems.map { "  " + $0.description }
    return "the configuration cannot be used:\n" + lines.joined(separator: "\n")
  }
}
