import CPostgreSQL

extension StoreError {
  /// What an error that the server told means to us.
  static func postgreSQL(state: String, text message: String, sql: String = "") -> StoreError {
    let text = "\(message) (PostgreSQL \(state))"
    switch state {
    case "53100": return .full(text)
    // Serialization failure, deadlock, lock not to be had in time, statement took too long.
    case "40001", "40P01", "55P03", "57014": return .busy(text)
    // Division by zero: see `Connection.mustChange`.
    case "22012": return .missed(sql)
    case "XX001", "XX002": return .corrupt(text)
    case "42501":
      return .unavailable("\(text); the role of database.url must own the database (docs/postgresql.md)")
    case "26000":
      return .unavailable(
        "\(text); a connection pooler between us must pool whole sessions (docs/postgresql.md)")
    default: break
    }
    switch state.prefix(2) {
    case "23": return .constraint(text)
    // Connection, resources, what an operator did, the server's own disk.
    case "08", "53", "57", "58": return .unavailable(text)
    default: return .other(sql.isEmpty ? text : "\(text) in: \(sql)")
    }
  }

  /// - Parameter result: of a statement that failed.
  static func postgreSQL(_ result: OpaquePointer, sql: String) -> StoreError {
    let message = field(result, "M") ?? oneLine(PQresultErrorMessage(result))
    return postgreSQL(state: field(result, "C") ?? "?", text: message, sql: sql)
  }

  /// Whether the server ends the session with this, or the session is of no more use.
  static func endsSession(_ result: OpaquePointer, isReader: Bool) -> Bool {
    guard let state = field(result, "C") else { return false }
    // A writer that finds the server read-only talks to one that is no longer the primary.
    if state == "25006" { return !isReader }
    return state.hasPrefix("08") || state.hasPrefix("57P") || state == "25P03" || state == "26000"
  }

  /// libpq's text of several lines in one.
  static func oneLine(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "" }
    return String(cString: text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// One of libpq's `PG_DIAG_…` fields.
  private static func field(_ result: OpaquePointer, _ name: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(name.value)).map { String(cString: $0) }
  }

  /// Why no session could be had, and what to do about it. The server's words come without a code.
  static func cantConnect(to location: PostgreSQLLocation, _ reason: String) -> StoreError {
    .unavailable("no connection to PostgreSQL, \(location.text): \(reason). \(hint(reason))")
  }

  private static let hints: [(part: String, hint: String)] = [
    ("password", "Check user and password in database.url; special characters are written as %XX."),
    ("pg_hba.conf", "Let this user and address in by the server's pg_hba.conf, or use another sslmode."),
    ("role ", "Make the role, or name another user in database.url (docs/postgresql.md)."),
    ("read-only", "It is a standby; name the primary in database.url."),
    ("session is read", "It is a standby; name the primary in database.url."),
    ("SSL", "See sslmode and sslrootcert in docs/postgresql.md."),
    ("certificate", "See sslmode and sslrootcert in docs/postgresql.md."),
    ("database \"", "Make the database, or name another in database.url (docs/postgresql.md)."),
    ("too many", "Raise max_connections of the server, or let fewer programs connect."),
  ]

  private static func hint(_ reason: String) -> String {
    hints.first { reason.contains($0.part) }?.hint
      ?? "Is the server running, and are host and port in database.url right?"
  }
}
