import EmailDesign

/// `content.styleSettings` as changes of the account's theme.
struct HubSpotStyle {
  private(set) var theme: ThemeChanges?
  /// Width of the content in pixels.
  private(set) var width: Int?
  /// Around the card, and the card.
  private(set) var canvas: Color
  private(set) var surface: Color

  init(_ settings: JSONValue, _ report: inout ImportReport) {
    let standard = Theme.standard.light
    canvas = settings["backgroundColor"]?.color ?? standard.canvas
    surface = settings["bodyColor"]?.color ?? standard.surface
    if let width = settings["emailBodyWidth"]?.pixels { self.width = min(max(width, 320), 800) }
    let members = Self.colors(settings) + Self.letters(settings, &report)
    guard !members.isEmpty else { return }
    theme = try? ThemeChanges(json: .object(members))
    report.add(
      .changed, "content.styleSettings", "styles",
      "colours and letters are the document's theme now; the dark theme is the account's")
    Self.reportRest(settings, &report)
  }

  private static func colors(_ settings: JSONValue) -> [JSONValue.Member] {
    let button = settings["buttonStyleSettings"]
    let named: [(String, JSONValue?)] = [
      ("canvas", settings["backgroundColor"]), ("surface", settings["bodyColor"]),
      ("text", settings["primaryFontColor"]), ("muted", settings["secondaryFontColor"]),
      ("line", settings["dividerStyleSettings"]?["color"]), ("link", settings["linksFont"]?["color"]),
      ("button", button?["backgroundColor"]), ("buttonText", button?["fontStyle"]?["color"]),
    ]
    return named.compactMap { name, value in
      value?.color.map { .init(name, .string($0.description)) }
    }
  }

  private static func letters(_ settings: JSONValue, _ report: inout ImportReport) -> [JSONValue.Member] {
    var members = [JSONValue.Member]()
    if let radius = settings["buttonStyleSettings"]?["cornerRadius"]?.pixels {
      members.append(.init("radius", .int(Int64(min(max(radius, 0), 32)))))
    }
    if let size = settings["primaryFontSize"]?.pixels {
      let fit = min(max(size, 13), 20)
      members.append(.init("baseSize", .int(Int64(fit))))
      if fit != size {
        report.add(
          .changed, "content.styleSettings", "primaryFontSize \(size)", "text is \(fit) pixels tall here")
      }
    }
    if let family = settings["primaryFont"]?.filledText {
      let font = font(family)
      members.append(.init("font", .string(font.rawValue)))
      if font == .system {
        report.add(.changed, "content.styleSettings", family, "the readers' own letters take its place")
      }
    }
    return members
  }

  /// The nearest of the families that readers' devices have.
  private static func font(_ family: String) -> Font {
    let name = family.lowercased()
    func has(_ words: String...) -> Bool {
      words.contains { word in
        name.utf8.indices.contains { name.utf8[$0...].starts(with: word.utf8) }
      }
    }
    if has("verdana", "tahoma", "geneva") { return .verdana }
    if has("courier", "mono", "menlo", "consolas") { return .mono }
    if has("arial", "helvetica") { return .sans }
    if has("georgia", "times", "merriweather", "playfair", "lora") { return .serif }
    return .system
  }

  private static func reportRest(_ settings: JSONValue, _ report: inout ImportReport) {
    if settings["backgroundImage"]?.isFilled == true {
      report.add(
        .left, "content.styleSettings", "backgroundImage", "Outlook shows none; a colour takes its place")
    }
    for name in ["headingOneFont", "headingTwoFont"] where settings[name]?.isFilled == true {
      report.add(.changed, "content.styleSettings", name, "headings follow the size of the text")
    }
  }
}
