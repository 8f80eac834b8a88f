import MailModel
import Storage

/// A message as JSON: the same members in the API and on the command line.
public enum MessageView {
  /// With its events, oldest first.
  public static func json(_ stored: StoredMessage, _ events: [Event]) -> [UInt8] {
    var json = JSONWriter(capacity: 512 + 160 * events.count)
    json.object { object in
      writeHead(stored, to: &object)
      object.key("events")
      object.array { list in
        for event in events { list.object { write(event, to: &$0) } }
      }
    }
    return json.bytes
  }

  /// All but the events.
  static func writeHead(_ stored: StoredMessage, to json: inout JSONWriter) {
    let message = stored.message
    json.field("id", message.id.description)
    json.field("account", message.account.description)
    json.field("recipient", message.recipient)
    json.field("sender", message.sender)
    json.field("subject", message.subject)
    json.field("status", message.status.rawValue)
    json.field("source", message.source.rawValue)
    json.field("tokenId", message.token)
    json.field("emailId", message.email?.value)
    json.field("createdAt", message.createdAt.iso8601)
    json.field("completedAt", stored.completedAt?.iso8601)
    json.field("attempts", stored.attempts)
    json.field("opens", stored.opens)
    json.field("clicks", stored.clicks)
  }

  static func write(_ event: Event, to json: inout JSONWriter) {
    let detail = event.detail
    json.field("type", event.type.rawValue)
    json.field("at", event.at.iso8601)
    json.field("id", EventReference.text(event.id, of: event.message))
    json.field("response", detail.response)
    json.field("status", detail.status)
    json.field("category", detail.category)
    json.field("stage", detail.stage)
    json.field("attempt", detail.attempt)
    json.field("host", detail.host)
    json.field("ipAddress", detail.ipAddress)
    json.field("tls", detail.tls)
    json.field("nextAttemptAt", detail.nextAttemptAt.map { Instant(milliseconds: $0).iso8601 })
    json.field("userAgent", detail.userAgent)
    json.field("url", detail.url)
    json.field("linkId", detail.linkId)
    json.field("filteredEvent", detail.filteredEvent)
    json.field("filterReason", detail.filterReason)
    json.field("dropReason", detail.dropReason)
    json.field("dropMessage", detail.dropMessage)
  }
}
