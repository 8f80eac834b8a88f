import MailModel

extension Connection {
  public func setting(_ key: String) throws -> [UInt8]? {
    try first("SELECT value FROM setting WHERE name = $1", .of(key)) { $0.bytes(0) }
  }

  public func setSetting(_ key: String, _ value: [UInt8]) throws {
    try execute(
      """
      INSERT INTO setting (name, value) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """, .of(key), .of(value))
  }

  /// The stored value or, where there is none, the one that `make` gives, stored; all callers get the same.
  public func setting(_ key: String, orStore make: () throws -> [UInt8]) throws -> [UInt8] {
    if let value = try setting(key) { return value }
    let value = try make()
    try execute(
      "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", .of(key),
      .of(value))
    return try setting(key) ?? value
  }
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
  public func bump(_ generation: Generation) throws {
    try execute(
      """
      INSERT INTO generation (name, value) VALUES ($1, 1)
      ON CONFLICT (name) DO UPDATE SET value = generation.value + 1
      """, .of(generation.rawValue))
  }

  public func generations() throws -> Generations {
    var generations = Generations()
    for (name, value) in try rows("SELECT name, value FROM generation", map: { ($0.text(0), $0.int64(1)) }) {
      switch Generation(rawValue: name) {
      case .configuration: generations.configuration = value
      case .queue: generations.queue = value
      case nil: break
      }
    }
    return generations
  }
}
