/// Why a server's bytes are no reply; the connection is of no more use.
public enum SMTPReplyError: Error, Sendable, Hashable {
  case lineTooLong
  case tooManyLines
  /// The text of a line that is none of a reply, shortened, control characters replaced.
  case malformed(String)

  /// For people.
  public var text: String {
    switch self {
    case .lineTooLong: "the server's reply has a line over \(SMTPReplyParser.maximumLine) bytes"
    case .tooManyLines: "the server's reply has over \(SMTPReplyParser.maximumLines) lines"
    case .malformed(let line): "the server's reply is not SMTP: \(line)"
    }
  }
}

/// Cuts a server's bytes into replies (RFC 5321 section 4.2.1), however they are split over reads.
///
/// Tolerant where it is harmless: bare LF as line end, a missing text, differing codes in one reply (the last
/// counts), bytes outside of UTF-8 (replaced). Bounded: 2,048 bytes a line, 128 lines. The enhanced status code
/// is taken out of the text; further lines that repeat it lose it too.
public struct SMTPReplyParser: Sendable {
  public static let maximumLine = 2_048
  public static let maximumLines = 128

  private var input: [UInt8] = []
  /// Offset of the first byte not used yet.
  private var head = 0
  /// Bytes behind `head` known to have no LF.
  private var scanned = 0
  /// Lines of the reply that is not complete yet.
  private var lines: [String] = []
  private var enhanced: SMTPEnhancedStatus?

  public init() {}

  /// Takes bytes that the server sent.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
    if head == input.count {
      input.removeAll(keepingCapacity: true)
      head = 0
    } else if head > Self.maximumLine {
      input.removeFirst(head)
      head = 0
    }
    input.append(contentsOf: bytes.assumingMemoryBound(to: UInt8.self))
  }

  /// The next complete reply; nil when more bytes are needed. After an error there is none any more.
  public mutating func next() throws(SMTPReplyError) -> SMTPReply? {
    while let end = input[(head + scanned)...].firstIndex(of: 0x0A) {
      let start = head
      head = end + 1
      scanned = 0
      let lineEnd = end > start && input[end - 1] == 0x0D ? end - 1 : end
      guard lineEnd - start <= Self.maximumLine else { throw .lineTooLong }
      guard let (code, isLast) = status(of: input[start..<lineEnd]) else {
        throw .malformed(Self.printable(input[start..<lineEnd].prefix(100)))
      }
      guard lines.count < Self.maximumLines else { throw .tooManyLines }
      take(input[start..<lineEnd].dropFirst(4), of: code)
      guard isLast else { continue }
      defer {
        lines = []
        enhanced = nil
      }
      return SMTPReply(code, enhanced, lines)
    }
    scanned = input.count - head
    guard scanned <= Self.maximumLine + 1 else { throw .lineTooLong }
    return nil
  }

  /// Bytes taken that belong to no reply given yet. Not 0 behind the 220 of STARTTLS: an injection.
  public var bufferedBytes: Int { input.count - head + lines.count }

  /// Code, and whether the line ends the reply: a hyphen behind the code says it doesn't.
  private func status(of line: ArraySlice<UInt8>) -> (code: Int, isLast: Bool)? {
    let digits = line.prefix(3)
    guard digits.count == 3, digits.allSatisfy(\.isDigit) else { return nil }
    let code = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    guard 200...599 ~= code else { return nil }
    switch line.dropFirst(3).first {
    case nil, space: return (code, true)
    case UInt8(ascii: "-"): return (code, false)
    default: return nil
    }
  }

  private mutating func take(_ text: ArraySlice<UInt8>, of code: Int) {
    var text = text
    if code < 300 || code >= 400, let status = SMTPEnhancedStatus(prefixOf: text),
      status == enhanced || enhanced == nil && lines.isEmpty
    {
      enhanced = status
      let behind = text.firstIndex(of: space) ?? text.endIndex
      text = text[behind...].drop { $0 == space }
    }
    lines.append(Self.printable(text))
  }

  /// Text whose control characters are spaces: it goes to logs and people.
  private static func printable(_ text: ArraySlice<UInt8>) -> String {
    guard text.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      return String(decoding: text, as: UTF8.self)
    }
    return String(decoding: text.map { $0 < 0x20 || $0 == 0x7F ? space : $0 }, as: UTF8.self)
  }
}
