/// Whether texts can be read on what they stand on, in the light and in the dark theme (WCAG 2.2, 1.4.3).
enum ContrastChecks {
  static let enough = 4.5
  /// For letters of 24 pixels, or of 18.66 when they are bold.
  static let enoughForLarge = 3.0

  static func findings(_ subject: CheckSubject) -> [Finding] {
    guard case .document = subject.content else {
      return subject.outline.sources.flatMap { InlineContrast($0).findings() }
    }
    return theme(subject) + rows(subject) + subject.outline.sources.flatMap { InlineContrast($0).findings() }
  }

  private static func theme(_ subject: CheckSubject) -> [Finding] {
    let grounds = self.grounds(subject.rows)
    return [("light", subject.theme.light), ("dark", subject.theme.dark)].flatMap { name, palette in
      var pairs = grounds.flatMap { ground in
        let below = palette[keyPath: ground.path]
        return [
          ("text on the \(ground.name)", palette.text, below),
          ("small print on the \(ground.name)", palette.muted, below),
          ("a link on the \(ground.name)", palette.link, below),
        ]
      }
      pairs.append(("the text of a button", palette.buttonText, palette.button))
      return pairs.compactMap { what, above, below in
        weak(above, below).map { ratio in
          Finding(
            .warn, "contrast-\(name)", .theme,
            "In the \(name) theme, \(what) has a contrast of \(ratio) (\(above) on \(below)).", fix: Self.fix)
        }
      }
    }
  }

  private static let fix = "Choose colours with a contrast of at least 4.5."

  /// The grounds that texts stand on in these rows.
  private static func grounds(_ rows: [Row]) -> [(name: String, path: KeyPath<Palette, Color>)] {
    var result: [(name: String, path: KeyPath<Palette, Color>)] = []
    if rows.contains(where: { $0.area == .card }) { result.append(("card", \.surface)) }
    if rows.contains(where: { $0.area == .canvas }) { result.append(("canvas", \.canvas)) }
    if rows.contains(where: { $0.style.background == .panel }) { result.append(("panel", \.panel)) }
    return result
  }

  private static func rows(_ subject: CheckSubject) -> [Finding] {
    subject.rows.flatMap { row -> [Finding] in
      guard case .colors(let light, let dark) = row.style.background else { return [] }
      let pairs = [
        ("light", subject.theme.light.text, light), ("dark", subject.theme.dark.text, dark),
      ]
      return pairs.compactMap { name, above, below in
        weak(above, below).map { ratio in
          Finding(
            .warn, "contrast-\(name)", .block(row.id),
            "In the \(name) theme, text in this row has a contrast of \(ratio) (\(above) on \(below)).",
            fix: Self.fix)
        }
      }
    }
  }

  /// The ratio with one digit; nil when it is enough.
  static func weak(_ above: Color, _ below: Color, isLarge: Bool = false) -> String? {
    let ratio = above.contrast(to: below)
    guard ratio < (isLarge ? enoughForLarge : enough) else { return nil }
    let tenths = Int(ratio * 10)
    return "\(tenths / 10).\(tenths % 10)"
  }
}

/// Contrast in an author's HTML, as far as its colours stand in the elements themselves. White is what
/// mail programs put below it all.
struct InlineContrast {
  private let source: Outline.Source
  private struct Look {
    var color = Color(0)
    var ground: Color? = Color(0xffffff)
    var size = 16.0
    var isBold = false
  }

  init(_ source: Outline.Source) {
    self.source = source
  }

  func findings() -> [Finding] {
    var looks = [Look]()
    var known = Set<[Color]>()
    var findings = [Finding]()
    for element in source.html.elements {
      let look = look(element, in: element.parent.map { looks[$0] } ?? Look())
      looks.append(look)
      guard !["style", "script", "title", "head"].contains(element.tag), !element.text.trimmed.isEmpty,
        let ground = look.ground
      else { continue }
      let isLarge = look.size >= 24 || (look.isBold && look.size >= 18.66)
      guard let ratio = ContrastChecks.weak(look.color, ground, isLarge: isLarge),
        known.insert([look.color, ground]).inserted
      else { continue }
      findings.append(
        Finding(
          .warn, "contrast-light", source.place(element.line),
          "A text has a contrast of \(ratio) (\(look.color) on \(ground)).",
          fix: "Choose colours with a contrast of at least \(isLarge ? "3" : "4.5")."))
    }
    return findings
  }

  private func look(_ element: HTMLSource.Element, in outer: Look) -> Look {
    var look = outer
    if element.tag == "a" { look.color = Color(0x0000ee) }
    if ["b", "strong", "th", "h1", "h2", "h3"].contains(element.tag) { look.isBold = true }
    if let size = ["h1": 32.0, "h2": 24, "h3": 18.7][element.tag] { look.size = size }
    if let color = element.attributes["color"].flatMap({ Color(css: $0) }) { look.color = color }
    if let ground = element.attributes["bgcolor"].flatMap({ Color(css: $0) }) { look.ground = ground }
    for declaration in element.style {
      switch declaration.name {
      case "color": if let color = Color(css: declaration.value) { look.color = color }
      case "background-color", "background":
        if declaration.value != "transparent" { look.ground = Color(css: declaration.value) }
      case "background-image": if declaration.value != "none" { look.ground = nil }
      case "font-size":
        if declaration.value.hasSuffix("px"), let size = Double(declaration.value.dropLast(2)) {
          look.size = size
        }
      case "font-weight":
        look.isBold = declaration.value == "bold" || (Int(declaration.value) ?? 400) >= 700
      default: break
      }
    }
    return look
  }
}
