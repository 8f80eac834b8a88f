/// Quoted-printable (RFC 2045 6.7).
public enum QuotedPrintable {
  /// Longest line of the encoded form, without its CRLF.
  public static let lineLimit = 76

  /// Encodes text whose lines end in CRLF or LF; line ends become CRLF, no line is longer than 76.
  public static func encode(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    append(text, to: &output)
    return output
  }

  /// About how long the encoded form is, in bytes; soft line breaks are not counted.
  public static func estimate(_ text: [UInt8]) -> Int {
    text.reduce(text.count) { $1 >= 0x7F || $1 == Octet.equals ? $0 + 2 : $0 }
  }

  /// Appends what `encode` gives.
  public static func append(_ text: [UInt8], to output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count + text.count / 8 + 64)
    // One column is kept for the `=` of a soft break.
    let room = lineLimit - 1
    var width = 0
    var index = 0
    while index < text.count {
      if let next = lineEnd(text, at: index) {
        output.append(Octet.cr)
        output.append(Octet.lf)
        index = next
        width = 0
        continue
      }
      let end = endOfLiterals(text, from: index, room: room - width, isLineStart: width == 0)
      if end > index {
        output += text[index..<end]
        width += end - index
        index = end
      } else if width + 3 > room {
        appendSoftBreak(to: &output)
        width = 0
      } else {
        appendEscape(of: text[index], to: &output)
        width += 3
        index += 1
      }
    }
  }

  /// Decodes leniently: a broken escape stands for itself, a lone LF ends a line, bytes over 127 stay.
  public static func decode(_ bytes: [UInt8], in range: Range<Int>) -> [UInt8] {
    var decoder = Decoder(bytes, in: range, keepsMap: false)
    decoder.run()
    return decoder.output
  }

  /// Decodes and keeps where each decoded byte came from.
  public static func decodeWithMap(_ bytes: [UInt8], in range: Range<Int>) -> MappedText {
    var decoder = Decoder(bytes, in: range, keepsMap: true)
    decoder.run()
    return MappedText(bytes: decoder.output, runs: decoder.runs, rawStart: range.lowerBound)
  }

  /// Appends one byte as `=XX`.
  public static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
    output.append(Octet.equals)
    output.append(.hexDigit(byte >> 4))
    output.append(.hexDigit(byte & 15))
  }

  /// Appends `=` and a line end, which decode to nothing.
  public static func appendSoftBreak(to output: inout [UInt8]) {
    output.append(Octet.equals)
    output.append(Octet.cr)
    output.append(Octet.lf)
  }

  private static func lineEnd(_ text: [UInt8], at index: Int) -> Int? {
    if text[index] == Octet.lf { return index + 1 }
    guard text[index] == Octet.cr, index + 1 < text.count, text[index + 1] == Octet.lf else { return nil }
    return index + 2
  }

  /// How far bytes stand for themselves. Not so: white space at a line's end, and the `F` of a `From `
  /// at a line's start, before which mailbox files put a mark.
  private static func endOfLiterals(_ text: [UInt8], from start: Int, room: Int, isLineStart: Bool) -> Int {
    if isLineStart, text[start] == UInt8(ascii: "F"), text[start...].starts(with: "From ".utf8) {
      return start
    }
    let limit = min(start + room, text.count)
    let end = text.withUnsafeBufferPointer { raw in
      var index = start
      while index < limit, isLiteral(raw[index]) { index += 1 }
      return index
    }
    let isAtLineEnd = end == text.count || lineEnd(text, at: end) != nil
    return end > start && isAtLineEnd && text[end - 1].isBlank ? end - 1 : end
  }

  @inline(__always)
  private static func isLiteral(_ byte: UInt8) -> Bool {
    (byte &- 32 < 95 && byte != Octet.equals) || byte == Octet.tab
  }
}

extension QuotedPrintable {
  private struct Decoder {
    private(set) var output: [UInt8] = []
    private(set) var runs: [MappedText.Run] = []

    private let bytes: [UInt8]
    private let end: Int
    private let keepsMap: Bool
    private var position: Int
    /// The first equals sign that is not behind this place was found there.
    private var nextEquals = -1

