import Composition
import HubL
import MailModel
import Testing

/// What an e-mail declares of its custom properties.
@Suite struct ContractTests {
  private func value(_ json: String) throws -> Value { try Value(json: Array(json.utf8)) }

  private func map(_ json: String) throws -> ValueMap {
    guard case .map(let members) = try value(json) else { return [:] }
    return members
  }

  private static let receipt = """
    [{"name": "order", "sample": "A-17", "description": "Its number"},
     {"name": "total", "type": "number"}, {"name": "count", "type": "integer", "required": false},
     {"name": "paid", "type": "boolean"}, {"name": "due_at", "type": "date"},
     {"name": "lines", "type": "list", "properties": [{"name": "title"}, {"name": "price", "type": "number"}]},
     {"name": "shop", "type": "map", "properties": [{"name": "city", "required": false}]}]
    """

  private static let good = """
    {"order": 17, "total": "12.50", "paid": false, "due_at": "2026-01-31T10:00:00Z",
     "lines": [{"title": "Tea", "price": 3}], "shop": {}, "more": [1]}
    """

  @Test(arguments: [
    ("{}", "order!, total!, paid!, due_at!, lines!, shop!"),
    (good, ""),
    (good.replacing("17", with: "[1]"), "order: text"),
    (good.replacing("\"12.50\"", with: "\"a lot\""), "total: a number"),
    (good.replacing("false", with: "\"no\", \"count\": 1.5"), "count: a whole number, paid: true or false"),
    (good.replacing("false", with: "true, \"count\": \"12\""), ""),
    (good.replacing("2026-01-31T10:00:00Z", with: "31.1.2026"), "due_at: a date"),
    (good.replacing("\"2026-01-31T10:00:00Z\"", with: "1795433040000"), ""),
    (good.replacing("\"title\": \"Tea\", ", with: ""), "lines[0].title!"),
    (
      good.replacing("{\"title\": \"Tea\", \"price\": 3}", with: "7, {\"title\": 1}"),
      "lines[0]: an object, lines[1].price!"
    ),
    (good.replacing("{}", with: "{\"city\": []}"), "shop.city: text"),
    (good.replacing("{}", with: "\"Oslo\""), "shop: an object"),
    (good.replacing("17", with: "null"), "order!"),
  ])
  func sendsAreChecked(_ custom: String, _ expected: String) throws {
    let contract = try EmailContract(try value(Self.receipt))
    let found = contract.problems(with: try map(custom)).map { problem in
      #expect(problem.path.hasPrefix("custom."))
      let path = problem.path.dropFirst("custom.".count)
      return problem.isMissing ? "\(path)!" : "\(path): \(problem.message.dropFirst("must be ".count))"
    }
    #expect(
      zip(found, expected.split(separator: ", ").map(String.init)).allSatisfy { $0.hasPrefix($1) }
        && found.count == expected.split(separator: ", ").count, "\(found)")
  }

  @Test func itsSampleKeepsIt() throws {
    let contract = try EmailContract(try value(Self.receipt))
    #expect(contract.problems(with: contract.sample) == [])
    #expect(contract.sample["order"] == .string("A-17"))
    #expect(contract.sample["lines"] == .list([.map(["title": .string("title"), "price": .double(12.5)])]))
    #expect(try EmailContract(contract.value) == contract)
  }

  @Test(arguments: [
    ("{}", "contract must be a list"), ("[1]", "contract[0] must be an object"),
    ("[{}]", "contract[0].name"), (#"[{"name": "a b"}]"#, "contract[0].name"),
    (#"[{"name": "1a"}]"#, "contract[0].name"),
    (#"[{"name": "a", "type": "txt"}]"#, "contract[0].type must be one of text, number"),
    (#"[{"name": "a", "required": "yes"}]"#, "contract[0].required"),
    (#"[{"name": "a"}, {"name": "a"}]"#, "contract[1].name is there twice"),
    (#"[{"name": "a", "kind": "text"}]"#, "contract[0].kind is not known"),
    (#"[{"name": "a", "properties": []}]"#, "contract[0].properties goes with"),
    (#"[{"name": "a", "type": "map", "properties": [{"name": ""}]}]"#, "contract[0].properties[0].name"),
    (#"[{"name": "a", "description": 1}]"#, "contract[0].description"),
  ])
  func badDeclarationsNameThePlace(_ json: String, _ expected: String) throws {
    let error = #expect(throws: ContractError.self) { try EmailContract(try value(json)) }
    #expect(error?.description.hasPrefix(expected) == true, "\(String(describing: error))")
  }

  @Test func nestingAndSizeAreBounded() throws {
    let deep =
      String(repeating: #"[{"name": "a", "type": "map", "properties": "#, count: 9) + "[]"
      + String(repeating: "}]", count: 9)
    #expect(throws: ContractError.self) { try EmailContract(try value(deep)) }
    let wide = "[" + (0...EmailContract.limit).map { #"{"name": "a\#($0)"}"# }.joined(separator: ",") + "]"
    #expect(throws: ContractError.self) { try EmailContract(try value(wide)) }
    let contract = try EmailContract(
      try value(#"[{"name": "l", "type": "list", "properties": [{"name": "x"}]}]"#))
    let long = ValueMap(["l": .list(Array(repeating: .map([:]), count: 100_000))])
    #expect(contract.problems(with: long).count <= 51)
  }

  @Test(arguments: [
    ("{{ custom.a }}", "a"), ("{{ custom['a'].b.c }}", "a{b{c}}"), ("{{ contact.a }}{{ a }}", ""),
    ("{{ custom.a|default('x') }}", "a?"), ("{{ custom.a|default('x') }}{{ custom.a }}", "a"),
    ("{% if custom.a %}{{ custom.b }}{% endif %}", "a? b"), ("{{ custom.a or 'x' }}", "a?"),
    ("{% if custom.a is defined %}x{% endif %}", "a?"),
    (
      "{% for x in custom.lines %}{{ x.title }} {{ x.price|default(0) }}{% endfor %}",
      "lines[]{title price?}"
    ),
    ("{% for x in custom.a %}{% for y in x.b %}{{ y.c }}{% endfor %}{% endfor %}", "a[]{b[]{c}}"),
    (
      "{% for x in custom.a %}{% for x in x.b %}{{ x }}{% endfor %}{% endfor %}",
      "a[]{b[]{b[]{b[]{b[]{b[]}}}}}"
    ),
    (
      "{{ custom.ordered_at }}{{ custom.is_new }}{{ custom.item_count }}",
      "ordered_at:date is_new:boolean item_count:integer"
    ),
    ("{{ custom[contact.name] }}", ""),
  ])
  func usesAreFound(_ template: String, _ expected: String) throws {
    let contract = EmailContract(inferredFrom: [try Template(template)])
    #expect(Self.text(contract.properties) == expected)
  }

  private static func text(_ properties: [CustomProperty]) -> String {
    properties.map { property in
      var text = property.name
      if property.kind == .list { text += "[]" }
      if ![.list, .map, .text].contains(property.kind) { text += ":\(property.kind.rawValue)" }
      if !property.isRequired { text += "?" }
      return property.properties.isEmpty ? text : text + "{\(Self.text(property.properties))}"
    }.joined(separator: " ")
  }

  @Test func undeclaredUsesAreOffered() throws {
    let inferred = EmailContract(
      inferredFrom: [try Template("{{ custom.a }}{{ custom.b.c }}{{ custom.b.d }}{{ custom.e.f }}")])
    let declared = try EmailContract(
      try value(#"[{"name":"b","type":"map","properties":[{"name":"c"}]},{"name":"e","type":"map"}]"#))
    #expect(declared.undeclared(of: inferred) == ["custom.a", "custom.b.d"])
  }
}
