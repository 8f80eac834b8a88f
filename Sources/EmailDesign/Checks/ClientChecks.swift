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
    private var properties: [String: [(value: String, line: Int)]] = [:]
    private var functions: [String: Int] = [:]
    private var units: [String: Int] = [:]
    private var preludes: [(text: String, line: Int)] = []
    private var tags: [String: Int] = [:]
    private var attributes: [String: Int] = [:]
    private var addresses: [(text: String, line: Int)] = []

    init(_ html: HTMLSource) {
      for element in html.elements {
        let line = element.line
        tags[element.tag] = tags[element.tag] ?? line
        for (name, value) in element.attributes {
          attributes[name] = attributes[name] ?? line
          if name == "src" { addresses.append((value.trimmed.lowercased(), line)) }
        }
        add(element.style, line)
        guard element.tag == "style" else { continue }
        let sheet = CSS.sheet(element.text)
        add(sheet.declarations, line)
        preludes += sheet.preludes.map { ($0, line) }
      }
    }

    private mutating func add(_ declarations: [CSS.Declaration], _ line: Int) {
      for declaration in declarations {
        properties[declaration.name, default: []].append((declaration.value, line))
        addWords(Array(declaration.value.utf8), line)
      }
    }

    /// Names in front of a bracket, and what stands behind a number.
    private mutating func addWords(_ value: [UInt8], _ line: Int) {
      var position = 0
      while position < value.count {
        let start = position
        while position < value.count, value[position] &- 0x61 < 26 || value[position] == 0x2D {
          position += 1
        }
        guard position > start else {
          position += 1
          continue
        }
        let isFunction = position < value.count && value[position] == 0x28
        let isUnit = start > 0 && value[start - 1] &- 0x30 < 10
        guard isFunction || isUnit else { continue }
        let word = String(decoding: value[start..<position], as: UTF8.self)
        if isFunction { functions[word] = functions[word] ?? line } else { units[word] = units[word] ?? line }
      }
    }

    func line(of sign: ClientRule.Sign) -> Int? {
      switch sign {
      case .property(let name, let starts): line(of: name, starts)
      case .negative(let names): names.compactMap { negativeLine(of: $0) }.min()
      case .function(let name): functions[name]
      case .unit(let name): units[name]
      case .prelude(let words): preludes.first { $0.text.utf8Contains(words) }?.line
      case .tag(let name): tags[name]
      case .attribute(let name): attributes[name]
      case .address(let start): addresses.first { $0.text.hasPrefix(start) }?.line
      }
    }

    private func line(of property: String, _ starts: [String]) -> Int? {
      properties[property]?.first { item in
        starts.isEmpty || starts.contains { item.value.hasPrefix($0) }
      }?.line
    }

    private func negativeLine(of property: String) -> Int? {
      properties[property]?.first { item in
        item.value.split(separator: " ").contains {
          $0.hasPrefix("-") && ($0.dropFirst().first?.isNumber ?? false)
        }
      }?.line
    }
  }
}

extension String {
  /// Whether the bytes of some words stand in it.
  func utf8Contains(_ words: String) -> Bool {
    var (own, other) = (self, words)
    return own.withUTF8 { own in
      other.withUTF8 { other in
        guard let first = other.first else { return true }
        guard own.count >= other.count else { return false }
        for place in 0...(own.count - other.count) where own[place] == first {
          if other.indices.allSatisfy({ own[place + $0] == other[$0] }) { return true }
        }
        return false
      }
    }
  }
}
