import HubL
import MailModel
import Testing

/// Every filter, with the cases of Jinjava's documentation.
@Suite struct FilterTests {
  static let json = """
    {"l": [3, 1, 2], "w": ["b", "A", "c"], "p": [{"n": "Bo", "a": 2, "x": {"y": 1}}, {"n": "Al", "a": 1}, {"n": "Cy", "a": 2}],
     "m": {"b": 1, "a": 2}, "html": "<p>a <b>bold</b> word</p>", "when": 1795000000123, "iso": "2026-11-18T11:06:40Z", "z": null}
    """

  @Test(arguments: [
    ("'aBC dE'|upper", "ABC DE"), ("'ÄB'|lower", "äb"), ("'hELLO wORLD'|capitalize", "Hello world"),
    ("'the end-of it'|title", "The End-Of It"), ("'  x '|trim", "x"),
    ("'Hello world.'|cut(' world')", "Hello."),
    ("'Hello World'|replace('Hello', 'Bye')", "Bye World"), ("'aaaargh'|replace('a', 'x', 2)", "xxaargh"),
    ("'It costs $300'|regex_replace('[^a-zA-Z]', '')", "Itcosts"),
    ("'a1b2'|regex_replace('([a-z])([0-9])', '$2$1')", "1a2b"),
    ("'Mo; Tu; We'|split(';')", "[Mo, Tu, We]"), ("'a;b;c'|split(';', 2)", "[a, b;c]"),
    ("'Count the words'|wordcount", "3"),
    ("'I only want to show'|truncate(10)", "I only..."),
    ("'I only want'|truncate(8, True, '..')", "I only w.."),
    ("'short'|truncate(10)", "short"), ("'Hi %s %d %.2f%%'|format('x', 3, 2.5)", "Hi x 3 2.50%"),
    ("'%05d|%-4s|%4s|%+d|%x|%,.1f'|format(42, 'a', 'b', 7, 255, 1234.56)", "00042|a   |   b|+7|ff|1,234.6"),
    ("'x'|center(5)", "  x  "), ("'a\\nb'|indent(2)", "a\\n  b"), ("'a\\nb'|indent(2, true)", "  a\\n  b"),
    ("'aa bb cc'|wordwrap(5)", "aa bb\\ncc"), ("12|string ~ ''", "12"), ("'yes'|bool", "true"),
    ("'no'|bool", "false"),
  ])
  func texts(_ expression: String, _ expected: String) throws {
    #expect(try rendered("{{ \(expression) }}", Self.json).replacing("\n", with: "\\n") == expected)
  }

  @Test(arguments: [
    ("-53|abs", "53"), ("'-2'|abs", "2"), ("40|add(13)", "53"), ("106|divide(2)", "53.0"),
    ("20|multiply(3)", "60"), ("10|divisible(2)", "true"),
    ("'25'|int + 28", "53"), ("'x'|int(7)", "7"), ("2.9|int", "2"), ("'2.5'|float + 1", "3.5"),
    ("42.55|round", "43"),
    ("42.55|round(1, 'floor')", "42.5"), ("42.51|round(1, 'ceil')", "42.6"), ("2|round(2)", "2.00"),
    ("1.005|round(2)", "1.01"),
    ("-1.5|round", "-2"), ("25|log(5) == 2", "true"), ("8|log(2)", "3.0"), ("125|root(3)", "5.0"),
    ("16|root", "4.0"), ("100000|filesizeformat", "100.0 KB"),
    ("1|filesizeformat", "1 Byte"), ("1536|filesizeformat(true)", "1.5 KiB"),
    ("1234567.891|format_number", "1,234,567.891"),
    ("1234.5|format_number('de-DE')", "1.234,5"), ("1234.5678|format_number('en-US', 2)", "1,234.57"),
    ("5|format_number", "5"),
    ("1234.5|format_currency('en-US', 'USD')", "$1,234.50"),
    ("-5|format_currency('de-DE', 'EUR')", "-5,00\u{A0}€"),
    ("5000|format_currency('en-US', 'JPY')", "¥5,000"),
    ("9.5|format_currency_value('en-US', 'CHF')", "CHF\u{A0}9.50"),
  ])
  func numbers(_ expression: String, _ expected: String) throws {
    #expect(try rendered("{{ \(expression) }}", Self.json) == expected)
  }

