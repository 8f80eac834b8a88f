import MailModel
import Testing

@testable import Web

@Suite("JSON by hand")
struct JSONWriterTests {
  @Test(
    "escapes",
    arguments: [
      ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\r\n\t", #""\r\n\t""#),
      ("\u{1}\u{1f}", #""\u0001\u001f""#),
      ("é✓", "\"é✓\""),
    ])
  func escapes(text: String, expected: String) {
    var json = JSONWriter()
    json.string(text)
    #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
  }

  @Test("commas stand between members and elements only")
  func commas() {
    var json = JSONWriter()
    json.object { object in
      object.field("a", 1)
      object.field("none", nil as String?)
      object.field("list", ["x", "y"])
      object.key("inner")
      object.object { $0.field("b", true) }
      object.key("empty")
      object.array { _ in }
      object.field("z", "end")
    }
    let text = String(decoding: json.bytes, as: UTF8.self)
    #expect(text == #"{"a":1,"list":["x","y"],"inner":{"b":true},"empty":[],"z":"end"}"#)
  }

  @Test(
    "times as ISO 8601",
    arguments: [
      (Int64(0), "1970-01-01T00:00:00.000Z"), (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
      (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
    ])
  func times(milliseconds: Int64, expected: String) {
    #expect(Instant(milliseconds: milliseconds).iso8601 == expected)
  }
}
