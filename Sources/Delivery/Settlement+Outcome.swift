import MailModel
import Storage

/// What is known of a try when its outcome is to be recorded.
struct Attempt: Sendable {
  var message: Message
  var entry: QueueEntry
  /// Set when it was prepared at this try.
  var preparedAt: Instant?
  /// Encoded edits, when they are new.
  var edits: [UInt8]?

  var number: Int { entry.attempts + 1 }

  func settlement(_ result: Settlement.Result, category: String? = nil, at now: Instant) -> Settlement {
    Settlement(
      message: message.id, campaign: message.campaign, at: now, attempt: number, preparedAt: preparedAt,
      edits: edits, result: result, category: category, owner: entry.owner)
  }

  /// What is to be recorded for an outcome.
  func settlement(
    for outcome: Outcome, schedule: RetrySchedule, isFirstWordFromHost: Bool, at now: Instant, jitter: Double
  ) -> Settlement {
    switch outcome {
    case .delivered(let answer):
      return settlement(.delivered(answer), at: now)
    case .permanent(let answer):
      return settlement(
        .bounced(answer), category: Classification.category(of: answer, isPermanent: true), at: now)
    case .temporary(let answer):
      let next = schedule.nextAttempt(
        after: number, createdAt: message.createdAt, answer: answer, isFirstWordFromHost: isFirstWordFromHost,
        now: now, jitter: jitter)
      return settlement(
        .deferred(answer, until: min(next, max(entry.expiresAt, now.advanced(bySeconds: 1)))),
        category: Classification.category(of: answer, isPermanent: false), at: now)
    }
  }

  /// Its time ran out before it was taken.
  func expiry(at now: Instant) -> Settlement {
    let hours = max((entry.expiresAt.milliseconds - message.createdAt.milliseconds) / 3_600_000, 0)
    let answer = RemoteAnswer(
      stage: .connect, code: 0, enhancedStatus: "4.4.7",
      text: "gave up: not taken by the recipient's server within \(hours) hours")
    return settlement(.expired(answer), category: "TIMEOUT", at: now)
  }
}
