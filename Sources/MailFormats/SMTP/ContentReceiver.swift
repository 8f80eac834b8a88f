#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Collects the content of one message, from DATA (RFC 5321 section 4.5.2) or BDAT (RFC 3030).
///
/// Content with a fault is swallowed to its true end, which is all that protects from smuggling: the sender
/// and we must agree where the message ends, whatever is in it.
struct SMTPContentReceiver: Sendable {
  enum Fault: Sendable, Hashable {
    /// A CR without LF, in this line (from 1).
    case bareCR(line: Int)
    /// An LF without CR.
    case bareLF(line: Int)
    case nul(line: Int)
    /// Over 998 bytes without CRLF.
    case longLine(Int)
    case tooLarge

    /// Signs of smuggling, or of a client whose idea of a line is not ours: no further command can be trusted.
    var isStray: Bool {
      switch self {
      case .bareCR, .bareLF, .nul: true
      case .longLine, .tooLarge: false
      }
    }
  }

  static let maximumLine = 998

  /// What came so far, dot-stuffing undone; of no use once there is a fault.
  private(set) var body: [UInt8] = []
  private(set) var fault: Fault?
  /// All bytes received, whether kept or not.
  private(set) var received = 0

  private let maximumSize: Int
  /// The line that is being received, from 1.
  private var line = 1
  /// Bytes of it so far, without the stuffed dot and without a CR that may end it.
  private var lineLength = 0
  /// It began with a dot, which was dropped.
  private var isDotted = false
  /// The last byte was a CR, and what it means is not known yet.
  private var hasPendingCR = false

  /// - Parameter expected: declared SIZE; memory is reserved for it, within reason.
  init(maximumSize: Int, expected: Int = 0) {
    self.maximumSize = maximumSize
    body.reserveCapacity(min(max(expected, 0), maximumSize, 256 * 1024))
  }

  /// Takes a part of DATA content.
  ///
  /// - Returns: how many bytes belong to the content and whether its end, CRLF.CRLF, was among them. The
  ///   CRLF of the DATA command counts as the first.
  mutating func receiveData(_ bytes: UnsafeRawBufferPointer) -> (consumed: Int, isComplete: Bool) {
    let end = walk(bytes, isDotStuffed: true)
    received += end ?? bytes.count
    return (end ?? bytes.count, end != nil)
  }

  /// Takes a part of a chunk, whose end the caller counts.
  mutating func receiveChunk(_ bytes: UnsafeRawBufferPointer) {
    _ = walk(bytes, isDotStuffed: false)
    received += bytes.count
  }

  /// The last chunk is complete: a last line without CRLF gets one.
  mutating func finishChunks() {
    if hasPendingCR {
      note(.bareCR(line: line))
    } else if lineLength > 0 {
      endLine()
      append(0x0D)
      append(0x0A)
    }
    if body.count > maximumSize { note(.tooLarge) }
  }

