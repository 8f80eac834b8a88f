import CPostgreSQL

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// One session with a PostgreSQL server, in libpq's pipeline mode and without blocking inside libpq: every wait is
/// here, on the socket, in both directions and with a deadline. Confined to one thread at a time.
final class PostgreSQLSession {
  private let handle: OpaquePointer
  /// An answer that takes longer means that the server hangs or is cut off; nil: it may take as long as it takes.
  var answerLimit: Duration? = .seconds(40)

  /// Connects; blocks, at most `connect_timeout` for each address of the server.
  init(_ location: PostgreSQLLocation) throws {
    let names = Array(location.parameters.keys)
    let connected = Self.withStrings(names) { names in
      Self.withStrings(Array(location.parameters.values)) { values in PQconnectdbParams(names, values, 0) }
    }
    guard let connected else { throw StoreError.unavailable("no memory for a database connection") }
    guard PQstatus(connected) == CONNECTION_OK else {
      let reason = StoreError.oneLine(PQerrorMessage(connected))
      PQfinish(connected)
      throw StoreError.cantConnect(to: location, reason)
    }
    handle = connected
    // Else libpq writes the server's remarks to standard error.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
      PQfinish(connected)
      throw StoreError.cantConnect(to: location, "libpq has no pipeline mode")
    }
  }

  deinit {
    PQfinish(handle)
  }

  private static func withStrings<T>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T
  ) -> T {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer<CChar>($0) } + [nil]
    return pointers.withUnsafeBufferPointer { buffer in
      // Never nil: the buffer has at least the end mark.
      buffer.baseAddress.map(body) ?? withUnsafePointer(to: nil) { body($0) }
    }
  }

  // MARK: About the server

  /// Such as 150018.
  var serverVersion: Int { Int(PQserverVersion(handle)) }
  var usesTLS: Bool { PQsslInUse(handle) == 1 }

  func parameter(_ name: String) -> String? { PQparameterStatus(handle, name).map { String(cString: $0) } }

  /// As of the last answer: whether statements would be part of a transaction, and whether that has failed.
  var transaction: PGTransactionStatusType { PQtransactionStatus(handle) }

  // MARK: Sending

  /// These put a request into the buffer; it is sent as the buffer fills, by `flush` and while waiting.
  func prepare(_ name: String, _ sql: String, _ types: [Oid]) throws {
    try check(PQsendPrepare(handle, name, sql, Int32(types.count), types))
  }

  func run(_ name: String, _ parameters: inout PostgreSQLParameters) throws {
    try check(
      parameters.withPointers { count, values, lengths, formats in
        PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
      })
  }

  /// Ends a group of requests: an error makes the server skip those up to here.
  func sync() throws { try check(PQpipelineSync(handle)) }

  /// Sends all that is buffered. Reads meanwhile: a server whose answers nobody takes stops reading.
  func flush() throws {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1: try wait(alsoToWrite: true)
      default: throw lost()
      }
    }
  }

  // MARK: Receiving

  /// The next result of the oldest request, nil after its last; the caller clears it.
  func nextResult() throws -> OpaquePointer? {
    while PQisBusy(handle) == 1 {
      let unsent = PQflush(handle)
      guard unsent >= 0 else { throw lost() }
      if try takeDecrypted() { break }
      try wait(alsoToWrite: unsent == 1)
    }
    return PQgetResult(handle)
  }

  /// With TLS the rest of a record may wait in OpenSSL, where the socket does not show it: at most 16 KB, of which
  /// libpq takes 8 at a time. True when that completes a result.
  private func takeDecrypted() throws -> Bool {
    guard usesTLS else { return false }
    for _ in 0..<3 {
      if PQconsumeInput(handle) == 0 { throw lost() }
      if PQisBusy(handle) == 0 { return true }
    }
    return false
  }

  /// Whether an idle session has been ended by the other side. Doesn't wait.
  var isDead: Bool {
    // What is there to read is the server's farewell, the end of the stream, or both in turn.
    for _ in 0..<8 {
      var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      guard socket.fd >= 0 else { return true }
      if poll(&socket, 1, 0) <= 0 { return false }
      if PQconsumeInput(handle) == 0 { return true }
    }
    return PQstatus(handle) != CONNECTION_OK
  }

  var isLost: Bool { PQstatus(handle) != CONNECTION_OK }

  func lost() -> StoreError {
    .unavailable("the connection to PostgreSQL was lost: \(StoreError.oneLine(PQerrorMessage(handle)))")
  }

  private func wait(alsoToWrite: Bool) throws {
    let deadline = answerLimit.map { ContinuousClock.now + $0 }
    var socket = pollfd(
      fd: PQsocket(handle), events: Int16(alsoToWrite ? POLLIN | POLLOUT : POLLIN), revents: 0)
    while true {
      let left = deadline.map { ContinuousClock.now.duration(to: $0) / .milliseconds(1) }
      let count = poll(&socket, 1, left.map { Int32(max(0, $0.rounded(.up))) } ?? -1)
      if count > 0 { break }
      if count < 0, errno == EINTR { continue }
      throw StoreError.unavailable("PostgreSQL gave no answer for \(answerLimit ?? .zero)")
    }
    if socket.revents & ~Int16(POLLOUT) != 0, PQconsumeInput(handle) == 0 { throw lost() }
  }

  private func check(_ code: Int32) throws {
    if code == 1 { return }
    if isLost { throw lost() }
    throw StoreError.other("libpq: \(StoreError.oneLine(PQerrorMessage(handle)))")
  }

  // MARK: Scripts

  /// Runs statements without parameters, apart by semicolons. Nothing may be under way.
  func script(_ sql: String) throws {
    guard PQexitPipelineMode(handle) == 1 else { throw StoreError.other("a script within a pipeline") }
    try check(PQsendQuery(handle, sql))
    var failure: StoreError?
    while let result = try nextResult() {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
      default: failure = failure ?? .postgreSQL(result, sql: "a script")
      }
    }
    if isLost { throw lost() }
    try check(PQenterPipelineMode(handle))
    if let failure { throw failure }
  }
}
