import HubL
import MailModel
import Testing

/// What keeps a template from harming its readers or the server.
@Suite struct SafetyTests {
  @Test func listsThatHoldThemselvesArePrinted() throws {
    let text = try rendered(
      "{% set l = [1] %}{% do l.append(l) %}{{ l }}{{ l|tojson|length > 0 }}{{ l == l }}{{ l|length }}")
    #expect(text.hasPrefix("[1, [1, "))
    #expect(text.hasSuffix("2"))
  }

  /// Freeing them one within the other would need more stack than there is.
  @Test(arguments: [
    "{% set ns.l = [ns.l] %}", "{% set ns.l = {'a': ns.l} %}",
    "{% for x in [ns.l] %}{% set ns.l = loop %}{% endfor %}",
  ])
  func deepNestingIsFreed(_ step: String) throws {
    let source = """
      {% set ns = namespace(l=1) %}{% for a in range(70) %}{% for b in range(1000) %}\(step){% endfor %}{% endfor %}\
      {{ ns.l == ns.l }}{{ ns.l < [[ns.l]] }}{{ [ns.l]|sort|length }}
      """
    // The debug build is slow.
    #expect(try rendered(source) { $0.limits.milliseconds = nil }.hasSuffix("1"))
  }

  @Test(arguments: [
    ("a+", "caaat", "X", "cXt"), ("(a|ab)(c|bcd)", "abcd", "[$1$2]", "[abcd]"),
    ("a{2,3}", "aaaaa", "x", "xx"), ("a{2}?", "aaaa", "x", "xx"), ("^a|b$", "aab", "-", "-a-"),
    ("\\bcat\\b", "cat concat cat", "dog", "dog concat dog"), ("(?i)ab", "AB ab", "x", "x x"),
    ("a*?b", "aab", "x", "x"), ("[^\\d\\s]+", "a1 b2", "x", "x1 x2"),
    (".", "é€😀", "x", "xxx"), ("€", "1€2€", "E", "1E2E"), ("x*", "ab", "-", "-a-b-"),
    ("(?m)^", "a\nb", "> ", "> a\n> b"), ("a.c", "a\nc abc", "x", "a\nc x"),
    ("(?s)a.c", "a\nc", "x", "x"), ("(?:ab)+", "ababx", "y", "yx"), ("(?<n>a)", "a", "<$1>", "<a>"),
    ("\\$", "5$", "\\$", "5$"), ("[a-c-]+", "a-d", "x", "xd"), ("\\w+@\\w+", "to me@x", "?", "to ?"),
    ("colou?r", "color colour", "c", "c c"), ("(a)|(b)", "ab", "$1$2.", "a.b."), ("", "ab", "-", "-a-b-"),
    ("[]a]+", "]a", "x", "x"),
  ])
  func regularExpressions(_ pattern: String, _ text: String, _ new: String, _ expected: String) throws {
    let source = "{{ t|regex_replace(p, n)|safe }}"
    #expect(
      try Template(source).render(
        ["t": .string(text), "p": .string(pattern), "n": .string(new)], RenderOptions()) == expected)
  }

  /// Each of these takes exponential time in a matcher that goes back.
  @Test(arguments: ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}", "((a?){30})a{30}", "(a|a|a|a)*c"])
  func patternsTakeLinearTime(_ pattern: String) throws {
    let text = String(repeating: "a", count: 2000) + "!"
    var options = RenderOptions()
    options.limits.steps = 10_000_000
    options.limits.milliseconds = nil
    #expect(
      try !Template("{{ t|regex_replace(p, 'x') }}").render(
        ["t": .string(text), "p": .string(pattern)], options
      ).isEmpty)
  }

  @Test(arguments: [
    "(", "a)", "[", "*", "a{3,1}", "(a{999}){999}", "(?:){1000}{1000}{1000}{1000}", "\\1", "(?=a)", "a++",
    "\\", "[z-a]", "(((((((((((((((((((((((((((((((((((((((((((",
  ])
  func patternsThatAreRefused(_ pattern: String) throws {
    #expect(throws: TemplateError.self) {
      try Template("{{ 'x'|regex_replace(p, 'y') }}").render(["p": .string(pattern)], RenderOptions())
    }
  }

  @Test func theSameInputGivesTheSameText() throws {
    let source = "{{ range(9)|shuffle }}{{ range(9)|random }}{{ now() }}{{ custom }}"
    let json = #"{"custom": {"z": 1, "a": {"y": 2, "b": 3}}}"#
    #expect(try rendered(source, json) == rendered(source, json))
    #expect(try rendered("{{ custom }}", json) == "{z=1, a={y=2, b=3}}")
    #expect(try rendered(source, json) != rendered(source, json) { $0.seed = 7 })
  }
}
