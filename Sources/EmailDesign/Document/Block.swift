/// One thing in a column: a heading, a text, a button and so on.
public struct Block: Sendable, Hashable {
  /// Stable: comments, undo and click maps use it.
  public var id: String
  public var content: BlockContent
  /// Distance to the next block in pixels; nil for the usual one of its kind.
  public var space: Int?
  public var when: Condition?

  public init(id: String, _ content: BlockContent, space: Int? = nil, when: Condition? = nil) {
    self.id = id
    self.content = content
    self.space = space
    self.when = when
  }
}

/// What a block shows.
public enum BlockContent: Sendable, Hashable {
  case heading(Heading)
  case text(TextBlock)
  case image(ImageBlock)
  case button(ButtonBlock)
  case divider
  /// Height in pixels.
  case spacer(Int)
  /// The theme's logo, or the company's name where there is none.
  case logo(Align?)
  /// A code to be read and typed in.
  case code([Inline])
  case details(Details)
  case items(ItemTable)
  case social(SocialLinks)
  case html(HTMLBlock)
  case footer(Footer)
}

/// Where a block stands in its column; without it, at the side where its language starts.
public enum Align: String, Sendable, CaseIterable { case left, center, right }

/// A heading of level 1 to 3.
public struct Heading: Sendable, Hashable {
  public var level: Int
  public var align: Align?
  public var content: [Inline]

  public init(level: Int, content: [Inline], align: Align? = nil) {
    self.level = level
    self.align = align
    self.content = content
  }
}

/// Running text.
public struct TextBlock: Sendable, Hashable {
  public var text: RichText
  public var align: Align?
  public var tone = Tone.normal

  /// How loud a text is.
  public enum Tone: String, Sendable, CaseIterable { case normal, small }

  public init(_ text: RichText, align: Align? = nil, tone: Tone = .normal) {
    self.text = text
    self.align = align
    self.tone = tone
  }
}

/// An image, with a link if need be.
public struct ImageBlock: Sendable, Hashable {
  /// Where the image comes from.
  public enum Source: Sendable, Hashable {
    case url(Destination)
    /// The id of an image that is kept in the account.
    case asset(String)
  }

  public var source: Source
  /// What it shows, for those who don't see it; none when it is decorative.
  public var alt: [Inline]
  public var isDecorative: Bool
  /// Shown size in pixels.
  public var width: Int
  public var height: Int
  public var align: Align?
  public var href: Destination?

  /// An image; decorative when it has no alternative text.
  public init(
    _ source: Source, alt: [Inline], width: Int, height: Int, align: Align? = nil, href: Destination? = nil
  ) {
    self.source = source
    self.alt = alt
    isDecorative = alt.isBlank
    self.width = width
    self.height = height
    self.align = align
    self.href = href
  }
}

/// A link that looks like a button.
public struct ButtonBlock: Sendable, Hashable {
  public var label: [Inline]
  public var href: Destination
  public var align: Align?
  /// As wide as its column.
  public var isFull = false

  public init(_ label: [Inline], href: Destination, align: Align? = nil, isFull: Bool = false) {
    self.label = label
    self.href = href
    self.align = align
    self.isFull = isFull
  }
}

/// Links to an account's pages elsewhere.
public struct SocialLinks: Sendable, Hashable {
  public var links: [Link]
  public var align: Align?

  public struct Link: Sendable, Hashable {
    public var name: String
    public var href: Destination

    public init(name: String, href: Destination) {
      self.name = name
      self.href = href
    }
  }

  public init(_ links: [Link], align: Align? = nil) {
    self.links = links
    self.align = align
  }
}

/// HTML of the author's own.
public struct HTMLBlock: Sendable, Hashable {
  public var html: String
  /// The same for the text part.
  public var text: String
  /// Whether both are HubL; else braces stay as they are.
  public var isTemplate: Bool

  public init(html: String, text: String, isTemplate: Bool) {
    self.html = html
    self.text = text
    self.isTemplate = isTemplate
  }
}

/// Who sends this and why, and how to get no more.
public struct Footer: Sendable, Hashable {
  public var text: RichText
  public var align: Align?
  /// Name and postal address from the account's settings.
  public var hasAddress = true
  /// What the links are called; they are there for mail that is not transactional.
  public var unsubscribe = "Unsubscribe"
  public var preferences = "Manage preferences"
  /// What the link to the web version is called; nil for none.
  public var webVersion: String?

  /// With the address, and the links called as usual.
  public init(_ text: RichText = RichText([]), align: Align? = nil) {
    self.text = text
    self.align = align
  }
}
