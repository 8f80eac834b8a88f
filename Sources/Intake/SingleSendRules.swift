import MailFormats
import MailModel
import Storage

/// What a single send must fulfil before anything is rendered.
enum SingleSendRules {
  /// Local parts that stand for a role or for nobody; HubSpot refuses to send to them.
  static let roleLocalParts: Set<String> = [
    "abuse", "no-reply", "noreply", "root", "spam", "security", "undisclosed-recipients", "unsubscribe",
    "inoc", "postmaster", "privacy",
  ]

  /// Kinds of e-mail that are made for sending through an API.
  static let subcategories: Set<String> = ["single_send_api", "marketing_single_send_api"]

  /// The one address of a recipient field, `Name <a@b>` or `a@b`.
  static func recipient(_ text: String) -> EmailAddress? {
    mailbox(text)?.address
  }

  static func mailbox(_ text: String) -> Mailbox? {
    try? Mailbox(text)
  }

  static func isRole(_ address: EmailAddress) -> Bool {
    roleLocalParts.contains(address.localPart.lowercased())
  }
}

/// Why a send ends without a message.
struct SingleSendRefusal: Error, Equatable {
  var result: SendResult
  var text: String

  init(_ result: SendResult, _ text: String) {
    self.result = result
    self.text = text
  }
}

/// The parties of a send, checked.
struct SingleSendParties: Sendable {
  var from: Mailbox
  var to: Mailbox
  var cc: [Mailbox]
  var bcc: [Mailbox]
  var replyTo: [Mailbox]

  /// - Parameter isVerified: whether the account may send from a domain (lower-case ASCII).
  init(
    _ request: SingleSendRequest, _ email: EmailRecord, recipientLimit: Int, isVerified: (String) -> Bool
  ) throws(SingleSendRefusal) {
    guard let to = SingleSendRules.mailbox(request.to), !SingleSendRules.isRole(to.address) else {
      throw SingleSendRefusal(
        .invalidToAddress, "message.to is not an address that mail can be sent to: \(request.to)")
    }
    guard 1 + request.cc.count + request.bcc.count <= recipientLimit else {
      throw SingleSendRefusal(
        .tooManyRecipients, "there are more than \(recipientLimit) addresses in to, cc, bcc")
    }
    self.to = to
    from = try Self.sender(request, email, isVerified: isVerified)
    cc = try Self.mailboxes(request.cc, "message.cc", else: .invalidToAddress)
    bcc = try Self.mailboxes(request.bcc, "message.bcc", else: .invalidToAddress)
    let replyTo = request.replyTo.isEmpty ? email.replyTo.map { [$0] } ?? [] : request.replyTo
    self.replyTo = try Self.mailboxes(replyTo, "message.replyTo", else: .validationFailed)
  }

  private static func sender(
    _ request: SingleSendRequest, _ email: EmailRecord, isVerified: (String) -> Bool
  ) throws(SingleSendRefusal) -> Mailbox {
    guard let text = request.from ?? email.from else {
      throw SingleSendRefusal(.invalidFromAddress, "neither the request nor the e-mail says From whom it is")
    }
    guard var mailbox = SingleSendRules.mailbox(text), let domain = mailbox.address.asciiDomain else {
      throw SingleSendRefusal(.invalidFromAddress, "this is not an address to send from: \(text)")
    }
    guard isVerified(domain) else {
      throw SingleSendRefusal(
        .unconfiguredSendingDomain,
        "\(domain) is not a verified sending domain of this account: see `brevdue domain add --help`"
      )
    }
    if request.from == nil, mailbox.displayName == nil { mailbox.displayName = email.fromName }
    return mailbox
  }

  private static func mailboxes(
    _ texts: [String], _ field: String, else result: SendResult
  ) throws(SingleSendRefusal) -> [Mailbox] {
    var mailboxes: [Mailbox] = []
    for text in texts {
      guard let mailbox = SingleSendRules.mailbox(text) else {
        throw SingleSendRefusal(result, "\(field) has something that is not an address: \(text)")
      }
      mailboxes.append(mailbox)
    }
    return mailboxes
  }
}
