import MailFormats

/// A part's decoded body with the way back from each decoded place to the raw bytes.
enum BodyMap {
  /// 7bit, 8bit and binary: the decoded bytes are the raw ones.
  case plain(bytes: [UInt8], start: Int)
  case quotedPrintable(MappedText)
  case base64(Base64Map)

  /// nil for encodings that are not known, and base64 that is not regular.
  init?(_ message: [UInt8], part: MIMEPart) {
    switch part.transferEncoding {
    case .sevenBit, .eightBit, .binary:
      self = .plain(bytes: Array(message[part.bodyRange]), start: part.bodyRange.lowerBound)
    case .quotedPrintable:
      self = .quotedPrintable(QuotedPrintable.decodeWithMap(message, in: part.bodyRange))
    case .base64:
      guard let map = Base64Map(message, part.bodyRange) else { return nil }
      self = .base64(map)
    case .unknown:
      return nil
    }
  }

  var decoded: [UInt8] {
    switch self {
    case .plain(let bytes, _): bytes
    case .quotedPrintable(let text): text.bytes
    case .base64(let map): map.bytes
    }
  }

  /// The slot that puts `before`, the link or pixel and `after` in place of a decoded range.
  func slot(
    _ range: Range<Int>, link: Int?, before: [UInt8], after: [UInt8], in message: [UInt8]
  ) -> TrackingSlot {
    switch self {
    case .plain(_, let start):
      TrackingSlot(
        offset: start + range.lowerBound, removed: range.count, link: link, form: .plain, before: before,
        after: after)
    case .quotedPrintable(let text):
      Self.quotedPrintableSlot(text, range, link: link, before: before, after: after, in: message)
    case .base64(let map):
      map.slot(range, link: link, before: before, after: after)
    }
  }

  private static func quotedPrintableSlot(
    _ text: MappedText, _ range: Range<Int>, link: Int?, before: [UInt8], after: [UInt8],
    in message: [UInt8]
  ) -> TrackingSlot {
    var range = range
    var before = before
    var raw = text.rawRange(of: range)
    let lineStart = message[..<raw.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // The soft line break before it would make a full line longer still: its last sign comes along.
    if raw.lowerBound - lineStart >= QuotedPrintable.lineLimit, range.lowerBound > 0,
      text.bytes[range.lowerBound - 1] != 0x0A
    {
      range = (range.lowerBound - 1)..<range.upperBound
      before.insert(text.bytes[range.lowerBound], at: 0)
      raw = text.rawRange(of: range)
    }
    return TrackingSlot(
      offset: raw.lowerBound, removed: raw.count, link: link, form: .quotedPrintable, before: before,
      after: after)
  }
}

/// Decoded base64 with the places of its digits. Only regular base64: digits, line ends, and padding at
/// the very end.
struct Base64Map {
  let bytes: [UInt8]
  /// For each line, the number of digits before it and where it starts.
  private var lines: [(digits: Int, offset: Int)] = []
  /// Behind the last digit or padding.
  private var end: Int

  init?(_ message: [UInt8], _ range: Range<Int>) {
    end = range.lowerBound
    var signs = [UInt8]()
    signs.reserveCapacity(range.count)
    var isLineStart = true
    for index in range {
      let byte = message[index]
      if byte == 0x0D || byte == 0x0A {
        isLineStart = true
        continue
      }
      if isLineStart { lines.append((signs.count, index)) }
      isLineStart = false
      signs.append(byte)
      end = index + 1
    }
    guard let bytes = Base64.decode(signs) else { return nil }
    self.bytes = bytes
  }

  /// The slot of a decoded range, widened to whole groups.
  func slot(_ range: Range<Int>, link: Int?, before: [UInt8], after: [UInt8]) -> TrackingSlot {
    let lower = range.lowerBound / 3 * 3
    let upper = min((range.upperBound + 2) / 3 * 3, bytes.count)
    let start = offset(ofDigit: lower / 3 * 4)
    let stop = upper == bytes.count ? end : lastOffset(before: upper / 3 * 4)
    return TrackingSlot(
      offset: start, removed: max(0, stop - start), link: link,
      form: upper == bytes.count ? .base64End : .base64, before: bytes[lower..<range.lowerBound] + before,
      after: after + bytes[range.upperBound..<upper])
  }

  /// Where a digit stands; the end for the one behind the last.
  private func offset(ofDigit digit: Int) -> Int {
    var low = 0
    var high = lines.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lines[middle].digits <= digit { low = middle } else { high = middle }
    }
    guard !lines.isEmpty else { return end }
    return min(lines[low].offset + digit - lines[low].digits, end)
  }

  /// Behind the digit before this one.
  private func lastOffset(before digit: Int) -> Int {
    digit == 0 ? offset(ofDigit: 0) : offset(ofDigit: digit - 1) + 1
  }
}
