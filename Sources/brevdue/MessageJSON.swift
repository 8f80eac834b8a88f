import MailModel
import Storage

/// The JSON of a message that other people's scripts read: members are added, never changed.
enum MessageJSON {
  static func object(_ stored: StoredMessage, _ events: [Event]) -> JSON {
    let message = stored.message
    return .object([
      "id": .string("\(message.id)"),
      "account": .int(message.account.value),
      "recipient": .string(message.recipient),
      "sender": .string(message.sender),
      "subject": .string(message.subject),
      "status": .string(message.status.rawValue),
      "source": .string(message.source.rawValue),
      "tokenId": .orNull(message.token),
      "emailId": message.email.map { .int($0.value) } ?? .null,
      "createdAt": .string(message.createdAt.iso8601),
      "completedAt": .orNull(stored.completedAt?.iso8601),
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
