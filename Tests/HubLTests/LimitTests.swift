import HubL
import MailModel
import Testing

/// What keeps a template from hanging or swelling the server.
@Suite struct LimitTests {
  @Test(arguments: [
    "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
    "{% set x = 'ab' %}{% for i in range(1000) %}{% set x = x ~ x %}{% endfor %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% set l = [1] %}{% for i in range(1000) %}{% do l.extend(l) %}{% endfor %}",
    "{% set l = [1] %}{% for i in range(99) %}{% set l = l + l %}{% endfor %}",
    "{% set x = 'a'|center(9999) %}{% for i in range(999) %}{% set x = x|replace('a', x) %}{% endfor %}",
    "{% set x %}{% for i in range(1000) %}{{ 'x'|center(9999) }}{% endfor %}{% endset %}{% for i in range(1000) %}{{ x }}{% endfor %}",
    "{% macro a() %}{{ caller() }}{% endmacro %}{% macro b() %}{% call a() %}{{ b() }}{% endcall %}{% endmacro %}{{ b() }}",
    "{% set x = '{{ x|render }}' %}{{ x|render }}",
  ])
  func nothingRunsAwayOrSwells(_ source: String) {
    #expect(failure(source)?.kind == .limit)
  }

  @Test func timeIsUpWhenTheCallerSaysSo() {
    let error = failure("{% for i in range(1000) %}{% for j in range(100) %}x{% endfor %}{% endfor %}") {
      $0.isOverdue = { true }
    }
    #expect(error?.kind == .limit)
  }

  @Test func theResultIsBounded() {
    let error = failure("{% for i in range(100) %}0123456789{% endfor %}") { $0.limits.outputBytes = 999 }
    #expect(error?.kind == .limit)
    #expect(
      failure("{% for i in range(100) %}0123456789{% endfor %}") { $0.limits.outputBytes = 1000 } == nil)
  }

  /// Each makes much out of little, or goes through much again and again.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "{% set s = range(1000)|join('x'|center(9999)) %}{{ range(1000)|join(s)|length }}",
      "{% set s = range(1000)|join('x'|center(4000)) %}{% set l = [] %}{% for i in range(99) %}{% do l.append(s) %}{% endfor %}{{ l|map('upper')|length }}",
      "{% set ns = namespace(x='&'|center(9999)|replace(' ', '&')) %}{% for i in range(1000) %}{% set ns.x = ns.x|forceescape %}{% endfor %}",
      "{% set ns = namespace(l=[1], k=[1]) %}{% for i in range(20) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.k = [ns.k, ns.k] %}{% endfor %}{{ ns.l == ns.k }}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(20) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ [[ns.l, 1], [ns.l + [], 2]]|sort }}",
      "{% set ns = namespace(l=[1], s=[]) %}{% for i in range(25) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{% for i in range(99) %}{% do ns.s.append([ns.l, i]) %}{% endfor %}{{ ns.s|unique|length }}",
      "{% for i in range(1000) %}{{ ('a'|center(9999)|replace(' ', 'a'))|regex_replace('a(.*b)?', 'x') }}{% endfor %}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(30) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{% for i in range(1000) %}{% for j in range(1000) %}{{ {}[ns.l] }}{% endfor %}{% endfor %}",
    ])
  func nothingIsMadeWithoutCounting(_ source: String) {
    let error = failure(source)
    #expect(error?.kind == .limit, "\(error?.description ?? "no error")")
  }

  /// Each took time with the square of its size: minutes here.
  @Test(.timeLimit(.minutes(1)))
  func longTextsTakeLittleTime() throws {
    func text(_ parts: (String, Int)...) -> Value {
      .string(parts.map { String(repeating: $0, count: $1) }.joined())
    }
    let values = [
      "a": text(("a", 300_000)), "tags": text(("<a>", 60_000), ("</b>", 60_000)),
      "part": text(("a", 100_000), ("b", 1)),
    ]
    var options = RenderOptions()
    options.limits.milliseconds = nil
    for (source, expected) in [
      ("{{ a|wordwrap(1)|length }}", "599999"), ("{{ tags|closehtml|length }}", "420000"),
      ("{{ part in a }}{{ a.find(part) }}", "false-1"), ("{{ a|replace(part, 'x')|length }}", "300000"),
      ("{{ (a ~ part ~ a).find(part) }}", "300000"),
    ] {
      #expect(try Template(source).render(values, options) == expected)
    }
  }

  /// The largest numbers where places, widths, counts and dates are expected.
  @Test(arguments: [
    (
      "{{ (2 ** 5000)|format_number }} {{ (-9223372036854775807 - 1) // -1 }}",
      "Infinity 9.223372036854776e+18"
    ),
    ("{{ (-9223372036854775807 - 1)|divisible(-1) }}{{ 8|root(0) }}{{ 1.5e300|int }}", "trueInfinity0"),
    ("{{ 'abc'[-9223372036854775807] }}{{ [1, 2][::-9223372036854775807] }}", "[2]"),
    (
      "{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807) }}",
      "[-9223372036854775807, 0]"
    ),
    ("{{ 'a b'|wordwrap(-5) }}{{ 'abc'|truncate(-9223372036854775807) }}", "a\nb..."),
    ("{{ [1, 2]|batch(-9223372036854775807) }}{{ 'ab'.substring(-5, 9223372036854775807) }}", "[[1], [2]]ab"),
    (
      "{% set l = [1] %}{% do l.insert(-9223372036854775807, 2) %}{{ l.pop(9223372036854775807) }}{{ l }}",
      "[2, 1]"
    ),
    ("{{ (1|plus_time(9223372036854775807, 'decades')).year }}", "9999"),
  ])
  func extremeNumbers(_ source: String, _ expected: String) throws {
    #expect(try rendered(source) == expected)
  }

  @Test func timeIsLimited() {
    let source = "{% for i in range(1000) %}{% for j in range(1000) %}{{ j }}{% endfor %}{% endfor %}"
    let error = failure(source) {
      $0.limits.steps = .max
      $0.limits.milliseconds = 20
    }
    #expect(error?.kind == .limit)
    #expect(error?.message == "the template takes too long")
    #expect(RenderOptions().limits.milliseconds == 1000)
  }

  /// More than the stack has room for, if each were looked at within the other.
  @Test func changingTextOfDeepTemplatesEnds() throws {
    let links = ["|upper", " ~ x", " * 1", " + 1", " or 1"].map { String(repeating: $0, count: 190) }
    let source =
      "{{ " + String(repeating: "(", count: 50) + "x" + String(repeating: links.joined() + ")", count: 50)
      + " }}"
    let template = try Template(source)
    let isChanged = template.changingText { text, _ in text } != nil
    #expect(!isChanged)
    #expect(throws: TemplateError.self) { try template.render([:], RenderOptions()) }
  }
}
