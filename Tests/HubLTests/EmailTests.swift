import HubL
import Testing

/// The names and tags of HubSpot's e-mails.
@Suite struct EmailTests {
  static let json = """
    {"contact": {"firstname": "<Ann>", "city": ""}, "content": {"subject": "S", "widgets": {"hero": {"body": {"html": "<i>kept</i>"}}}},
     "site_settings": {"company_name": "Shop & Co", "company_city": "Bonn"}, "unsubscribe_link": "https://x.example/u?a=1&b=2",
     "view_as_page_url": "https://x.example/v", "company": {"name": "ACME"}, "owner": {"email": "o@x.example"}}
    """

  @Test(arguments: [
    (
      "{{ contact.firstname }}{{ company.name }}{{ owner.email }}{{ content.subject }}",
      "&lt;Ann&gt;ACMEo@x.exampleS"
    ), ("<a href=\"{{ unsubscribe_link }}\">", "<a href=\"https://x.example/u?a=1&amp;b=2\">"),
    ("{{ site_settings.company_name }} {{ view_as_page_url }}", "Shop &amp; Co https://x.example/v"),
    ("{{ personalization_token('contact.firstname', 'you') }}", "&lt;Ann&gt;"),
    ("{{ personalization_token(\"contact.lastname\", \"you\") }}", "you"),
    ("{{ contact.city|default('there') }}", "there"), ("{{ postal_location() }}", "Bonn"),
    ("{% text \"t\" value=\"Hi &copy;\", label='x', no_wrapper=True %}", "Hi &copy;"),
    ("{% textarea \"t\" value='v' %}{% color 'c' value='#fff' %}{% choice 'k' value='b' %}", "v#fffb"),
    ("{% text 't' value=contact.firstname %}", "&lt;Ann&gt;"),
    ("{% rich_text \"hero\" html=\"<p>default</p>\" %}", "<i>kept</i>"),
    ("{% rich_text 'r' html='<p>x</p>' %}", "<p>x</p>"),
    ("{% boolean 'b' value=True %}{% boolean 'c' %}", "truefalse"),
    ("{% header 'h' value='T', header_tag='h2' %}", "<h2>T</h2>"),
    (
      "{% linked_image \"l\" src=\"https://x/y.png\" alt=\"A\" link=\"https://z\" width=\"20\" %}",
      "<a href=\"https://z\"><img src=\"https://x/y.png\" alt=\"A\" width=\"20\"></a>"
    ), ("{% image 'i' src='javascript:x' %}", "<img src=\"#unsafe-link\" alt=\"\">"),
    ("{% text 'q' value='V', export_to_template_context=True %}[{{ widget_data.q.value }}]", "[V]"),
    (
      "{% boolean 'q' value=True, export_to_template_context=True %}{% if widget_data.q.value %}on{% endif %}",
      "on"
    ),
    ("{% module \"m\" path=\"@hubspot/rich_text\" html=\"<b>x</b>\" %}", "<b>x</b>"),
    (
      "{% module \"m\" path=\"@hubspot/linked_image\", img={'src': 'https://x/a.png', 'alt': 'A'} %}",
      "<img src=\"https://x/a.png\" alt=\"A\">"
    ),
    (
      "{% module 'm' path='/custom/thing' label='L', html='h' %}{% module 'n' path='@hubspot/text' value='v' %}",
      "hv"
    ), ("{% dnd_area 'main' label='x' %}{% dnd_section %}in{% end_dnd_section %}{% end_dnd_area %}", "in"),
    (
      "{% widget_block rich_text \"w\" overrideable=True %}{% widget_attribute \"html\" %}<p>{{ company.name }}</p>{% end_widget_attribute %}{% end_widget_block %}",
      "<p>ACME</p>"
    ),
    (
      "{% module_block module 'w' path='@hubspot/rich_text' %}{% module_attribute 'html' is_json=false %}b{% end_module_attribute %}{% end_module_block %}",
      "b"
    ),
    (
      "{% email_can_spam 'f' %}",
      "<p>Shop &amp; Co, Bonn</p><p><a href=\"https://x.example/u?a=1&amp;b=2\">Unsubscribe</a></p>"
    ),
  ])
  func shows(_ source: String, _ expected: String) throws {
    #expect(try rendered(source, Self.json) == expected)
  }

  @Test func jsonKeepsOrderAndKinds() throws {
    let json =
      #"{"z": [1, 2.5, -3e2, true, null, "é\ud83d\ude00\n"], "a": {"b": {}, "a": []}, "z2": 12345678901234567890}"#
    let value = try Value(json: Array(json.utf8))
    #expect(value["z"] == .list([.int(1), .double(2.5), .double(-300), .bool(true), .null, .string("é😀\n")]))
    guard case .map(let members)? = value["a"] else { Issue.record("no map"); return }
    #expect(members.keys == ["b", "a"])
    #expect(value["z2"] == .double(1.2345678901234567e19))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "nul", "01", "1.", "+1", "\"\u{1}\"", "\"a", "[1] x", "{\"a\" 1}",
    "\"\\q\"", "\"\\u12\"", ".5", "-", "1e", "--1", "1.e5", "-01", "1e400", "1-1",
    String(repeating: "[", count: 100_000),
  ])
  func whatIsNoJSON(_ text: String) {
    #expect(throws: JSONTextError.self) { try Value(json: Array(text.utf8)) }
  }
}
