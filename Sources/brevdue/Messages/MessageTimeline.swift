import MailModel
import Storage

/// A message and its events, for people.
struct MessageTimeline {
  private let stored: StoredMessage
  private let events: [Event]
  private let entry: QueueEntry?
  private let now: Instant

  init(_ stored: StoredMessage, _ events: [Event], _ entry: QueueEntry?, now: Instant) {
    self.stored = stored
    self.events = events
    self.entry = entry
    self.now = now
  }

  var text: String {
    var parts = [head]
    if !events.isEmpty { parts.append(timeline) }
    if let entry, !stored.message.status.isFinal {
      parts.append(MessageReason.plan(entry, now: now))
    }
    return parts.joined(separator: "\n\n")
  }

  private var head: String {
    let message = stored.message
    var table = Table()
    table.add("message", "\(message.id)")
    table.add("to", message.recipient)
    table.add("from", message.sender)
    table.add("subject", message.subject)
    table.add(
      "status", message.status.rawValue + (stored.attempts > 1 ? " after \(stored.attempts) tries" : ""))
    table.add("came by", origin)
    if stored.opens + stored.clicks > 0 {
      table.add("read", "\(stored.opens) opens, \(stored.clicks) clicks")
    }
    return table.text()
  }

  private var origin: String {
    let message = stored.message
    if let token = message.token { return "\(message.source.rawValue), token \(token)" }
    if let email = message.email { return "\(message.source.rawValue), e-mail \(email)" }
    return message.source.rawValue
  }

  private var timeline: String {
    var table = Table(["TIME (\(now.zone))", "EVENT", "WHERE", "WHAT WAS SAID"])
    for event in events {
      table.add(event.at.localPrecise, event.type.rawValue, Self.place(event.detail), Self.words(event))
    }
    return table.text()
  }

  /// Where it came from: `mx.example.net [192.0.2.1] TLSv1.3`.
  static func place(_ detail: EventDetail) -> String {
    var parts: [String] = []
    if let host = detail.host { parts.append(host) }
    if let address = detail.ipAddress { parts.append(detail.host == nil ? address : "[\(address)]") }
    if let tls = detail.tls { parts.append(tls) }
    return parts.isEmpty ? "-" : parts.joined(separator: " ")
  }

  /// The other side's words first, ours about them behind.
  static func words(_ event: Event) -> String {
    let detail = event.detail
    var parts: [String] = []
    if let response = detail.response { parts.append(saidAt(detail) + response) }
    if let message = detail.dropMessage ?? detail.dropReason { parts.append(message) }
    if let url = detail.url { parts.append(url) }
    if let agent = detail.userAgent { parts.append("(\(agent))") }
    if detail.filteredEvent == true {
      parts.append("not counted: \(detail.filterReason ?? "no person")")
    }
    if let next = detail.nextAttemptAt {
      parts.append("· next try \(Instant(milliseconds: next).local)")
    }
    return parts.isEmpty ? description(of: event.type) : parts.joined(separator: " ")
  }

  private static func saidAt(_ detail: EventDetail) -> String {
    guard let stage = detail.stage.flatMap(DeliveryStage.init(rawValue:)) else { return "" }
    return "at \(stage.words): "
  }

  private static func description(of type: EventType) -> String {
    switch type {
    case .sent: "accepted"
    case .processed: "prepared and signed"
    default: ""
    }
  }
}

extension DeliveryStage {
  /// As a person would say it.
  var words: String {
    switch self {
    case .prepare: "preparation"
    case .resolve: "the look-up in DNS"
    case .connect: "connecting"
    case .greeting: "the greeting"
    case .ehlo: "EHLO"
    case .starttls: "STARTTLS"
    case .auth: "log-in"
    case .mail: "MAIL FROM"
    case .rcpt: "RCPT TO"
    case .data: "DATA"
    case .dot: "the end of the message"
    }
  }
}

/// Why a message is where it is, and what happens next.
struct MessageReason {
  var status: MessageStatus
  /// The last event that decided something.
  var last: Event?
  var next: String
  var nextAttemptAt: Instant?

  init(_ stored: StoredMessage, _ events: [Event], _ entry: QueueEntry?, now: Instant) {
    let deciding: Set<EventType> = [.deferred, .delivered, .bounce, .dropped]
    status = stored.message.status
    last = events.last { deciding.contains($0.type) }
    nextAttemptAt = entry.flatMap { $0.isHeld ? nil : $0.dueAt }
    next = entry.map { Self.plan($0, now: now) } ?? Self.end(status)
  }

  var text: String {
    var table = Table()
    table.add("status", status.rawValue)
    if let last {
      table.add("since", last.at.local)
      table.add("where", MessageTimeline.place(last.detail))
      table.add("said", MessageTimeline.words(last))
      if let category = last.detail.category { table.add("kind", category) }
    }
    table.add("next", next)
    return table.text()
  }

  func json(_ id: MessageID) -> JSON {
    .object([
      "id": .string("\(id)"), "status": .string(status.rawValue),
      "last": last.map(MessageJSON.event) ?? .null,
      "next": .string(next), "nextAttemptAt": .orNull(nextAttemptAt?.iso8601),
    ])
  }

  /// What will become of a message in the queue.
  static func plan(_ entry: QueueEntry, now: Instant) -> String {
    if entry.isHeld {
      return "Held back by an operator: brevdue queue release --message \(entry.message) lets it go."
    }
    let expiry = "it is given up at \(entry.expiresAt.local)"
    let wait = entry.dueAt.milliseconds - now.milliseconds
    if wait <= 0 { return "Due now: the server tries it as soon as it can; \(expiry)." }
    return "Tried again in \(spanText(milliseconds: wait)), at \(entry.dueAt.local); \(expiry)."
  }

  private static func end(_ status: MessageStatus) -> String {
    switch status {
    case .delivered: "Nothing: the recipient's server has taken it."
    case .bounced:
      "Nothing: the recipient's server has refused it for good. Correct the address or the cause."
    case .expired: "Nothing: it was tried until its time was up."
    case .captured: "Nothing: the server captures, and no mail leaves. Set delivery.mode to relay or direct."
    case .dropped: "Nothing: it was never tried."
    case .cancelled: "Nothing: an operator cancelled it."
    case .queued, .deferred: "The server is about to try it."
    }
  }
}
