import Composition
import HubL
import MailFormats
import MailModel
import Storage

/// What a send became: an original with its messages, ready to be stored.
struct SingleSendProduct: Sendable {
  var original: OriginalContent
  var messages: [NewMessage]
  /// Version of the e-mail.
  var version: Int

  /// The message to `to`.
  var main: NewMessage? { messages.first }

  /// As delivery takes them, once they are committed.
  var loaded: [LoadedMessage] {
    messages.compactMap { new in
      guard case .queue(let domain, let dueAt, let expiresAt) = new.disposition else { return nil }
      let entry = QueueEntry(
        message: new.message.id, account: original.account, original: original.id, domain: domain,
        dueAt: dueAt, expiresAt: expiresAt, owner: new.owner)
      return LoadedMessage(message: new.message, entry: entry, original: original)
    }
  }
}

/// Checks and renders one send. Pure but for the ids that it takes.
struct SingleSendRendering {
  let job: SingleSendJob
  let email: ParsedEmail
  let parties: SingleSendParties
  let identifiers: IdentifierGenerator
  /// Whose the messages will be to deliver.
  let owner: NodeSession?
  let expiryHours: Int64
  let now: Instant

  /// Of an e-mail that its author wants to look at: said in the subject, and counted nowhere.
  var isTest = false
  /// Whether a missing custom value is an error.
  var isStrict = true

  func product() throws(SingleSendRefusal) -> SingleSendProduct {
    try checkContract()
    let mainID = MessageID(identifiers.next(at: now))
    let rendered = try render(as: mainID)
    let original = OriginalContent(
      id: OriginalID(identifiers.next(at: now)), account: job.send.account, body: rendered.bytes,
      plan: TrackingPlanner.plan(original: rendered.bytes)?.encode(), createdAt: now)
    var messages: [NewMessage] = []
    var seen: Set<EmailAddress> = []
    for mailbox in [parties.to] + parties.cc + parties.bcc where seen.insert(mailbox.address).inserted {
      let id = messages.isEmpty ? mainID : MessageID(identifiers.next(at: now))
      messages.append(message(id, to: mailbox.address, original.id, rendered, isTracked: messages.isEmpty))
    }
    return SingleSendProduct(original: original, messages: messages, version: email.record.version)
  }

  private func checkContract() throws(SingleSendRefusal) {
    guard let problems = email.contract?.problems(with: job.request.customProperties), !problems.isEmpty
    else {
      return
    }
    throw SingleSendRefusal(
      problems.contains(where: \.isMissing) ? .missingTemplateProperties : .validationFailed,
      "the e-mail's contract is not kept: "
        + problems.map { "\($0.path) \($0.message)" }.joined(separator: "; "))
  }

  private func render(as id: MessageID) throws(SingleSendRefusal) -> RenderedEmail {
    let template: EmailTemplate
    do {
      template = try email.template.get()
    } catch {
      throw SingleSendRefusal(error)
    }
    let domain = parties.from.address.asciiDomain ?? parties.from.address.domain
    var request = RenderRequest(
      from: NamedAddress(parties.from), to: [NamedAddress(parties.to)], cc: parties.cc.map(NamedAddress.init),
      replyTo: parties.replyTo.map(NamedAddress.init), contact: contactValues,
      custom: .map(job.request.customProperties),
      messageID: "\(id).\(job.send.statusID.prefix(8))@\(domain)", date: now,
      headers: headers, attachments: job.request.attachments.map(\.part))
    request.variables["content"] = .map(content)
    email.shared.fill(&request)
    request.isStrict = isStrict
    if isTest { request.subjectPrefix = "[Test] " }
    do {
      return try EmailRenderer.render(template, request)
    } catch {
      throw SingleSendRefusal(error)
    }
  }

  /// RFC 3834: nobody's holiday reply is wanted. Feedback-ID is what Gmail groups complaints by, from the narrowest to
  /// the widest: e-mail, kind, account, and who sends it all.
  private var headers: [(name: String, value: String)] {
    [
      ("Auto-Submitted", "auto-generated"),
      ("Feedback-ID", "\(email.record.id):\(source.rawValue):\(job.send.account):brevdue"),
    ]
  }

  private var source: MessageSource { isTest ? .test : .singleSend }

  /// What the template can say about its own e-mail.
  private var content: ValueMap {
    let record = email.record
    return [
      "id": .int(record.id.value), "name": .string(record.name), "subject": .string(record.subject),
      "campaign": .string(record.campaign.description), "created": .int(record.createdAt.milliseconds),
      "updated": .int(record.updatedAt.milliseconds),
    ]
  }

  /// A contact knows its own address as `contact.email`.
  private var contactValues: [String: String] {
    var values = job.contact
    if values["email"] == nil { values["email"] = parties.to.address.description }
    return values
  }

  private func message(
    _ id: MessageID, to address: EmailAddress, _ original: OriginalID, _ rendered: RenderedEmail,
    isTracked: Bool
  ) -> NewMessage {
    let sender = parties.from.address.description
    let isUTF8 = !address.isASCII || !parties.from.address.isASCII
    let message = Message(
      id: id, account: job.send.account, original: original, recipient: address.description, sender: sender,
      returnPath: sender, subject: rendered.subject, source: source, email: email.record.id,
      campaign: isTest ? nil : email.record.campaign, createdAt: now, isTracked: isTracked && !isTest,
      options: EnvelopeOptions(isUTF8: isUTF8))
    let expiresAt = now.advanced(bySeconds: expiryHours * 3600)
    let domain = address.asciiDomain ?? address.domain
    return NewMessage(
      message, .queue(domain: domain, dueAt: now, expiresAt: expiresAt),
      event: EventID(identifiers.next(at: now)), owner: owner)
  }
}

extension NamedAddress {
  init(_ mailbox: Mailbox) {
    self.init(name: mailbox.displayName, address: mailbox.address.description)
  }
}

extension SingleSendRefusal {
  /// The result that HubSpot has for a rendering that failed.
  init(_ error: RenderError) {
    let result: SendResult =
      switch error {
      case .noContent: .missingContent
      case .missingProperties: .missingTemplateProperties
      case .template: .templateRenderException
      case .invalidHeader: .validationFailed
      }
    self.init(result, error.description)
  }
}
