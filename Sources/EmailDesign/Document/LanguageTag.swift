/// A language as BCP 47 names it: `en`, `pt-BR`, `zh-Hant-TW`.
public struct LanguageTag: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// In the usual letters: language small, script with a capital, region in capitals.
  public let description: String

  /// Takes `pt_br` for `pt-BR`, as contact properties have it; nil for what is no tag.
  public init?(_ text: String) {
    let parts = text.utf8.split(omittingEmptySubsequences: false) { $0 == 0x2D || $0 == 0x5F }
    guard let first = parts.first, (2...3).contains(first.count), first.allSatisfy(Self.isLetter),
      parts.count <= 6,
      parts.allSatisfy({
        (1...8).contains($0.count) && $0.allSatisfy { Self.isLetter($0) || $0 &- 0x30 < 10 }
      })
    else { return nil }
    let words = parts.enumerated().map { place, part in
      let word = String(decoding: part, as: UTF8.self).lowercased()
      if place > 0, part.count == 2 { return word.uppercased() }
      if place > 0, part.count == 4, part.allSatisfy(Self.isLetter) {
        return word.prefix(1).uppercased() + word.dropFirst()
      }
      return word
    }
    description = words.joined(separator: "-")
  }

  private init(trusted text: String) {
    description = text
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// Without its last part; nil when one part is left. RFC 4647, section 3.4: single letters go too.
  var shorter: LanguageTag? {
    var parts = description.split(separator: "-")
    guard parts.count > 1 else { return nil }
    parts.removeLast()
    if parts.count > 1, parts.last?.count == 1 { parts.removeLast() }
    return LanguageTag(trusted: parts.joined(separator: "-"))
  }

  /// The language alone.
  var language: Substring { description.prefix { $0 != "-" } }

  public static func < (left: LanguageTag, right: LanguageTag) -> Bool {
    left.description < right.description
  }

  /// English.
  public static let english = LanguageTag(trusted: "en")
}
