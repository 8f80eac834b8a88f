import HubL

/// What a template makes of JSON, for tables of tests.
func rendered(
  _ source: String, _ json: String = "{}", _ templates: [String: String] = [:],
  _ change: (inout RenderOptions) -> Void = { _ in }
) throws -> String {
  var options = RenderOptions()
  options.template = { name throws(TemplateError) in
    guard let text = templates[name] else { return nil }
    return try Template(text)
  }
  change(&options)
  guard case .map(let members) = try Value(json: Array(json.utf8)) else { return "no map" }
  return try Template(source).render(members.dictionary, options)
}

/// The error of a template, in one line.
func failure(
  _ source: String, _ json: String = "{}", _ templates: [String: String] = [:],
  _ change: (inout RenderOptions) -> Void = { _ in }
) -> TemplateError? {
  do {
    _ = try rendered(source, json, templates, change)
    return nil
  } catch {
    return error as? TemplateError
  }
}
