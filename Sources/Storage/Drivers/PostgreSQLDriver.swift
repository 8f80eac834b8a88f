import CPostgreSQL

/// One connection to a PostgreSQL server, made again when it was lost. Confined to one thread at a time.
///
/// Statements whose result nobody looks at are only put on their way; they are waited for when a result is needed,
/// at the commit, or when many are under way. A transaction of many work items is so a single round trip. An error
/// of such a statement is found at the latest by the commit, which the server then skips.
final class PostgreSQLDriver {
  /// More than this under way is waited for, so that neither side has to keep much for the other.
  private static let queueLimit = 256
  private static let queueLimitBytes = 1 << 20
  private static let composedLimit = 200

  enum Transaction {
    case none, open
    /// A statement has failed: the server takes nothing but a rollback.
    case failed
  }

  /// A request whose answer has not been read.
  private struct Request {
    enum Kind {
      case prepare, run
      /// Its result is handed to whoever reads.
      case wanted
      case sync
    }

    var kind: Kind
    var statement: PostgreSQLStatement?
    /// Nobody cares any more whether it failed.
    var isAbandoned = false
  }

  enum Role {
    case reader, writer
  }

  let location: PostgreSQLLocation
  let role: Role
  private let traffic: PostgreSQLTraffic
  private(set) var session: PostgreSQLSession?
  private var backOff = BackOff()

  /// Statements whose text is a literal, by the literal's address, which saves hashing the text.
  private var literals: [UnsafeRawPointer: PostgreSQLStatement] = [:]
  private var composed: [String: PostgreSQLStatement] = [:]
  private var statementCount = 0
  private var parameters = PostgreSQLParameters()

  private var requests: [Request] = []
  /// Of those in `requests`, how many are behind the last sync, and their size.
  private var unsynced = 0
  private var unsyncedBytes = 0
  private(set) var transaction = Transaction.none
  /// Goes up with each statement that may change something, and with each that fails.
  private(set) var changeMark: Int64 = 0

  init(_ location: PostgreSQLLocation, _ role: Role, traffic: PostgreSQLTraffic) {
    self.location = location
    self.role = role
    self.traffic = traffic
  }

  // MARK: The session

  /// Connects unless it is connected; blocks.
  func connect() throws {
    if let session, !session.isLost { return }
    drop()
    do {
      let session = try PostgreSQLSession(location)
      self.session = session
      try prepare(session)
      backOff = BackOff()
    } catch {
      drop()
      backOff.failed(error)
      throw error
    }
  }

  /// Forgets the session and all that was under way in it.
  private func drop() {
    session = nil
    requests.removeAll(keepingCapacity: true)
    unsynced = 0
    unsyncedBytes = 0
    transaction = .none
    for statement in literals.values { statement.state = .unknown }
    for statement in composed.values { statement.state = .unknown }
  }

  func close() {
    drop()
    literals = [:]
    composed = [:]
  }

  /// The session, for requests. What it throws when something is wrong with it ends it.
  private func withSession<T>(_ body: (PostgreSQLSession) throws -> T) throws -> T {
    guard let session else { throw backOff.error }
    do {
      return try body(session)
    } catch {
      changeMark += 1
      drop()
      backOff.error = error
      throw error
    }
  }

  // MARK: Transactions

