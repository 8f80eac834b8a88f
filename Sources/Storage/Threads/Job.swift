/// A piece of work that waits for a connection.
///
/// Unchecked: whoever makes it hands it over through a `Mailbox` and never touches it again; from then on it
/// belongs to the one thread that took it.
class Job: @unchecked Sendable {
  /// Says what the work will look up, which is then looked up for all jobs of a transaction together.
  func announce(_ connection: Connection) {}

  /// Does the work and keeps its result. May be called again, which forgets the result before.
  func run(_ connection: Connection) throws {}

  /// Gives the result out or, when there is an error, that. Called once, last.
  func finish(_ error: (any Error)?) {}
}

/// Work that gives a `Value`.
final class ValueJob<Value: Sendable>: Job, @unchecked Sendable {
  private let ahead: (@Sendable (Connection) -> Void)?
  private let work: @Sendable (Connection) throws -> Value
  private let completion: @Sendable (Result<Value, any Error>) -> Void
  private var value: Value?

  init(
    ahead: (@Sendable (Connection) -> Void)? = nil,
    _ work: @escaping @Sendable (Connection) throws -> Value,
    _ completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    self.ahead = ahead
    self.work = work
    self.completion = completion
  }

  override func announce(_ connection: Connection) { ahead?(connection) }

  override func run(_ connection: Connection) throws {
    value = nil
    value = try work(connection)
  }

  override func finish(_ error: (any Error)?) {
    if let error {
      completion(.failure(error))
    } else if let value {
      completion(.success(value))
    } else {
      completion(.failure(StoreError.other("work was finished before it was run")))
    }
  }
}
