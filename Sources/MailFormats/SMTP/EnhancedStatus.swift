/// An enhanced mail system status code (RFC 3463), such as 5.1.1.
public struct SMTPEnhancedStatus: Sendable, Hashable, CustomStringConvertible {
  /// 2 success, 4 temporary, 5 permanent.
  public let level: UInt8
  /// 0 to 999: what it is about.
  public let subject: UInt16
  /// 0 to 999.
  public let detail: UInt16

  public init(_ level: UInt8, _ subject: UInt16, _ detail: UInt16) {
    self.level = level
    self.subject = subject
    self.detail = detail
  }

  /// The code at the start of `text`, which a space or the end must follow; nil if there is none.
  public init?(prefixOf text: some Collection<UInt8>) {
    var numbers: (UInt16, UInt16, UInt16) = (0, 0, 0)
    var (part, digits) = (0, 0)
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits += 1
        guard digits <= 3 else { return nil }
        let digit = UInt16(byte - UInt8(ascii: "0"))
        switch part {
        case 0: numbers.0 = numbers.0 * 10 + digit
        case 1: numbers.1 = numbers.1 * 10 + digit
        default: numbers.2 = numbers.2 * 10 + digit
        }
        continue
      case UInt8(ascii: ".") where part < 2 && digits > 0:
        part += 1
        digits = 0
        continue
      case UInt8(ascii: " "): break
      default: return nil
      }
      break
    }
    guard part == 2, digits > 0, [2, 4, 5].contains(numbers.0) else { return nil }
    self.init(UInt8(numbers.0), numbers.1, numbers.2)
  }

  public var description: String { "\(level).\(subject).\(detail)" }

  /// The code that fits a reply code best (RFC 5321 section 4.2.3 against RFC 3463 section 3), for
  /// servers that don't speak ENHANCEDSTATUSCODES.
  public static func fitting(_ code: Int) -> SMTPEnhancedStatus {
    let level: UInt8 = code < 400 ? 2 : code < 500 ? 4 : 5
    switch code {
    case 421: return .init(4, 3, 2)
    case 450: return .init(4, 2, 0)
    case 550: return .init(5, 0, 0)
    case 451, 551: return .init(level, code == 551 ? 1 : 3, code == 551 ? 6 : 0)
    case 452, 552: return .init(level, level == 4 ? 3 : 2, level == 4 ? 1 : 2)
    case 553: return .init(5, 1, 3)
    case 454, 530, 534, 535, 538: return .init(level, 7, code == 535 ? 8 : 0)
    case 455, 500...504, 555: return .init(level, 5, 0)
    default: return .init(level, 0, 0)
    }
  }
}
