import HubL
import Testing

/// Values are made safe for the place that they stand in.
@Suite struct EscapingTests {
  @Test(arguments: [
    ("{{ v }}", "<'\">&", "&lt;&#39;&quot;&gt;&amp;"),
    ("<a title=\"{{ v }}\">", "\" x=\"", "<a title=\"&quot; x=&quot;\">"),
    ("<a title={{ v }}>", "a b=c", "<a title=a&#32;b&#61;c>"),
    ("<a href=\"{{ v }}\">", "javascript:alert(1)", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{{ v }}\">", " java\tscript:alert(1)", "<a href=\"#unsafe-link\">"),
    ("<a HREF='{{ v }}'>", "JAVASCRIPT:x", "<a HREF='#unsafe-link'>"),
    ("<a href={{ v }}>", "vbscript:x", "<a href=#unsafe-link>"),
    ("<img src=\"{{ v }}\">", "data:text/html,x", "<img src=\"#unsafe-link\">"),
    ("<img src=\"{{ v }}\">", "data:image/png;base64,AA", "<img src=\"data:image/png;base64,AA\">"),
    ("<a href=\"{{ v }}\">", "https://x.example/?a=1&b=2", "<a href=\"https://x.example/?a=1&amp;b=2\">"),
    ("<a href=\"{{ v }}\">", "mailto:a@b", "<a href=\"mailto:a@b\">"),
    ("<a href=\"{{ v }}\">", "/a:b", "<a href=\"/a:b\">"),
    ("<a href=\"https://x/{{ v }}\">", "a b\r\n\"c", "<a href=\"https://x/a%20b%22c\">"),
    ("<a href=\"https://x/?q={{ v }}\">", "a&b=c+d 50%", "<a href=\"https://x/?q=a%26b%3Dc%2Bd%2050%25\">"),
    ("<a href=\"https://x/?q={{ v|urlencode }}\">", "a b&c", "<a href=\"https://x/?q=a+b%26c\">"),
    ("<a href=\"https://x/?q={{ v }}\">", "a%20b", "<a href=\"https://x/?q=a%20b\">"),
    ("<a href=\"{{ none }}{{ v }}\">", "javascript:x", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{% if t %}{{ v }}{% else %}x{% endif %}\">", "javascript:x", "<a href=\"x\">"),
    (
      "<!-- <a href=\"--><b title=\"{{ v }}\">", "javascript:x",
      "<!-- <a href=\"--><b title=\"javascript:x\">"
    ), ("{{ v|safe }}", "<b>", "<b>"), ("{{ v }} 1 < 2 {{ v }}", "<", "&lt; 1 < 2 &lt;"),
  ])
  func escapingByContext(_ source: String, _ value: String, _ expected: String) throws {
    #expect(try Template(source).render(["v": .string(value)], RenderOptions()) == expected)
    var plain = RenderOptions()
    plain.escaping = .none
    #expect(try Template("{{ v }}").render(["v": .string(value)], plain) == value)
  }

  static let json =
    ##"{"u": "javascript:x", "q": "'); alert(1)//\"\\</script>&", "s": "a b=c", "url": "https://x/?a=1&b=2"}"##

