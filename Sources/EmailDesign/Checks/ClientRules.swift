/// What some mail programs don't show: our own short table, by what caniemail.com measured.
struct ClientRule: Sendable {
  /// What it is found by.
  enum Sign: Sendable {
    /// A CSS property, with these starts of values; none for any.
    case property(String, [String] = [])
    /// Properties with a value below 0.
    case negative([String])
    /// A function in any CSS value.
    case function(String)
    /// What stands behind a number in any CSS value.
    case unit(String)
    /// Something before braces: a selector or at-rule.
    case prelude(String)
    case tag(String)
    case attribute(String)
    /// An image's or link's address that starts so.
    case address(String)
  }

  let sign: Sign
  /// What it is called.
  let name: String
  /// Who does not show it.
  let clients: String
  let advice: String
  /// caniemail's name of the feature, as in https://www.caniemail.com/features/NAME/; ours for what all remove.
  let source: String
  /// Removed by all: what depends on it never works.
  var isFatal = false

  private init(
    _ sign: Sign, _ name: String, _ clients: String, _ advice: String, _ source: String, isFatal: Bool = false
  ) {
    self.sign = sign
    self.name = name
    self.clients = clients
    self.advice = advice
    self.source = source
    self.isFatal = isFatal
  }

  private static let all3 = "Gmail, Outlook and Yahoo"
  private static let word = "Outlook on Windows"
  private static let tables = "Lay out with tables."
  private static let inlineOnly = "Leave it out; the e-mail must read well without."

  static let all: [ClientRule] = layout + looks + sheets + elements

  private static let layout = [
    ClientRule(
      .property("position", ["absolute", "fixed", "sticky", "relative"]), "position",
      "Gmail and Outlook on Windows", tables, "css-position"),
    ClientRule(.property("display", ["flex", "inline-flex"]), "flexbox", word, tables, "css-display-flex"),
    ClientRule(.property("display", ["grid", "inline-grid"]), "grid", word, tables, "css-display-grid"),
    ClientRule(.property("float"), "float", word, "Use a table or align.", "css-float"),
    ClientRule(.property("gap"), "gap", "Yahoo and Outlook on Windows", "Use padding of cells.", "css-gap"),
    ClientRule(
      .property("column-count"), "columns of text", "Yahoo and Outlook on Windows", tables, "css-column-count"
    ),
    ClientRule(.property("inset"), "inset", all3, tables, "css-inset"),
    ClientRule(.property("z-index"), "z-index", "Gmail and Outlook on Windows", tables, "css-z-index"),
    ClientRule(
      .property("aspect-ratio"), "aspect-ratio", all3, "Give images width and height.", "css-aspect-ratio"),
    ClientRule(
      .property("object-fit"), "object-fit", "Yahoo and Outlook on Windows", "Cut the image itself.",
      "css-object-fit"),
    ClientRule(
      .negative(["margin", "margin-top", "margin-right", "margin-bottom", "margin-left"]), "negative margins",
      "Gmail, Outlook and Yahoo", "Use padding of cells.",
      "css-margin"),
    ClientRule(
      .property("visibility", ["hidden"]), "visibility", "Gmail and Outlook on Windows", "Use display:none.",
      "css-visibility"),
  ]

