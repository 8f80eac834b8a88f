extension HubLWriter {
  /// The condition under which a block of a helper is shown; nil when the helper is not known.
  mutating func condition(of block: MustacheBlock) -> String? {
    guard case .call(let name, let arguments, let hash) = block.statement.expression else { return nil }
    if dialect == .mailgun, name == "equal", block.otherwise != nil {
      reportOnce(
        .changed, block.offset, "{{#equal}}",
        "Mailgun never shows what stands behind else in #equal; here it is shown")
    }
    if hash.contains(where: { $0.name == "includeZero" }) {
      reportOnce(.changed, block.offset, "includeZero", "0 is not true here, with includeZero either")
    }
    guard let condition = condition(name, arguments, block.offset) else { return nil }
    return block.isInverted ? "not (\(condition))" : condition
  }

  private mutating func condition(_ name: String, _ arguments: [MustacheExpression], _ offset: Int) -> String?
  {
    switch (name, dialect) {
    case ("if", _) where arguments.count == 1: return condition(arguments[0], offset)
    case ("unless", _) where arguments.count == 1:
      return condition(arguments[0], offset).map { "not \(HubLText.grouped($0))" }
    case ("and", .sendGrid), ("or", .sendGrid):
      return joined(arguments, name, offset)
    default: return comparison(name, arguments, offset)
    }
  }

  private mutating func joined(_ arguments: [MustacheExpression], _ word: String, _ offset: Int) -> String? {
    guard arguments.count > 1 else { return nil }
    var parts = [String]()
    for argument in arguments {
      guard let part = condition(argument, offset) else { return nil }
      parts.append(HubLText.grouped(part))
    }
    return parts.joined(separator: " \(word) ")
  }

  /// Comparisons of two values.
  private mutating func comparison(_ name: String, _ arguments: [MustacheExpression], _ offset: Int)
    -> String?
  {
    let signs: [String: String] =
      switch dialect {
      case .sendGrid: ["equals": "==", "notEquals": "!=", "greaterThan": ">", "lessThan": "<"]
      case .mailgun: ["equal": "==", "ifEq": "==", "ifGt": ">", "ifLt": "<"]
      case .postmark: [:]
      }
    guard let sign = signs[name], arguments.count == 2, let left = value(arguments[0], offset),
      let right = value(arguments[1], offset)
    else { return nil }
    // Numbers come as texts, too; Mailgun compares them as numbers.
    let isNumeric = name.hasPrefix("if")
    func operand(_ value: String, _ expression: MustacheExpression) -> String {
      if case .number = expression { return value }
      return isNumeric ? "\(HubLText.grouped(value))|float" : HubLText.grouped(value)
    }
    return "\(operand(left, arguments[0])) \(sign) \(operand(right, arguments[1]))"
  }

  /// HubL of a helper that gives a value; nil when it is not known.
  mutating func call(
    _ name: String, _ arguments: [MustacheExpression],
    _ hash: [(name: String, value: MustacheExpression)], _ offset: Int
  ) -> String? {
    switch (name, dialect) {
    case ("lookup", .sendGrid), ("lookup", .mailgun): return lookup(arguments, offset)
    case ("insert", .sendGrid): return insert(arguments, offset)
    case ("formatDate", .sendGrid): return formatDate(arguments, offset)
    case ("length", .sendGrid):
      guard arguments.count == 1, let value = value(arguments[0], offset) else { return nil }
      return "\(HubLText.grouped(value))|length"
    case ("pluralize", .mailgun): return pluralize(arguments, offset)
    default: return hash.isEmpty ? condition(name, arguments, offset) : nil
    }
  }

  private mutating func lookup(_ arguments: [MustacheExpression], _ offset: Int) -> String? {
    guard arguments.count == 2, let base = value(arguments[0], offset), let key = value(arguments[1], offset)
    else { return nil }
    return "\(HubLText.grouped(base))[\(key)]"
  }

  private mutating func pluralize(_ arguments: [MustacheExpression], _ offset: Int) -> String? {
    var values = [String]()
    for argument in arguments {
      guard let value = value(argument, offset) else { return nil }
      values.append(value)
    }
    guard values.count == 3 else { return nil }
    return "\(values[1]) if \(HubLText.grouped(values[0]))|float > 1 else \(values[2])"
  }

  /// `insert name "default=Customer"`.
  private mutating func insert(_ arguments: [MustacheExpression], _ offset: Int) -> String? {
    guard let first = arguments.first, let value = value(first, offset) else { return nil }
    guard arguments.count > 1 else { return value }
    guard arguments.count == 2, case .text(let text) = arguments[1], text.hasPrefix("default=") else {
      return nil
    }
    return "\(HubLText.grouped(value))|default(\(HubLName.quoted(String(text.dropFirst(8)))), true)"
  }

  /// `formatDate date "MMMM D, YYYY" "-0800"`.
  private mutating func formatDate(_ arguments: [MustacheExpression], _ offset: Int) -> String? {
    guard (2...3).contains(arguments.count), let date = value(arguments[0], offset),
      case .text(let form) = arguments[1], let java = DateForm.java(form)
    else { return nil }
    var list = HubLName.quoted(java)
    if arguments.count == 3 {
      guard case .text(let zone) = arguments[2], let zone = DateForm.zone(zone) else { return nil }
      list += ", \(HubLName.quoted(zone))"
    }
    return "\(HubLText.grouped(date))|format_datetime(\(list))"
  }
}

/// SendGrid's forms of dates, which are those of Moment.
enum DateForm {
  private static let words: [(String, String)] = [
    ("YYYY", "yyyy"), ("YY", "yy"), ("MMMM", "MMMM"), ("MMM", "MMM"), ("MM", "MM"), ("M", "M"), ("DD", "dd"),
    ("D", "d"), ("dddd", "EEEE"), ("ddd", "EEE"), ("HH", "HH"), ("H", "H"), ("hh", "hh"), ("h", "h"),
    ("mm", "mm"), ("m", "m"), ("ss", "ss"), ("s", "s"), ("A", "a"), ("ZZ", "xx"), ("Z", "xxx"),
  ]

  /// The same as a pattern of Java's; nil when it has letters that are not known.
  static func java(_ form: String) -> String? {
    var result = ""
    var rest = form[...]
    while let first = rest.first {
      if let (word, pattern) = words.first(where: { rest.hasPrefix($0.0) }) {
        result += pattern
        rest = rest.dropFirst(word.count)
        if let next = rest.first, next == word.last { return nil }
      } else if first == "T" {
        result += "'T'"
        rest = rest.dropFirst()
      } else {
        guard !first.isLetter, first != "'", first != "[" else { return nil }
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// `-0800` and `-08:00` as `-08:00`.
  static func zone(_ text: String) -> String? {
    let bytes = text.utf8.filter { $0 != 0x3A }
    guard bytes.count == 5, bytes[0] == 0x2B || bytes[0] == 0x2D, bytes[1...].allSatisfy({ $0 &- 0x30 < 10 })
    else { return nil }
    return String(decoding: bytes[..<3], as: UTF8.self) + ":" + String(decoding: bytes[3...], as: UTF8.self)
  }
}