  @Test(arguments: [
    // Scripts: as a part of a text in quotes, and nothing that runs without them.
    (
      "<script>f('{{ q }}')</script>{{ s }}<b title=\"{{ u }}\">",
      "<script>f('\\u0027\\u0029\\u003b alert\\u00281\\u0029\\/\\/\\u0022\\u005c\\u003c\\/script\\u003e\\u0026')</script>a b=c<b title=\"javascript:x\">"
    ),
    ("<a onclick=\"f('{{ q|truncate(1, true, '') }}')\">", "<a onclick=\"f('\\u0027')\">"),
    (
      "<script type=\"application/ld+json\">{\"a\": {{ [1, '<é\"']|tojson }}}</script>",
      "<script type=\"application/ld+json\">{\"a\": [1, \"\\u003cé\\\"\"]}</script>"
    ),
    (
      "<script>{\"a\": \"{{ 'O\\'Neil / é'  }}\"}</script>",
      "<script>{\"a\": \"O\\u0027Neil \\/ é\"}</script>"
    ),
    ("<script>x = '{{ \"it's\"|escapejs }}'</script>", "<script>x = 'it\\'s'</script>"),
    ("<a onclick=\"f({{ ['\"']|tojson }})\">", "<a onclick=\"f([&quot;\\&quot;&quot;])\">"),
    // Styles.
    ("<p style=\"color: {{ '#fff; margin: 0' }}\">", "<p style=\"color: #fff; margin: 0\">"),
    ("<p style=\"color: {{ '\"x' }}\">", "<p style=\"color: &quot;x\">"),
    ("<p style=\"background: {{ 'URL( \\'javascript:x\\')' }}\">", "<p style=\"background: unset\">"),
    (
      "<p style=\"background: {{ 'url(https://x/y.png) rgb(1, 2, 3)' }}\">",
      "<p style=\"background: url(https://x/y.png) rgb(1, 2, 3)\">"
    ),
    ("<p style=\"width: {{ 'expression(alert(1))' }}\">", "<p style=\"width: unset\">"),
    (
      "<style>p { font: {{ \"'Open Sans', Arial\" }}; x: {{ '} body { y: z' }} }</style><a href='{{ u }}'>",
      "<style>p { font: 'Open Sans', Arial; x: unset }</style><a href='#unsafe-link'>"
    ),
    ("<style>{{ '</style><script>'}}</style>", "<style>unset</style>"),
    // Conditional comments are HTML for Outlook, other comments are not.
    (
      "<!--[if mso]><v:rect href=\"{{ u }}\"><a href=\"/?q={{ s }}\"><![endif]-->{{ u }}",
      "<!--[if mso]><v:rect href=\"#unsafe-link\"><a href=\"/?q=a%20b%3Dc\"><![endif]-->javascript:x"
    ),
    (
      "<!--[if !mso]><!--><a href=\"{{ u }}\"><!--<![endif]--><a href=\"{{ u }}\">",
      "<!--[if !mso]><!--><a href=\"#unsafe-link\"><!--<![endif]--><a href=\"#unsafe-link\">"
    ),
    ("<!-- {{ '-->' }} --><a href=\"{{ u }}\">", "<!-- --&gt; --><a href=\"#unsafe-link\">"),
    ("<!--><a href=\"{{ u }}\">", "<!--><a href=\"#unsafe-link\">"),
    // Names and attributes.
    ("<h{{ 2 }} {{ s }}>", "<h2 a&#32;b&#61;c>"),
    ("<{{ s }} href=\"{{ u }}\">", "<a b=c href=\"#unsafe-link\">"),
    ("<td {{ 'a=b c=d' if true }}>", "<td a=b c=d>"), ("<td {{ {'a': s}|xmlattr }}>", "<td  a=\"a b=c\">"),
    (
      "<title>a<b href=\"{{ u }}</title><a href=\"{{ u }}\">",
      "<title>a<b href=\"javascript:x</title><a href=\"#unsafe-link\">"
    ),
    // Markup is a link all the same where a link stands.
    ("{% set l %}{{ u }}{% endset %}<a href=\"{{ l }}\">", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{{ u|escape }}\">", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{{ url|e }}\">", "<a href=\"https://x/?a=1&amp;b=2\">"),
    ("<a href=\"/?q={{ url|e }}\">", "<a href=\"/?q=https://x/?a%3D1%26b%3D2\">"),
    ("{% macro m(x) %}{{ x }}{% endmacro %}<a href=\"{{ m(u) }}\">", "<a href=\"#unsafe-link\">"),
    ("{% set t %}{{ s }}{% endset %}<a title={{ t }}>", "<a title=a&#32;b=c>"),
    ("<a href=\"{{ u|safe }}\">", "<a href=\"javascript:x\">"), ("<a title={{ s|safe }}>", "<a title=a b=c>"),
    ("<a href=\"{% cycle u, u %}\">", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{% filter trim %}{{ u }}{% endfilter %}\">", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{% filter b64decode %}amF2YXNjcmlwdDp4{% endfilter %}\">", "<a href=\"#unsafe-link\">"),
    ("<a href=\"{% text 'x' value=u %}\">", "<a href=\"#unsafe-link\">"),
    // What is put into markup is escaped.
    (
      "{{ 'abcdef'|safe|truncate(3, true, '<') }}{{ '<i>abcdef'|safe|truncatehtml(3, '<', true) }}",
      "abc&lt;<i>abc&lt;</i>"
    ),
    (
      "{{ '<i>'|safe ~ '<' }}{{ ['<i>'|safe, '<']|join('&') }}{{ '<i>'|safe|replace('i', '<') }}",
      "<i>&lt;<i>&amp;&lt;<&lt;>"
    ),
    ("{{ '<'|upper }}{{ '<i>'|safe|upper }}{{ '<i>'|safe|split('i')|join }}", "&lt;<I>&lt;&gt;"),
  ])
  func everywhere(_ source: String, _ expected: String) throws {
    #expect(try rendered(source, Self.json) == expected)
  }
}
