import EmailDesign
import Testing

struct JSONTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", "-0", "12", "1.5e3", #""a\u00e9\ud83d\ude00\n""#, "[1,[2,{\"a\":null}]]",
    " { \"a\" : [ 1 , 2 ] } ",
  ])
  func reads(_ text: String) throws {
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(try JSONValue(parsing: value.bytes()) == value)
    #expect(try JSONValue(parsing: value.bytes(isIndented: true)) == value)
  }

  @Test(arguments: [
    "", "[", "{", "nul", "01", "1.", "-", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "\"a", "\"\\x\"",
    "\"\u{1}\"",
    "\"\\ud800\"", "\"\\ud800\\u0041\"", "1 2", "{a:1}", "'a'", "1e400", "// c\n1",
    String(repeating: "[", count: 70),
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
  }

  @Test func refusesWhatIsNotUTF8() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func keepsTheOrderOfMembers() throws {
    let text = #"{"z":1,"a":{"y":[true,"é\u0001"],"b":1.5}}"#
    #expect(String(decoding: try JSONValue(parsing: Array(text.utf8)).bytes(), as: UTF8.self) == text)
  }
}
