/// Why a pattern cannot be used.
struct RegexError: Error {
  let message: String
}

/// A pattern as a tree: what `Regex` makes its program of.
indirect enum RegexNode {
  case empty
  case set(ByteSet)
  /// One that is not ASCII.
  case scalar(UInt32)
  case sequence([RegexNode])
  case choice([RegexNode])
  case group(Int?, RegexNode)
  case repeated(RegexNode, from: Int, to: Int?, isGreedy: Bool)
  case assertion(RegexAssertion)
}

enum RegexAssertion: Sendable { case start, end, lineStart, lineEnd, wordEdge, noWordEdge }

/// Which ASCII signs are meant, and whether all signs behind ASCII are.
struct ByteSet: Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  var hasWide = false

  func contains(_ scalar: UInt32) -> Bool {
    if scalar >= 128 { return hasWide }
    return scalar < 64 ? low >> UInt64(scalar) & 1 == 1 : high >> UInt64(scalar - 64) & 1 == 1
  }

  mutating func insert(_ byte: UInt8) {
    if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
  }

  mutating func insert(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

  mutating func formUnion(_ other: ByteSet) {
    low |= other.low
    high |= other.high
    hasWide = hasWide || other.hasWide
  }

  mutating func invert() {
    low = ~low
    high = ~high
    hasWide.toggle()
  }

  static let digit = ByteSet("0"..."9")
  static let word = ByteSet("a"..."z", "A"..."Z", "0"..."9", "_"..."_")
  static let space: ByteSet = {
    var set = ByteSet()
    for byte in [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D] as [UInt8] { set.insert(byte) }
    return set
  }()

  init() {}

  init(_ ranges: ClosedRange<Unicode.Scalar>...) {
    for range in ranges {
      insert(
        UInt8(truncatingIfNeeded: range.lowerBound.value)...UInt8(truncatingIfNeeded: range.upperBound.value))
    }
  }

  var inverted: ByteSet {
    var set = self
    set.invert()
    return set
  }
}

/// Reads Java's patterns, without what needs to go back: references to groups and looking around.
struct RegexParser {
  private static let depthLimit = 40
  private static let repeatLimit = 1000
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0
  private(set) var groups = 0
  private(set) var ignoresCase = false
  private var isMultiline = false
  private var dotTakesLines = false

  init(_ pattern: String) { bytes = Array(pattern.utf8) }

  mutating func parse() throws(RegexError) -> RegexNode {
    let node = try choice()
    guard place == bytes.count else { throw RegexError(message: "“)” closes nothing") }
    return node
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  private mutating func choice() throws(RegexError) -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { throw RegexError(message: "it is nested too deeply") }
    var options = [try sequence()]
    while take("|") { options.append(try sequence()) }
    return options.count == 1 ? options[0] : .choice(options)
  }

  private mutating func sequence() throws(RegexError) -> RegexNode {
    var parts = [RegexNode]()
    while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
      let part = try atom()
      parts.append(try repeated(part))
    }
    return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated(_ part: RegexNode) throws(RegexError) -> RegexNode {
    var node = part
    while true {
      let (from, to): (Int, Int?)
      if take("*") {
        (from, to) = (0, nil)
      } else if take("+") {
        (from, to) = (1, nil)
      } else if take("?") {
        (from, to) = (0, 1)
      } else if next == UInt8(ascii: "{"), let bounds = try bounds() {
        (from, to) = bounds
      } else {
        return node
      }
      let isGreedy = !take("?")
      if isGreedy, take("+") { throw RegexError(message: "possessive repetition is not known") }
      node = .repeated(node, from: from, to: to, isGreedy: isGreedy)
    }
  }

  /// `{2}`, `{2,}`, `{2,5}`; nil for a brace that stands for itself.
  private mutating func bounds() throws(RegexError) -> (Int, Int?)? {
    let start = place
    place += 1
    guard let from = number() else {
      place = start
      return nil
    }
    var to: Int? = from
    if take(",") { to = number() }
    guard take("}") else {
      place = start
      return nil
    }
    if from > Self.repeatLimit || to ?? 0 > Self.repeatLimit {
      throw RegexError(message: "it repeats too often")
    }
    if let to, to < from { throw RegexError(message: "the bounds of a repetition are the wrong way round") }
    return (from, to)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let byte = next, byte &- 0x30 < 10 {
      value = min(100_000, (value ?? 0) * 10 + Int(byte - 0x30))
      place += 1
    }
    return value
  }