  @Test(arguments: [
    ("l|length", "3"), ("m|count", "2"), ("l|first", "3"), ("l|last", "2"), ("'ab'|list", "[a, b]"),
    ("l|join('|')", "3|1|2"), ("l|join", "312"),
    ("p|join(', ', attribute='n')", "Bo, Al, Cy"), ("[1, 2, 3]|batch(2, 0)", "[[1, 2], [3, 0]]"),
    ("[1, 2, 3, 4, 5]|slice(3)", "[[1, 2], [3, 4], [5]]"),
    ("[1, 2, 3, 4]|slice(3, 0)", "[[1, 2], [3, 0], [4, 0]]"), ("l|sum", "6"), ("p|sum(attribute='a')", "5"),
    ("l|sum(10)", "16"),
    ("l|reverse", "[2, 1, 3]"), ("'ab'|reverse", "ba"), ("l|sort", "[1, 2, 3]"), ("w|sort", "[A, b, c]"),
    ("w|sort(false, true)", "[A, b, c]"),
    ("l|sort(true)", "[3, 2, 1]"), ("p|sort(attribute='n')|map(attribute='n')|join", "AlBoCy"),
    ("p|sort(false, false, 'a')|map('n')|join", "AlBoCy"),
    ("m|dictsort", "[[a, 2], [b, 1]]"), ("m|dictsort(false, 'value')", "[[b, 1], [a, 2]]"),
    ("[1, 2, 1]|unique", "[1, 2]"),
    ("p|unique('a')|map(attribute='n')|join", "BoAl"), ("p|groupby('a')|map(attribute='grouper')|join", "21"),
    ("[1, 2, 3, 4]|select('even')", "[2, 4]"), ("[1, 2, 3]|reject('odd')", "[2]"),
    ("[1, 2, 3]|select('>', 1)", "[2, 3]"), ("[0, 1]|select", "[1]"),
    ("p|selectattr('a', 'eq', 2)|map(attribute='n')|join", "BoCy"),
    ("p|rejectattr('x')|map(attribute='n')|join", "AlCy"),
    ("p|selectattr('x.y', '==', 1)|length", "1"), ("w|map('upper')", "[B, A, C]"),
    ("w|map('replace', 'b', 'z')", "[z, A, c]"),
    ("[1, 2]|union([2, 3])", "[1, 2, 3]"), ("[1, 2, 3]|intersect([2, 3, 4])", "[2, 3]"),
    ("[1, 2, 3]|difference([2, 3, 4])", "[1]"),
    ("[1, 2, 3]|symmetric_difference([2, 3, 4])", "[1, 4]"), ("p[0]|attr('n')", "Bo"), ("[5]|random", "5"),
    ("l|shuffle|sort", "[1, 2, 3]"),
  ])
  func lists(_ expression: String, _ expected: String) throws {
    #expect(try rendered("{{ \(expression) }}", Self.json) == expected)
  }

