/// One header field, by its places in the message's bytes; nothing is copied or unfolded.
public struct HeaderField: Sendable, Hashable {
  /// The name, without colon and without white space before the colon.
  public let name: Range<Int>
  /// All behind the colon up to the field's last line end, with leading white space and folds.
  public let value: Range<Int>
  /// The whole field: name, colon, value and final line end.
  public let full: Range<Int>

  /// A field from its places.
  public init(name: Range<Int>, value: Range<Int>, full: Range<Int>) {
    self.name = name
    self.value = value
    self.full = full
  }
}

/// The header of a message or part (RFC 5322 2.2), read in place.
///
/// Lines end in CRLF; a lone LF is taken as a line end too, a lone CR is not.
public struct HeaderBlock: Sendable {
  /// Octets of header beyond which no more fields are listed.
  public static let sizeLimit = 128 * 1024
  /// Fields beyond which no more are listed.
  public static let fieldLimit = 1000

  /// The buffer that all ranges refer to.
  public let bytes: [UInt8]
  /// The fields in order.
  public let fields: [HeaderField]
  /// All fields, without the empty line that ends them.
  public let range: Range<Int>
  /// Where the body starts: behind the empty line, or the end when there is none.
  public let bodyStart: Int
  /// What is wrong with it; the bytes are kept as they are in any case.
  public let defects: HeaderDefects

  /// Reads the header at the start of `bytes`.
  public init(parsing bytes: [UInt8]) {
    self.init(parsing: bytes, in: 0..<bytes.count)
  }

  /// Reads the header at the start of `range`.
  public init(parsing bytes: [UInt8], in range: Range<Int>) {
    var scanner = HeaderScanner(bytes, in: range)
    var fields: [HeaderField] = []
    fields.reserveCapacity(24)
    var defects: HeaderDefects = []
    var end = range.lowerBound
    var bodyStart: Int?
    scan: while true {
      switch scanner.next() {
      case .field(let field):
        end = field.full.upperBound
        if fields.count < Self.fieldLimit, end - range.lowerBound <= Self.sizeLimit {
          fields.append(field)
        } else {
          defects.insert(.overLimit)
        }
      case .malformed(let line):
        end = line.upperBound
        defects.insert(.malformedLine)
      case .separator(let start):
        bodyStart = start
        break scan
      case .end:
        defects.insert(.noSeparator)
        break scan
      }
    }
    if scanner.hasBlankContinuation { defects.insert(.blankContinuation) }
    self.bytes = bytes
    self.fields = fields
    self.range = range.lowerBound..<end
    self.bodyStart = bodyStart ?? range.upperBound
    self.defects = defects.union(HeaderDefects(ofCharactersIn: bytes, range: range.lowerBound..<end))
  }

  /// The first field of this name, compared without regard to ASCII case.
  public func first(_ name: StaticString) -> HeaderField? {
    for index in fields.indices where bytes.matches(name, in: fields[index].name) { return fields[index] }
    return nil
  }

  /// All fields of this name, in order.
  public func all(_ name: StaticString) -> [HeaderField] {
    fields.filter { bytes.matches(name, in: $0.name) }
  }

  /// Whether a field has this name, compared without regard to ASCII case.
  public func isNamed(_ field: HeaderField, _ name: StaticString) -> Bool {
    bytes.matches(name, in: field.name)
  }

  /// The value unfolded (RFC 5322 2.2.3) and trimmed, still encoded.
  public func unfolded(_ field: HeaderField) -> [UInt8] {
    var value: [UInt8] = []
    let range = bytes.trimmed(field.value)
    value.reserveCapacity(range.count)
    for index in range where bytes[index] != Octet.cr && bytes[index] != Octet.lf {
      value.append(bytes[index])
    }
    return value
  }

  /// The value for people: unfolded, encoded words decoded (RFC 2047), bytes outside of UTF-8 replaced.
  public func text(_ field: HeaderField) -> String {
    EncodedWord.decode(bytes, in: bytes.trimmed(field.value))
  }
}

/// What a header block has that a correct one has not.
public struct HeaderDefects: OptionSet, Sendable, Hashable {
  /// One bit for each defect.
  public let rawValue: UInt8

  /// From bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// A line that is neither a field nor a continuation. It is skipped.
  public static let malformedLine = HeaderDefects(rawValue: 1)
  /// A continuation of white space only, which some readers take for the end of the header.
  public static let blankContinuation = HeaderDefects(rawValue: 2)
  /// More octets than `HeaderBlock.sizeLimit` or more fields than `HeaderBlock.fieldLimit`.
  public static let overLimit = HeaderDefects(rawValue: 4)
  /// No empty line behind the fields.
  public static let noSeparator = HeaderDefects(rawValue: 8)
  /// Bytes over 127, which need SMTPUTF8 (RFC 6532).
  public static let has8Bit = HeaderDefects(rawValue: 16)
  /// Bytes over 127 that are not UTF-8.
  public static let invalidUTF8 = HeaderDefects(rawValue: 32)
  /// A control character other than tab and line ends.
  public static let controlCharacter = HeaderDefects(rawValue: 64)
}

extension HeaderDefects {
  /// The defects that single bytes make. Eight bytes are looked at at once, and one by one only where
  /// there is a tab, a line end or something worse among them.
  init(ofCharactersIn bytes: [UInt8], range: Range<Int>) {
    var high: UInt64 = 0
    var hasControl = false
    bytes.withUnsafeBytes { raw in
      var index = range.lowerBound
      while index + 8 <= range.upperBound {
        let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        high |= word
        if Self.mayHaveControl(word) {
          hasControl = hasControl || Self.hasControl(raw[index..<(index + 8)])
        }
        index += 8
      }
      for byte in raw[index..<range.upperBound] { high |= UInt64(byte) }
      hasControl = hasControl || Self.hasControl(raw[index..<range.upperBound])
    }
    self = hasControl || Self.hasLoneCR(bytes, in: range) ? .controlCharacter : []
    guard high & Self.eachByte(0x80) != 0 else { return }
    insert(.has8Bit)
    if !Self.isUTF8(bytes, in: range) { insert(.invalidUTF8) }
  }

  @inline(__always)
  private static func eachByte(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// A byte is below 0x20 or 0x7F: the subtraction borrows into the top bit of such a byte.
  @inline(__always)
  private static func mayHaveControl(_ word: UInt64) -> Bool {
    let isLow = (word &- eachByte(0x20)) & ~word
    let delete = word ^ eachByte(0x7F)
    let isDelete = (delete &- eachByte(1)) & ~delete
    return (isLow | isDelete) & eachByte(0x80) != 0
  }

  private static func hasControl(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    for byte in bytes {
      let isSpace = byte == Octet.tab || byte == Octet.lf || byte == Octet.cr
      if (byte < 0x20 && !isSpace) || byte == 0x7F { return true }
    }
    return false
  }

  private static func hasLoneCR(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    var start = range.lowerBound
    while let place = bytes.firstPlace(of: Octet.cr, in: start..<range.upperBound) {
      guard place + 1 < range.upperBound, bytes[place + 1] == Octet.lf else { return true }
      start = place + 2
    }
    return false
  }

  private static func isUTF8(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    bytes.withUnsafeBufferPointer { raw in
      String(validating: UnsafeBufferPointer(rebasing: raw[range]), as: UTF8.self) != nil
    }
  }
}
