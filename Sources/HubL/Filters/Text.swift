/// Plain work on text.
enum Text {
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  static func words(_ text: String) -> Int {
    var count = 0
    var isInside = false
    for scalar in text.unicodeScalars {
      let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
      if isWord, !isInside { count += 1 }
      isInside = isWord
    }
    return count
  }

  /// The first `limit` places; an empty `old` is nowhere.
  static func replaced(_ text: String, _ old: String, by new: String, limit: Int?) -> String {
    guard !old.isEmpty else { return text }
    let (bytes, part) = (Array(text.utf8), Array(old.utf8))
    var result = [UInt8]()
    var position = 0
    var rest = limit ?? .max
    while rest > 0, let found = bytes.firstRange(of: part, from: position) {
      result += bytes[position..<found.lowerBound]
      result += new.utf8
      position = found.upperBound
      rest -= 1
    }
    return String(decoding: result + bytes[position...], as: UTF8.self)
  }

  /// Parts without blanks at their ends and without empty ones, at most `limit` (0 for all).
  static func split(_ text: String, _ separator: String, limit: Int) -> [String] {
    let (bytes, sign) = (Array(text.utf8), Array(separator.utf8))
    guard !sign.isEmpty else { return text.unicodeScalars.map { String($0) } }
    var parts = [String]()
    var position = 0
    while limit <= 0 || parts.count + 1 < limit, let found = bytes.firstRange(of: sign, from: position) {
      parts.append(String(decoding: bytes[position..<found.lowerBound], as: UTF8.self))
      position = found.upperBound
    }
    parts.append(String(decoding: bytes[position...], as: UTF8.self))
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  /// At most `length` signs, cut behind a word, and `end`.
  static func truncated(_ text: String, _ length: Int, killsWords: Bool, end: String) -> String {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count > length else { return text }
    var cut = max(0, length)
    if !killsWords {
      var place = cut
      while place > 0, !isSpace(scalars[place]) { place -= 1 }
      if place > 0 { cut = place }
    }
    return joined(scalars[..<cut]) + end
  }

  static func joined(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Lines of at most `width` signs, broken at blanks.
  static func wrapped(_ text: String, width: Int, breaksWords: Bool) -> String {
    var lines = [String]()
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      var current = [Unicode.Scalar]()
      for word in String(decoding: line, as: UTF8.self).unicodeScalars.split(whereSeparator: isSpace) {
        var word = Array(word)[...]
        if !current.isEmpty, current.count + 1 + word.count > width {
          lines.append(joined(current))
          current = []
        }
        while breaksWords, word.count > width {
          lines.append(joined(word.prefix(width)))
          word = word.dropFirst(width)
        }
        if !current.isEmpty { current.append(" ") }
        current += word
      }
      lines.append(joined(current))
    }
    return lines.joined(separator: "\n")
  }
}