  @Test(arguments: [
    ("'<a>'|escape", "&lt;a&gt;"), ("'<a>'|e|e", "&lt;a&gt;"), ("'<a>'|e|forceescape", "&amp;lt;a&amp;gt;"),
    ("'<a>'|safe", "<a>"),
    ("'<a>'|escape_html", "&lt;a&gt;"), ("'a`'|escape_attr", "a&#96;"),
    ("\"it's </x>\"|escapejs|safe", "it\\'s \\u003C\\/x\\u003E"),
    ("'a\"b'|escapejson|safe", "a\\\"b"),
    ("'{{ x }}'|escape_jinjava|safe", "&lbrace;&lbrace; x &rbrace;&rbrace;"),
    ("'&lt;a&gt; &auml;&#228;&#xE4;'|unescape_html", "&lt;a&gt; äää"), ("html|striptags", "a bold word"),
    ("'<p>x'|closehtml|safe", "<p>x</p>"), ("html|truncatehtml(6, '..')|safe", "<p>a <b>bold</b>..</p>"),
    (
      "'<p onclick=x>a<script>b</script><a href=\"javascript:x\">c</a></p>'|sanitize_html", "<p>a<a>c</a></p>"
    ),
    (
      "'see https://x.example/?a=1&b.'|urlize",
      "see <a href=\"https://x.example/?a=1&amp;b\">https://x.example/?a=1&amp;b</a>."
    ),
    ("{'class': 'a<', 'id': none}|xmlattr", " class=\"a&lt;\""),
    ("'Escape & URL encode'|urlencode", "Escape+%26+URL+encode"),
    ("'http%3A%2F%2Ffoo.com%3Fbar%26food'|urldecode", "http://foo.com?bar&amp;food"),
    ("{'a': 'b c'}|urlencode", "a=b+c"),
    ("'abcd'|b64encode", "YWJjZA=="), ("'YWJjZA=='|b64decode", "abcd"),
    ("'abc'|md5", "900150983cd24fb0d6963f7d28e17f72"),
    ("''|md5", "d41d8cd98f00b204e9800998ecf8427e"),
    ("{'a': [1, '<', none, 1.5, true]}|tojson|safe", "{\"a\": [1, \"\\u003c\", null, 1.5, true]}"),
    ("('{\"b\": [1, {\"a\": \"\\\\u00e9\"}]}'|fromjson).b[1].a", "é"), ("'1.0.0.1'|ipaddr", "true"),
    ("'300.1.1.1'|ipv4", "false"),
    ("'2000::'|ipv6", "true"), ("['1.2.3.4', 'x', '2000::']|ipaddr", "[1.2.3.4, 2000::]"),
    ("'a'|pprint", "(str: a)"),
    ("html|safe|replace('a', '<i>')", "<p>&lt;i&gt; <b>bold</b> word</p>"),
    ("'<b>'|safe ~ '<i>'", "<b>&lt;i&gt;"), ("['<'|safe, '>']|join(',')", "<,&gt;"),
  ])
  func markupAndCodes(_ expression: String, _ expected: String) throws {
    #expect(try rendered("{{ \(expression) }}", Self.json) == expected)
  }

