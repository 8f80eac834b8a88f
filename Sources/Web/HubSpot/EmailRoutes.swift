import HTTPTypes
import Hummingbird
import Intake
import MailModel
import Storage

/// HubSpot's marketing e-mails, version 3, as far as single send needs them.
struct EmailRoutes {
  let services: WebServices

  var table: RouteTable {
    var table = RouteTable()
    table.on("/marketing/v3/emails", [.get: list, .post: create])
    table.on("/marketing/v3/emails/{emailId}", [.get: show, .patch: update, .delete: delete])
    return table
  }

  @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    let draft = try EmailDocument.draft(creating: try JSONBody(try await RequestBodies.json(request)))
    let now = Instant.now()
    let record = try await services.store.write { db in
      try db.createEmail(account: token.account, draft, at: now)
    }
    return .json(
      EmailView.json(record), status: .created, headers: [.location: "/marketing/v3/emails/\(record.id)"])
  }

  @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    let limit = try Paging.limit(request, standard: 20, most: 500)
    let parameters = request.uri.queryParameters
    let archived = parameters["archived"]?.lowercased() == "true"
    let after = parameters["after"].flatMap { EmailID(String($0)) }
    let (records, total) = try await services.store.read { db in
      (
        try db.emails(account: token.account, after: after, limit: limit, archived: archived),
        try db.emailCount(account: token.account, archived: archived)
      )
    }
    var json = JSONWriter()
    json.object { page in
      page.field("total", total)
      page.key("results")
      page.array { results in
        for record in records { results.raw(EmailView.json(record)) }
      }
      if records.count == limit, let last = records.last {
        Paging.write(after: last.id.description, to: &page)
      }
    }
    return .json(json.bytes)
  }

  @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    let id = try Self.id(context)
    guard let record = try await services.store.read({ db in try db.email(id, account: token.account) })
    else {
      throw APIError.notFound
    }
    return .json(EmailView.json(record))
  }

  @Sendable private func update(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    let id = try Self.id(context)
    let body = try JSONBody(try await RequestBodies.json(request))
    let now = Instant.now()
    let record = try await services.store.write { db -> EmailRecord? in
      guard let old = try db.email(id, account: token.account) else { return nil }
      let draft = try EmailDocument.draft(updating: old, by: body)
      return try db.updateEmail(id, account: token.account, draft, at: now)
    }
    guard let record else { throw APIError.notFound }
    services.singleSend.forget(id, account: token.account)
    return .json(EmailView.json(record))
  }

  @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.content)
    let id = try Self.id(context)
    let isDeleted = try await services.store.write { db in try db.deleteEmail(id, account: token.account) }
    guard isDeleted else { throw APIError.notFound }
    services.singleSend.forget(id, account: token.account)
    return Response(status: .noContent)
  }

  private static func id(_ context: WebContext) throws(APIError) -> EmailID {
    guard let id = EmailID(try context.parameters.text("emailId")) else { throw .notFound }
    return id
  }
}
