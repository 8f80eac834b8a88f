import Composition
import MailFormats
import MailModel
import Storage
import Transport

/// What one SMTP transaction becomes: an original, and a message for each recipient.
struct AcceptedBatch: Sendable {
  let original: OriginalContent
  let messages: [NewMessage]
  /// The same, for delivery to take up without reading them again.
  let loaded: [LoadedMessage]

  init(
    _ submitted: SubmittedMessage, _ inspection: Inspection, plan: TrackingPlan?, principal: Principal,
    identifiers: IdentifierGenerator, owner: NodeSession?, expirySeconds: Int64, now: Instant
  ) {
    let original = OriginalContent(
      id: OriginalID(identifiers.next(at: now)), account: principal.account, body: submitted.body,
      plan: plan?.encode(), createdAt: now)
    let sender = inspection.from.first.map { "\($0.address)" } ?? ""
    var seen: Set<String> = []
    var messages: [NewMessage] = []
    var loaded: [LoadedMessage] = []
    for recipient in submitted.recipients where seen.insert(recipient.path.address).inserted {
      let message = Message(
        id: MessageID(identifiers.next(at: now)), account: principal.account, original: original.id,
        recipient: recipient.path.address, sender: sender, returnPath: submitted.reversePath.address,
        subject: inspection.subject, source: .smtp, token: principal.token, campaign: principal.campaign,
        createdAt: now, options: Self.options(submitted, recipient, inspection))
      let entry = QueueEntry(
        message: message.id, account: principal.account, original: original.id,
        domain: Recipient.domain(of: recipient.path) ?? "", dueAt: now, attempts: 0,
        expiresAt: now.advanced(bySeconds: expirySeconds), isHeld: false, owner: owner)
      messages.append(
        NewMessage(
          message, .queue(domain: entry.domain, dueAt: entry.dueAt, expiresAt: entry.expiresAt),
          event: EventID(identifiers.next(at: now)), owner: owner))
      loaded.append(LoadedMessage(message: message, entry: entry, original: original))
    }
    self.original = original
    self.messages = messages
    self.loaded = loaded
  }

  /// What the reply calls it: the first message's id.
  var name: String { messages.first.map { "\($0.message.id)" } ?? "\(original.id)" }

  var contactAddresses: [String] { messages.map(\.message.recipient) }

  private static func options(
    _ submitted: SubmittedMessage, _ recipient: SMTPRecipient, _ inspection: Inspection
  ) -> EnvelopeOptions {
    let parameters = submitted.parameters
    return EnvelopeOptions(
      is8Bit: inspection.has8Bit,
      isUTF8: parameters.isUTF8
        && (inspection.findings.contains(.header8Bit) || recipient.path.isUTF8
          || submitted.reversePath.isUTF8),
      dsnNotify: recipient.parameters.dsnNotify,
      dsnOriginalRecipient: recipient.parameters.dsnOriginalRecipient,
      dsnReturn: parameters.dsnReturn, dsnEnvelopeID: parameters.dsnEnvelopeID)
  }
}

/// Where a recipient's mail goes.
enum Recipient {
  /// The domain that the queue is kept by: lower-case A-labels, or an address literal; nil for one that
  /// can't be.
  static func domain(of path: SMTPPath) -> String? {
    let domain = String(path.domain)
    guard !domain.isEmpty else { return nil }
    return domain.hasPrefix("[") ? domain : IDNA.ascii(domain)
  }
}
