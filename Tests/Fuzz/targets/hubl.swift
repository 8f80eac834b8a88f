import HubL

/// Any bytes as a template, as a pattern and as JSON: parsing and rendering must end, within their limits, without a crash,
/// and the same input must give the same text. Two templates that include each other are at hand.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  let source = String(decoding: bytes, as: UTF8.self)
  if let value = try? Value(json: bytes) { check(value) }
  render("{{ text|regex_replace(text, '$1') }}{{ 'aab1 é'|regex_replace(text, 'x') }}", source)
  render(
    "{{ text|striptags }}{{ text|sanitize_html }}{{ text|truncatehtml(9) }}{{ text|urlize }}{{ text|title|wordwrap(5) }}",
    source)
  render("<a href=\"{{ text }}\">{{ text|datetimeformat(text) if text|length < 30 }}", source)
  render(source, source)
  return 0
}

func check(_ value: Value) {
  guard let text = try? Template("{{ v|tojson|safe }}").render(["v": value], RenderOptions()) else { return }
  // Numbers may lose digits on the way, and members that come twice one of them, but the result is JSON again.
  if (try? Value(json: Array(text.utf8))) == nil, text.utf8.count < 500_000 { fatalError("no JSON: \(text)") }
}

func render(_ source: String, _ text: String) {
  guard let template = try? Template(source) else { return }
  _ = template.changingText { text, _ in text }
  for escaping in [Escaping.html, .none] {
    let options = options(escaping)
    let values = values(text)
    let first = try? template.bytes(values, options)
    if let first, first.count > options.limits.outputBytes { fatalError("too long") }
    if first != (try? template.bytes(values, options)) { fatalError("two renderings") }
  }
}

func values(_ text: String) -> [String: Value] {
  let list = Value.list([
    .int(1), .string("<b>"), .null, .double(2.5), .map(["k": .bool(true), "n": .list([])]),
  ])
  return [
    "text": .string(text), "custom": .map(["a": list, "b": .string("x y"), "when": .int(1_795_000_000_000)]),
    "contact": .map(["firstname": .string("Ann")]), "l": list, "n": .int(7),
  ]
}

func options(_ escaping: Escaping) -> RenderOptions {
  var options = RenderOptions()
  options.escaping = escaping
  options.isStrict = escaping == .html
  options.limits.steps = 20_000
  options.limits.outputBytes = 100_000
  options.template = { name throws(TemplateError) in
    switch name {
    case "a":
      try Template(
        "{% include 'b' %}{% block x %}A{% endblock %}{% macro m(p) %}{{ p }}{{ caller() }}{% endmacro %}")
    case "b": try Template("{% set y = 1 %}{% block x %}B{{ super() }}{% endblock %}")
    default: nil
    }
  }
  return options
}
