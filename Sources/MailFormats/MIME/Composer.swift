import MailModel

/// Builds a complete message from its pieces (RFC 5322, RFC 2045), byte for byte the same for the same
/// input.
///
/// Lines end in CRLF and are at most 78 octets in the header where it can be folded, 76 in
/// quoted-printable and base64 bodies. Text goes as 7bit when it is ASCII with lines of at most 500
/// octets, which leaves room for longer links, else as quoted-printable or base64, whichever is shorter.
public struct MIMEComposer: Sendable {
  /// Who it is from; several take a `sender`.
  public var from: [Mailbox]
  /// Who sends it where that is not the one in From.
  public var sender: Mailbox?
  /// The To field; left out when empty.
  public var to: [Mailbox] = []
  /// The Cc field; left out when empty.
  public var cc: [Mailbox] = []
  /// The Reply-To field; left out when empty.
  public var replyTo: [Mailbox] = []
  /// As people read it; encoded where it has to be.
  public var subject: String
  /// For the Date field, to the second.
  public var date: Instant
  /// With or without angle brackets, such as `1.2@example.com`.
  public var messageID: String
  /// Further fields, such as List-Unsubscribe, as text; put behind the usual ones.
  public var extraHeaders: [(name: String, value: String)] = []
  /// Lines may end in CRLF, LF or CR.
  public var text: String?
  /// Lines may end in CRLF, LF or CR.
  public var html: String?
  /// Files in order; those with a content id go with the HTML.
  public var attachments: [MIMEAttachment] = []
  /// What boundaries are made from.
  public var boundarySeed: UInt64

  /// A message without content yet.
  public init(from: [Mailbox], subject: String, date: Instant, messageID: String, boundarySeed: UInt64) {
    self.from = from
    self.subject = subject
    self.date = date
    self.messageID = messageID
    self.boundarySeed = boundarySeed
  }

  /// The message's bytes.
  public func compose() throws(HeaderError) -> [UInt8] {
    var header = HeaderWriter()
    try header.date("Date", date)
    try header.mailboxes("From", from)
    if let sender { try header.mailboxes("Sender", [sender]) }
    try header.mailboxes("Reply-To", replyTo)
    try header.mailboxes("To", to)
    try header.mailboxes("Cc", cc)
    try header.text("Subject", subject)
    try header.structured("Message-ID", bracketedMessageID())
    for (name, value) in extraHeaders { try writeExtra(name, value, to: &header) }
    try header.structured("MIME-Version", "1.0")
    var maker = BoundaryMaker(seed: boundarySeed)
    let body = try content(&maker)
    return header.bytes + body.bytes()
  }

  private func bracketedMessageID() throws(HeaderError) -> String {
    let id = messageID.hasPrefix("<") ? messageID : "<" + messageID + ">"
    guard id.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else { throw .controlCharacter(field: "Message-ID") }
    return id
  }

  /// Fields with addresses and links in angle brackets must not be encoded.
  private func writeExtra(_ name: String, _ value: String, to header: inout HeaderWriter) throws(HeaderError)
  {
    let isStructured = name.lowercased().hasPrefix("list-") || value.utf8.contains(Octet.less)
    if isStructured, value.utf8.allSatisfy({ $0 < 0x80 }) {
      try header.structured(name, value)
    } else {
      try header.text(name, value)
    }
  }

  // MARK: Parts

  /// mixed(alternative(text, related(html, images)), files), each level only where it is needed.
  private func content(_ maker: inout BoundaryMaker) throws(HeaderError) -> ComposedPart {
    var alternatives: [ComposedPart] = []
    if let text { alternatives.append(try textPart(text, subtype: "plain")) }
    let inline = html == nil ? [] : attachments.filter { $0.contentID != nil }
    if let html {
      var related = [try textPart(html, subtype: "html")]
      for image in inline { related.append(try filePart(image, disposition: "inline")) }
      alternatives.append(try multipart("related", related, &maker))
    }
    if alternatives.isEmpty { alternatives.append(try textPart("", subtype: "plain")) }
    var mixed = [try multipart("alternative", alternatives, &maker)]
    for file in attachments where html == nil || file.contentID == nil {
      mixed.append(try filePart(file, disposition: "attachment"))
    }
    return try multipart("mixed", mixed, &maker)
  }

  private func textPart(_ text: String, subtype: String) throws(HeaderError) -> ComposedPart {
    let body = TextBody.normalized(text)
    let encoded = TextBody.encoded(body)
    let isASCII = !body.has8Bit(in: 0..<body.count)
    var header = HeaderWriter()
    let charset = HeaderParameter(name: "charset", value: isASCII ? "us-ascii" : "utf-8")
    try header.parameterized("Content-Type", "text/" + subtype, [charset])
    try header.structured("Content-Transfer-Encoding", encoded.name)
    return ComposedPart(header: header.bytes, body: encoded.bytes)
  }

