/// Writes the small binary formats of edits and plans: one byte of format, then LEB128 numbers and
/// byte strings with their length before them.
struct BlobWriter {
  private(set) var result: [UInt8]

  init(format: UInt8) {
    result = [format]
  }

  mutating func reserve(_ count: Int) { result.reserveCapacity(count) }

  mutating func number(_ value: Int) {
    var rest = UInt(bitPattern: value)
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    result.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func bytes(_ bytes: [UInt8]) {
    number(bytes.count)
    result += bytes
  }
}

/// Reads what `BlobWriter` wrote; nil wherever the bytes end too soon or a number can't be.
struct BlobReader {
  private let blob: [UInt8]
  private var position: Int

  init?(_ blob: [UInt8], format: UInt8) {
    guard blob.first == format else { return nil }
    self.blob = blob
    position = 1
  }

  var isAtEnd: Bool { position == blob.count }

  /// Never negative.
  mutating func number() -> Int? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < blob.count, shift < 63 {
      let byte = blob[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(value) }
      shift += 7
    }
    return nil
  }

  mutating func bytes() -> [UInt8]? {
    guard let count = number(), count <= blob.count - position else { return nil }
    defer { position += count }
    return Array(blob[position..<position + count])
  }
}
