/// Walks over the fields of a header without storing any.
struct HeaderScanner {
  /// What stands at a place in a header.
  enum Item {
    case field(HeaderField)
    /// Neither a field nor a continuation; with the lines that continue it.
    case malformed(Range<Int>)
    /// The empty line, with the place behind it.
    case separator(bodyStart: Int)
    /// The bytes are used up and there was no empty line.
    case end
  }

  private let bytes: [UInt8]
  private let limit: Int
  /// Where the next item starts.
  private(set) var position: Int
  /// A continuation line of white space only was seen.
  private(set) var hasBlankContinuation = false

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    limit = range.upperBound
  }

  mutating func next() -> Item {
    let start = position
    guard start < limit else { return .end }
    if let bodyStart = emptyLineEnd(at: start) { return .separator(bodyStart: bodyStart) }
    let nameEnd = endOfName(from: start)
    var colon = nameEnd
    while colon < limit, bytes[colon].isBlank { colon += 1 }
    let isField = nameEnd > start && colon < limit && bytes[colon] == Octet.colon
    let end = endOfFoldedLines(from: isField ? colon + 1 : start)
    position = end
    guard isField else { return .malformed(start..<end) }
    let value = (colon + 1)..<withoutLineEnd(end, above: colon + 1)
    return .field(HeaderField(name: start..<nameEnd, value: value, full: start..<end))
  }

  private func emptyLineEnd(at start: Int) -> Int? {
    if bytes[start] == Octet.lf { return start + 1 }
    if bytes[start] == Octet.cr, start + 1 < limit, bytes[start + 1] == Octet.lf { return start + 2 }
    return nil
  }

  /// RFC 5322 `ftext`: printable ASCII but for the colon.
  private func endOfName(from start: Int) -> Int {
    var index = start
    while index < limit, bytes[index] > 32, bytes[index] < 127, bytes[index] != Octet.colon { index += 1 }
    return index
  }

  /// Behind the line end that no continuation line follows.
  private mutating func endOfFoldedLines(from start: Int) -> Int {
    var index = start
    while let lineEnd = bytes.firstPlace(of: Octet.lf, in: index..<limit) {
      index = lineEnd + 1
      guard index < limit, bytes[index].isBlank else { return index }
      if isBlankLine(at: index) { hasBlankContinuation = true }
    }
    return limit
  }

  private func isBlankLine(at start: Int) -> Bool {
    var index = start
    while index < limit, bytes[index].isBlank { index += 1 }
    return index < limit && emptyLineEnd(at: index) != nil
  }

  private func withoutLineEnd(_ end: Int, above start: Int) -> Int {
    guard end > start, bytes[end - 1] == Octet.lf else { return end }
    return end - 1 > start && bytes[end - 2] == Octet.cr ? end - 2 : end - 1
  }
}
