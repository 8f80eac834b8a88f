import HubL
import Testing

@testable import TemplateImport

/// A template of another service, values, and what that service makes of both by its documentation and engine.
struct Case: Sendable, CustomTestStringConvertible {
  var source: String
  var data: String
  var expected: String
  /// Whether values may be missing, which are empty there and an error here.
  var isLenient = false

  init(_ source: String, _ data: String, _ expected: String, isLenient: Bool = false) {
    self.source = source
    self.data = data
    self.expected = expected
    self.isLenient = isLenient
  }

  var testDescription: String { source }

  /// What our engine makes of the template as it came here.
  func rendered(_ dialect: TemplateDialect, _ tags: SubstitutionTags? = nil) throws -> String {
    var options = RenderOptions()
    options.isStrict = !isLenient
    var values = ["custom": try Value(json: Array(data.utf8))]
    values["contact"] = .map(["email": .string("ada@example.com")])
    values["unsubscribe_link_all"] = .string("https://example.com/u")
    let imported = try dialect.imported(source, substitutions: tags)
    return try Template(imported.source).render(values, options)
  }
}

extension ImportedTemplate {
  /// `outcome line what` of each finding.
  var summary: [String] { findings.map { "\($0.outcome.rawValue) \($0.place): \($0.what)" } }
}
