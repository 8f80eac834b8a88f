import CPostgreSQL

/// Where a PostgreSQL database is and how to log in, from a URL in libpq's own form.
struct PostgreSQLLocation: Sendable {
  /// What libpq is told, by its own names. The password is among it.
  let parameters: [String: String]
  /// Database, host and user for people; never the password.
  let text: String

  /// Used where the URL does not say otherwise. Keepalives find a server that has gone without a word within 25 s,
  /// `tcp_user_timeout` one that no longer takes what we send.
  private static let defaults = [
    "connect_timeout": "5", "fallback_application_name": "brevdue", "keepalives_idle": "10",
    "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "15000",
    // After a fail-over the old server may still answer, but takes no writes.
    "target_session_attrs": "read-write",
  ]

  /// Throws `unavailable` with the reason when libpq does not understand the URL.
  init(url: String) throws {
    var reason: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &reason) else {
      defer { PQfreemem(reason) }
      throw StoreError.unavailable(
        "the database's URL can't be read: \(Self.withoutSecrets(reason.map { String(cString: $0) } ?? ""))")
    }
    defer { PQconninfoFree(options) }
    var given: [String: String] = [:]
    var option = options
    while let name = option.pointee.keyword {
      if let value = option.pointee.val { given[String(cString: name)] = String(cString: value) }
      option += 1
    }
    text = Self.describe(given)
    parameters = Self.defaults.merging(given) { _, given in given }.merging(["client_encoding": "UTF8"]) {
      $1
    }
  }

  private static func describe(_ given: [String: String]) -> String {
    let hosts = (given["host"] ?? given["hostaddr"] ?? "").split(
      separator: ",", omittingEmptySubsequences: false)
    let ports = (given["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let places = hosts.enumerated().map { index, host in
      let port = index < ports.count ? ports[index] : ports.last ?? ""
      return "\(host.isEmpty ? "the local socket" : host):\(port.isEmpty ? "5432" : port)"
    }
    let user = given["user"].map { " as user \"\($0)\"" } ?? ""
    return
      "database \"\(given["dbname"] ?? given["user"] ?? "")\" at \(places.joined(separator: ", "))\(user)"
  }

  /// libpq quotes the part of the URL that it stumbled over, which may be the password.
  private static func withoutSecrets(_ reason: String) -> String {
    let parts = reason.split(separator: "\"", omittingEmptySubsequences: false)
    let quoted = parts.count > 1 ? parts[1] : ""
    let isName = quoted.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "_") }
    let start = (parts.first ?? "").trimmingSuffix { $0 == " " || $0 == ":" || $0 == "\n" }
    return isName && reason.hasPrefix("invalid URI query parameter")
      ? "\(start) \"\(quoted)\"" : String(start)
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, predicate(last) { rest.removeLast() }
    return rest
  }
}

/// What can be said of a `postgres://` URL without connecting.
public enum DatabaseURL {
  /// Whether libpq understands it.
  public static func isValid(_ text: String) -> Bool {
    guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else { return false }
    return (try? PostgreSQLLocation(url: text)) != nil
  }

  /// The URL with everything that may be a password hidden, for logs and people.
  public static func redacted(_ text: String) -> String {
    guard let scheme = text.firstRange(of: "://") else { return "(hidden)" }
    var rest = text[scheme.upperBound...]
    var shown = text[..<scheme.upperBound]
    if let at = rest.lastIndex(of: "@") {
      let user = rest[..<at]
      shown += user.firstIndex(of: ":").map { user[..<$0] + ":(hidden)" } ?? user
      rest = rest[at...]
    }
    guard let question = rest.firstIndex(of: "?") else { return String(shown + rest) }
    let query = rest[rest.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
    let harmless = query.map { $0.lowercased().contains("pass") ? Substring("(hidden)") : $0 }
    return String(shown + rest[...question]) + harmless.joined(separator: "&")
  }
}
