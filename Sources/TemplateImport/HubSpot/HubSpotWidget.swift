import EmailDesign

/// One widget as blocks.
struct HubSpotWidget {
  private let widget: JSONValue
  private let body: JSONValue
  private let place: String

  init(_ widget: JSONValue, _ place: String) {
    self.widget = widget
    body = widget["body"] ?? .null
    self.place = place
  }

  /// Modules that come with HubSpot, by the numbers that e-mails made in its editor have.
  private static let numbers: [Int: String] = [
    1_155_639: "rich_text", 1_367_093: "image_email", 2_869_621: "email_footer", 2_191_110: "email_divider",
    1_976_948: "button", 1_155_826: "header", 1_155_240: "section_header", 1_155_241: "social_sharing",
    122_980_089_978: "email_header", 122_980_089_987: "email_section_header", 1_367_088: "email_post_listing",
    122_980_089_986: "email_post_listing", 122_980_537_516: "email_social_sharing",
  ]

  /// The module's name without `@hubspot/`; of a widget that is no module its type.
  private var kind: String {
    if let path = (body["path"] ?? widget["path"])?.filledText {
      return path.hasPrefix("@hubspot/") ? String(path.dropFirst(9)) : path
    }
    let number = (widget["module_id"] ?? body["module_id"])?.pixels
    if let number { return Self.numbers[number] ?? "module \(number)" }
    return widget["type"]?.filledText ?? "widget"
  }

  func blocks(_ report: inout ImportReport) -> [BlockContent] {
    let kind = kind
    guard let blocks = known(kind, &report) else {
      if let html = body["html"]?.filledText {
        report.add(.changed, place, kind, "a module of its own: only its text is here")
        return richText(html, &report)
      }
      report.add(.left, place, kind, Self.reasons[kind] ?? "there is no block like it")
      return []
    }
    if !blocks.isEmpty {
      report.add(.carried, place, kind, "as \(blocks.map(\.kindName).joined(separator: ", "))")
    }
    return blocks
  }

  private static let reasons = [
    "cta": "what it shows is kept in HubSpot: put a button in its place",
    "email_cta": "what it shows is kept in HubSpot: put a button in its place",
    "social_sharing": "sharing a mail makes no sense for mail to one person",
    "email_social_sharing": "sharing a mail makes no sense for mail to one person",
    "video_email": "mail programs play no videos: link an image to it",
    "email_post_listing": "blog posts are kept in HubSpot",
    "email_post_filter": "blog posts are kept in HubSpot",
    "email_subscriptions": "the footer has the links to unsubscribe",
    "email_simple_subscription": "the footer has the links to unsubscribe",
  ]

  private func known(_ kind: String, _ report: inout ImportReport) -> [BlockContent]? {
    switch kind {
    case "rich_text", "email_body": return (body["html"] ?? body["value"])?.text.map { richText($0, &report) }
    case "text", "email_text": return line("value", "text", &report).map { [Self.paragraph($0)] }
    case "header", "email_header":
      return line("value", "text", &report).map { [heading($0, body["header_tag"])] }
    case "section_header", "email_section_header": return sectionHeader(&report)
    case "image_email", "linked_image", "email_linked_image", "image": return image(&report)
    case "logo", "email_logo":
      return body["img"]?["src"]?.isFilled == true ? image(&report) : [.logo(alignment)]
    case "button", "button_email", "email_button": return button(&report)
    case "divider", "email_divider", "horizontal_line": return [.divider]
    case "horizontal_spacer", "spacer", "email_spacer": return [.spacer(min(max(spacerHeight, 1), 200))]
    case "follow_me", "follow_me_email", "social_follow", "email_social_follow": return social(&report)
    case "email_footer", "email_can_spam": return [.footer(footer(&report))]
    case "raw_html_email", "raw_html":
      return (body["value"] ?? body["html"])?.filledText.map { Markup.block($0, "", place, &report) }
    default: return nil
    }
  }

  private var alignment: Align? { (body["alignment"] ?? body["align"])?.align }

  private var spacerHeight: Int { (body["height"] ?? body["spacer_height"] ?? body["space"])?.pixels ?? 20 }

