import Foundation
import MailModel
import Synchronization

/// Time zones by the names of the IANA database, such as `Europe/Berlin`: what templates show dates in.
public enum TimeZones {
  private static let known = Mutex<[String: TimeZone?]>([:])
  /// Names come from templates and requests; that many are remembered, those that are none too.
  private static let limit = 1000

  /// Seconds that the zone's clocks are ahead of UTC at an instant, with summer time where there is one; nil for a
  /// name that is no zone. Looks each name up once.
  public static func offset(of name: String, at instant: Instant) -> Int? {
    guard let zone = zone(name) else { return nil }
    return zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000))
  }

  private static func zone(_ name: String) -> TimeZone? {
    if let zone = known.withLock({ $0[name] }) { return zone }
    let zone = isName(name) ? TimeZone(identifier: name) : nil
    known.withLock { known in
      if known.count < limit { known[name] = .some(zone) }
    }
    return zone
  }

  /// Letters, digits and `/ _ - +`, as all names have them: nothing that could be the path of another file.
  private static func isName(_ name: String) -> Bool {
    name.utf8.count <= 64 && !name.hasPrefix("/")
      && name.utf8.allSatisfy { $0 | 0x20 &- 0x61 < 26 || $0 &- 0x30 < 10 || "/_-+".utf8.contains($0) }
  }
}