  private static let looks = [
    ClientRule(.property("opacity"), "opacity", word, "Mix the colour yourself.", "css-opacity"),
    ClientRule(
      .property("box-shadow"), "box-shadow", "Gmail, Yahoo and Outlook on Windows", inlineOnly,
      "css-box-shadow"),
    ClientRule(.property("text-shadow"), "text-shadow", "Gmail and Outlook", inlineOnly, "css-text-shadow"),
    ClientRule(
      .property("background-image"), "background-image", word, "Give a background-color below it.",
      "css-background-image"),
    ClientRule(
      .function("linear-gradient"), "gradients", "Outlook and Yahoo", "Give a background-color below it.",
      "css-linear-gradient"),
    ClientRule(
      .function("radial-gradient"), "gradients", "Outlook and Yahoo", "Give a background-color below it.",
      "css-radial-gradient"),
    ClientRule(.property("animation"), "animation", all3, inlineOnly, "css-animation"),
    ClientRule(.property("transition"), "transition", "Gmail and Outlook", inlineOnly, "css-transition"),
    ClientRule(.property("transform"), "transform", all3, inlineOnly, "css-transform"),
    ClientRule(.property("filter"), "filter", all3, inlineOnly, "css-filter"),
    ClientRule(.property("clip-path"), "clip-path", all3, inlineOnly, "css-clip-path"),
    ClientRule(.property("mask-image"), "mask-image", all3, inlineOnly, "css-mask-image"),
    ClientRule(
      .property("mix-blend-mode"), "mix-blend-mode", "Yahoo and Outlook on Windows", inlineOnly,
      "css-mix-blend-mode"),
    ClientRule(.function("var"), "CSS variables", all3, "Write the value itself.", "css-variables"),
    ClientRule(.function("calc"), "calc()", "Outlook and Yahoo", "Write the number itself.", "css-unit-calc"),
    ClientRule(
      .function("clamp"), "clamp()", "Outlook and Yahoo", "Write the number itself.", "css-function-clamp"),
    ClientRule(.function("rgba"), "rgba()", word, "Write a colour without transparency.", "css-rgba"),
    ClientRule(.function("oklch"), "oklch()", all3, "Write it as #rrggbb.", "css-modern-color"),
    ClientRule(.unit("rem"), "rem", "Yahoo and Outlook on Windows", "Use px.", "css-unit-rem"),
    ClientRule(.unit("vw"), "vw", word, "Use px or percent.", "css-unit-vw"),
  ]

  private static let sheets = [
    ClientRule(
      .prelude("@font-face"), "web fonts", all3, "Name a font that devices have behind it.",
      "css-at-font-face"),
    ClientRule(
      .prelude("@import"), "@import", "Gmail, Outlook.com and Yahoo", "Put the styles into the e-mail.",
      "css-at-import"),
    ClientRule(
      .prelude("::before"), "::before", "Gmail and Yahoo", "Write it into the HTML.",
      "css-pseudo-element-before"),
    ClientRule(
      .prelude("::after"), "::after", "Gmail and Yahoo", "Write it into the HTML.", "css-pseudo-element-after"
    ),
    ClientRule(.prelude(":has("), ":has()", "Outlook and Yahoo", "Use a class.", "css-pseudo-class-has"),
    ClientRule(.prelude("&"), "nested rules", all3, "Write the selectors out.", "css-nesting"),
  ]

  private static let elements = [
    ClientRule(
      .tag("script"), "scripts", "All clients", "Take it out; mail can't run programs.", "scripts",
      isFatal: true),
    ClientRule(.tag("iframe"), "frames", "All clients", "Link to the page.", "frames", isFatal: true),
    ClientRule(.tag("video"), "video", all3, "Link an image to the video.", "html-video"),
    ClientRule(.tag("audio"), "audio", all3, "Link to it.", "html-audio"),
    ClientRule(.tag("form"), "forms", word, "Link to a page with the form.", "html-form"),
    ClientRule(.tag("input"), "fields", word, "Link to a page with the form.", "html-input-text"),
    ClientRule(.tag("textarea"), "fields", word, "Link to a page with the form.", "html-textarea"),
    ClientRule(.tag("select"), "fields", word, "Link to a page with the form.", "html-select"),
    ClientRule(
      .tag("button"), "button elements", "Outlook", "Use a link that looks like a button.",
      "html-button-submit"),
    ClientRule(.tag("svg"), "SVG", all3, "Use a PNG.", "html-svg"),
    ClientRule(.tag("picture"), "picture", all3, "Use one img.", "html-picture"),
    ClientRule(.tag("object"), "object", all3, "Link to it.", "html-object"),
    ClientRule(
      .tag("link"), "style sheets elsewhere", "Gmail, Outlook.com and Yahoo",
      "Put the styles into the e-mail.", "html-link"),
    ClientRule(.tag("base"), "base", "Gmail, Outlook and Yahoo", "Write whole addresses.", "html-base"),
    ClientRule(.tag("marquee"), "marquee", "Gmail and Outlook", "Take it out.", "html-marquee"),
    ClientRule(.tag("dialog"), "dialog", "Gmail and Outlook", "Take it out.", "html-dialog"),
    ClientRule(
      .attribute("srcset"), "srcset", all3, "Give one image, twice as large as shown.", "html-srcset"),
    ClientRule(
      .attribute("onclick"), "scripts", "All clients", "Take it out; mail can't run programs.", "scripts",
      isFatal: true),
    ClientRule(.address("data:"), "images in their address", "Gmail", "Load the image up.", "image-base64"),
  ]
}