  private mutating func atom() throws(RegexError) -> RegexNode {
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "."):
      var set = ByteSet()
      set.invert()
      if !dotTakesLines {
        var lines = ByteSet()
        lines.insert(0x0A)
        lines.insert(0x0D)
        set = lines.inverted
      }
      return .set(set)
    case UInt8(ascii: "^"): return .assertion(isMultiline ? .lineStart : .start)
    case UInt8(ascii: "$"): return .assertion(isMultiline ? .lineEnd : .end)
    case UInt8(ascii: "["): return .set(try bracket())
    case UInt8(ascii: "("): return try group()
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
      throw RegexError(message: "nothing stands before a repetition")
    case 0x5C: return try escape()
    case 0x80...: return .scalar(wide(from: place - 1))
    default:
      var set = ByteSet()
      set.insert(byte)
      return .set(set)
    }
  }

  /// A sign of several bytes.
  private mutating func wide(from start: Int) -> UInt32 {
    while let byte = next, byte & 0xC0 == 0x80 { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self).unicodeScalars.first?.value ?? 0xFFFD
  }

  private mutating func group() throws(RegexError) -> RegexNode {
    var number: Int?
    if take("?") {
      if take(":") {
      } else if next == UInt8(ascii: "<"), place + 1 < bytes.count, bytes[place + 1] | 0x20 >= 0x61 {
        while let byte = next, byte != UInt8(ascii: ">") { _ = byte; place += 1 }
        place += 1
        groups += 1
        number = groups
      } else if try flags() {
        return .empty
      }
    } else {
      groups += 1
      number = groups
    }
    let node = try choice()
    guard take(")") else { throw RegexError(message: "“)” is missing") }
    return .group(number, node)
  }

  /// `(?i)` and its like; they hold for the rest of the pattern. Whether the group ends with them.
  private mutating func flags() throws(RegexError) -> Bool {
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "i"): ignoresCase = true
      case UInt8(ascii: "m"): isMultiline = true
      case UInt8(ascii: "s"): dotTakesLines = true
      case UInt8(ascii: "u"): break
      case UInt8(ascii: ")"): return true
      case UInt8(ascii: ":"): return false
      default: throw RegexError(message: "looking ahead and behind is not known")
      }
    }
    throw RegexError(message: "“)” is missing")
  }

  private mutating func escape() throws(RegexError) -> RegexNode {
    guard let byte = next else { throw RegexError(message: "a backslash stands at the end") }
    if let set = Self.shorthand(byte) {
      place += 1
      return .set(set)
    }
    switch byte {
    case UInt8(ascii: "b"): place += 1; return .assertion(.wordEdge)
    case UInt8(ascii: "B"): place += 1; return .assertion(.noWordEdge)
    case UInt8(ascii: "A"): place += 1; return .assertion(.start)
    case UInt8(ascii: "z"), UInt8(ascii: "Z"): place += 1; return .assertion(.end)
    case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "k"):
      throw RegexError(message: "references to groups are not known")
    case 0x80...:
      place += 1
      return .scalar(wide(from: place - 1))
    default:
      var set = ByteSet()
      set.insert(try escapedByte())
      return .set(set)
    }
  }

  private static func shorthand(_ byte: UInt8) -> ByteSet? {
    switch byte {
    case UInt8(ascii: "d"): .digit
    case UInt8(ascii: "D"): ByteSet.digit.inverted
    case UInt8(ascii: "w"): .word
    case UInt8(ascii: "W"): ByteSet.word.inverted
    case UInt8(ascii: "s"): .space
    case UInt8(ascii: "S"): ByteSet.space.inverted
    default: nil
    }
  }

  private mutating func escapedByte() throws(RegexError) -> UInt8 {
    guard let byte = next else { throw RegexError(message: "a backslash stands at the end") }
    place += 1
    switch byte {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "x"):
      guard place + 1 < bytes.count, let high = Link.hexDigit(bytes[place]),
        let low = Link.hexDigit(bytes[place + 1]),
        high < 8
      else { throw RegexError(message: "two digits below 80 are expected behind \\x") }
      place += 2
      return high << 4 | low
    case _ where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A:
      throw RegexError(message: "“\\\(UnicodeScalar(byte))” is not known")
    default: return byte
    }
  }

  /// `[a-z]`; all signs behind ASCII are in a set when it is inverted or one of them is named.
  private mutating func bracket() throws(RegexError) -> ByteSet {
    var set = ByteSet()
    let isInverted = take("^")
    var isFirst = true
    while let byte = next, byte != UInt8(ascii: "]") || isFirst {
      isFirst = false
      place += 1
      if byte == 0x5C, let escaped = next, let shorthand = Self.shorthand(escaped) {
        place += 1
        set.formUnion(shorthand)
        continue
      }
      if byte >= 0x80 {
        throw RegexError(message: "only ASCII is known between brackets")
      }
      let low = byte == 0x5C ? try escapedByte() : byte
      guard next == UInt8(ascii: "-"), place + 1 < bytes.count, bytes[place + 1] != UInt8(ascii: "]") else {
        set.insert(low)
        continue
      }
      place += 1
      let end = bytes[place]
      place += 1
      let high = end == 0x5C ? try escapedByte() : end
      guard high >= low, high < 0x80 else { throw RegexError(message: "a range is the wrong way round") }
      set.insert(low...high)
    }
    guard take("]") else { throw RegexError(message: "“]” is missing") }
    return isInverted ? set.inverted : set
  }
}
