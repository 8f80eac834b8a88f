import MailFormats
import MailModel

/// What the header of submitted mail must satisfy before it is accepted.
enum HeaderPolicy {
  /// RFC 5321 section 6.3: a message that came this far round is in a loop.
  static let hopsMax = 50

  /// The reply that refuses the message; nil when it may be sent.
  static func refusal(
    of inspection: Inspection, parameters: SMTPMailParameters, isVerified: (String) -> Bool
  ) -> SMTPReply? {
    if let broken = brokenHeader(inspection, parameters) { return broken }
    for mailbox in inspection.from + [inspection.sender].compactMap({ $0 }) {
      let address = mailbox.address
      guard let domain = address.asciiDomain, isVerified(domain) else {
        return SMTPReply(
          550, .init(5, 7, 1),
          [
            "The domain of the From address <\(address)> is not a verified sending domain of this account.",
            "Add it with 'brevdue domain add \(address.domain)', put the DNS records it prints in place,",
            "then run 'brevdue domain check \(address.domain)'; or send from a domain that is verified.",
          ])
      }
    }
    return nil
  }

  private static func brokenHeader(_ inspection: Inspection, _ parameters: SMTPMailParameters) -> SMTPReply? {
    let findings = inspection.findings
    if inspection.receivedCount > hopsMax {
      return SMTPReply(554, .init(5, 4, 6), "More than \(hopsMax) Received fields: the message is in a loop")
    }
    if findings.contains(.missingFrom) { return refused("The message has no From field; add one") }
    if findings.contains(.multipleFrom) {
      return refused("The message has more than one From field; RFC 5322 allows one")
    }
    if findings.contains(.invalidFrom) || inspection.from.isEmpty {
      return refused("The From field can't be read as a list of addresses (RFC 5322 section 3.4)")
    }
    if findings.contains(.invalidSender) || findings.contains(.multipleSender) {
      return refused("The Sender field must stand once and hold one address (RFC 5322 section 3.6.2)")
    }
    if findings.contains(.missingSender) {
      return refused("From has several addresses, so a Sender field must name one (RFC 5322 section 3.6.2)")
    }
    if findings.contains(.headerOverLimit) {
      return refused("The header is larger than 128 KB or has more than 1,000 fields")
    }
    return nil
  }

  private static func refused(_ text: String) -> SMTPReply {
    SMTPReply(550, .init(5, 6, 0), text)
  }
}
