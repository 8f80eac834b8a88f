import Testing

@testable import EmailDesign

struct MigrationTests {
  /// The step that a second form would bring.
  @Sendable private static func second(_ value: JSONValue) -> JSONValue {
    guard case .object(var members) = value else { return value }
    members.removeAll { $0.name == "schema" || $0.name == "title" }
    return .object(members + [.init("schema", 2), .init("subject", value["title"] ?? "")])
  }

  @Test func bringsOldFormsUp() throws {
    let migration = Migration(steps: [Self.second])
    let new = try migration.current(JSONField(["schema": 1, "title": "A"]))
    #expect(new == ["schema": 2, "subject": "A"])
    #expect(try migration.current(JSONField(new)) == new)
  }

  @Test func refusesNewerForms() throws {
    let migration = Migration(steps: [Self.second])
    let error = try #require(throws: DocumentError.self) { try migration.current(JSONField(["schema": 3])) }
    #expect(error.rule.contains("newer"))
  }
}
