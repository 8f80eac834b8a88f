/// Colours and letters of the place where something is written, and the classes by which the dark theme
/// changes them.
struct Ink {
  let theme: Theme
  /// In a row in the button's colours.
  var isOnAccent = false
  /// In a footer.
  var isQuiet = false

  init(_ theme: Theme) {
    self.theme = theme
  }

  private var text: Color {
    if isOnAccent { return theme.light.buttonText }
    return isQuiet ? theme.light.muted : theme.light.text
  }
  private var muted: Color { isOnAccent ? theme.light.buttonText : theme.light.muted }

  var textClass: String {
    if isOnAccent { return "bl" }
    return isQuiet ? "mu" : "tx"
  }
  var mutedClass: String { isOnAccent ? "bl" : "mu" }
  var linkClass: String { isOnAccent || isQuiet ? textClass : "lk" }

  /// Running text of a size in pixels, of the theme's size when nil.
  func style(size: Int? = nil, weight: Int = 400, isMuted: Bool = false, font: String? = nil) -> String {
    let size = size ?? (isQuiet ? theme.smallSize : theme.baseSize)
    let bold = weight == 400 ? "" : "font-weight:\(weight);"
    return "\(bold)font-family:\(font ?? theme.font.stack);font-size:\(size)px;line-height:\(size * 3 / 2)px;"
      + "color:\(isMuted ? muted : text);"
  }

  /// A heading of a level.
  func heading(_ level: Int) -> String {
    let size = theme.baseSize + [12, 2, 0][min(max(level, 1), 3) - 1]
    return "margin:0;font-family:\(theme.font.stack);font-size:\(size)px;line-height:\(size * 5 / 4)px;"
      + "font-weight:700;\(level == 1 ? "letter-spacing:-0.4px;" : "")color:\(text);"
  }

  /// A link in a text.
  var link: String { "color:\(isOnAccent || isQuiet ? text : theme.light.link);text-decoration:underline;" }
}

extension Theme {
  /// Of labels and small print.
  var smallSize: Int { max(baseSize - 3, 12) }
}
