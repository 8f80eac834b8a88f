/// What an author's HTML uses that some mail programs don't show.
enum ClientChecks {
  static func findings(_ outline: Outline) -> [Finding] {
    outline.sources.flatMap { source -> [Finding] in
      let used = Used(source.html)
      return ClientRule.all.compactMap { rule in
        used.line(of: rule.sign).map { finding(rule, source.place($0)) }
      }
    }
  }

  private static func finding(_ rule: ClientRule, _ place: Place) -> Finding {
    if rule.isFatal {
      return Finding(
        .stop, "client-\(rule.source)", place, "\(rule.clients) take out \(rule.name).", fix: rule.advice)
    }
    return Finding(
      .warn, "client-\(rule.source)", place,
      "\(rule.clients) \(rule.clients.contains(" and ") ? "don't" : "doesn't") show \(rule.name).",
      fix: rule.advice)
  }

  /// Everything a rule may look for, with its first line.
  private struct Used {
    private var declarations: [(CSS.Declaration, line: Int)] = []
    private var preludes: [(String, line: Int)] = []
    private var tags: [String: Int] = [:]
    private var attributes: [String: Int] = [:]
    private var addresses: [(String, line: Int)] = []

    init(_ html: HTMLSource) {
      for element in html.elements {
        tags[element.tag] = tags[element.tag] ?? element.line
        for (name, value) in element.attributes {
          attributes[name] = min(attributes[name] ?? .max, element.line)
          if name == "src" { addresses.append((value.trimmed.lowercased(), element.line)) }
        }
        if let style = element.attributes["style"] {
          declarations += CSS.declarations(style).map { ($0, element.line) }
        }
        if element.tag == "style" { add(CSS.sheet(element.text), element.line) }
      }
    }

    private mutating func add(_ sheet: CSS.Sheet, _ line: Int) {
      declarations += sheet.declarations.map { ($0, line) }
      preludes += sheet.preludes.map { ($0, line) }
    }

    func line(of sign: ClientRule.Sign) -> Int? {
      switch sign {
      case .property(let name, let starts):
        declarations.first { declaration, _ in
          (declaration.name == name || declaration.name.hasPrefix(name + "-") && starts == ["-"])
            && (starts.isEmpty || starts.contains { Self.has(declaration.value, start: $0) })
        }?.line
      case .value(let words): declarations.first { Self.has($0.0.value, words) }?.line
      case .prelude(let words): preludes.first { $0.0.utf8Contains(words) }?.line
      case .tag(let name): tags[name]
      case .attribute(let name): attributes[name]
      case .address(let start): addresses.first { $0.0.hasPrefix(start) }?.line
      }
    }

    /// A value, or for margins any of its parts.
    private static func has(_ value: String, start: String) -> Bool {
      start == "-"
        ? value.split(separator: " ").contains {
          $0.hasPrefix("-") && $0.dropFirst().first?.isNumber ?? false
        }
        : value.hasPrefix(start)
    }

    /// A function by its name, a unit behind a number.
    private static func has(_ value: String, _ words: String) -> Bool {
      guard words.hasSuffix("(") == false else { return value.utf8Contains(words) }
      return value.split { " ,()".contains($0) }.contains { part in
        part.hasSuffix(words) && part.dropLast(words.count).last.map { $0.isNumber } ?? false
      }
    }
  }
}

extension String {
  func utf8Contains(_ words: String) -> Bool {
    let (own, other) = (Array(utf8), Array(words.utf8))
    guard let first = other.first, own.count >= other.count else { return other.isEmpty }
    return (0...(own.count - other.count)).contains { place in
      own[place] == first && own[place..<(place + other.count)].elementsEqual(other)
    }
  }
}
