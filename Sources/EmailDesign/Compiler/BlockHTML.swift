extension HTMLCompiler {
  /// A block in a column of a width in pixels.
  func html(of block: Block, _ width: Int, _ ink: Ink) throws(DocumentError) -> String {
    switch block.content {
    case .heading(let heading):
      return "<h\(heading.level) class=\"\(ink.textClass)\" style=\"\(ink.heading(heading.level))\">"
        + "\(TemplateText.html(heading.content))</h\(heading.level)>"
    case .text(let text): return RichTextHTML(ink, settings, text.tone).html(text.text)
    case .image(let image): return try html(of: image, block, width, ink)
    case .button(let button): return html(of: button)
    case .divider: return divider
    case .spacer(let height):
      return "<div style=\"height:\(height)px;line-height:\(height)px;font-size:1px;"
        + "mso-line-height-rule:exactly;\">&nbsp;</div>"
    case .logo(let align): return logo(align, width, ink)
    case .code(let content): return code(content)
    case .details(let details): return TableHTML(ink, settings).details(details)
    case .items(let items): return TableHTML(ink, settings).items(items)
    case .social(let social): return links(social, ink)
    case .html(let block):
      let html = block.isTemplate ? block.html : TemplateText.markup(block.html)
      return "<div class=\"\(ink.textClass)\" style=\"\(ink.style())\">\n\(html)\n</div>"
    case .footer(let footer): return html(of: footer)
    }
  }

  private func html(
    of image: ImageBlock, _ block: Block, _ width: Int, _ ink: Ink
  ) throws(DocumentError) -> String {
    let source: String
    switch image.source {
    case .url(let url): source = TemplateText.html(url)
    case .asset(let id):
      guard let url = context.assets[id] else {
        throw DocumentError(
          path: "block \(block.id)", rule: "shows the image “\(id)”, and there is no such image")
      }
      source = TemplateText.html(url)
    }
    let alt = image.isDecorative ? "" : TemplateText.html(image.alt)
    return picture(
      source, alt, size: (image.width, image.height), in: width, href: image.href, align: image.align, ink)
  }

  /// An image that is never wider than its column. Where images are off, its alternative text is shown in
  /// the colours of the theme.
  private func picture(
    _ source: String, _ alt: String, size: (width: Int, height: Int), in column: Int, href: Destination?,
    align: Align?, _ ink: Ink
  ) -> String {
    let width = max(min(size.width, column), 1)
    let height = max(size.height * width / max(size.width, 1), 1)
    let margin = align == .center ? "margin:0 auto;" : align == .right ? "margin:0 0 0 auto;" : ""
    let image = """
      <img class="\(ink.textClass)" src="\(source)" alt="\(alt)" width="\(width)" height="\(height)" \
      style="display:block;border:0;\(margin)max-width:100%;height:auto;\(ink.style(size: 14))">
      """
    guard let href else { return image }
    return "<a href=\"\(TemplateText.link(href))\" style=\"display:inline-block;\">\(image)</a>"
  }

  private func logo(_ align: Align?, _ width: Int, _ ink: Ink) -> String {
    if let logo = theme.logo {
      return picture(
        TemplateText.html(logo.source), TemplateText.html(logo.alt), size: (logo.width, logo.height),
        in: width,
        href: logo.href, align: align, ink)
    }
    let style = ink.style(size: theme.baseSize + 2, weight: 700)
    return "<p class=\"\(ink.textClass)\" style=\"margin:0;\(style)letter-spacing:-0.2px;\">"
      + "{{ site_settings.company_name }}</p>"
  }

  /// A link in a coloured cell, 44 pixels tall: Word takes the cell's padding, all others the link's.
  private func html(of button: ButtonBlock) -> String {
    let light = theme.light
    let place = button.align.map { " align=\"\($0.rawValue)\"" } ?? ""
    let table = Self.table(
      (button.isFull ? "width=\"100%\"" : "") + place, style: "border-collapse:separate;")
    return """
      \(table)<tr>
      <td class="bt" align="center" bgcolor="\(light.button)" style="border-radius:\(theme.radius)px;\
      background-color:\(light.button);mso-padding-alt:12px 24px;">
      <a class="bl" href="\(TemplateText.link(button.href))" style="display:\
      \(button.isFull ? "block" : "inline-block");padding:12px 24px;font-family:\(theme.font.stack);\
      font-size:\(theme.baseSize)px;line-height:20px;font-weight:600;color:\(light.buttonText);\
      text-decoration:none;border-radius:\(theme.radius)px;">\(TemplateText.html(button.label))</a>
      </td></tr></table>
      """
  }

  private var divider: String {
    """
    \(Self.table())<tr><td class="hr" style="border-top:1px solid \(theme.light.line);\
    font-size:1px;line-height:1px;height:1px;">&nbsp;</td></tr></table>
    """
  }

  private func code(_ content: [Inline]) -> String {
    let light = theme.light
    let ink = Ink(theme).style(size: theme.baseSize * 2, weight: 700, font: Font.monospaced)
    return """
      \(Self.table(style: "border-collapse:separate;"))<tr>
      <td class="pn" align="center" bgcolor="\(light.panel)" style="background-color:\(light.panel);\
      border-radius:\(theme.radius)px;padding:16px 8px;">
      <p class="tx" style="margin:0;padding-left:6px;\(ink)letter-spacing:6px;">\(TemplateText.html(content))</p>
      </td></tr></table>
      """
  }

  private func links(_ social: SocialLinks, _ ink: Ink) -> String {
    let links = social.links.map { link in
      "<a class=\"\(ink.linkClass)\" href=\"\(TemplateText.link(link.href))\" style=\"\(ink.link)\">"
        + "\(TemplateText.html(link.name))</a>"
    }
    let style = ink.style(size: theme.smallSize + 1)
    return "<p class=\"\(ink.textClass)\" style=\"margin:0;\(style)\">"
      + "\(links.joined(separator: "\n&nbsp;&middot;&nbsp;\n"))</p>"
  }

  private func html(of footer: Footer) -> String {
    var ink = Ink(theme)
    ink.isQuiet = true
    var parts = [String]()
    if !footer.text.blocks.isEmpty { parts.append(RichTextHTML(ink, settings, .small).html(footer.text)) }
    let open = "<p class=\"mu\" style=\"margin:0;\(ink.style())\">"
    if footer.hasAddress { parts.append("\(open)\(FooterText.address)</p>") }
    let links = FooterText.links(footer, isTransactional: context.isTransactional).map { name, path in
      "<a class=\"mu\" href=\"{{ \(path) }}\" style=\"\(ink.link)\">\(TemplateText.html(name))</a>"
    }
    if !links.isEmpty { parts.append("\(open)\(links.joined(separator: "\n&nbsp;&middot;&nbsp;\n"))</p>") }
    return parts.joined(
      separator: "\n<div style=\"height:12px;line-height:12px;font-size:1px;\">&nbsp;</div>\n")
  }
}

/// What footers say in HTML and in text alike.
enum FooterText {
  /// Name and postal address from the account's settings, what there is of it.
  static let address: String = {
    let rest = [
      "street_address_1", "street_address_2", "zip", "city", "state", "country",
    ].map { part in
      let path = "site_settings.company_\(part)"
      return "{% if \(path) %}\(part == "city" ? " " : ", "){{ \(path) }}{% endif %}"
    }
    return "{{ site_settings.company_name }}" + rest.joined()
  }()

  /// Names of links with the values that they lead to.
  static func links(_ footer: Footer, isTransactional: Bool) -> [(name: String, path: String)] {
    let web = footer.webVersion.map { [(name: $0, path: "view_as_page_url")] } ?? []
    guard !isTransactional else { return web }
    return web + [(footer.preferences, "unsubscribe_link"), (footer.unsubscribe, "unsubscribe_link_all")]
  }
}
