import MailFormats

/// A file that goes with a single send. Brevdue's own addition: HubSpot takes none.
public struct SingleSendAttachment: Sendable, Hashable {
  /// File name as the recipient sees it.
  public var name: String
  public var type: ContentType
  /// Decoded.
  public var content: [UInt8]
  /// For a picture that the e-mail's HTML shows with `src="cid:…"`.
  public var contentID: String?

  /// Most bytes of all files of one send, decoded; larger mails are refused by many receivers anyway.
  public static let totalLimit = 10 * 1024 * 1024
  /// Most files of one send.
  public static let countLimit = 50

  var part: MIMEAttachment {
    MIMEAttachment(name: name, contentType: type, bytes: content, contentID: contentID)
  }
}

extension SingleSendAttachment {
  /// Reads the member `attachments` of `message`: objects with `name`, `type` (a media type such as
  /// `application/pdf`; bytes when there is none), `content` (base64, RFC 4648, with or without line ends) and
  /// `contentId`.
  static func read(_ message: inout MemberReader) -> [Self] {
    var files: [Self] = []
    var count = 0
    message.objects("attachments") { file in
      count += 1
      guard count <= countLimit else { return }
      if let file = Self(&file) { files.append(file) }
    }
    if count > countLimit { message.note("attachments", "has more than \(countLimit) files") }
    if files.reduce(0, { $0 + $1.content.count }) > totalLimit {
      message.note("attachments", "has more than \(totalLimit) bytes in all")
    }
    return files
  }

  private init?(_ file: inout MemberReader) {
    let name = file.text("name", isRequired: true) ?? ""
    if file.has("name"), name.isEmpty, file.problems.isEmpty { file.note("name", "must not be empty") }
    if hasControl(name) { file.note("name", "has a control character") }
    let type = Self.mediaType(file.text("type"))
    if type == nil { file.note("type", "must be a media type other than multipart and message") }
    let text = file.text("content", isRequired: true)
    let content = text.flatMap(Self.decode)
    if text != nil, content == nil { file.note("content", "is not base64") }
    let contentID = file.text("contentId")
    if let contentID, !Self.isContentID(contentID) {
      file.note("contentId", "may have letters, digits and .-_@ only, at most 128")
    }
    guard file.problems.isEmpty, let type, let content else { return nil }
    self.init(name: name, type: type, content: content, contentID: contentID)
  }

  /// What has no type is just bytes. A file goes as base64, which multipart and message parts must not be in
  /// (RFC 2045 6.4, RFC 2046 5.2.1).
  private static func mediaType(_ text: String?) -> ContentType? {
    let bytes = Array((text ?? "application/octet-stream").utf8)
    guard bytes.count <= 256, let type = ContentType(parsing: bytes, in: 0..<bytes.count), !type.isMultipart,
      type.type != "message"
    else { return nil }
    return type
  }

  private static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 }
    return Base64.decode(digits)
  }

  private static func isContentID(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "@"):
          true
        default: false
        }
      }
  }
}

private func hasControl(_ text: String) -> Bool {
  text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
}
