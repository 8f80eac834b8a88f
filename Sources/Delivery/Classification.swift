import MailModel

/// What kind of refusal an answer is; kept with the event as its `category`.
///
/// Only as far as the retry and the event's word need it: the delivery issue brings the full classifier.
enum Classification {
  /// HubSpot's bounce categories, where one fits.
  static func category(of answer: RemoteAnswer, isPermanent: Bool) -> String {
    let parts = answer.enhancedStatus.split(separator: ".").compactMap { Int($0) }
    let (subject, detail) = parts.count == 3 ? (parts[1], parts[2]) : (0, 0)
    switch (subject, detail) {
    case (1, 10), (1, 2), (4, 4), (4, 3): return "DNS_FAILURE"
    case (1, _): return isPermanent ? "UNKNOWN_USER" : "TEMPORARY_PROBLEM"
    case (2, 2): return "MAILBOX_FULL"
    case (2, 1): return isPermanent ? "UNKNOWN_USER" : "MAILBOX_MISCONFIGURATION"
    case (4, 7): return "TIMEOUT"
    case (4, _): return "TEMPORARY_PROBLEM"
    case (6, _): return "CONTENT"
    case (7, 1), (7, 0), (7, 26), (7, 20...25): return isPermanent ? "POLICY" : "TEMPORARY_PROBLEM"
    case (7, 28): return "THROTTLED"
    default: return isPermanent ? "OTHER" : "TEMPORARY_PROBLEM"
    }
  }

  /// The answer speaks of the connection or of our rate, not of this message.
  static func isCongestion(_ answer: RemoteAnswer) -> Bool {
    if answer.code == 421 { return true }
    switch answer.stage {
    case .connect, .greeting, .ehlo, .starttls: return true
    default: return answer.code / 100 == 4 && answer.enhancedStatus == "4.7.28"
    }
  }
}
