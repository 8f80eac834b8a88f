import MailModel

/// One connection within a transaction. It has the SQL of every aggregate as methods, is only lent to the work
/// that is given to `Store`, and must not leave it.
public final class Connection {
  /// Makes ids for messages, originals, events and sends.
  public let identifiers: IdentifierGenerator

  /// The engines.
  enum Driver {
    case sqlite(SQLiteDriver)
    case postgres(PostgreSQLDriver)
  }

  let driver: Driver
  /// This process among those that share the database.
  let membership: Membership
  /// Totals counted by the work item that runs now.
  var itemTotals: [(period: CampaignPeriod, counter: Counter)] = []
  /// Totals of the items before it in the same transaction.
  var totals: [CampaignPeriod: CampaignTotals] = [:]

  /// What the work items of this transaction have said they will look up.
  var announced = AnnouncedContacts()

  init(_ driver: Driver, identifiers: IdentifierGenerator, membership: Membership = .sole) {
    self.driver = driver
    self.identifiers = identifiers
    self.membership = membership
  }

  // MARK: Statements

  /// Runs a statement whose result nobody looks at, so that an engine at the end of a wire need not wait for it.
  func execute(_ sql: StaticString, _ arguments: SQLValue...) throws {
    switch driver {
    case .sqlite(let driver): try driver.run(sql, arguments) { _ in true }
    case .postgres(let driver): try driver.execute(sql, arguments)
    }
  }

  /// Runs a statement and tells how many rows it inserted, updated or deleted.
  func change(_ sql: StaticString, _ arguments: SQLValue...) throws -> Int {
    switch driver {
    case .sqlite(let driver):
      try driver.run(sql, arguments) { _ in true }
      return driver.changes
    case .postgres(let driver):
      return try driver.run(sql, arguments) { _ in true }
    }
  }

  /// Runs an UPDATE or DELETE that must find a row; else the work item fails with `StoreError.missed`, thrown here or,
  /// by an engine at the end of a wire, found when the item ends.
  func mustChange(_ sql: String, _ arguments: SQLValue...) throws {
    switch driver {
    case .sqlite(let driver):
      try driver.run(composed: sql, arguments) { _ in true }
      if driver.changes == 0 { throw StoreError.missed(sql) }
    case .postgres(let driver):
      // Nobody need wait for the answer: no row is an error.
      try driver.execute(
        composed: "WITH changed AS (\(sql) RETURNING 1) SELECT 1 / count(*) FROM changed", arguments)
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
    case .postgres(let driver):
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
    case .postgres(let driver):
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
    case .postgres(let driver):
      try driver.run(composed: sql, arguments) { row in
        result.append(try map(row))
        return true
      }
    }
    return result
  }

  /// All rows of such a statement run with each of `arguments` in turn, which an engine at the end of a wire can do
  /// in few round trips.
  func rows<T>(composed sql: String, each arguments: [[SQLValue]], map: (Row) throws -> T) throws -> [T] {
    var result: [T] = []
    switch driver {
    case .sqlite(let driver):
      for arguments in arguments {
        try driver.run(composed: sql, arguments) { row in
          result.append(try map(row))
          return true
        }
      }
    case .postgres(let driver):
      try driver.run(composed: sql, each: arguments) { row in
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
    case .postgres(let driver): try driver.script(sql)
    }
  }

  // MARK: Transactions

  var dialect: Dialect {
    switch driver {
    case .sqlite: .sqlite
    case .postgres: .postgres
    }
  }

  func begin(writing: Bool) throws {
    switch driver {
    // Taking the lock at once, so that nothing fails half-way because another process writes.
    case .sqlite: if writing { try execute("BEGIN IMMEDIATE") } else { try execute("BEGIN") }
    case .postgres(let driver): try driver.begin()
    }
  }

  func commit() throws {
    switch driver {
    case .sqlite: try execute("COMMIT")
    case .postgres(let driver): try driver.commit()
    }
  }

  /// Leaves no transaction open; some errors have ended it already.
  func rollback() {
    switch driver {
    case .sqlite(let driver):
      guard driver.isInTransaction else { return }
      // If even this fails the connection is of no more use, which the next BEGIN will say.
      try? driver.run("ROLLBACK", []) { _ in true }
    case .postgres(let driver): driver.rollback()
    }
  }

  var isInTransaction: Bool {
    switch driver {
    case .sqlite(let driver): driver.isInTransaction
    case .postgres(let driver): driver.transaction != .none
    }
  }

  /// Goes up with every row changed, on PostgreSQL with every statement that may change some or that has failed:
  /// after either the transaction is not what it was.
  var changeMark: Int64 {
    switch driver {
    case .sqlite(let driver): driver.totalChanges
    case .postgres(let driver): driver.changeMark
    }
  }

  func savepoint() throws { try execute("SAVEPOINT item") }

  /// Throws what went wrong since the savepoint.
  func releaseSavepoint() throws {
    try execute("RELEASE SAVEPOINT item")
    try settle()
  }

  func rollbackToSavepoint() throws {
    switch driver {
    case .sqlite:
      try execute("ROLLBACK TO SAVEPOINT item")
      try execute("RELEASE SAVEPOINT item")
    case .postgres(let driver): try driver.rollbackToSavepoint()
    }
  }

  /// Waits for statements that nobody has waited for, and throws what went wrong in them.
  func settle() throws {
    if case .postgres(let driver) = driver { try driver.settle() }
  }

  /// Whether a statement has failed without ending the transaction: some item's fault, not everybody's.
  var hasFailedStatement: Bool {
    if case .postgres(let driver) = driver { driver.transaction == .failed } else { false }
  }

  func access<T>(_ body: () throws -> T) rethrows -> T {
    switch driver {
    case .sqlite(let driver): try driver.access(body)
    case .postgres: try body()
    }
  }

  func close() throws {
    switch driver {
    case .sqlite(let driver): try driver.close()
    case .postgres(let driver): driver.close()
    }
  }
}
