import Glibc
import MailModel

extension Instant {
  /// For people, in the zone of the machine: `2026-11-23 12:24:00`.
  var local: String {
    var seconds = wholeSeconds
    var parts = tm()
    localtime_r(&seconds, &parts)
    return Self.format(parts, "%Y-%m-%d %H:%M:%S")
  }

  /// `local` with milliseconds, for what follows each other quickly.
  var localPrecise: String { local + "." + paddedMilliseconds }

  /// The zone that `local` speaks of, such as `CET`.
  var zone: String {
    var seconds = wholeSeconds
    var parts = tm()
    localtime_r(&seconds, &parts)
    return Self.format(parts, "%Z")
  }

  private var wholeSeconds: time_t {
    milliseconds >= 0 ? time_t(milliseconds / 1000) : time_t((milliseconds - 999) / 1000)
  }

  private var paddedMilliseconds: String {
    let rest = milliseconds - Int64(wholeSeconds) * 1000
    return String(String(1000 + rest).dropFirst())
  }

  private static func format(_ parts: tm, _ pattern: String) -> String {
    var parts = parts
    var bytes = [CChar](repeating: 0, count: 64)
    let count = strftime(&bytes, bytes.count, pattern, &parts)
    return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A span of time in the largest fitting unit, for people: `40 s`, `5 min`, `3 h`.
func spanText(milliseconds: Int64) -> String {
  let seconds = max(milliseconds, 0) / 1000
  if seconds < 1 { return "\(max(milliseconds, 0)) ms" }
  if seconds < 120 { return "\(seconds) s" }
  if seconds < 7200 { return "\(seconds / 60) min" }
  return seconds < 172_800 ? "\(seconds / 3600) h" : "\(seconds / 86_400) days"
}
