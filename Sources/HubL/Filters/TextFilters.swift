/// Filters for text.
enum TextFilters {
  static let all: [Filter] = cases + pieces + layout

  private static let cases: [Filter] = [
    Filter("upper", traits: .keepsSafety) { _, call in text(call) { $0.uppercased() } },
    Filter("lower", traits: .keepsSafety) { _, call in text(call) { $0.lowercased() } },
    Filter("capitalize", traits: .keepsSafety) { _, call in
      text(call) { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
    },
    Filter("title", traits: .keepsSafety) { _, call in text(call, titled) },
    Filter("trim", traits: .keepsSafety) { _, call in text(call) { Text.trimmed($0) } },
  ]

  private static let pieces: [Filter] = [
    Filter("cut", takes: ["to_remove"], traits: .keepsSafety) { r, call throws(Stop) in
      guard call.value.isDefined else { return call.value }
      return .string(Text.replaced(call.value.text, call[0].text, by: "", limit: nil))
    },
    Filter("replace", takes: ["old", "new", "count?"], apply: replace),
    Filter("regex_replace", takes: ["regex", "new"], apply: regexReplace),
    Filter("split", takes: ["separator?", "limit?"]) { r, call throws(Stop) in
      let separator = call.has(0) ? call[0].text : " "
      try r.charge(bytes: call.value.text.utf8.count * 4, call.node)
      return Datum(Text.split(call.value.text, separator, limit: call.integer(1) ?? 0).map { .string($0) })
    },
    Filter("wordcount") { _, call in .int(Int64(Text.words(call.value.text))) },
    Filter("truncate", takes: ["length?", "killwords?", "end?", "leeway?"], traits: .keepsSafety) { r, call in
      let end = end(call, 2, isEscaping: r.isEscaping)
      return text(call) { text in
        return Text.truncated(text, call.integer(0) ?? 255, killsWords: call[1].isTrue, end: end)
      }
    },
    Filter("format", takes: ["…"], apply: Formatting.percent),
  ]

  private static let layout: [Filter] = [
    Filter("center", takes: ["width?"], traits: .keepsSafety) { r, call throws(Stop) in
      let width = min(call.integer(0) ?? 80, 10_000)
      return text(call) { text in
        let missing = max(0, width - text.unicodeScalars.count)
        let left = missing / 2
        return String(repeating: " ", count: left) + text + String(repeating: " ", count: missing - left)
      }
    },
    Filter("indent", takes: ["width?", "indentfirst?"], traits: .keepsSafety) { r, call throws(Stop) in
      let blanks = String(repeating: " ", count: max(0, min(call.integer(0) ?? 4, 200)))
      let value = call.value.text
      try r.charge(bytes: value.utf8.count { $0 == 0x0A } * blanks.utf8.count, call.node)
      return text(call) { text in
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map {
          String($0) ?? ""
        }
        return (call[1].isTrue ? blanks : "") + lines.joined(separator: "\n" + blanks)
      }
    },
    Filter("wordwrap", takes: ["width?", "break_long_words?"], traits: .keepsSafety) {
      r, call throws(Stop) in
      // Each line is a text of its own.
      try r.charge(bytes: call.value.text.utf8.count * 4, call.node)
      let isBreaking = call.has(1) ? call[1].isTrue : true
      return text(call) { Text.wrapped($0, width: max(1, call.integer(0) ?? 79), breaksWords: isBreaking) }
    },
  ]

  /// What is put behind text that was cut. Behind text that is safe it must be safe too.
  static func end(_ call: Call, _ place: Int, isEscaping: Bool) -> String {
    guard call.has(place) else { return "..." }
    let isSafe = call[place].isSafe || !call.value.isSafe || !isEscaping
    return isSafe ? call[place].text : HTML.escaped(call[place].text)
  }

  /// Changes text; nothing stays nothing.
  private static func text(_ call: Call, _ change: (String) -> String) -> Datum {
    call.value.isDefined ? .string(change(call.value.text)) : call.value
  }

  private static func titled(_ text: String) -> String {
    var result = ""
    var isStart = true
    for character in text {
      result += isStart ? character.uppercased() : character.lowercased()
      isStart = !(character.isLetter || character.isNumber || character == "'")
    }
    return result
  }

  /// What goes into text that is safe must be safe too.
  private static func replace(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    guard call.value.isDefined else { return call.value }
    let isSafe = call.value.isSafe && renderer.isEscaping
    let new = isSafe && !call[1].isSafe ? HTML.escaped(call[1].text) : call[1].text
    let old = isSafe && !call[0].isSafe ? HTML.escaped(call[0].text) : call[0].text
    let text = call.value.text
    let growth = old.isEmpty ? 0 : text.utf8.count / old.utf8.count * new.utf8.count
    try renderer.charge(bytes: text.utf8.count + growth, call.node)
    let result = Text.replaced(text, old, by: new, limit: call.integer(2))
    return isSafe ? .safe(result) : .string(result)
  }

  private static func regexReplace(_ renderer: inout Renderer, _ call: Call) throws(Stop) -> Datum {
    guard let text = call.value.string else { return call.value }
    let pattern = call[0].text
    let regex: Regex
    do throws(RegexError) {
      regex = try Regex(pattern)
    } catch {
      throw renderer.fail(.value, at: call.node, "“\(pattern)” is no pattern: \(error.message)")
    }
    let new = Array(
      (call.value.isSafe && renderer.isEscaping ? HTML.escaped(call[1].text) : call[1].text).utf8)
    var work = 8 * min(500_000, renderer.steps)
    guard let changed = regex.replacing(Array(text.utf8), with: new, &work) else {
      throw renderer.fail(.limit, at: call.node, "“\(pattern)” takes too long here")
    }
    try renderer.step(call.node, work / 8)
    let result = String(decoding: changed, as: UTF8.self)
    return call.value.isSafe ? .safe(result) : .string(result)
  }
}
