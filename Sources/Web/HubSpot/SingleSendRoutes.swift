import Hummingbird
import Intake
import MailModel
import Storage

/// HubSpot's transactional single send, version 3.
struct SingleSendRoutes {
  let services: WebServices

  var table: RouteTable {
    var table = RouteTable()
    table.on("/marketing/v3/transactional/single-email/send", [.post: send])
    table.on("/marketing/v3/email/send-statuses/{statusId}", [.get: status])
    return table
  }

  @Sendable private func send(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.transactional)
    return try await RequestBodies.answer(withFilesIn: request) { body in
      let form = try SingleSendRequest(json: body)
      let send = try await services.singleSend.submit(form, body: body, account: token.account)
      return .json(Self.view(send))
    }
  }

  @Sendable private func status(_ request: Request, _ context: WebContext) async throws -> Response {
    let token = try await services.authorize(request, Scope.transactional)
    let id = try context.parameters.text("statusId")
    guard let send = try await services.singleSend.status(id, account: token.account) else {
      throw APIError.notFound
    }
    return .json(Self.view(send))
  }

  /// HubSpot's `EmailSendStatusView`.
  static func view(_ send: Send) -> [UInt8] {
    var json = JSONWriter()
    json.object { view in
      view.field("statusId", send.statusID)
      view.field("status", send.status.rawValue)
      view.field("sendResult", send.result)
      view.field("requestedAt", send.requestedAt.iso8601)
      view.field("startedAt", send.startedAt?.iso8601)
      view.field("completedAt", send.completedAt?.iso8601)
      if let message = send.message, let event = send.event {
        view.key("eventId")
        view.object { id in
          id.field("id", EventReference.text(event, of: message))
          id.field("created", IdentifierGenerator.instant(of: event.value).iso8601)
        }
      }
      view.field("message", send.text)
    }
    return json.bytes
  }
}

/// The id of an event as HubSpot's clients know it: a UUID made of the message's id and the event's own.
enum EventReference {
  static func text(_ event: EventID, of message: MessageID) -> String {
    UUIDText.text(UInt64(bitPattern: message.value), UInt64(bitPattern: event.value))
  }
}
