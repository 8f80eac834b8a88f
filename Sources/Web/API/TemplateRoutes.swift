import HubL
import Hummingbird
import Intake
import MailModel
import Storage

/// `/v1/templates`: HubL that e-mails share. A name may have slashes in it, so it stands in the query.
struct TemplateRoutes {
  let services: WebServices

  var table: RouteTable {
    var table = RouteTable()
    table.on("/v1/templates", [.get: get, .put: put, .delete: delete])
    return table
  }

  /// One with `?name=`, or all of them without their sources.
  @Sendable private func get(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    var json = JSONWriter()
    if let name = Self.name(request) {
      guard let found = try await services.store.read({ try $0.template(account: token.account, name: name) })
      else { throw APIError.notFound }
      json.object { Self.write(found, withSource: true, to: &$0) }
      return .json(json.bytes)
    }
    let all = try await services.store.read { try $0.templates(account: token.account) }
    json.object { page in
      page.key("results")
      page.array { list in
        for template in all { list.object { Self.write(template, withSource: false, to: &$0) } }
      }
    }
    return .json(json.bytes)
  }

  /// The body is `{"source": "…"}`. A source that can't be parsed is refused: it would fail every e-mail that uses it.
  @Sendable private func put(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    var reader = try JSONBody(try await RequestBodies.json(request)).reader()
    let source = reader.text("source", isRequired: true) ?? ""
    if source.utf8.count > StoredTemplate.sizeLimit {
      reader.note("source", "is longer than \(StoredTemplate.sizeLimit) bytes")
    }
    do throws(TemplateError) {
      _ = try Template(source)
    } catch {
      reader.note("source", "can't be used: \(error)")
    }
    try reader.finish()
    guard let name = Self.name(request), name.utf8.count <= StoredTemplate.nameLimit else {
      throw APIError.validation(
        "The query must have name=…, at most \(StoredTemplate.nameLimit) bytes.",
        [.init("missing", in: "name")])
    }
    let now = Instant.now()
    try await services.store.write {
      try $0.setTemplate(account: token.account, name: name, source: source, at: now)
    }
    var json = JSONWriter()
    let stored = StoredTemplate(account: token.account, name: name, source: source, updatedAt: now)
    json.object { Self.write(stored, withSource: true, to: &$0) }
    return .json(json.bytes)
  }

  @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    guard let name = Self.name(request),
      try await services.store.write({ try $0.deleteTemplate(account: token.account, name: name) })
    else { throw APIError.notFound }
    return Response(status: .noContent)
  }

  private static func name(_ request: Request) -> String? {
    PercentEncoding.formValue("name", in: request.uri.query ?? "").flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func write(_ template: StoredTemplate, withSource: Bool, to json: inout JSONWriter) {
    json.field("name", template.name)
    json.field("size", template.source.utf8.count)
    json.field("updatedAt", template.updatedAt.iso8601)
    if withSource { json.field("source", template.source) }
  }
}
