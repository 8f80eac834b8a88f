/// The style sheet in the head: phones and the dark theme. Clients that drop it show the light theme as it
/// is inline. No addresses and no nesting of media queries, which make Gmail drop all of it.
struct StyleSheet {
  let theme: Theme
  let width: Int
  /// Backgrounds of rows' own, by the number in their class.
  let backgrounds: [(light: Color, dark: Color)]

  var text: String {
    """
    :root{color-scheme:light dark;supported-color-schemes:light dark}
    body{margin:0;padding:0}
    a{color:\(theme.light.link)}
    @media (max-width:\(width + 24)px){.ou{padding:12px 8px!important}
    .px{padding-left:20px!important;padding-right:20px!important}
    .pi{padding-left:16px!important;padding-right:16px!important}
    .col{max-width:100%!important}.gu{padding-left:0!important;padding-right:0!important}
    .st{padding-top:16px!important}.dk{display:none!important}.ph{display:table-row!important}}
    @media (prefers-color-scheme:dark){
    \(rules(backgrounds: "", texts: ""))
    }
    \(rules(backgrounds: "[data-ogsb] ", texts: "[data-ogsc] "))

    """
  }

  /// The dark theme, each selector behind a prefix.
  private func rules(backgrounds prefix: String, texts: String) -> String {
    let dark = theme.dark
    let filled =
      [("cv", dark.canvas), ("sf", dark.surface), ("pn", dark.panel), ("bt", dark.button)]
      + backgrounds.enumerated().map { ("c\($0)", $1.dark) }
    let written = [("tx", dark.text), ("mu", dark.muted), ("lk", dark.link), ("bl", dark.buttonText)]
    return
      (filled.map { "\(prefix).\($0){background-color:\($1)!important}" }
      + written.map { "\(texts).\($0){color:\($1)!important}" }
      + ["\(prefix).hr{border-color:\(dark.line)!important}"])
      .joined(separator: "\n")
  }
}