  private func richText(_ html: String, _ report: inout ImportReport) -> [BlockContent] {
    RichTextImport(html, place).blocks(&report)
  }

  /// The first of two members that has a text.
  private func line(_ one: String, _ other: String, _ report: inout ImportReport) -> [Inline]? {
    guard let text = body[one]?.filledText ?? body[other]?.filledText else { return nil }
    return HubLLine.inlines(text, place, &report)
  }

  private static func paragraph(_ line: [Inline]) -> BlockContent {
    let pieces = line.map { piece -> RichInline in
      switch piece {
      case .text(let text): .text(text, .init())
      case .token(let token): .token(token, .init())
      }
    }
    return .text(TextBlock(RichText([.paragraph(pieces)])))
  }

  private func heading(_ line: [Inline], _ tag: JSONValue?) -> BlockContent {
    let level = tag?.text.flatMap { Int($0.dropFirst()) } ?? 1
    return .heading(Heading(level: min(max(level, 1), 3), content: line, align: alignment))
  }

  private func sectionHeader(_ report: inout ImportReport) -> [BlockContent]? {
    guard let header = line("header", "value", &report) else { return nil }
    let below = line("subheader", "subheading", &report).map { [Self.paragraph($0)] } ?? []
    return [heading(header, body["heading_level"])] + below
  }

  private func image(_ report: inout ImportReport) -> [BlockContent] {
    let image = body["img"] ?? body["image"] ?? .null
    guard let source = image["src"]?.filledText else {
      report.add(.left, place, "image", "it has no address")
      return []
    }
    let alt = HubLLine.inlines(image["alt"]?.text ?? "", place, &report)
    let link = (body["link"] ?? image["link"])?.address.map { HubLLine.inlines($0, place, &report) }
    let address = Destination(HubLLine.inlines(source, place, &report))
    let picture = Picture(
      source: address, alt: alt, width: image["width"]?.pixels, height: image["height"]?.pixels,
      href: link.map { Destination($0) }, align: alignment)
    return picture.block(place, &report)
  }

  private func button(_ report: inout ImportReport) -> [BlockContent] {
    let label = line("text", "button_text", &report) ?? []
    let address = (body["destination"] ?? body["link"] ?? body["button_link"] ?? body["url"])?.address
    guard let address, !label.isEmpty else {
      report.add(.left, place, "button", "it has no text or no address")
      return []
    }
    let own = ["background_color", "font_style", "corner_radius", "style"].contains {
      body[$0]?.isFilled == true
    }
    if own {
      report.add(.changed, place, "button", "its colours, letters and corners are those of the theme")
    }
    let href = Destination(HubLLine.inlines(address, place, &report))
    let isFull = body["width"]?.pixels == 100 || body["full_width"]?.flag == true
    return [.button(ButtonBlock(label, href: href, align: alignment ?? .center, isFull: isFull))]
  }

  private func social(_ report: inout ImportReport) -> [BlockContent] {
    var links = [SocialLinks.Link]()
    for item in (body["social"] ?? body["social_links"] ?? body["links"])?.items ?? [] {
      guard let address = (item["url"] ?? item["link"])?.address else { continue }
      let network = (item["network"] ?? item["social_account"])?.filledText ?? ""
      let name = Self.networks[network] ?? item["network_image"]?["alt"]?.filledText ?? network
      links.append(
        SocialLinks.Link(
          name: name.isEmpty ? "Website" : HubLLine.clean(name, upTo: 2000),
          href: Destination(HubLLine.inlines(address, place, &report))))
    }
    guard !links.isEmpty else {
      report.add(
        .left, place, "social links", "they come from the account's settings in HubSpot: put them in")
      return []
    }
    report.add(.changed, place, "social links", "words stand in place of icons")
    return [.social(SocialLinks(Array(links.prefix(12)), align: alignment ?? .center))]
  }

  private static let networks = [
    "facebook": "Facebook", "twitter": "Twitter", "x": "X", "linkedin": "LinkedIn", "youtube": "YouTube",
    "instagram": "Instagram", "pinterest": "Pinterest", "tiktok": "TikTok", "xing": "Xing",
    "github": "GitHub",
    "vimeo": "Vimeo", "website": "Website", "email": "E-mail", "whatsapp": "WhatsApp", "threads": "Threads",
  ]