  /// The content, leaving none here.
  mutating func takeBody() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &body)
    return taken
  }

  /// Goes from CR to CR. Returns the offset behind the end mark if that was reached.
  private mutating func walk(_ bytes: UnsafeRawBufferPointer, isDotStuffed: Bool) -> Int? {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
    let firstLine = line
    let startsBehindCR = hasPendingCR
    var lineEnds = 0
    var (position, copied) = (0, 0)
    if hasPendingCR {
      hasPendingCR = false
      if bytes[0] == 0x0A {
        lineEnds = 1
        if isDotted, lineLength == 0 { return check(bytes, upTo: 1, lineEnds, firstLine, startsBehindCR) }
        append(0x0D)
        endLine()
        position = 1
      } else {
        note(.bareCR(line: line))
        lineLength += 1
      }
    }
    while position < bytes.count {
      if isDotStuffed, lineLength == 0, !isDotted, bytes[position] == UInt8(ascii: ".") {
        isDotted = true
        append(bytes, copied..<position)
        position += 1
        copied = position
      }
      guard let found = memchr(base + position, 0x0D, bytes.count - position) else {
        lineLength += bytes.count - position
        break
      }
      let carriageReturn = UnsafeRawPointer(found) - base
      lineLength += carriageReturn - position
      guard carriageReturn + 1 < bytes.count else {
        hasPendingCR = true
        append(bytes, copied..<carriageReturn)
        copied = bytes.count
        break
      }
      position = carriageReturn + 1
      guard bytes[position] == 0x0A else {
        note(.bareCR(line: line))
        lineLength += 1
        continue
      }
      position += 1
      lineEnds += 1
      if isDotted, lineLength == 0 {
        return check(bytes, upTo: position, lineEnds, firstLine, startsBehindCR)
      }
      endLine()
    }
    append(bytes, copied..<bytes.count)
    _ = check(bytes, upTo: bytes.count, lineEnds, firstLine, startsBehindCR)
    return nil
  }

  private mutating func endLine() {
    if lineLength > Self.maximumLine { note(.longLine(line)) }
    line += 1
    lineLength = 0
    isDotted = false
  }

  private mutating func note(_ new: Fault) {
    guard fault.map({ new.isStray && !$0.isStray }) ?? true else { return }
    fault = new
    body = []
  }

  private mutating func append(_ byte: UInt8) {
    guard fault == nil else { return }
    body.append(byte)
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    guard fault == nil, !range.isEmpty else { return }
    guard body.count + range.count <= maximumSize else { return note(.tooLarge) }
    body.append(
      contentsOf: UnsafeRawBufferPointer(rebasing: bytes[range]).assumingMemoryBound(to: UInt8.self))
  }

  /// Looks for what the walk from CR to CR passes over: a NUL, and LFs that no CR came before, which there are
  /// if there are more LFs than line ends. Both are one fast sweep. Returns `end`.
  private mutating func check(
    _ bytes: UnsafeRawBufferPointer, upTo end: Int, _ lineEnds: Int, _ firstLine: Int, _ startsBehindCR: Bool
  ) -> Int {
    let part = UnsafeRawBufferPointer(rebasing: bytes[..<end])
    let hasBareLF = Self.count(0x0A, in: part) != lineEnds
    let hasNUL = part.baseAddress.map { memchr($0, 0, end) != nil } ?? false
    if hasBareLF || hasNUL { noteStray(part, firstLine, startsBehindCR) }
    return end
  }

  /// Finds the line of the first bare LF or NUL, byte by byte.
  private mutating func noteStray(
    _ bytes: UnsafeRawBufferPointer, _ firstLine: Int, _ startsBehindCR: Bool
  ) {
    var current = firstLine
    var isBehindCR = startsBehindCR
    for byte in bytes {
      if byte == 0 { return note(.nul(line: current)) }
      if byte == 0x0A {
        guard isBehindCR else { return note(.bareLF(line: current)) }
        current += 1
      }
      isBehindCR = byte == 0x0D
    }
  }

  /// How often a byte occurs; eight bytes at a time, for it looks at every byte of every message.
  static func count(_ wanted: UInt8, in bytes: UnsafeRawBufferPointer) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let pattern = ones &* UInt64(wanted)
    var total = 0
    var position = 0
    while position + 8 <= bytes.count {
      // Each byte of `sums` counts one lane; 255 rounds at most, or it would overflow.
      let end = min(position + 255 * 8, bytes.count - 7)
      var sums: UInt64 = 0
      while position < end {
        let difference = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ pattern
        // The top bit of a lane is set where the lane is not zero.
        let differs = ((difference & low) &+ low) | difference
        sums &+= (~differs >> 7) & ones
        position += 8
      }
      let pairs = (sums & 0x00FF_00FF_00FF_00FF) &+ (sums >> 8 & 0x00FF_00FF_00FF_00FF)
      total += Int((pairs &* 0x0001_0001_0001_0001) >> 48)
    }
    while position < bytes.count {
      if bytes[position] == wanted { total += 1 }
      position += 1
    }
    return total
  }
}
