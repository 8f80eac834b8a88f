/// The text that a rendering makes, never more than a limit.
struct Output {
  /// Frees the memory when the last output that uses it goes.
  private final class Memory {
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init(capacity: Int) { bytes = .allocate(capacity: capacity) }

    deinit { bytes.deallocate() }
  }

  private var memory: Memory
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0
  let limit: Int
  /// Whether anything had to be left out.
  private(set) var isFull = false

  init(limit: Int, expected: Int) {
    self.limit = limit
    capacity = max(16, min(limit, expected))
    memory = Memory(capacity: capacity)
    start = memory.bytes.baseAddress ?? .allocate(capacity: 1)
  }

  var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Room for more; false when there may be no more.
  private mutating func grow(by more: Int) -> Bool {
    guard more <= limit - count else {
      isFull = true
      return false
    }
    if count + more <= capacity { return true }
    capacity = min(limit, max(2 * capacity, count + more))
    let wider = Memory(capacity: capacity)
    guard let base = wider.bytes.baseAddress else { return false }
    base.update(from: start, count: count)
    memory = wider
    start = base
    return true
  }

  @inline(__always)
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress, count + text.count <= capacity || grow(by: text.count) else { return }
    (start + count).update(from: base, count: text.count)
    count += text.count
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    guard count < capacity || grow(by: 1) else { return }
    start[count] = byte
    count += 1
  }

  mutating func append(_ text: String) {
    Self.withBytes(of: text) { append($0) }
  }

  /// The text's bytes where they lie, which is where all texts of ours have them.
  @inline(__always)
  static func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
    var copy = text
    return copy.withUTF8(body)
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A whole number in decimal.
  mutating func append(_ number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { buffer in
      var rest = number.magnitude
      var place = buffer.count
      repeat {
        place -= 1
        buffer[place] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
        rest /= 10
      } while rest > 0
      append(UnsafeBufferPointer(rebasing: buffer.bindMemory(to: UInt8.self)[place...]))
    }
  }

  /// Takes away what was written from `place` on.
  mutating func cut(from place: Int) -> String {
    let text = String(
      decoding: UnsafeBufferPointer(start: start + place, count: count - place), as: UTF8.self)
    count = place
    return text
  }
}

/// How values are made safe for the text that they are put into.
public enum Escaping: Sendable, Hashable {
  /// `& < > " '` become entities, and links keep to harmless schemes, unless `|safe` says otherwise.
  case html
  /// Subjects and plain text: as it is.
  case none
}

extension Output {
  /// Text for HTML; safe in attributes with quotes too.
  mutating func append(escaping text: String) {
    Self.withBytes(of: text) { append(escaping: $0) }
  }

  mutating func append(escaping text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for place in text.indices {
      let byte = text[place]
      guard byte < 64, Self.entities >> UInt64(byte) & 1 == 1, let entity = Self.entity(byte) else {
        continue
      }
      append(UnsafeBufferPointer(rebasing: text[start..<place]))
      append(entity)
      start = place + 1
    }
    append(UnsafeBufferPointer(rebasing: text[start...]))
  }

  /// Which of the first 64 signs have an entity.
  private static let entities: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

  static func entity(_ byte: UInt8) -> StaticString? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case UInt8(ascii: "\""): "&quot;"
    case UInt8(ascii: "'"): "&#39;"
    default: nil
    }
  }
}

/// Text as HTML.
enum HTML {
  static func escaped(_ text: String) -> String {
    var output = Output(limit: .max, expected: text.utf8.count + 16)
    output.append(escaping: text)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}
