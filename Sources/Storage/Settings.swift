import MailModel

extension Connection {
  public func setting(_ key: String) throws -> [UInt8]? { try pending() }

  public func setSetting(_ key: String, _ value: [UInt8]) throws { let _: Void = try pending() }

  /// The stored value or, where there is none, the one that `make` gives, stored; all callers get the same.
  public func setting(_ key: String, orStore make: () throws -> [UInt8]) throws -> [UInt8] { try pending() }
}

/// What another process may have changed.
public enum Generation: String, Sendable, CaseIterable {
  /// Accounts, tokens, domains, keys. The methods that change them count it up by themselves.
  case configuration
  /// Queue rows held, released, cancelled, made due.
  case queue
}

/// Counters to compare with those seen before.
public struct Generations: Sendable, Hashable {
  public var configuration: Int64 = 0
  public var queue: Int64 = 0

  public init() {}
}

extension Connection {
  /// Tells other processes, once this transaction is on disk.
  public func bump(_ generation: Generation) throws { let _: Void = try pending() }

  public func generations() throws -> Generations { try pending() }
}
