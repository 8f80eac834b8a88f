import EmailDesign
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
    for _ in 0..<3000 {
      let source = (0..<(1 + next(9))).map { _ in Self.pieces[next(Self.pieces.count)] }.joined()
      do {
        _ = try dialect.imported(source, substitutions: next(2) == 0 ? .dashes : .percent)
        made += 1
      } catch {
        if error.description.contains("report it") { Issue.record("\(source): \(error)") }
      }
    }
    #expect(made > 500)
  }

  private static let email = #"""
    {"name": "x", "subject": "s", "language": "en", "from": {"fromName": "a"}, "content": {
      "styleSettings": {"backgroundColor": "f", "primaryFontSize": 15, "emailBodyWidth": "600",
        "buttonStyleSettings": {"cornerRadius": 8}}, "templatePath": "p",
      "flexAreas": {"main": {"sections": [{"id": "a", "style": {"paddingTop": "1px", "stack": "x", "backgroundColor": "y"},
        "columns": [{"id": "c", "width": 6, "widgets": ["i", "b"]}, {"width": 6, "widgets": ["s", "f", "r"]}]}]}},
      "widgets": {"i": {"body": {"path": "@hubspot/image_email", "img": {"src": "s", "width": 9, "height": 9}, "link": "l"}},
        "b": {"module_id": 1976948, "body": {"text": "t", "destination": {"url": {"href": "u"}}, "alignment": "left"}},
        "s": {"body": {"path": "@hubspot/follow_me_email", "social": [{"network": "x", "url": "u"}]}},
        "f": {"body": {"path": "@hubspot/horizontal_spacer", "height": {"value": 3}, "hs_wrapper_css": {"padding-bottom": "3px"}}},
        "r": {"type": "rich_text", "order": 1, "body": {"html": "<p>x</p><img src=a width=1 height=1>"}}}}}
    """#

  private static let values: [JSONValue] = [
    .null, .bool(true), -1, 0, .int(.max), .int(.min), .double(1e308), .double(-0.5), "", "x",
    "99999999999999px", "{{ x", [], [[]],
    [1, "a"], [:], ["value": ["value": "1e999"]], "main",
    .array([JSONValue](repeating: ["width": 1], count: 700)),
  ]

  /// Each value of an e-mail in turn is something else.
  @Test func anyEmail() throws {
    let email = try JSONValue(parsing: Array(Self.email.utf8))
    let count = email.count
    for place in 0..<count {
      for value in Self.values {
        var left = place
        do {
          _ = try ImportedEmail(hubSpot: email.replacing(&left, by: value))
        } catch {
          if "\(error)".contains("report it") { Issue.record("\(place) \(value): \(error)") }
        }
      }
    }
    #expect(count > 60)
  }
}

extension JSONValue {
  /// How many values it has with all inside.
  fileprivate var count: Int { 1 + (items + members.map(\.value)).reduce(0) { $0 + $1.count } }

  /// With another value at a place, counted from the outside in.
  fileprivate func replacing(_ place: inout Int, by value: JSONValue) -> JSONValue {
    place -= 1
    if place == -1 { return value }
    switch self {
    case .array(let items): return .array(items.map { $0.replacing(&place, by: value) })
    case .object(let members):
      return .object(members.map { Member($0.name, $0.value.replacing(&place, by: value)) })
    default: return self
    }
  }
}