  private func filePart(_ file: MIMEAttachment, disposition: String) throws(HeaderError) -> ComposedPart {
    var header = HeaderWriter()
    let type = file.contentType
    try header.parameterized("Content-Type", type.type + "/" + type.subtype, type.parameters)
    let name = HeaderParameter(name: "filename", value: file.name)
    try header.parameterized("Content-Disposition", disposition, file.name.isEmpty ? [] : [name])
    if let id = file.contentID { try header.structured("Content-ID", "<" + id + ">") }
    try header.structured("Content-Transfer-Encoding", "base64")
    return ComposedPart(header: header.bytes, body: Base64.lines(file.bytes))
  }

  /// One part alone stays what it is.
  private func multipart(
    _ subtype: String, _ parts: [ComposedPart], _ maker: inout BoundaryMaker
  ) throws(HeaderError) -> ComposedPart {
    if parts.count == 1, let only = parts.first { return only }
    let boundary = maker.next(notIn: parts)
    var header = HeaderWriter()
    let parameter = HeaderParameter(name: "boundary", value: String(decoding: boundary, as: UTF8.self))
    try header.parameterized("Content-Type", "multipart/" + subtype, [parameter])
    var body: [UInt8] = []
    for part in parts {
      body += [Octet.dash, Octet.dash] + boundary + [Octet.cr, Octet.lf]
      body += part.bytes()
      body += [Octet.cr, Octet.lf]
    }
    body += [Octet.dash, Octet.dash] + boundary + [Octet.dash, Octet.dash, Octet.cr, Octet.lf]
    return ComposedPart(header: header.bytes, body: body)
  }
}

/// A file to go with a composed message.
public struct MIMEAttachment: Sendable {
  /// File name, in any script; empty for none.
  public var name: String
  /// What is in it, such as application/pdf.
  public var contentType: ContentType
  /// The content, not encoded.
  public var bytes: [UInt8]
  /// Set for an image that the HTML shows by `cid:`; without angle brackets.
  public var contentID: String?

  /// A file.
  public init(name: String, contentType: ContentType, bytes: [UInt8], contentID: String? = nil) {
    self.name = name
    self.contentType = contentType
    self.bytes = bytes
    self.contentID = contentID
  }
}

/// A finished part.
private struct ComposedPart {
  var header: [UInt8]
  var body: [UInt8]

  func bytes() -> [UInt8] { header + [Octet.cr, Octet.lf] + body }
}

extension Base64 {
  /// As the body of a part: lines of at most 76 digits.
  fileprivate static func lines(_ bytes: [UInt8]) -> [UInt8] {
    var body: [UInt8] = []
    bytes.withUnsafeBytes { encode($0, lineLength: QuotedPrintable.lineLimit, into: &body) }
    return body
  }
}

/// Bodies of text parts.
private enum TextBody {
  /// Longest line that is left as it is.
  static let lineLimit = 500

  /// UTF-8 with CRLF at every line end, the last too.
  static func normalized(_ text: String) -> [UInt8] {
    var text = text
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count + text.utf8.count / 16 + 2)
    text.withUTF8 { raw in
      var index = 0
      while index < raw.count {
        let start = index
        while index < raw.count, raw[index] != Octet.cr, raw[index] != Octet.lf { index += 1 }
        output += raw[start..<index]
        output.append(Octet.cr)
        output.append(Octet.lf)
        let isPair = index + 1 < raw.count && raw[index] == Octet.cr && raw[index + 1] == Octet.lf
        index += isPair ? 2 : 1
      }
    }
    return output
  }

  /// What it goes as, with the name of the encoding (RFC 2045 6.1). Text in scripts other than Latin is a third longer
  /// in base64, three times as long in quoted-printable.
  static func encoded(_ body: [UInt8]) -> (name: String, bytes: [UInt8]) {
    if fits7Bit(body) { return ("7bit", body) }
    return QuotedPrintable.estimate(body) <= Base64.encodedCount(of: body.count)
      ? ("quoted-printable", QuotedPrintable.encode(body)) : ("base64", Base64.lines(body))
  }

  /// ASCII without NUL, with lines that are not long and that no mailbox file would change.
  static func fits7Bit(_ body: [UInt8]) -> Bool {
    let isASCII = !body.has8Bit(in: 0..<body.count) && body.firstPlace(of: 0, in: 0..<body.count) == nil
    guard isASCII else { return false }
    var start = 0
    while start < body.count {
      let end = body.firstPlace(of: Octet.lf, in: start..<body.count) ?? body.count
      if end - start > lineLimit || body[start...].starts(with: "From ".utf8) { return false }
      start = end + 1
    }
    return true
  }
}

/// Boundaries that can't stand in quoted-printable or base64 because of their `=_`, and do not in the
/// parts at hand.
private struct BoundaryMaker {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next(notIn parts: [ComposedPart]) -> [UInt8] {
    while true {
      let boundary = Array("=_".utf8) + digits() + digits()
      let isTaken = parts.contains { part in
        boundary.withUnsafeBytes { part.body.firstPlace(of: $0, in: 0..<part.body.count) } != nil
      }
      if !isTaken { return boundary }
    }
  }

  /// 16 hexadecimal digits of the next number of the sequence (SplitMix64).
  private mutating func digits() -> [UInt8] {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return (0..<16).map { .hexDigit(UInt8(truncatingIfNeeded: mixed >> (60 - 4 * UInt64($0))) & 15) }
  }
}
