import Testing

@testable import TemplateImport

/// Whatever comes in, either HubL comes out or a reason why not.
@Suite struct NoiseTests {
  private static let pieces = [
    "{{", "}}", "{{{", "}}}", "{", "}", "%", "#", "~", "\\", "\"", "'", " ", "\n", "\r\n", "x", "name",
    "this", "../",
    "@index", "@key", "@root.a", "[a b]", "(equals a \"b\")", "(", ")", "{{#if a}}", "{{/if}}", "{{else}}",
    "{{^}}",
    "{{else if b}}", "{{#each items}}", "{{#each items as |i n|}}", "{{/each}}", "{{#a}}", "{{^a}}", "{{/a}}",
    "{{.}}",
    "{{#with a}}", "{{/with}}", "{{! x }}", "{{!-- #} --}}", "{{> part}}", "{{insert a \"default=\\\"\"}}",
    "é",
    "{{a.length}}", "{{lookup a b}}", "{{formatDate a \"M'\"}}", "%recipient.a%", "-name-", "%name%", "{%",
    "%}", "{#", "#}",
    "{{#unless (and a b)}}", "{{/unless}}", "{{@../index}}", "{{{a}}}", "{{~a~}}", "{{a-b}}", "{{1}}", "\\{{",
  ]

  @Test(arguments: TemplateDialect.allCases) func hubLOrAReason(_ dialect: TemplateDialect) {
    var seed: UInt64 = 42
    func next(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    var made = 0
    for _ in 0..<6000 {
      let source = (0..<(1 + next(9))).map { _ in Self.pieces[next(Self.pieces.count)] }.joined()
      do {
        _ = try dialect.imported(source, substitutions: next(2) == 0 ? .dashes : .percent)
        made += 1
      } catch {
        if error.description.contains("report it") { Issue.record("\(source): \(error)") }
      }
    }
    #expect(made > 1000)
  }
}
