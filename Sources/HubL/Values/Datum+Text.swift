extension Datum {
  /// As it is printed. Lists and maps stop at a depth, since they may hold themselves.
  var text: String {
    switch self {
    case .string(let text), .safe(let text): return text
    case .undefined, .null: return ""
    default:
      var writer = TextWriter()
      writer.write(self, depth: 0)
      return writer.text
    }
  }

  /// As a key of a map, or an element of a printed list.
  fileprivate var isBlank: Bool {
    switch self {
    case .undefined, .null: true
    default: false
    }
  }
}

/// Prints lists and maps as Jinjava does: `[a, b]`, `{name=value}`.
private struct TextWriter {
  private(set) var text = ""
  private static let depthLimit = 20
  private static let sizeLimit = 100_000

  mutating func write(_ datum: Datum, depth: Int) {
    if text.utf8.count > Self.sizeLimit { return }
    switch datum {
    case .undefined, .null: break
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += Numbers.text(value)
    case .fixed(let value, let digits): text += Numbers.fixed(value, digits: Int(digits))
    case .string(let value), .safe(let value): text += value
    case .values, .list: write(items: datum.items ?? [], depth: depth)
    case .members, .map: write(entries: datum.entries ?? [], depth: depth)
    case .macro(let macro): text += "macro " + macro.definition.name
    case .loop(let loop): text += "loop \(loop.index + 1)/\(loop.count)"
    case .moment(let moment): text += moment.description
    }
  }

  private mutating func write(items: [Datum], depth: Int) {
    if depth > Self.depthLimit { return text += "[…]" }
    text += "["
    for (place, item) in items.enumerated() {
      if place > 0 { text += ", " }
      item.isBlank ? (text += "null") : write(item, depth: depth + 1)
    }
    text += "]"
  }

  private mutating func write(entries: [(key: String, value: Datum)], depth: Int) {
    if depth > Self.depthLimit { return text += "{…}" }
    text += "{"
    for (place, entry) in entries.enumerated() {
      if place > 0 { text += ", " }
      text += entry.key + "="
      entry.value.isBlank ? (text += "null") : write(entry.value, depth: depth + 1)
    }
    text += "}"
  }
}
