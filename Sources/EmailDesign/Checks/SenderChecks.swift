/// Sender and recipients, by what is known of them.
enum SenderChecks {
  static func findings(_ facts: CheckFacts) -> [Finding] {
    (facts.sender.map(sender) ?? []) + (facts.recipients.map(recipients) ?? []) + tracking(facts)
  }

  private static func sender(_ sender: SenderFacts) -> [Finding] {
    guard !sender.address.isEmpty else {
      return [
        Finding(.stop, "sender-missing", .sender, "There is no sender.", fix: "Choose an address for From.")
      ]
    }
    guard sender.isVerified else {
      return [
        Finding(
          .stop, "sender-unverified", .sender, "The domain of \(sender.address) is not verified.",
          fix: "Set its DNS records, then `brevdue domain check`; or send from another domain.")
      ]
    }
    return proofs(sender)
  }

  /// DMARC passes when DKIM or SPF stands for the domain in From (RFC 7489, section 3.1).
  private static func proofs(_ sender: SenderFacts) -> [Finding] {
    var findings = [Finding]()
    for (name, proof) in [("DKIM", sender.dkim), ("SPF", sender.spf)]
    where proof == .missing || proof == .unaligned {
      let state =
        proof == .missing ? "has no record" : "stands for another domain than that of \(sender.address)"
      findings.append(
        Finding(
          .warn, "sender-\(name.lowercased())", .sender, "\(name) \(state).",
          fix: "`brevdue domain records` shows what to set."))
    }
    if sender.dmarc == .missing {
      findings.append(
        Finding(
          .inform, "sender-dmarc", .sender,
          "The domain has no DMARC record; Gmail and Yahoo ask for one from those who send much.",
          fix: "Set one that starts with v=DMARC1; p=none, and look at the reports."))
    }
    if sender.dkim == .unaligned, sender.spf != .aligned {
      findings.append(
        Finding(
          .warn, "sender-alignment", .sender,
          "Neither DKIM nor SPF stands for the domain in From: DMARC fails.",
          fix: "Sign with a key of that domain."))
    }
    if findings.isEmpty, sender.dkim == .aligned {
      findings.append(
        Finding(
          .inform, "sender-authentic", .sender, "DKIM stands for the domain of \(sender.address).",
          fix: "Nothing to do."))
    }
    return findings
  }

  private static func recipients(_ facts: RecipientFacts) -> [Finding] {
    var findings = [Finding]()
    if facts.suppressed > 0 {
      findings.append(
        Finding(
          .inform, "recipients-suppressed", .recipients,
          "\(facts.suppressed.grouped) of \(facts.total.grouped) recipients get nothing: they unsubscribed, or their addresses bounce.",
          fix: "Nothing to do."))
    }
    if let rate = facts.hourlyRate, rate > 0 {
      let minutes = max((facts.total - facts.suppressed) * 60 / rate, 1)
      let time = minutes < 120 ? "\(minutes) minutes" : "\(minutes / 60) hours"
      findings.append(
        Finding(.inform, "send-time", .recipients, "Sending takes about \(time).", fix: "Nothing to do."))
    }
    return findings
  }

  private static func tracking(_ facts: CheckFacts) -> [Finding] {
    guard facts.isTrackingSecure == false else { return [] }
    return [
      Finding(
        .warn, "tracking-http", .sender, "Tracked links go through a host without https.",
        fix: "Set http.public-url to an https address.")
    ]
  }
}
