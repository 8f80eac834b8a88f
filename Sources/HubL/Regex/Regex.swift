/// A pattern that is matched in time in proportion to text and pattern, whatever they are: all ways through the
/// pattern are followed at once (Thompson, Pike), and none is ever tried twice at the same place.
struct Regex: Sendable {
  enum Instruction: Sendable {
    case set(ByteSet)
    case scalar(UInt32)
    case split(Int, Int)
    case jump(Int)
    case save(Int)
    case assertion(RegexAssertion)
    case match
  }

  /// Longest program.
  private static let sizeLimit = 4000
  private(set) var program: [Instruction] = []
  /// Numbered groups, the whole included.
  let groups: Int
  private let ignoresCase: Bool
  /// Nodes seen: repeating nothing makes the program no longer.
  private var work = 0

  /// How long the program is: the work for one byte of text.
  var size: Int { program.count }

  init(_ pattern: String) throws(RegexError) {
    guard pattern.utf8.count <= 2000 else { throw RegexError(message: "it is too long") }
    var parser = RegexParser(pattern)
    let node = try parser.parse()
    groups = parser.groups + 1
    guard groups <= 50 else { throw RegexError(message: "it has too many groups") }
    ignoresCase = parser.ignoresCase
    program.append(.save(0))
    try emit(node)
    program.append(.save(1))
    program.append(.match)
  }

  private mutating func emit(_ node: RegexNode) throws(RegexError) {
    work += 1
    guard program.count < Self.sizeLimit, work < 10 * Self.sizeLimit else {
      throw RegexError(message: "it is too long")
    }
    switch node {
    case .empty: break
    case .set(let set): program.append(.set(ignoresCase ? Self.bothCases(set) : set))
    case .scalar(let scalar): program.append(.scalar(scalar))
    case .sequence(let parts): for part in parts { try emit(part) }
    case .group(let number, let inner):
      if let number { program.append(.save(2 * number)) }
      try emit(inner)
      if let number { program.append(.save(2 * number + 1)) }
    case .assertion(let assertion): program.append(.assertion(assertion))
    case .choice(let options): try emit(options)
    case .repeated(let inner, let from, let to, let isGreedy):
      for _ in 0..<from { try emit(inner) }
      if let to {
        try emitOptional(inner, to - from, isGreedy)
      } else {
        let start = program.count
        program.append(.jump(0))
        try emit(inner)
        program.append(.jump(start))
        program[start] = split(start + 1, program.count, isGreedy)
      }
    }
  }

  private mutating func emit(_ options: [RegexNode]) throws(RegexError) {
    var ends = [Int]()
    for (place, option) in options.enumerated() {
      if place == options.count - 1 {
        try emit(option)
        break
      }
      let start = program.count
      program.append(.jump(0))
      try emit(option)
      ends.append(program.count)
      program.append(.jump(0))
      program[start] = .split(start + 1, program.count)
    }
    for end in ends { program[end] = .jump(program.count) }
  }

  private mutating func emitOptional(_ inner: RegexNode, _ count: Int, _ isGreedy: Bool) throws(RegexError) {
    var starts = [Int]()
    for _ in 0..<count {
      starts.append(program.count)
      program.append(.jump(0))
      try emit(inner)
    }
    for start in starts { program[start] = split(start + 1, program.count, isGreedy) }
  }

  private func split(_ inside: Int, _ outside: Int, _ isGreedy: Bool) -> Instruction {
    isGreedy ? .split(inside, outside) : .split(outside, inside)
  }

  private static func bothCases(_ set: ByteSet) -> ByteSet {
    var both = set
    for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
      if set.contains(UInt32(byte)) { both.insert(byte & 0xDF) }
      if set.contains(UInt32(byte & 0xDF)) { both.insert(byte) }
    }
    return both
  }
}
