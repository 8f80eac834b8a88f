import MailModel

/// When a message that could not be handed over is tried again.
///
/// 1, 2, 5, 10, 20, 40 minutes, then hourly up to an age of 6 hours, then every 3 hours, each ±10 %
/// so that what failed together does not come back together.
public struct RetrySchedule: Sendable {
  /// Delays after the first six tries, in seconds.
  static let firstDelaysSeconds: [Int64] = [60, 120, 300, 600, 1200, 2400]
  static let hourSeconds: Int64 = 3600
  /// Age up to which the delay is an hour.
  static let hourlyUntilSeconds: Int64 = 6 * 3600
  static let lateDelaySeconds: Int64 = 3 * 3600
  /// Greylisting (RFC 6647) mostly asks for five minutes.
  static let greylistDelaySeconds: Int64 = 300
  /// A receiver that states a longer delay than this is not taken at its word.
  static let statedDelaySecondsMax: Int64 = 4 * 3600

  public init() {}

  /// - Parameters:
  ///   - attempt: the number of the try that just failed, from 1.
  ///   - createdAt: when the message was accepted.
  ///   - answer: what the remote said.
  ///   - isFirstWordFromHost: no mail was ever accepted there, so that a 451 is probably greylisting.
  ///   - jitter: 0 to 1, drawn by the caller.
  public func nextAttempt(
    after attempt: Int, createdAt: Instant, answer: RemoteAnswer, isFirstWordFromHost: Bool, now: Instant,
    jitter: Double
  ) -> Instant {
    if let stated = StatedDelay.seconds(in: answer.text) {
      return now.advanced(bySeconds: min(max(stated, 1), Self.statedDelaySecondsMax))
    }
    if isFirstWordFromHost, answer.code == 451, attempt == 1 {
      return now.advanced(bySeconds: Self.greylistDelaySeconds)
    }
    let age = (now.milliseconds - createdAt.milliseconds) / 1000
    let base = baseDelaySeconds(after: attempt, ageSeconds: age)
    let spread = (min(max(jitter, 0), 1) - 0.5) * 0.2
    return now.advanced(byMilliseconds: Int64(Double(base * 1000) * (1 + spread)))
  }

  func baseDelaySeconds(after attempt: Int, ageSeconds: Int64) -> Int64 {
    let index = max(attempt, 1) - 1
    if index < Self.firstDelaysSeconds.count { return Self.firstDelaysSeconds[index] }
    return ageSeconds < Self.hourlyUntilSeconds ? Self.hourSeconds : Self.lateDelaySeconds
  }
}

/// The delay that a receiver states in its refusal, such as "try again in 300 seconds".
public enum StatedDelay {
  /// Seconds, or nil when the text states none. A number counts only when one of the words of asking
  /// to come back stands before it and a unit of time right behind it.
  public static func seconds(in text: String) -> Int64? {
    let words = lowercasedWords(of: text)
    for (index, word) in words.enumerated() {
      guard let number = Int64(word), index + 1 < words.count, let unit = unitSeconds(words[index + 1]),
        words[..<index].suffix(6).contains(where: askingWords.contains)
      else { continue }
      let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
      return overflow ? nil : seconds
    }
    return nil
  }

  private static let askingWords: Set<String> = ["again", "retry", "wait", "later", "after"]

  private static func unitSeconds(_ word: String) -> Int64? {
    switch word {
    case "s", "sec", "secs", "second", "seconds": 1
    case "m", "min", "mins", "minute", "minutes": 60
    case "h", "hour", "hours": 3600
    default: nil
    }
  }

  /// Runs of letters and runs of digits, so that `300s` is two words.
  private static func lowercasedWords(of text: String) -> [String] {
    var words: [[UInt8]] = []
    var lastKind = 0
    for byte in text.utf8.prefix(1024) {
      let lower = byte | 0x20
      let kind = (48...57).contains(byte) ? 1 : (97...122).contains(lower) ? 2 : 0
      if kind != 0 {
        if kind == lastKind, !words.isEmpty {
          words[words.count - 1].append(kind == 2 ? lower : byte)
        } else {
          words.append([kind == 2 ? lower : byte])
        }
      }
      lastKind = kind
    }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }
}
