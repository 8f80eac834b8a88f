import EmailDesign
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files beside the tests that say what is right.
enum Golden {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// Compares; with BREVDUE_WRITE_GOLDEN set it writes instead, to be looked at before it is kept.
  static func expect(_ text: String, is name: String) throws {
    if ProcessInfo.processInfo.environment["BREVDUE_WRITE_GOLDEN"] != nil {
      return try Data(text.utf8).write(to: folder.appending(path: name))
    }
    let wanted = String(decoding: try bytes(name), as: UTF8.self)
    if text != wanted {
      let place = zip(text.split(separator: "\n"), wanted.split(separator: "\n")).first { $0.0 != $0.1 }
      Issue.record("\(name) differs: \(place.map { "\($0.0)\nwanted \($0.1)" } ?? "in length")")
    }
  }
}

/// What the document with everything in it is compiled with.
func everything() throws -> (document: EmailDocument, context: CompileContext) {
  var context = CompileContext()
  context.assets = ["as_9f": "https://example.com/mug.png"]
  context.isTransactional = false
  context.sections = ["closing": try section()]
  return (try EmailDocument(parsing: Golden.bytes("everything.json")), context)
}

/// A saved section, as a document's rows.
func section(text: String = "See you soon") throws -> [RowItem] {
  let json: JSONValue = [
    "schema": 1, "settings": ["lang": "en", "subject": []],
    "rows": [
      [
        "id": "r_1",
        "columns": [
          [
            "id": "c_1", "span": 12,
            "blocks": [
              ["id": "b_1", "type": "heading", "props": ["level": 2, "content": [["text": .string(text)]]]]
            ],
          ]
        ],
      ]
    ],
  ]
  return try EmailDocument(json: json).rows
}

/// A small document around some blocks, to be broken by a test.
func document(
  _ blocks: JSONValue, subject: JSONValue = [["text": "A subject"]],
  preheader: JSONValue = [["text": "More of it"]],
  row: [JSONValue.Member] = []
) -> JSONValue {
  let members: [JSONValue.Member] = [
    .init("id", "r1"), .init("columns", [["id": "c1", "span": 12, "blocks": blocks]]),
  ]
  return [
    "schema": 1, "settings": ["lang": "en", "subject": subject, "preheader": preheader],
    "rows": [.object(members.filter { member in !row.contains { $0.name == member.name } } + row)],
  ]
}

/// A text block of one paragraph of pieces.
func paragraph(_ pieces: JSONValue...) -> JSONValue {
  [
    "id": "b1", "type": "text",
    "props": ["doc": ["type": "doc", "content": [["type": "paragraph", "content": .array(pieces)]]]],
  ]
}

func words(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }
func link(_ text: String, _ href: JSONValue) -> JSONValue {
  ["type": "text", "text": .string(text), "marks": [["type": "link", "attrs": ["href": href]]]]
}
func token(_ path: String, _ fallback: String? = nil) -> JSONValue {
  let attributes: JSONValue =
    fallback.map { ["path": .string(path), "fallback": .string($0)] } ?? ["path": .string(path)]
  return ["type": "token", "attrs": attributes]
}
