extension Regex {
  /// Replaces every match. In `new`, `$1` and `${name}` stand for groups as in Java (names are not known), and a
  /// backslash makes the sign behind it itself. One match takes time in proportion to the text, but so may each of
  /// many: `work` is what all may take together, and then what they took. nil when it is too little.
  func replacing(_ text: [UInt8], with new: [UInt8], _ work: inout Int) -> [UInt8]? {
    let scalars = String(decoding: text, as: UTF8.self).unicodeScalars.map(\.value)
    var matcher = RegexMatcher(self, scalars, limit: work)
    defer { work = matcher.work }
    var result = [UInt32]()
    let replacement = String(decoding: new, as: UTF8.self).unicodeScalars.map(\.value)
    var position = 0
    while let match = matcher.match(from: position) {
      result += scalars[position..<match[0]]
      let before = result.count
      Self.append(replacement, match, scalars, to: &result)
      matcher.work += (result.count - before) / 4
      if match[1] > match[0] {
        position = match[1]
      } else {
        // Behind an empty match one sign is passed.
        guard match[1] < scalars.count else { return Self.utf8(result) }
        result.append(scalars[match[1]])
        position = match[1] + 1
      }
    }
    if matcher.work > matcher.limit { return nil }
    result += scalars[min(position, scalars.count)...]
    return Self.utf8(result)
  }

  private static func utf8(_ scalars: [UInt32]) -> [UInt8] {
    var view = String.UnicodeScalarView()
    for scalar in scalars { view.append(Unicode.Scalar(scalar) ?? "\u{FFFD}") }
    return Array(String(view).utf8)
  }

  private static func append(_ new: [UInt32], _ match: [Int], _ text: [UInt32], to result: inout [UInt32]) {
    var place = 0
    while place < new.count {
      let sign = new[place]
      place += 1
      if sign == 0x5C, place < new.count {
        result.append(new[place])
        place += 1
      } else if sign == UInt32(UInt8(ascii: "$")), place < new.count, new[place] &- 0x30 < 10 {
        let group = Int(new[place] - 0x30)
        place += 1
        if 2 * group + 1 < match.count, match[2 * group] >= 0, match[2 * group + 1] >= match[2 * group] {
          result += text[match[2 * group]..<match[2 * group + 1]]
        }
      } else {
        result.append(sign)
      }
    }
  }
}

/// Follows all ways through a pattern at once.
struct RegexMatcher {
  private let regex: Regex
  private let text: [UInt32]
  /// For each instruction the step at which it was reached last, so that no way is followed twice.
  private var reached: [Int]
  private var stamp = 0
  /// Instructions followed so far.
  fileprivate(set) var work = 0
  fileprivate let limit: Int

  private struct Thread {
    let instruction: Int
    let saved: [Int]
  }

  init(_ regex: Regex, _ text: [UInt32], limit: Int) {
    self.regex = regex
    self.limit = limit
    self.text = text
    reached = [Int](repeating: 0, count: regex.program.count)
  }

  /// The first match at `start` or behind it: where each group starts and ends, −1 for one that took no part. nil,
  /// too, when there was too much to do.
  mutating func match(from start: Int) -> [Int]? {
    var threads = [Thread]()
    var found: [Int]?
    var position = start
    while position <= text.count {
      stamp += 1
      work += 1
      if work > limit { return nil }
      var now = threads
      if found == nil {
        for thread in threads { reached[thread.instruction] = stamp }
        add(0, [Int](repeating: -1, count: 2 * regex.groups), position, to: &now)
      }
      if now.isEmpty {
        if found != nil { break }
        position += 1
        continue
      }
      stamp += 1
      var next = [Thread]()
      for thread in now {
        switch regex.program[thread.instruction] {
        case .match:
          found = thread.saved
        case .set(let set):
          guard position < text.count, set.contains(text[position]) else { continue }
          add(thread.instruction + 1, thread.saved, position + 1, to: &next)
          continue
        case .scalar(let scalar):
          guard position < text.count, text[position] == scalar else { continue }
          add(thread.instruction + 1, thread.saved, position + 1, to: &next)
          continue
        default: continue
        }
        // Ways behind a match are worth less than it.
        break
      }
      threads = next
      if threads.isEmpty, found != nil { break }
      position += 1
    }
    return found
  }

  /// Adds the instructions that take a sign and can be reached from here without one.
  private mutating func add(_ start: Int, _ saved: [Int], _ position: Int, to threads: inout [Thread]) {
    var stack = [(start, saved)]
    while let (instruction, saved) = stack.popLast() {
      work += 1
      if reached[instruction] == stamp { continue }
      reached[instruction] = stamp
      switch regex.program[instruction] {
      case .jump(let target): stack.append((target, saved))
      case .split(let first, let second):
        stack.append((second, saved))
        stack.append((first, saved))
      case .save(let slot):
        var changed = saved
        changed[slot] = position
        stack.append((instruction + 1, changed))
      case .assertion(let assertion):
        if holds(assertion, position) { stack.append((instruction + 1, saved)) }
      case .set, .scalar, .match: threads.append(Thread(instruction: instruction, saved: saved))
      }
    }
  }

  private func holds(_ assertion: RegexAssertion, _ position: Int) -> Bool {
    switch assertion {
    case .start: position == 0
    case .end: position == text.count || position == text.count - 1 && text[position] == 0x0A
    case .lineStart: position == 0 || text[position - 1] == 0x0A
    case .lineEnd: position == text.count || text[position] == 0x0A
    case .wordEdge: isWord(position - 1) != isWord(position)
    case .noWordEdge: isWord(position - 1) == isWord(position)
    }
  }

  private func isWord(_ position: Int) -> Bool {
    position >= 0 && position < text.count && text[position] < 128 && ByteSet.word.contains(text[position])
  }
}
