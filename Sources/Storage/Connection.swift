import MailModel

/// One connection within a transaction. It has the SQL of every aggregate as methods, is only lent to the work
/// that is given to `Store`, and must not leave it.
public final class Connection {
  /// Makes ids for messages, originals, events and sends.
  public let identifiers: IdentifierGenerator

  /// The engines. PostgreSQL becomes the second case.
  enum Driver {
    case sqlite(SQLiteDriver)
  }

  let driver: Driver
  /// Totals counted by the work item that runs now.
  var itemTotals: [(campaign: CampaignID, counter: Counter, amount: Int)] = []
  /// Totals of the items before it in the same transaction.
  var totals: [CampaignID: CampaignTotals] = [:]

  init(_ driver: Driver, identifiers: IdentifierGenerator) {
    self.driver = driver
    self.identifiers = identifiers
  }

  // MARK: Statements

  /// Runs a statement whose result nobody looks at, so that an engine at the end of a wire need not wait for it.
  func execute(_ sql: StaticString, _ arguments: SQLValue...) throws {
    switch driver {
    case .sqlite(let driver): try driver.run(sql, arguments) { _ in true }
    }
  }

  /// Runs a statement and tells how many rows it inserted, updated or deleted.
  func change(_ sql: StaticString, _ arguments: SQLValue...) throws -> Int {
    switch driver {
    case .sqlite(let driver):
      try driver.run(sql, arguments) { _ in true }
      return driver.changes
    }
  }

  /// The first row, if there is one.
  func first<T>(_ sql: StaticString, _ arguments: SQLValue..., map: (Row) throws -> T) throws -> T? {
    var result: T?
    switch driver {
    case .sqlite(let driver):
      try driver.run(sql, arguments) { row in
        result = try map(row)
        return false
      }
    }
    return result
  }

  /// All rows.
  func rows<T>(_ sql: StaticString, _ arguments: SQLValue..., map: (Row) throws -> T) throws -> [T] {
    var result: [T] = []
    switch driver {
    case .sqlite(let driver):
      try driver.run(sql, arguments) { row in
        result.append(try map(row))
        return true
      }
    }
    return result
  }

  /// All rows of a statement put together at run time; its text is a key of the statement cache, so it is made
  /// of few parts and never of values.
  func rows<T>(composed sql: String, _ arguments: [SQLValue], map: (Row) throws -> T) throws -> [T] {
    var result: [T] = []
    switch driver {
    case .sqlite(let driver):
      try driver.run(composed: sql, arguments) { row in
        result.append(try map(row))
        return true
      }
    }
    return result
  }

  /// Runs statements without parameters, apart by semicolons.
  func script(_ sql: String) throws {
    switch driver {
    case .sqlite(let driver): try driver.script(sql)
    }
  }

  // MARK: Transactions

  var dialect: Dialect {
    switch driver {
    case .sqlite: .sqlite
    }
  }

  func begin(writing: Bool) throws {
    // Taking the lock at once, so that nothing fails half-way because another process writes.
    if writing { try execute("BEGIN IMMEDIATE") } else { try execute("BEGIN") }
  }

  func commit() throws { try execute("COMMIT") }

  /// Leaves no transaction open; some errors have ended it already.
  func rollback() {
    switch driver {
    case .sqlite(let driver):
      guard driver.isInTransaction else { return }
      // If even this fails the connection is of no more use, which the next BEGIN will say.
      try? driver.run("ROLLBACK", []) { _ in true }
    }
  }

  var isInTransaction: Bool {
    switch driver {
    case .sqlite(let driver): driver.isInTransaction
    }
  }

  /// Goes up with every row changed.
  var changeMark: Int64 {
    switch driver {
    case .sqlite(let driver): driver.totalChanges
    }
  }

  func savepoint() throws { try execute("SAVEPOINT item") }

  func releaseSavepoint() throws { try execute("RELEASE SAVEPOINT item") }

  func rollbackToSavepoint() throws {
    try execute("ROLLBACK TO SAVEPOINT item")
    try execute("RELEASE SAVEPOINT item")
  }

  func access<T>(_ body: () throws -> T) rethrows -> T {
    switch driver {
    case .sqlite(let driver): try driver.access(body)
    }
  }

  func close() throws {
    switch driver {
    case .sqlite(let driver): try driver.close()
    }
  }

  /// A small number that nothing else of that name has, counting from `first`.
  func nextNumber(_ name: String, from first: Int64 = 1) throws -> Int64 {
    let number = try self.first(
      """
      INSERT INTO sequence (name, value) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = sequence.value + 1 RETURNING value
      """, .of(name), .integer(first), map: { $0.int64(0) })
    guard let number else { throw StoreError.other("no number for \(name)") }
    return number
  }
}
