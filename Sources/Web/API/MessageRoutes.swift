import Hummingbird
import MailModel
import Storage

/// `/v1/messages`: messages and what became of them.
struct MessageRoutes {
  let services: WebServices

  /// Most messages on a page.
  private static let pageLimit = 1000

  var table: RouteTable {
    var table = RouteTable()
    table.on("/v1/messages", [.get: list])
    table.on("/v1/messages/{id}", [.get: show])
    return table
  }

  /// Newest first; query `recipient`, `status`, `limit` and, for the next page, `after`.
  @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.transactional)
    let query = try Self.query(request, token.account)
    let found = try await services.store.read { db in try db.messages(query) }
    var json = JSONWriter(capacity: 256 * (found.count + 1))
    json.object { page in
      page.key("results")
      page.array { results in
        for stored in found { results.object { MessageView.writeHead(stored, to: &$0) } }
      }
      if found.count == query.limit, let last = found.last {
        Paging.write(after: last.message.id.description, to: &page)
      }
    }
    return .json(json.bytes)
  }

  @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.transactional)
    guard let id = MessageID(try context.parameters.text("id")) else { throw APIError.notFound }
    let found = try await services.store.read { db -> (StoredMessage, [Event])? in
      guard let stored = try db.message(id, account: token.account) else { return nil }
      return (stored, try db.events(message: id))
    }
    guard let (stored, events) = found else { throw APIError.notFound }
    return .json(MessageView.json(stored, events))
  }

  private static func query(_ request: Request, _ account: AccountID) throws(APIError) -> MessageQuery {
    let parameters = request.uri.queryParameters
    var query = MessageQuery(account: account)
    query.recipient = parameters["recipient"].map(String.init)
    query.limit = try Paging.limit(request, standard: 50, most: pageLimit)
    if let word = parameters["status"] {
      guard let status = MessageStatus(rawValue: String(word)) else {
        let known = MessageStatus.allCases.map(\.rawValue).joined(separator: ", ")
        throw .validation("status must be one of \(known)", [.init("unknown status", in: "status")])
      }
      query.status = status
    }
    if let after = parameters["after"] {
      guard let id = MessageID(String(after)) else {
        throw .validation("after must come from paging.next.after", [.init("not a cursor", in: "after")])
      }
      query.before = id
    }
    return query
  }
}

/// Pages of HubSpot's newer lists.
enum Paging {
  /// `limit` of the query, from 1 to `most`.
  static func limit(_ request: Request, standard: Int, most: Int) throws(APIError) -> Int {
    guard let text = request.uri.queryParameters["limit"] else { return standard }
    guard let limit = Int(text), limit > 0 else {
      throw .validation(
        "limit must be a number from 1 to \(most)", [.init("not a positive number", in: "limit")])
    }
    return min(limit, most)
  }

  static func write(after cursor: String, to json: inout JSONWriter) {
    json.key("paging")
    json.object { paging in
      paging.key("next")
      paging.object { $0.field("after", cursor) }
    }
  }
}
