import Composition
import HubL
import MailFormats
import MailModel
import Storage

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Values that an e-mail is filled in with to be looked at.
public struct TrialValues: Sendable {
  public var contact: [String: String]
  /// Nil: the samples of the e-mail's contract.
  public var custom: ValueMap?
  /// Whether a missing value is an error, as when it is sent.
  public var isStrict = true

  public init(contact: [String: String] = [:], custom: ValueMap? = nil) {
    self.contact = contact
    self.custom = custom
  }
}

/// An e-mail filled in for somebody to look at: nothing is sent and nothing kept.
public enum EmailTrial {
  /// The e-mail as `values` would make it, with what it takes from its account.
  /// - Throws: `RenderError`, as a send would end with.
  public static func render(
    _ email: EmailRecord, _ shared: AccountContent, _ values: TrialValues, at now: Instant
  ) throws(RenderError) -> RenderedEmail {
    let template = try EmailTemplate(subject: email.subject, html: email.html, text: email.text)
    let sender = NamedAddress(name: email.fromName, address: email.from ?? "sender@example.com")
    var request = RenderRequest(
      from: sender, to: [NamedAddress(address: values.contact["email"] ?? "recipient@example.com")],
      contact: values.contact, messageID: "preview.\(email.id)@example.com", date: now)
    request.custom = .map(values.custom ?? email.contract?.sample ?? [:])
    request.replyTo = email.replyTo.map { [NamedAddress(address: $0)] } ?? []
    request.isStrict = values.isStrict
    shared.fill(&request)
    return try EmailRenderer.render(template, request)
  }

  /// What the e-mail's templates use, as a contract to begin with. Parts that are no templates have nothing.
  public static func inferredContract(of email: EmailRecord) -> EmailContract {
    EmailContract(
      inferredFrom: [email.subject, email.html, email.text].compactMap { $0.flatMap { try? Template($0) } })
  }
}

extension EmailRecord {
  /// Where `extra` keeps it.
  public static let contractMember = "contract"

  /// What each send must give; nil when nothing is declared.
  public var contract: EmailContract? {
    guard extra.utf8.count > 2, let members = try? Value(json: Array(extra.utf8)),
      let value = members[Self.contractMember]
    else { return nil }
    return try? EmailContract(value)
  }
}

extension EmailDraft {
  /// Declares what each send must give; nil takes the declaration away.
  public mutating func setContract(_ contract: EmailContract?) throws {
    var members: ValueMap = [:]
    if case .map(let known)? = try? Value(json: Array(extra.utf8)) { members = known }
    members[EmailRecord.contractMember] = contract?.value
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    extra = String(decoding: try encoder.encode(Value.map(members)), as: UTF8.self)
  }
}
