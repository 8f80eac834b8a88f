/// Text in columns that line up, for people.
struct Table {
  private let titles: [String]
  private var rows: [[String]] = []

  /// - Parameter titles: the first line, in capitals by custom; none for pairs of name and value.
  init(_ titles: [String] = []) {
    self.titles = titles
  }

  mutating func add(_ cells: String...) {
    rows.append(cells.map(Self.printable))
  }

  /// The last column is cut so that a line fits into `width`, if at all possible.
  func text(width: Int = .max, indent: Int = 0) -> String {
    let all = titles.isEmpty ? rows : [titles] + rows
    let columns = all.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      all.map { column < $0.count ? Self.width(of: $0[column]) : 0 }.max() ?? 0
    }
    let before = widths.dropLast().reduce(indent) { $0 + $1 + 2 }
    let room = max(width == .max ? Int.max : width - before, 20)
    return all.map { line($0, widths: widths, room: room, indent: indent) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], widths: [Int], room: Int, indent: Int) -> String {
    var line = String(repeating: " ", count: indent)
    for (column, cell) in cells.enumerated() {
      if column == widths.count - 1 {
        line += Self.cut(cell, to: room)
      } else {
        line += cell + String(repeating: " ", count: widths[column] - Self.width(of: cell) + 2)
      }
    }
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  /// What a remote server or a sender wrote must not steer the terminal.
  static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || isDirectional(scalar)
      result.unicodeScalars.append(isControl ? " " : scalar)
    }
    return result
  }

  private static func isDirectional(_ scalar: Unicode.Scalar) -> Bool {
    (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  }

  static func cut(_ text: String, to room: Int) -> String {
    width(of: text) <= room ? text : String(text.prefix(max(room - 1, 1))) + "…"
  }

  /// Columns on a terminal: two for the wide characters of East Asia and emoji.
  static func width(of text: String) -> Int {
    text.reduce(0) { sum, character in
      guard let scalar = character.unicodeScalars.first else { return sum }
      let isWide =
        (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
        || (0xAC00...0xD7A3).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
        || (0xFE30...0xFE6F).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
        || (0x1F300...0x1FAFF).contains(scalar.value)
      return sum + (isWide ? 2 : 1)
    }
  }
}
