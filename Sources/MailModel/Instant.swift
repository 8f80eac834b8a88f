#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, as it is stored.
@frozen
public struct Instant: Sendable, Hashable, Comparable {
  public var milliseconds: Int64

  @inlinable
  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// The time of the system's clock. Pure code takes an `Instant` as a parameter instead.
  public static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  @inlinable
  public static func < (left: Instant, right: Instant) -> Bool {
    left.milliseconds < right.milliseconds
  }

  @inlinable
  public func advanced(byMilliseconds delta: Int64) -> Instant {
    Instant(milliseconds: milliseconds + delta)
  }

  @inlinable
  public func advanced(bySeconds delta: Int64) -> Instant {
    advanced(byMilliseconds: delta * 1000)
  }
}