  /// Makes sure of a session that lives, then begins.
  func begin() throws {
    // What is left of the transaction before has long been answered.
    if !requests.isEmpty { try? receive() }
    if let session, session.isDead || session.isLost { drop() }
    if session == nil {
      try backOff.check()
      try connect()
    }
    transaction = .open
    try execute(role == .reader ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN")
  }

  /// When this throws `unavailable` nobody knows whether the transaction was kept; with every other error it wasn't.
  func commit() throws {
    var tag = ""
    // A commit that waits for a synchronous standby and is timed out would be answered with a mere warning.
    if role != .reader { try execute("SET LOCAL statement_timeout = 0") }
    try queue(statement("COMMIT"), [], .wanted)
    try finish { tag = String(cString: PQcmdStatus($0)) }
    // The answer of a transaction that had failed; the error before it should have kept us from coming here.
    guard tag == "COMMIT" else { throw StoreError.other("PostgreSQL answered COMMIT with '\(tag)'") }
  }

  /// Leaves no transaction open. Does not wait for it.
  func rollback() {
    guard transaction != .none, session != nil else { return }
    do {
      if unsynced > 0 { try sync() }
      for index in requests.indices { requests[index].isAbandoned = true }
      try queue(statement("ROLLBACK"), [], .run)
      try sync()
      transaction = .none
    } catch {
      drop()
    }
  }

  func rollbackToSavepoint() throws {
    if unsynced > 0 { try? finish() }
    try execute("ROLLBACK TO SAVEPOINT item")
    try execute("RELEASE SAVEPOINT item")
    try settle()
  }

  // MARK: Statements

  /// Puts a statement on its way.
  func execute(_ sql: StaticString, _ arguments: [SQLValue] = []) throws {
    try queue(statement(sql), arguments, .run)
  }

  func execute(composed sql: String, _ arguments: [SQLValue]) throws {
    try queue(statement(composed: sql), arguments, .run)
  }

  /// Runs a statement, hands each row to `row` until that returns false, and returns how many rows it changed
  /// or read.
  @discardableResult
  func run(_ sql: StaticString, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws -> Int {
    try run(statement(sql), [arguments][...], row: row)
  }

  @discardableResult
  func run(composed sql: String, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws -> Int {
    try run(statement(composed: sql), [arguments][...], row: row)
  }

  /// Runs a statement once for each of `arguments`, in few round trips.
  func run(composed sql: String, each arguments: [[SQLValue]], row: (Row) throws -> Bool) throws {
    _ = try run(statement(composed: sql), arguments[...], row: row)
  }

  /// Waits for what is under way, and throws what went wrong in it.
  func settle() throws {
    if unsynced > 0 { try finish() }
  }

  /// Runs statements apart by semicolons, once.
  func script(_ sql: String) throws {
    try settle()
    guard let session else { throw backOff.error }
    do {
      try session.script(sql)
    } catch {
      changeMark += 1
      if session.isLost { drop() } else { noteTransaction() }
      throw error
    }
    noteTransaction()
  }

  private func run(
    _ statement: PostgreSQLStatement, _ arguments: ArraySlice<[SQLValue]>, row: (Row) throws -> Bool
  ) throws -> Int {
    var count = 0
    var rest = arguments
    while !rest.isEmpty {
      // Fewer than would be waited for within `queue`, which has nobody to hand results to.
      let slice = rest.prefix(100)
      if requests.count + slice.count >= Self.queueLimit { try settle() }
      for arguments in slice { try queue(statement, arguments, .wanted) }
      rest = rest.dropFirst(slice.count)
      try finish { result in
        count += Int(String(cString: PQcmdTuples(result))) ?? 0
        for index in 0..<PQntuples(result) {
          guard try row(Row(result, index)) else { break }
        }
      }
    }
    return count
  }

  private func queue(_ statement: PostgreSQLStatement, _ values: [SQLValue], _ kind: Request.Kind) throws {
    if kind == .run, requests.count >= Self.queueLimit || unsyncedBytes >= Self.queueLimitBytes {
      try finish()
    }
    if !statement.isQuery { changeMark += 1 }
    try withSession { session in
      if statement.state == .unknown {
        try session.prepare(statement.name, statement.sql, PostgreSQLParameters.types(of: values))
        statement.state = .sent
        requests.append(Request(kind: .prepare, statement: statement))
      }
      parameters.set(values)
      try session.run(statement.name, &parameters)
    }
    requests.append(Request(kind: kind, statement: statement))
    unsynced += 1
    unsyncedBytes += parameters.byteCount
    traffic.noteStatement()
  }

  // MARK: Answers

  /// Ends what is under way with a sync and sends it.
  private func sync() throws {
    try withSession { session in
      try session.sync()
      try session.flush()
    }
    requests.append(Request(kind: .sync))
    unsynced = 0
    unsyncedBytes = 0
  }

  /// One round trip: everything under way is sent and answered. Throws the first error in it.
  private func finish(_ wanted: (OpaquePointer) throws -> Void = { _ in }) throws {
    try sync()
    traffic.noteRoundTrip()
    try receive(wanted)
  }

  private func receive(_ wanted: (OpaquePointer) throws -> Void = { _ in }) throws {
    var failure: (any Error)?
    var endsSession = false
    for request in requests {
      if request.kind == .prepare { request.statement?.state = .ready }
      try results(of: request) { result in
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
          guard request.kind == .wanted, !request.isAbandoned, failure == nil else { return }
          do { try wanted(result) } catch { failure = error }
        case PGRES_PIPELINE_SYNC: return
        case PGRES_PIPELINE_ABORTED: if request.kind == .prepare { request.statement?.state = .unknown }
        default:
          if request.kind == .prepare { request.statement?.state = .unknown }
          endsSession = endsSession || StoreError.endsSession(result, isReader: role == .reader)
          if failure == nil, !request.isAbandoned {
            failure = StoreError.postgreSQL(result, sql: request.statement?.sql ?? "")
          }
        }
      }
    }
    requests.removeAll(keepingCapacity: true)
    if endsSession || session?.isLost == true {
      try withSession { session -> Void in throw Self.ended(by: failure) ?? session.lost() }
    }
    noteTransaction()
    if let failure {
      changeMark += 1
      throw failure
    }
  }

  /// Hands out all results of one request, and clears them.
  private func results(of request: Request, _ body: (OpaquePointer) -> Void) throws {
    try withSession { session in
      while let result = try session.nextResult() {
        body(result)
        let isSync = PQresultStatus(result) == PGRES_PIPELINE_SYNC
        PQclear(result)
        // No mark ends the results of a sync.
        if isSync { return }
      }
      if request.kind == .sync { throw session.lost() }
    }
  }

  /// The end of a session concerns everybody, whatever the statement that met it.
  private static func ended(by failure: (any Error)?) -> StoreError? {
    switch failure {
    case let error as StoreError:
      if case .unavailable = error { error } else { .unavailable("\(error)") }
    default: nil
    }
  }

  private func noteTransaction() {
    guard let session else { return }
    switch session.transaction {
    case PQTRANS_INTRANS, PQTRANS_ACTIVE: transaction = .open
    case PQTRANS_INERROR: transaction = .failed
    default: transaction = .none
    }
  }

  // MARK: Prepared statements

  private func statement(_ sql: StaticString) -> PostgreSQLStatement {
    let key = UnsafeRawPointer(sql.utf8Start)
    if let statement = literals[key] { return statement }
    let statement = newStatement(sql.description)
    literals[key] = statement
    return statement
  }

  private func statement(composed sql: String) throws -> PostgreSQLStatement {
    if let statement = composed[sql] { return statement }
    if composed.count >= Self.composedLimit { try forgetComposed() }
    let statement = newStatement(sql)
    composed[sql] = statement
    return statement
  }

  private func newStatement(_ sql: String) -> PostgreSQLStatement {
    statementCount += 1
    return PostgreSQLStatement(name: "s\(statementCount)", sql: Dialect.postgres.statement(sql))
  }

  private func forgetComposed() throws {
    let old = composed.values.filter { $0.state != .unknown }
    composed = [:]
    for statement in old {
      try queue(PostgreSQLStatement(name: "", sql: "DEALLOCATE \(statement.name)"), [], .run)
    }
  }
}