    init(_ bytes: [UInt8], in range: Range<Int>, keepsMap: Bool) {
      self.bytes = bytes
      position = range.lowerBound
      end = range.upperBound
      self.keepsMap = keepsMap
      output.reserveCapacity(range.count)
    }

    mutating func run() {
      while position < end {
        let stop = endOfLiterals(from: position)
        if stop == end || bytes[stop] == Octet.lf {
          takeLine(upTo: stop)
        } else {
          takeLiterals(position..<stop)
          position = stop
          takeEquals()
        }
      }
    }

    /// The next `=` or LF.
    private mutating func endOfLiterals(from start: Int) -> Int {
      if nextEquals < start {
        nextEquals = bytes.firstPlace(of: Octet.equals, in: start..<end) ?? end
      }
      return bytes.firstPlace(of: Octet.lf, in: start..<nextEquals) ?? nextEquals
    }

    /// Literals up to a line end; white space before it was added on the way and is dropped.
    private mutating func takeLine(upTo stop: Int) {
      let hasLF = stop < end
      let lineEnd = hasLF && stop > position && bytes[stop - 1] == Octet.cr ? stop - 1 : stop
      var textEnd = lineEnd
      while textEnd > position, bytes[textEnd - 1].isBlank { textEnd -= 1 }
      takeLiterals(position..<textEnd)
      position = hasLF ? stop + 1 : stop
      takeLiterals(lineEnd..<position)
    }

    /// An escape, a soft line break, or an equals sign that is neither and stands for itself.
    private mutating func takeEquals() {
      if position + 2 < end, let high = bytes[position + 1].hexValue, let low = bytes[position + 2].hexValue {
        if keepsMap { runs.append(.init(decoded: output.count, raw: position, isEscape: true)) }
        output.append(high << 4 | low)
        position += 3
        return
      }
      var next = position + 1
      while next < end, bytes[next].isBlank { next += 1 }
      if next + 1 < end, bytes[next] == Octet.cr, bytes[next + 1] == Octet.lf { next += 1 }
      if next == end || bytes[next] == Octet.lf {
        position = min(next + 1, end)
      } else {
        takeLiterals(position..<(position + 1))
        position += 1
      }
    }

    private mutating func takeLiterals(_ range: Range<Int>) {
      guard !range.isEmpty else { return }
      if keepsMap, !continuesLastRun(range.lowerBound) {
        runs.append(.init(decoded: output.count, raw: range.lowerBound, isEscape: false))
      }
      output += bytes[range]
    }

    private func continuesLastRun(_ raw: Int) -> Bool {
      guard let last = runs.last, !last.isEscape else { return false }
      return last.raw + output.count - last.decoded == raw
    }
  }
}

/// Decoded bytes with the way back to the raw ones.
public struct MappedText: Sendable {
  /// The decoded bytes.
  public let bytes: [UInt8]

  /// Decoded bytes that stand one by one for as many raw ones, or one that stands for `=XX`.
  struct Run {
    var decoded: Int
    var raw: Int
    var isEscape: Bool
  }

  /// In order; each reaches to the next.
  private let runs: [Run]
  private let rawStart: Int

  init(bytes: [UInt8], runs: [Run], rawStart: Int) {
    self.bytes = bytes
    self.runs = runs
    self.rawStart = rawStart
  }

  /// The raw bytes that stand for these decoded ones. Soft line breaks inside are covered, those at
  /// either edge are not. An empty range gives the place where its lower bound's byte starts, or, at the
  /// end of the text, where its last byte ends.
  public func rawRange(of decoded: Range<Int>) -> Range<Int> {
    let lower = decoded.lowerBound < bytes.count ? rawPlace(of: decoded.lowerBound).lowerBound : rawEnd
    guard !decoded.isEmpty else { return lower..<lower }
    return lower..<rawPlace(of: decoded.upperBound - 1).upperBound
  }

  private var rawEnd: Int {
    bytes.isEmpty ? rawStart : rawPlace(of: bytes.count - 1).upperBound
  }

  private func rawPlace(of decoded: Int) -> Range<Int> {
    guard !runs.isEmpty else { return rawStart..<rawStart }
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].decoded <= decoded { low = middle } else { high = middle }
    }
    let run = runs[low]
    if run.isEscape { return run.raw..<(run.raw + 3) }
    let raw = run.raw + decoded - run.decoded
    return raw..<(raw + 1)
  }
}
