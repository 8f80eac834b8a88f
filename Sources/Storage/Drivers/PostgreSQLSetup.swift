/// How a session begins, and what it is good for.
extension PostgreSQLDriver {
  /// What comes before all else in a new session.
  func prepare(_ session: PostgreSQLSession) throws {
    guard session.serverVersion >= 150_000 else {
      let version = session.parameter("server_version") ?? "?"
      throw StoreError.other("PostgreSQL 15 or later is needed; \(location.text) runs \(version)")
    }
    if let encoding = session.parameter("server_encoding"), encoding != "UTF8" {
      throw StoreError.other(
        "\(location.text) has the encoding \(encoding); make one with: createdb -E UTF8 -T template0 NAME")
    }
    try limit()
  }

  /// Seconds that the server may take for a statement. Everybody waits for the writer, whose statements are small.
  private var statementSeconds: Int { role == .reader ? 30 : 10 }

  /// How long a transaction may wait for us to go on. A writer that hangs holds rows that every other server needs.
  private var idleSeconds: Int { role == .reader ? 60 : 3 }

  private func limit() throws {
    // Longer: a statement that takes too long ends with an error, not with the session.
    session?.answerLimit = .seconds(statementSeconds + 5)
    try settings(lockSeconds: 5, statementSeconds: statementSeconds, idleSeconds: idleSeconds)
  }

  /// For copies of everything: they wait for nobody and nobody for them, except for what they hold in the disk's
  /// queue and, as a reader, what the server can't clean up meanwhile.
  func limitForCopying() throws {
    session?.answerLimit = .seconds(605)
    try settings(lockSeconds: 30, statementSeconds: 600, idleSeconds: 600)
  }

  /// Settings of the session that must not be left to the server's configuration: a commit is on disk when it
  /// returns, and nothing lasts forever, not even the session of a client that has gone without a word.
  private func settings(lockSeconds: Int, statementSeconds: Int, idleSeconds: Int) throws {
    try run(
      """
      SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'remote_apply'
          THEN 'remote_apply' ELSE 'on' END, false),
        set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
        set_config('idle_in_transaction_session_timeout', $3, false),
        set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
        set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '25s', false)
      """, [.text("\(statementSeconds)s"), .text("\(lockSeconds)s"), .text("\(idleSeconds)s")]
    ) { _ in true }
  }

  /// For changes of the schema: no limits but on answers that never come.
  func withoutTimeouts<T>(_ body: () throws -> T) throws -> T {
    try settings(lockSeconds: 0, statementSeconds: 0, idleSeconds: idleSeconds)
    session?.answerLimit = nil
    let result = try body()
    try limit()
    return result
  }

  /// What `doctor` says of the server.
  var serverDescription: String {
    guard let session else { return "PostgreSQL, \(location.text)" }
    let version = session.parameter("server_version")?.split(separator: " ").first ?? "?"
    return "PostgreSQL \(version), \(location.text), \(session.usesTLS ? "with TLS" : "without TLS")"
  }
}
