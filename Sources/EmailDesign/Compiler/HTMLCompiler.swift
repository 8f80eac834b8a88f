/// Makes HTML of rows: tables with everything inline, as Outlook on Windows (Word), Gmail, Apple Mail and
/// Yahoo show it alike. What is there for one of them only says so.
struct HTMLCompiler {
  let settings: EmailSettings
  let theme: Theme
  let context: CompileContext
  /// Backgrounds of rows' own, in order of their first use.
  private var backgrounds: [(light: Color, dark: Color)] = []

  init(_ settings: EmailSettings, _ theme: Theme, _ context: CompileContext) {
    self.settings = settings
    self.theme = theme
    self.context = context
  }

  /// The opening tag of a table that is for layout only.
  static func table(_ attributes: String = "width=\"100%\"", style: String = "") -> String {
    let style = style.isEmpty ? "" : " style=\"\(style)\""
    return
      "<table role=\"presentation\" \(attributes) border=\"0\" cellpadding=\"0\" cellspacing=\"0\"\(style)>"
  }

  mutating func document(_ rows: [Row]) throws(DocumentError) -> String {
    let body = try areas(rows)
    return head + """
      <body class="cv" style="margin:0;padding:0;background-color:\(theme.light.canvas);word-spacing:normal;">
      \(preheader)<div class="cv" role="article" aria-roledescription="email" \
      aria-label="\(TemplateText.html(settings.subject))" lang="\(settings.language)" \
      dir="\(settings.direction.rawValue)" style="background-color:\(theme.light.canvas);\
      -webkit-text-size-adjust:100%;text-size-adjust:100%;">
      \(Self.table("class=\"cv\" width=\"100%\" bgcolor=\"\(theme.light.canvas)\"",
        style: "background-color:\(theme.light.canvas);"))
      <tr><td class="ou" align="center" style="padding:24px 12px;">
      <!--[if mso]>\(Self.table("width=\"\(settings.width)\" align=\"center\""))<tr><td><![endif]-->
      \(Self.table(style: "max-width:\(settings.width)px;margin:0 auto;"))
      \(body)</table>
      <!--[if mso]></td></tr></table><![endif]-->
      </td></tr></table>
      </div>
      </body>
      </html>

      """
  }

  private var head: String {
    """
    <!doctype html>
    <html lang="\(settings.language)" dir="\(settings.direction.rawValue)" \
    xmlns:o="urn:schemas-microsoft-com:office:office">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
    <meta name="x-apple-disable-message-reformatting">
    <meta name="color-scheme" content="light dark">
    <meta name="supported-color-schemes" content="light dark">
    <title>\(TemplateText.html(settings.subject))</title>
    <!--[if mso]><noscript><xml><o:OfficeDocumentSettings><o:AllowPNG/><o:PixelsPerInch>96</o:PixelsPerInch>\
    </o:OfficeDocumentSettings></xml></noscript>
    <style>td,th,p,h1,h2,h3,a,li{font-family:\(theme.font.wordName)!important}</style><![endif]-->
    <style>
    \(StyleSheet(theme: theme, width: settings.width, backgrounds: backgrounds).text)</style>
    </head>

    """
  }

  /// What mail programs show behind the subject, and behind it so many invisible signs that nothing of the
  /// body follows it there.
  private var preheader: String {
    Self.preheader(settings.preheader)
  }

  static func preheader(_ pieces: [Inline]) -> String {
    guard !pieces.isBlank else { return "" }
    let filler = [String](
      repeating: String(repeating: "&#8199;&#65279;&#847; ", count: 10), count: 6
    ).joined(separator: "\n")
    return """
      <div style="display:none;max-height:0;overflow:hidden;mso-hide:all;" aria-hidden="true">\
      \(TemplateText.html(pieces))
      \(filler)</div>

      """
  }

  /// More is not compiled, in bytes: a large section that stands in an e-mail a thousand times.
  private static let sizeLimit = 8 << 20

  /// Rows that follow each other on the same ground share a table: the card with its corners.
  private mutating func areas(_ rows: [Row]) throws(DocumentError) -> String {
    var output = ""
    var index = 0
    while index < rows.count {
      let area = rows[index].area
      let end = rows[index...].firstIndex { $0.area != area } ?? rows.count
      var content = ""
      for row in rows[index..<end] {
        content += try html(of: row)
        guard output.utf8.count + content.utf8.count <= Self.sizeLimit else {
          throw DocumentError(path: "rows", rule: "come to more than \(Self.sizeLimit >> 20) MB of HTML")
        }
      }
      output += "<tr><td>\n\(opening(area))\n\(content)</table>\n</td></tr>\n"
      index = end
    }
    return output
  }

  private func opening(_ area: Row.Area) -> String {
    guard area == .card else { return Self.table() }
    let light = theme.light
    return Self.table(
      "class=\"sf hr\" width=\"100%\" bgcolor=\"\(light.surface)\"",
      style:
        "background-color:\(light.surface);border:1px solid \(light.line);border-radius:\(theme.radius)px;"
        + "border-collapse:separate;")
  }

  /// The class of a background; the same colours have the same.
  mutating func backgroundClass(light: Color, dark: Color) -> String {
    if let known = backgrounds.firstIndex(where: { $0.light == light && $0.dark == dark }) {
      return "c\(known)"
    }
    backgrounds.append((light, dark))
    return "c\(backgrounds.count - 1)"
  }
}
