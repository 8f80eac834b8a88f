import HubL
import MailFormats
import MailModel
import Signing

/// Renders e-mails into MIME messages.
public enum EmailRenderer {
  /// Pure: the same input gives the same bytes.
  public static func render(
    _ template: EmailTemplate, _ request: RenderRequest
  ) throws(RenderError) -> RenderedEmail {
    var filler = Filler(request)
    // A value with a line end in it must not end the header field.
    let subject = oneLine(request.subjectPrefix + (try filler.fill(template.subject, "subject", .none) ?? ""))
    let html = try filler.fill(template.html, "html", .html)
    let given = try filler.fill(template.text, "text", .none)
    if !filler.missing.isEmpty { throw .missingProperties(filler.missing) }
    let text = given ?? html.map { PlainText.from(html: $0) } ?? ""

    var composer = MIMEComposer(
      from: [try mailbox(request.from, "From")], subject: subject, date: request.date,
      messageID: request.messageID, boundarySeed: seed(request.messageID))
    composer.to = try mailboxes(request.to, "To")
    composer.cc = try mailboxes(request.cc, "Cc")
    composer.replyTo = try mailboxes(request.replyTo, "Reply-To")
    composer.extraHeaders = request.headers
    composer.html = html
    composer.attachments = request.attachments
    // HTML of pictures only has no text; a part without anything is left out.
    composer.text = text.isEmpty && html != nil ? nil : text
    return RenderedEmail(bytes: try compose(composer), subject: subject, html: html, text: text)
  }

  private static func compose(_ composer: MIMEComposer) throws(RenderError) -> [UInt8] {
    do throws(HeaderError) {
      return try composer.compose()
    } catch {
      switch error {
      case .invalidName(let name), .controlCharacter(let name), .tooLong(let name):
        throw .invalidHeader(name: name, error.description)
      }
    }
  }

  private static func mailboxes(_ list: [NamedAddress], _ field: String) throws(RenderError) -> [Mailbox] {
    var result = [Mailbox]()
    for entry in list { result.append(try mailbox(entry, field)) }
    return result
  }

  private static func mailbox(_ entry: NamedAddress, _ field: String) throws(RenderError) -> Mailbox {
    do throws(EmailAddressError) {
      return Mailbox(displayName: entry.name.map(oneLine), address: try EmailAddress(entry.address))
    } catch {
      throw .invalidHeader(name: field, "“\(entry.address)” is no address: \(error.description)")
    }
  }

  /// Controls as spaces, none at the ends.
  private static func oneLine(_ text: String) -> String {
    let bytes = text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
    guard let first = bytes.firstIndex(where: { $0 != 0x20 }),
      let last = bytes.lastIndex(where: { $0 != 0x20 })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }

  private static func seed(_ messageID: String) -> UInt64 {
    MessageDigest.sha256(messageID)[..<8].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension EmailRenderer {
  /// Fills the parts of one e-mail in and collects what is missing in all of them.
  private struct Filler {
    private let values: [String: Value]
    private var options = RenderOptions()
    private(set) var missing: [String] = []

    init(_ request: RenderRequest) {
      values = StandardVariables.values(for: request)
      options.isStrict = request.isStrict
      options.now = request.date
      options.locale = request.locale
      options.timeZone = request.timeZone
      options.zoneOffset = TimeZones.offset
      options.template = request.templates
    }

    mutating func fill(
      _ template: Template?, _ part: String, _ escaping: Escaping
    ) throws(RenderError) -> String? {
      guard let template else { return nil }
      do throws(TemplateError) {
        options.escaping = escaping
        return try template.render(values, options)
      } catch {
        guard case .missing(let names) = error.kind else { throw .template(part: part, error) }
        for name in names where !missing.contains(name) { missing.append(name) }
        return nil
      }
    }
  }
}