  private func footer(_ report: inout ImportReport) -> Footer {
    var footer = Footer(align: (body["align"] ?? body["alignment"])?.align ?? .center)
    report.add(
      .changed, place, "footer",
      "name and address are those of the account here; links to unsubscribe are there unless it is transactional"
    )
    guard let html = body["footer_html"]?.filledText else { return footer }
    for case .text(let block) in richText(html, &report) { footer.text.blocks += block.text.blocks }
    if !footer.text.blocks.isEmpty {
      // Its own text names the sender.
      footer.hasAddress = false
    }
    return footer
  }
}

/// An image with what is known of it.
struct Picture {
  var source: Destination
  var alt: [Inline]
  var width: Int?
  var height: Int?
  var href: Destination?
  var align: Align?

  /// A block of its own kind, or of HTML when nobody says how tall it is.
  func block(_ place: String, _ report: inout ImportReport) -> [BlockContent] {
    if let width, let height, (1...1200).contains(width), (1...2400).contains(height), !isLong {
      return [
        .image(ImageBlock(.url(source), alt: alt, width: width, height: height, align: align, href: href))
      ]
    }
    report.add(
      .changed, place, "image",
      "its height is not known: it is HTML, until an image block with its size takes its place")
    let margin = align == .center ? "margin:0 auto;" : align == .right ? "margin:0 0 0 auto;" : ""
    let size = width.map { " width=\"\(min(max($0, 1), 1200))\"" } ?? ""
    let image =
      "<img src=\"\(Markup.attribute(source.parts))\" alt=\"\(Markup.attribute(alt))\"\(size) "
      + "style=\"display:block;border:0;\(margin)max-width:100%;height:auto;\">"
    let html = href.map { "<a href=\"\(Markup.attribute($0.parts))\">\(image)</a>" } ?? image
    return Markup.block(html, Markup.plain(alt), place, &report)
  }

  /// An image that is in its address (`data:`).
  private var isLong: Bool {
    source.parts.contains { if case .text(let text) = $0 { text.utf8.count > 8000 } else { false } }
  }
}

/// Lines as HubL in markup and in text.
enum Markup {
  static func attribute(_ line: [Inline]) -> String {
    line.map { piece in
      switch piece {
      case .text(let text): escaped(text)
      case .token(let token): output(token)
      }
    }.joined()
  }

  /// A block of HTML with HubL; none when it is longer than a block may be.
  static func block(
    _ html: String, _ text: String, _ place: String, _ report: inout ImportReport
  ) -> [BlockContent] {
    guard html.utf8.count <= 100_000 else {
      report.add(.left, place, "HTML", "it has more than 100 KB, which a block of HTML may have")
      return []
    }
    return [.html(HTMLBlock(html: html, text: text, isTemplate: true))]
  }

  static func plain(_ line: [Inline]) -> String {
    line.map { piece in
      switch piece {
      case .text(let text): HubLText.literal(text)
      case .token(let token): output(token)
      }
    }.joined()
  }

  private static func output(_ token: Token) -> String {
    let fallback = token.fallback.map { "|default(\(HubLName.quoted($0)), true)" } ?? ""
    return "{{ \(token.path)\(fallback) }}"
  }

  private static func escaped(_ text: String) -> String {
    var result = [UInt8]()
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): result += "&amp;".utf8
      case UInt8(ascii: "<"): result += "&lt;".utf8
      case UInt8(ascii: ">"): result += "&gt;".utf8
      case UInt8(ascii: "\""): result += "&quot;".utf8
      case UInt8(ascii: "{"): result += "&#123;".utf8
      default: result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension BlockContent {
  /// The type as a document names it.
  fileprivate var kindName: String {
    switch self {
    case .heading: "heading"
    case .text: "text"
    case .image: "image"
    case .button: "button"
    case .divider: "divider"
    case .spacer: "spacer"
    case .logo: "logo"
    case .code: "code"
    case .details: "details"
    case .items: "items"
    case .social: "social"
    case .html: "html"
    case .footer: "footer"
    }
  }
}
