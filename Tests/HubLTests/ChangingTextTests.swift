import Testing

@testable import HubL

/// Changing a template's text around its outputs: finding the marks that stand for them.
@Suite struct ChangingTextTests {
  private static let values: [String: Value] = ["a": .string("A"), "b": .string("<b>")]

  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("{{ a }}", "A"), ("{{ a }}{{ b }}", "A<b>"), ("{{ a }} x", "A x"),
    ("x {{ a }}", "x A"), ("é{{ a }}\u{2603}{{ b }}ü", "éA\u{2603}<b>ü"), ("{ {{ a }} {", "{ A {"),
    ("xqhub{{ a }}", "xqhubA"), ("{{ a }}qx", "Aqx"), ("xqxq{{ a }}xq", "xqxqAxq"),
    ("1{{ a }}2{{ b }}3", "1A2<b>3"), ("x\r\n{{ a }}\r\n", "x\r\nA\r\n"),
  ])
  func keepsTextAndOutputs(_ source: String, _ expected: String) throws {
    let template = try #require(try Template(source).changingText { text, _ in text })
    #expect(try template.render(Self.values, escaping: .none) == expected)
  }

  @Test func moreThanTenOutputsKeepTheirNumbers() throws {
    let source = (0..<25).map { "{{ a|default('\($0)') }}{{ none|default('\($0)') }} " }.joined()
    let template = try #require(try Template(source).changingText { text, _ in "<" + text + ">" })
    let expected = "<" + (0..<25).map { "A\($0) " }.joined() + ">"
    #expect(try template.render(Self.values, escaping: .none) == expected)
  }

  @Test func outputsMayMoveAndRepeatAndGo() throws {
    let template = try #require(
      try Template("1 {{ a }} 2 {{ b }} 3").changingText { _, mark in "\(mark)1qx-\(mark)1qx" })
    #expect(try template.render(Self.values, escaping: .none) == "<b>-<b>")
  }

  @Test(arguments: ["\u{0}", "qx", "1", "1q", "2qx", "-1qx", "99999999999999999999qx", "1Qx", "\u{661}qx"])
  func aDamagedMarkIsRefused(_ rest: String) throws {
    #expect(try Template("{{ a }} {{ b }}").changingText { text, mark in text + mark + rest } == nil)
  }

  @Test(arguments: ["xqhubl {{ a }}", "{{ a }} xqhubl0qx", "{{ a|safe }}"])
  func aTextWithSomethingLikeAMarkIsRefused(_ source: String) throws {
    #expect(try Template(source).changingText { text, _ in text } == nil)
  }

  @Test(arguments: [
    ("", "x", 0, nil), ("x", "", 0, nil), ("x", "x", 0, 0), ("x", "x", 1, nil), ("x", "x", 2, nil),
    ("abc", "abc", 0, 0), ("ab", "abc", 0, nil), ("xxabc", "abc", 0, 2), ("xabca", "abc", 2, nil),
    ("ababc", "abc", 0, 2), ("aabaabaab", "aab", 1, 3), ("é\u{2603}ab", "ab", 0, 5), ("abab", "ab", 1, 2),
  ])
  func findsASign(_ text: String, _ sign: String, _ start: Int, _ place: Int?) {
    let found = Array(text.utf8).firstRange(of: Array(sign.utf8), from: start)
    #expect(found?.lowerBound == place)
    #expect(found.map(\.count) ?? sign.utf8.count == sign.utf8.count)
  }
}