  @Test(arguments: [
    (
      "when|datetimeformat('%A, %B %e, %Y %H:%M:%S.%f %j %p %y %%')",
      "Wednesday, November 18, 2026 11:06:40.123000 322 AM 26 %"
    ),
    ("iso|datetimeformat('%d.%m.%Y', '+02:00')", "18.11.2026"),
    ("when|datetimeformat('%H:%M %z', '-05:30')", "05:36 -0530"),
    ("when|datetimeformat('%-d. %B', 'utc', 'de')", "18. November"), ("when|format_date", "Nov 18, 2026"),
    ("when|format_date('short', 'UTC', 'de-DE')", "18.11.26"),
    ("when|format_date('yyyy.MMMM.dd')", "2026.November.18"), ("when|format_time('short')", "11:06 AM"),
    ("when|format_time('HH:mm', 'Test/Zone')", "12:06"),
    ("when|format_datetime('long', '+01:00', 'fr')", "18 novembre 2026, 12:06:40 +01:00"),
    ("when|format_datetime(\"d 'o''clock' h a\")", "18 o&#39;clock 11 AM"),
    ("iso|unixtimestamp", "1795000000000"),
    ("('18/11/26 11:06'|strtotime('dd/MM/yy HH:mm'))|unixtimestamp", "1794999960000"),
    ("'3/3/21'|strtodate('M/d/yy')|datetimeformat('%Y-%m-%d')", "2021-03-03"),
    ("'5 March 2021'|strtotime('%d %B %Y')|format_date('short')", "3/5/21"),
    ("when|plus_time(3, 'days')|datetimeformat('%d')", "21"),
    ("when|minus_time(1, 'months')|datetimeformat('%m')", "10"),
    ("1706659200000|plus_time(1, 'months')|datetimeformat('%Y-%m-%d')", "2024-02-29"),
    ("when|between_times(when + 7200000, 'hours')", "2"),
    ("1706659200000|between_times(1709164800000, 'months')", "0"),
    ("iso|between_times('2027-11-18', 'days')", "364"), ("z|format_date", ""),
    ("(when|plus_time(0, 'days')).year", "2026"), ("-86400000|datetimeformat('%Y-%m-%d')", "1969-12-31"),
    ("when|datetimeformat('%W %U')", "47 47"),
  ])
  func dates(_ expression: String, _ expected: String) throws {
    let text = try rendered("{{ \(expression) }}", Self.json) { options in
      options.zoneOffset = { zone, _ in zone == "Test/Zone" ? 3600 : nil }
    }
    #expect(text == expected)
  }

  @Test(arguments: [
    ("range(3)", "[0, 1, 2]"), ("range(1, 7, 2)", "[1, 3, 5]"), ("range(3, 0, -1)", "[3, 2, 1]"),
    ("range(99999)|length", "1000"), ("range(1, 2, 0)", "[]"),
    ("type(1)", "int"), ("type('a')", "str"), ("type([])", "list"), ("type({})", "dict"),
    ("type(none)", "null"), ("type(1.5)", "float"),
    ("truncate('abc def', 5)", "abc..."), ("personalization_token('contact.name', 'there')", "there"),
    ("personalization_token('m.a', 'x')", "2"),
    ("today()|datetimeformat('%Y-%m-%d %H:%M')", "2026-11-18 00:00"), ("unixtimestamp()", "1795000000000"),
    ("now()|format_date('short')", "11/18/26"),
    ("datetimeformat(when, '%Y')", "2026"), ("format_date(when, 'short')", "11/18/26"),
    ("format_time(when, 'short')", "11:06 AM"),
    ("strtotime('2026', '%Y')|unixtimestamp", "1767225600000"),
    ("strtodate('3/3/21', 'M/d/yy')|format_date('short')", "3/3/21"), ("max(1, 5, 2)", "5"),
    ("min([4, 3])", "3"),
    ("namespace(a=1).a", "1"), ("dict(a=1)", "{a=1}"),
  ])
  func functions(_ expression: String, _ expected: String) throws {
    let text = try rendered("{{ \(expression) }}", Self.json) {
      $0.now = .init(milliseconds: 1_795_000_000_000)
    }
    #expect(text == expected)
  }

  @Test(arguments: [
    "'x'|divide(0)", "1 // 0", "1 % 0", "'x' * 2", "'('|regex_replace('(', '')", "'x'|fromjson",
    "'%d'|format('x')", "'%s'|format()",
    "when|format_date('short', 'Nowhere/Land')", "'x'|format_date", "when|datetimeformat('%Q')",
    "'x'|strtotime('%Y')", "[1]|select('nope')", "'!'|b64decode",
    "when|plus_time(1, 'fortnights')", "'{{'|render", "'a'|regex_replace('(a)\\\\1', '')",
    "'a'|regex_replace('a(?=b)', '')", "[1][::0]",
  ])
  func valuesThatDoNotFit(_ expression: String) {
    let error = failure("{{ \(expression.replacing("\\\\", with: "\\")) }}", Self.json)
    #expect(error != nil)
    #expect(error?.line == 1)
  }
}
