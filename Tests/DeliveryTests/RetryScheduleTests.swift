import MailModel
import Testing

@testable import Delivery

@Suite struct RetryScheduleTests {
  static let accepted = Instant(milliseconds: 1_700_000_000_000)

  @Test(
    arguments: [
      (1, 0, 60), (2, 60, 120), (3, 180, 300), (4, 480, 600), (5, 1080, 1200), (6, 2280, 2400),
      (7, 4680, 3600), (11, 5 * 3600, 3600), (12, 6 * 3600, 3 * 3600), (30, 60 * 3600, 3 * 3600),
    ] as [(Int, Int64, Int64)])
  func followsTheSchedule(attempt: Int, ageSeconds: Int64, delaySeconds: Int64) {
    let now = Self.accepted.advanced(bySeconds: ageSeconds)
    for (jitter, factor) in [(0.0, 0.9), (0.5, 1.0), (1.0, 1.1)] {
      let next = RetrySchedule().nextAttempt(
        after: attempt, createdAt: Self.accepted, answer: answer("try later"), isFirstWordFromHost: false,
        now: now, jitter: jitter)
      #expect(next.milliseconds - now.milliseconds == Int64(Double(delaySeconds) * 1000 * factor))
    }
  }

  @Test func aHostNeverSeenThatGreylistsGetsFiveMinutes() {
    let next = RetrySchedule().nextAttempt(
      after: 1, createdAt: Self.accepted, answer: answer("greylisted"), isFirstWordFromHost: true,
      now: Self.accepted, jitter: 0.3)
    #expect(next == Self.accepted.advanced(bySeconds: 300))
  }

  @Test(
    arguments: [
      ("4.7.1 Try again in 300 seconds", 300), ("Greylisted, please retry after 5 minutes", 300),
      ("wait 90s before trying again", 90), ("Please try again later in 1 hour.", 3600),
      ("try again later", nil), ("4.7.0 [192.0.2.1] too many connections", nil),
      ("quota of 10 minutes used", nil), ("again 99999999999999999999 seconds", nil), ("", nil),
      ("again 9223372036854775807 hours", nil),
    ] as [(String, Int64?)])
  func readsAStatedDelay(text: String, seconds: Int64?) {
    #expect(StatedDelay.seconds(in: text) == seconds)
  }

  @Test func aStatedDelayIsHonouredWithinReason() {
    for (text, seconds) in [("retry in 10 minutes", 600), ("retry in 900 hours", 4 * 3600)]
      as [(String, Int64)]
    {
      let next = RetrySchedule().nextAttempt(
        after: 3, createdAt: Self.accepted, answer: answer(text), isFirstWordFromHost: false,
        now: Self.accepted, jitter: 0)
      #expect(next == Self.accepted.advanced(bySeconds: seconds))
    }
  }

  private func answer(_ text: String) -> RemoteAnswer {
    RemoteAnswer(stage: .rcpt, code: 451, enhancedStatus: "4.7.1", text: text)
  }
}

@Suite struct ConcurrencyWindowTests {
  @Test func growsByOneForACohortOfSuccesses() {
    var window = ConcurrencyWindow(ceiling: 20)
    #expect(window.limit == 5)
    for _ in 0..<5 { window.succeeded(whileUsing: 5) }
    #expect(window.limit == 5)
    window.succeeded(whileUsing: 5)
    #expect(window.limit == 6)
  }

  @Test func doesNotGrowOnConnectionsItDoesNotUse() {
    var window = ConcurrencyWindow(ceiling: 20)
    for _ in 0..<100 { window.succeeded(whileUsing: 2) }
    #expect(window.limit == 5)
  }

  @Test func staysBetweenOneAndItsCeiling() {
    var window = ConcurrencyWindow(ceiling: 7)
    for _ in 0..<1000 { window.succeeded(whileUsing: 7) }
    #expect(window.limit == 7)
    for _ in 0..<10 { window.congested() }
    #expect(window.limit == 1)
    #expect(ConcurrencyWindow(ceiling: 0).limit == 1)
  }
}

@Suite struct ClassificationTests {
  @Test(arguments: [
    ("5.1.1", true, "UNKNOWN_USER"), ("5.1.10", true, "DNS_FAILURE"), ("5.2.2", true, "MAILBOX_FULL"),
    ("4.2.2", false, "MAILBOX_FULL"), ("5.7.1", true, "POLICY"), ("4.4.7", true, "TIMEOUT"),
    ("4.3.2", false, "TEMPORARY_PROBLEM"), ("5.6.0", true, "CONTENT"), ("rubbish", true, "OTHER"),
  ])
  func namesTheCategory(status: String, isPermanent: Bool, category: String) {
    let answer = RemoteAnswer(stage: .rcpt, code: isPermanent ? 550 : 450, enhancedStatus: status, text: "")
    #expect(Classification.category(of: answer, isPermanent: isPermanent) == category)
  }
}
