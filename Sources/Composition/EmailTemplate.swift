import HubL
import MailFormats
import MailModel

/// An e-mail as its author wrote it, parsed once and rendered for each recipient. May be shared between
/// threads.
public struct EmailTemplate: Sendable {
  let subject: Template
  let html: Template?
  /// As given, or made from the HTML; nil when it must be made from each rendered HTML.
  let text: Template?

  /// - Parameters:
  ///   - html: HubL in HTML; nil or blank for an e-mail of plain text.
  ///   - text: HubL in plain text; when nil or blank it is made from the HTML.
  public init(subject: String, html: String?, text: String?) throws(RenderError) {
    self.subject = try Self.parse(subject, part: "subject")
    self.html = try Self.parse(ifAny: html, part: "html")
    self.text = try Self.parse(ifAny: text, part: "text") ?? self.html?.changingText(PlainText.from)
    if self.html == nil, self.text == nil { throw .noContent }
  }

  private static func parse(ifAny source: String?, part: String) throws(RenderError) -> Template? {
    guard let source, source.utf8.contains(where: { $0 > 0x20 }) else { return nil }
    return try parse(source, part: part)
  }

  private static func parse(_ source: String, part: String) throws(RenderError) -> Template {
    do throws(TemplateError) {
      return try Template(source)
    } catch {
      throw .template(part: part, error)
    }
  }
}

/// An address with the name that people see.
public struct NamedAddress: Sendable, Hashable {
  /// What people see; nil for the address alone.
  public var name: String?
  /// addr-spec (RFC 5322), UTF-8 where it must.
  public var address: String

  /// An address; its syntax is looked at when an e-mail is rendered.
  public init(name: String? = nil, address: String) {
    self.name = name
    self.address = address
  }
}

/// Everything of one recipient's copy that the template does not say.
public struct RenderRequest: Sendable {
  /// The author.
  public var from: NamedAddress
  /// The recipients that stand in `To`.
  public var to: [NamedAddress]
  /// The recipients that stand in `Cc`.
  public var cc: [NamedAddress]
  /// Where answers go; empty for the author.
  public var replyTo: [NamedAddress]
  /// The recipient's contact properties.
  public var contact: [String: String]
  /// `customProperties` of the request; a map.
  public var custom: Value
  /// What else the template may name: `content`, `company`, `owner`, `site_settings`, `unsubscribe_link` and so on.
  public var variables: [String: Value] = [:]
  /// Stands before the subject, such as of a test.
  public var subjectPrefix = ""
  /// Whether a missing custom value is an error; HubSpot leaves it empty.
  public var isStrict = true
  /// Language and zone of dates.
  public var locale = "en"
  public var timeZone = "UTC"
  /// The account's templates by name, for `include`, `import` and `extends`.
  public var templates: @Sendable (String) throws(TemplateError) -> Template? = { _ in nil }
  /// Value of `Message-ID` without its angle brackets; also the seed of MIME boundaries.
  public var messageID: String
  /// Value of `Date`.
  public var date: Instant
  /// More header fields: name and value.
  public var headers: [(name: String, value: String)]
  /// Files, and pictures that the HTML shows by `cid:`.
  public var attachments: [MIMEAttachment]

  /// A request with what every e-mail must have, and the rest where wanted.
  public init(
    from: NamedAddress, to: [NamedAddress], cc: [NamedAddress] = [], replyTo: [NamedAddress] = [],
    contact: [String: String] = [:], custom: Value = .map([:]), messageID: String, date: Instant,
    headers: [(name: String, value: String)] = [], attachments: [MIMEAttachment] = []
  ) {
    self.from = from
    self.to = to
    self.cc = cc
    self.replyTo = replyTo
    self.contact = contact
    self.custom = custom
    self.messageID = messageID
    self.date = date
    self.headers = headers
    self.attachments = attachments
  }
}

/// A finished original.
public struct RenderedEmail: Sendable {
  /// The whole MIME message, CRLF line ends.
  public var bytes: [UInt8]
  /// The subject as the recipient reads it.
  public var subject: String
  /// The HTML body; nil for plain text.
  public var html: String?
  /// The text body, given or made from the HTML.
  public var text: String
}

/// Why an e-mail could not be rendered.
public enum RenderError: Error, Hashable, CustomStringConvertible {
  /// Neither HTML nor text: HubSpot's MISSING_CONTENT.
  case noContent
  /// Custom values that were not given and have no default: MISSING_TEMPLATE_PROPERTIES.
  case missingProperties([String])
  /// The template is wrong: TEMPLATE_RENDER_EXCEPTION. `part` is `subject`, `html` or `text`.
  case template(part: String, TemplateError)
  /// A header value with a control character or an address that is none: the field's name and why, for
  /// people.
  case invalidHeader(name: String, String)

  /// For people.
  public var description: String {
    switch self {
    case .noContent: "the e-mail has neither HTML nor text"
    case .missingProperties(let names):
      "the e-mail uses values that the request lacks: " + names.joined(separator: ", ")
    case .template(let part, let error): "the e-mail's \(part), \(error)"
    case .invalidHeader(let name, let text): "the header field \(name) can't be written: \(text)"
    }
  }
}
