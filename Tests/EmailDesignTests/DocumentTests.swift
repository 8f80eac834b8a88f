import EmailDesign
import Testing

struct DocumentTests {
  @Test func writesTheSameBytesAgain() throws {
    let document = try everything().document
    let bytes = document.json.bytes()
    let again = try EmailDocument(parsing: bytes)
    #expect(again == document)
    #expect(again.json.bytes() == bytes)
  }

  @Test(arguments: Starter.all.map(\.name))
  func startersReadBack(_ name: String) throws {
    let starter = try #require(Starter.named(name))
    let bytes = starter.document.json.bytes(isIndented: true)
    #expect(try EmailDocument(parsing: bytes) == starter.document)
  }

  struct Broken: Sendable, CustomTestStringConvertible {
    let json: JSONValue
    let path: String
    let rule: String
    var testDescription: String { path }
  }

  private static let block = "rows[0].columns[0].blocks[0]"

  private static func block(_ type: JSONValue, _ props: JSONValue = [:]) -> JSONValue {
    document([["id": "b1", "type": type, "props": props]])
  }

  @Test(arguments: [
    Broken(json: [:], path: "schema", rule: "missing"),
    Broken(json: ["schema": 2], path: "schema", rule: "newer"),
    Broken(json: ["schema": "1"], path: "schema", rule: "whole number"),
    Broken(json: ["schema": 1], path: "settings", rule: "missing"),
    Broken(json: block("video"), path: "\(block).type", rule: "“heading”"),
    Broken(
      json: block("heading", ["level": 4, "content": []]), path: "\(block).props.level", rule: "1 to 3"),
    Broken(json: block("heading", ["level": 1]), path: "\(block).props.content", rule: "missing"),
    Broken(
      json: block("heading", ["level": 1, "content": [["text": "a\nb"]]]),
      path: "\(block).props.content[0].text", rule: "one line"),
    Broken(json: block("button", ["label": "Go"]), path: "\(block).props.href", rule: "missing"),
    Broken(
      json: block("button", ["lable": "Go", "href": "https://a.example"]), path: "\(block).props.lable",
      rule: "not known"),
    Broken(json: block("divider", ["x": 1]), path: "\(block).props.x", rule: "not known"),
    Broken(json: block("spacer", ["height": 0]), path: "\(block).props.height", rule: "1 to 200"),
    Broken(
      json: block("image", ["src": "https://a.example", "width": 10]), path: "\(block).props.height",
      rule: "missing"),
    Broken(
      json: block("text", ["doc": ["type": "doc", "content": [["type": "table"]]]]),
      path: "\(block).props.doc.content[0].type", rule: "paragraph"),
    Broken(
      json: document([paragraph(["type": "image"])]), path: "\(block).props.doc.content[0].content[0].type",
      rule: "token"),
    Broken(
      json: document([paragraph(["type": "text", "text": "a", "marks": [["type": "blink"]]])]),
      path: "\(block).props.doc.content[0].content[0].marks[0].type", rule: "bold"),
    Broken(
      json: document([paragraph(token("contact.first name"))]),
      path: "\(block).props.doc.content[0].content[0].attrs.path", rule: "name of a value"),
    Broken(
      json: document([paragraph(token("x}}{% include 'y' %}"))]),
      path: "\(block).props.doc.content[0].content[0].attrs.path", rule: "name of a value"),
    Broken(
      json: document([["id": "a b", "type": "divider"]]), path: "\(block).id", rule: "letters"),
    Broken(
      json: document([["id": "b1", "type": "divider"], ["id": "b1", "type": "divider"]]), path: "rows",
      rule: "“b1” twice"),
    Broken(
      json: document([], row: [.init("columns", [["id": "c1", "span": 5, "blocks": []]])]),
      path: "rows[0].columns",
      rule: "spans"),
    Broken(
      json: document([], row: [.init("style", ["background": "red"])]), path: "rows[0].style.background",
      rule: "panel"),
    Broken(
      json: document([], row: [.init("style", ["padding": [1, 2, 3]])]), path: "rows[0].style.padding",
      rule: "4 to 4"),
    Broken(
      json: document([], row: [.init("when", ["path": "contact.x", "is": "bigger"])]),
      path: "rows[0].when.is",
      rule: "“set”"),
    Broken(
      json: document([], row: [.init("when", ["path": "contact.x", "is": "equals"])]),
      path: "rows[0].when.value",
      rule: "missing"),
    Broken(json: document([], row: [.init("show", "watch")]), path: "rows[0].show", rule: "phone"),
  ])
  func namesPathAndRule(_ broken: Broken) throws {
    let error = try #require(throws: DocumentError.self) { try EmailDocument(json: broken.json) }
    #expect(error.path == broken.path)
    #expect(error.rule.contains(broken.rule), "\(error)")
  }

  @Test func passesOverAttributesOfParagraphs() throws {
    let json = document([
      [
        "id": "b1", "type": "text",
        "props": [
          "doc": [
            "type": "doc",
            "content": [
              ["type": "paragraph", "attrs": ["textAlign": "justify", "indent": 2], "content": [words("x")]]
            ],
          ]
        ],
      ]
    ])
    #expect(try EmailDocument(json: json).json.bytes().isEmpty == false)
  }

  @Test(arguments: ["contact.firstname", "custom.order.items[0].name", "year", "custom._x9"])
  func takesPaths(_ text: String) {
    #expect(TokenPath(text)?.description == text)
  }

  @Test(arguments: [
    "", ".", "a.", "a..b", "9a", "a b", "a-b", "a[x]", "a[1", "a|safe", "not", "a.b }}", "é", "a[99999]",
    "a()",
  ])
  func refusesPaths(_ text: String) {
    #expect(TokenPath(text) == nil)
  }

  @Test func themesChangeWhatTheyName() throws {
    let document = try everything().document
    var account = Theme.standard
    account.baseSize = 18
    let theme = try #require(document.theme).applied(to: account)
    #expect(theme.light.button == Color("#8a1c4a"))
    #expect(theme.light.text == Theme.standard.light.text)
    #expect(theme.baseSize == 18)
    #expect(try Theme(json: theme.json) == theme)
  }

  private static let brokenThemes: [(JSONValue, String)] = [
    (["text": "red"], "theme.text"), (["size": 3], "theme.size"), (["radius": 99], "theme.radius"),
    (["dark": ["radius": 2]], "theme.dark.radius"), (["font": "Comic Sans"], "theme.font"),
  ]

  @Test(arguments: brokenThemes)
  func refusesThemes(_ json: JSONValue, _ path: String) throws {
    let error = try #require(throws: DocumentError.self) { try Theme(json: json) }
    #expect(error.path == path)
  }
}
