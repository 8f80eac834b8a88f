#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether a rendering has had its time. The processor time of its thread counts, so that a machine that is busy with
/// other work fails nobody's mail; that clock is slow to read, so the other is asked first.
struct Deadline {
  private let nanoseconds: Int64
  /// Both clocks when the time was first asked for: most renderings end before that, and read none.
  private var start: (elapsed: Int64, processor: Int64)?

  /// nil for any time.
  init(milliseconds: Int?) {
    nanoseconds =
      milliseconds.map { Int64(clamping: $0).multipliedReportingOverflow(by: 1_000_000) }
      .map { $0.overflow ? .max : max(0, $0.partialValue) } ?? .max
  }

  /// The first question starts the time.
  mutating func isPast() -> Bool {
    guard nanoseconds < .max else { return false }
    let now = Self.read(CLOCK_MONOTONIC)
    guard let start else {
      start = (now, Self.read(CLOCK_THREAD_CPUTIME_ID))
      return nanoseconds == 0
    }
    guard now - start.elapsed >= nanoseconds else { return false }
    return Self.read(CLOCK_THREAD_CPUTIME_ID) - start.processor >= nanoseconds
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
