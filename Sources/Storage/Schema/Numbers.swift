/// What is numbered from a small number on, because people read and type these numbers.
///
/// SQLite counts in the table `sequence`. PostgreSQL has sequences of its own, which don't make one transaction wait
/// for another; a transaction that is rolled back leaves a gap.
enum Numbered: String, CaseIterable {
  case account
  case user
  case accessToken = "access-token"
  case campaign
  case domain
  case dkimKey = "dkim-key"
  case email
  case contact

  var first: Int64 {
    switch self {
    case .account, .email: 1_000_001
    case .campaign: 100_001
    case .user, .accessToken, .domain, .dkimKey, .contact: 1
    }
  }

  /// Name of PostgreSQL's sequence.
  var sequence: String { "number_" + rawValue.replacing("-", with: "_") }

  static var sequences: String {
    allCases.map { "CREATE SEQUENCE \($0.sequence) START WITH \($0.first);" }.joined(separator: "\n")
  }
}

extension Connection {
  /// A small number that nothing else of that kind has.
  func nextNumber(_ kind: Numbered) throws -> Int64 {
    switch dialect {
    case .sqlite: return try nextOfTable(kind)
    case .postgres: return try nextOfSequence(kind)
    }
  }

  private func nextOfTable(_ kind: Numbered) throws -> Int64 {
    let number = try first(
      """
      INSERT INTO sequence (name, value) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = sequence.value + 1 RETURNING value
      """, .of(kind.rawValue), .integer(kind.first), map: { $0.int64(0) })
    guard let number else { throw StoreError.other("no number for \(kind)") }
    return number
  }

  private func nextOfSequence(_ kind: Numbered) throws -> Int64 {
    let number = try first("SELECT nextval($1::text::regclass)", .of(kind.sequence), map: { $0.int64(0) })
    guard let number else { throw StoreError.other("no number for \(kind)") }
    return number
  }
}

/// For copies of a store.
extension Connection {
  /// The number last given out; nil before the first.
  func lastNumber(_ kind: Numbered) throws -> Int64? {
    switch dialect {
    case .sqlite:
      return try first("SELECT value FROM sequence WHERE name = $1", .of(kind.rawValue)) { $0.int64(0) }
    case .postgres:
      return try first(
        "SELECT pg_sequence_last_value($1::text::regclass)", .of(kind.sequence), map: { $0.optionalInt64(0) }
      ) ?? nil
    }
  }

  /// Numbers go on behind `last`.
  func setLastNumber(_ kind: Numbered, to last: Int64) throws {
    switch dialect {
    case .sqlite:
      try execute(
        """
        INSERT INTO sequence (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """, .of(kind.rawValue), .integer(last))
    case .postgres:
      try execute("SELECT setval($1::text::regclass, $2)", .of(kind.sequence), .integer(last))
    }
  }
}
