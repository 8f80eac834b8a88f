/// Writes the tree of a template as HubL that says the same.
struct HubLWriter {
  /// What names are looked up in.
  struct Scope {
    /// HubL of the value; nil where there is none (Mustachio's `{{^name}}` looks names up in what is not there).
    var value: String?
    /// Names that a block gave (`as |item|`).
    var names: [String: String] = [:]
    /// The loop that made it, by number.
    var loop: Int?
  }

  let dialect: TemplateDialect
  let substitutions: SubstitutionTags?
  private let source: [UInt8]
  var scopes = [Scope(value: "custom")]
  /// Loops around, by their depth from 1.
  var loops: [Int] = []
  /// Loops whose counter an inner one asks for.
  var countedLoops: Set<Int> = []
  private(set) var findings: [ImportFinding] = []
  private var reported: Set<String> = []

  init(_ dialect: TemplateDialect, _ source: [UInt8], _ substitutions: SubstitutionTags?) {
    self.dialect = dialect
    self.source = source
    self.substitutions = substitutions
  }

  mutating func report(_ outcome: ImportFinding.Outcome, _ offset: Int, _ what: String, _ note: String) {
    findings.append(ImportFinding(outcome, SourcePlace(offset, in: source).description, what, note))
  }

  /// The same note once only: at its first place.
  mutating func reportOnce(_ outcome: ImportFinding.Outcome, _ offset: Int, _ what: String, _ note: String) {
    if reported.insert(note).inserted { report(outcome, offset, what, note) }
  }

  mutating func hubl(_ nodes: [MustacheNode]) -> String {
    var text = ""
    for node in nodes {
      let piece = hubl(node)
      // A brace of the text must not join those of a tag.
      if case .text = node {} else { HubLText.close(&text) }
      text += piece
    }
    return text
  }

  private mutating func hubl(_ node: MustacheNode) -> String {
    switch node {
    case .text(let text): return literal(text)
    case .comment(let text):
      let text = text.hasPrefix("--") ? String(text.dropFirst(2)).trimmingWhitespace : text
      return HubLText.comment(text)
    case .partial(let name, let offset):
      report(.left, offset, "{{> \(name)}}", "there are no partials: put its text here, or use include")
      return HubLText.comment("left out: > \(name)")
    case .unknown(let content, let offset):
      return left("{{\(content)}}", offset, "this is no expression that is known")
    case .output(let statement, let isRaw, let offset): return output(statement, isRaw, offset)
    case .block(let block): return hubl(block)
    }
  }

  /// Says that something is not here, in the report and in the template.
  mutating func left(_ what: String, _ offset: Int, _ note: String) -> String {
    report(.left, offset, what, note)
    return HubLText.comment("left out: \(what)")
  }

  private mutating func output(_ statement: MustacheStatement, _ isRaw: Bool, _ offset: Int) -> String {
    let what = Self.shown(statement.expression)
    if let special = special(statement.expression, offset) { return special }
    if isAbsent(statement.expression) {
      return left(
        what, offset, "Mustachio looks it up in what is not there, and prints nothing; ../ goes out of it")
    }
    guard let value = value(statement.expression, offset) else {
      return left(what, offset, leftNote(statement.expression))
    }
    return "{{ \(isRaw ? HubLText.grouped(value) + "|safe" : value) }}"
  }

  func leftNote(_ expression: MustacheExpression) -> String {
    if case .call(let name, _, _) = expression { return "the helper “\(name)” is not known" }
    return "this has no same meaning here"
  }

  /// The text with its braces, and with the values that stand in it in other signs.
  private func literal(_ text: String) -> String {
    let escaped = HubLText.literal(text)
    switch dialect {
    case .mailgun: return RecipientVariables.replaced(escaped)
    case .sendGrid: return Substitutions.replaced(escaped, substitutions)
    case .postmark: return escaped
    }
  }

  /// What a person recognises an expression by.
  static func shown(_ expression: MustacheExpression) -> String {
    switch expression {
    case .path(let path):
      let start = String(repeating: "../", count: path.up) + (path.isData ? "@" : "")
      let name = path.segments.joined(separator: ".")
      return start + (path.isThis ? (name.isEmpty ? "this" : "this.\(name)") : name)
    case .text(let text): return "\"\(text)\""
    case .number(let text): return text
    case .bool(let word): return word ? "true" : "false"
    case .nothing: return "null"
    case .call(let name, let arguments, let hash):
      let list = arguments.map(shown) + hash.map { "\($0.name)=\(shown($0.value))" }
      return ([name] + list).joined(separator: " ")
    }
  }
}

/// Pieces of HubL.
enum HubLText {
  /// A brace as text, in a style or script too.
  private static let brace = #"{{ "{"|safe }}"#

  /// Text in which nothing is code.
  static func literal(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(0x7B) else { return text }
    var result = [UInt8]()
    for (place, byte) in bytes.enumerated() {
      let next = place + 1 < bytes.count ? bytes[place + 1] : 0
      if byte == 0x7B, next == 0x7B || next == 0x25 || next == 0x23 {
        result += brace.utf8
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Makes a brace at the end of a text one that is text whatever stands behind it.
  static func close(_ text: inout String) {
    guard text.utf8.last == 0x7B else { return }
    text.unicodeScalars.removeLast()
    text += brace
  }

  /// The same for bytes, with code behind them.
  static func join(_ text: inout [UInt8], _ code: String) {
    if text.last == 0x7B {
      text.removeLast()
      text += brace.utf8
    }
    text += code.utf8
  }

  /// A remark that is not printed.
  static func comment(_ text: String) -> String {
    var result = [UInt8]()
    for byte in text.utf8 {
      // What would end the comment gets a space.
      if byte == 0x7D, result.last == 0x23 { result.append(0x20) }
      result.append(byte)
    }
    return "{# \(String(decoding: result, as: UTF8.self)) #}"
  }

  /// In brackets, when a filter behind it would take a part of it only.
  static func grouped(_ expression: String) -> String {
    expression.utf8.contains(0x20) ? "(\(expression))" : expression
  }
}
