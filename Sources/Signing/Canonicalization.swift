#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A header field by its places in the message.
struct ScannedField {
  /// First byte of the name.
  var start: Int
  /// The colon.
  var colon: Int
  /// Behind the last byte of the value, before its CRLF.
  var end: Int
}

/// A message's header fields and where its body starts. Lines end in CRLF; what is no field is skipped.
struct HeaderScan {
  private(set) var fields: [ScannedField] = []
  /// Behind the empty line; the end where there is none.
  private(set) var bodyStart: Int

  init(_ message: UnsafeRawBufferPointer) {
    fields.reserveCapacity(32)
    var position = 0
    bodyStart = message.count
    while position < message.count {
      let (lineEnd, next) = Self.line(message, from: position)
      if lineEnd == position {
        bodyStart = next
        return
      }
      if isBlank(message[position]) {
        if !fields.isEmpty { fields[fields.count - 1].end = lineEnd }
      } else if let colon = Self.find(0x3A, in: message, from: position, to: lineEnd) {
        fields.append(ScannedField(start: position, colon: colon, end: lineEnd))
      }
      position = next
    }
  }

  /// The end of the line that starts here, and where the next one starts.
  private static func line(_ message: UnsafeRawBufferPointer, from start: Int) -> (end: Int, next: Int) {
    var position = start
    while let newline = find(0x0A, in: message, from: position, to: message.count) {
      if newline > start, message[newline - 1] == 0x0D { return (newline - 1, newline + 1) }
      position = newline + 1
    }
    return (message.count, message.count)
  }

  private static func find(
    _ byte: UInt8, in message: UnsafeRawBufferPointer, from start: Int, to end: Int
  ) -> Int? {
    guard start < end, let base = message.baseAddress,
      let found = memchr(base + start, Int32(byte), end - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}

/// Space or tab: WSP of RFC 5234.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

/// The "relaxed" forms of RFC 6376 sections 3.4.2 and 3.4.4.
enum Relaxed {
  /// Appends name, colon and value as they are signed, without CRLF.
  static func append(
    _ message: UnsafeRawBufferPointer, field: ScannedField, to output: inout [UInt8]
  ) {
    var nameEnd = field.colon
    while nameEnd > field.start, isBlank(message[nameEnd - 1]) { nameEnd -= 1 }
    for index in field.start..<nameEnd { output.append(lowercased(message[index])) }
    output.append(0x3A)
    let valueStart = output.count
    var isAfterBlank = false
    var index = field.colon + 1
    while index < field.end {
      let byte = message[index]
      if isBlank(byte) || isLineEnd(message, index, field.end) {
        isAfterBlank = true
        index += byte == 0x0D ? 2 : 1
        continue
      }
      if isAfterBlank, output.count > valueStart { output.append(0x20) }
      isAfterBlank = false
      output.append(byte)
      index += 1
    }
  }

  @inline(__always)
  private static func isLineEnd(_ bytes: UnsafeRawBufferPointer, _ index: Int, _ end: Int) -> Bool {
    index + 1 < end && bytes[index] == 0x0D && bytes[index + 1] == 0x0A
  }

  /// Hashes a body: runs of blanks as one space, none at line ends, no empty lines at the end.
  static func hash(body: UnsafeRawBufferPointer, into state: inout SHA256State) {
    forEachPiece(of: body) { state.update($0) }
  }

  /// What `hash` hashes, for signatures that cover only the start of it.
  static func canonical(body: UnsafeRawBufferPointer) -> [UInt8] {
    var result = [UInt8]()
    forEachPiece(of: body) { result += $0 }
    return result
  }

  @inline(__always)
  private static func forEachPiece(
    of body: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Void
  ) {
    let end = contentEnd(body)
    guard end > 0 else { return }
    var runStart = 0
    while let blank = nextChange(body, from: runStart, to: end) {
      var next = blank
      while next < end, isBlank(body[next]) { next += 1 }
      take(UnsafeRawBufferPointer(rebasing: body[runStart..<blank]))
      if !isLineEnd(body, next, end) { space.withUnsafeBytes(take) }
      runStart = next
    }
    take(UnsafeRawBufferPointer(rebasing: body[runStart..<end]))
    lineEnd.withUnsafeBytes(take)
  }

  private static let space: [UInt8] = [0x20]
  private static let lineEnd: [UInt8] = [0x0D, 0x0A]

  /// Where the content ends when empty lines, and lines of blanks, at the end are left off: behind the
  /// last line's content, before its CRLF. 0 for an empty body.
  private static func contentEnd(_ body: UnsafeRawBufferPointer) -> Int {
    var end = body.count
    while true {
      while end > 0, isBlank(body[end - 1]) { end -= 1 }
      guard end >= 2, body[end - 1] == 0x0A, body[end - 2] == 0x0D else { return end }
      end -= 2
    }
  }

  /// The next blank that does not stay as it is: a tab, or a space before another blank or a CR.
  ///
  /// Eight bytes at a time; the masks have the high bit of each byte that is meant.
  private static func nextChange(_ body: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int? {
    var position = start
    while position + 9 <= end {
      let here = body.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      let next = body.loadUnaligned(fromByteOffset: position + 1, as: UInt64.self)
      let spaces = mask(of: 0x20, in: here)
      let tabs = mask(of: 0x09, in: here)
      if spaces | tabs != 0 {
        let after = mask(of: 0x20, in: next) | mask(of: 0x09, in: next) | mask(of: 0x0D, in: next)
        let changes = tabs | (spaces & after)
        if changes != 0 { return position + UInt64(littleEndian: changes).trailingZeroBitCount / 8 }
      }
      position += 8
    }
    while position < end {
      let byte = body[position]
      if byte == 0x09 { return position }
      if byte == 0x20, position + 1 == end || isBlank(body[position + 1]) || body[position + 1] == 0x0D {
        return position
      }
      position += 1
    }
    return nil
  }

  @inline(__always)
  private static func mask(of byte: UInt8, in word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let difference = word ^ (UInt64(byte) &* 0x0101_0101_0101_0101)
    return ~(((difference & low) &+ low) | difference | low)
  }
}
