import Intake
import MailModel
import Storage

/// The JSON of a message that other people's scripts read, as `GET /v1/messages/{id}` gives it: members are
/// added, never changed.
enum MessageJSON {
  static func object(_ stored: StoredMessage, _ events: [Event]) -> JSON {
    let message = stored.message
    return .object([
      "id": .string("\(message.id)"),
      "account": .string("\(message.account)"),
      "recipient": .string(message.recipient),
      "sender": .string(message.sender),
      "subject": .string(message.subject),
      "status": .string(message.status.rawValue),
      "source": .string(message.source.rawValue),
      "tokenId": message.token.map { .string($0) },
      "emailId": message.email.map { .int($0.value) },
      "createdAt": .string(message.createdAt.iso8601),
      "completedAt": stored.completedAt.map { .string($0.iso8601) },
      "attempts": .int(stored.attempts),
      "opens": .int(stored.opens),
      "clicks": .int(stored.clicks),
      "events": .array(events.map(event)),
    ])
  }

  /// Type, time, and those of the own fields that the event has.
  static func event(_ event: Event) -> JSON {
    let detail = event.detail
    return .object([
      "type": .string(event.type.rawValue),
      "at": .string(event.at.iso8601),
      "id": .string(
        UUIDText.text(UInt64(bitPattern: event.message.value), UInt64(bitPattern: event.id.value))),
      "response": detail.response.map { .string($0) },
      "status": detail.status.map { .string($0) },
      "category": detail.category.map { .string($0) },
      "stage": detail.stage.map { .string($0) },
      "attempt": detail.attempt.map { .int($0) },
      "host": detail.host.map { .string($0) },
      "ipAddress": detail.ipAddress.map { .string($0) },
      "tls": detail.tls.map { .string($0) },
      "nextAttemptAt": detail.nextAttemptAt.map { .string(Instant(milliseconds: $0).iso8601) },
      "userAgent": detail.userAgent.map { .string($0) },
      "url": detail.url.map { .string($0) },
      "linkId": detail.linkId.map { .int($0) },
      "filteredEvent": detail.filteredEvent.map { .bool($0) },
      "filterReason": detail.filterReason.map { .string($0) },
      "dropReason": detail.dropReason.map { .string($0) },
      "dropMessage": detail.dropMessage.map { .string($0) },
    ])
  }
}
