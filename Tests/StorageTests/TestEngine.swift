import Foundation
import MailModel
import Synchronization
import Testing

@testable import Storage

/// The engines that each test of the store runs on.
enum TestEngine: String, CaseIterable, CustomTestStringConvertible {
  case sqlite, postgres

  /// Without a server to test with only SQLite; `PostgreSQLTests` says so.
  static let all: [TestEngine] = TestDatabases.server == nil ? [.sqlite] : allCases

  var testDescription: String { rawValue }
}

/// Databases on the PostgreSQL server that `scripts/with-postgres` started.
enum TestDatabases {
  /// URL of a superuser.
  static let server = ProcessInfo.processInfo.environment["BREVDUE_TEST_POSTGRES"]
  static let missing: Comment = "BREVDUE_TEST_POSTGRES is not set: run scripts/with-postgres swift test"

  private static let template = Mutex<String?>(nil)

  /// A database with the schema in it, copied from one that was made once. Gives its URL.
  static func make() throws -> String {
    let like = try template.withLock { template in
      if let template { return template }
      let url = try makeEmpty()
      let engine = try Engine(.postgres(url: url))
      let connection = Connection(try engine.writer(), identifiers: IdentifierGenerator(node: 0))
      // For the times that tests play at, and for those of opening a store.
      try Schema.migrate(connection, at: start)
      try Schema.migrate(connection, at: .now())
      try connection.close()
      template = url
      return url
    }
    return try create(template: name(like))
  }

  static func makeEmpty() throws -> String { try create(template: "template0") }

  /// Runs a statement as superuser, in the server's own database.
  static func script(_ sql: String) throws {
    let url = try #require(server)
    try PostgreSQLSession(PostgreSQLLocation(url: url)).script(sql)
  }

  static func name(_ url: String) -> String { String(url.split(separator: "/").last ?? "") }

  private static func create(template: String) throws -> String {
    let url = try #require(server)
    let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
    try script("CREATE DATABASE \(name) TEMPLATE \(template)")
    return url.split(separator: "/").dropLast().joined(separator: "/").replacing(
      "postgres:/", with: "postgres://")
      + "/" + name
  }
}
