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

  /// A member of `message.attachments`.
  struct Form: Decodable {
    var name: String?
    /// A media type, such as `application/pdf`.
    var type: String?
    /// base64 (RFC 4648), with or without line ends.
    var content: String?
    var contentId: String?
  }

  var part: MIMEAttachment {
    MIMEAttachment(name: name, contentType: type, bytes: content, contentID: contentID)
  }
}

extension SingleSendAttachment {
  /// Reads `message.attachments`; adds what is wrong to `problems`, field by field.
  static func read(_ forms: [Form], _ problems: inout [SingleSendRequestError.Problem]) -> [Self] {
    if forms.count > countLimit {
      problems.append(.invalid("message.attachments", "has more than \(countLimit) files"))
      return []
    }
    var files: [Self] = []
    for (place, form) in forms.enumerated() {
      if let file = Self(form, at: "message.attachments.\(place)", &problems) { files.append(file) }
    }
    if files.reduce(0, { $0 + $1.content.count }) > totalLimit {
      problems.append(.invalid("message.attachments", "has more than \(totalLimit) bytes in all"))
    }
    return files
  }

  private init?(_ form: Form, at path: String, _ problems: inout [SingleSendRequestError.Problem]) {
    let before = problems.count
    let name = form.name ?? ""
    if name.isEmpty { problems.append(.required("\(path).name")) }
    if hasControl(name) { problems.append(.invalid("\(path).name", "has a control character")) }
    let type = Self.mediaType(form.type)
    if type == nil {
      problems.append(.invalid("\(path).type", "must be a media type, such as application/pdf"))
    }
    let content = Self.decode(form.content)
    if form.content == nil { problems.append(.required("\(path).content")) }
    if form.content != nil, content == nil { problems.append(.invalid("\(path).content", "is not base64")) }
    if let id = form.contentId, !Self.isContentID(id) {
      problems.append(.invalid("\(path).contentId", "may have letters, digits and .-_@ only, at most 128"))
    }
    guard problems.count == before, let type, let content else { return nil }
    self.init(name: name, type: type, content: content, contentID: form.contentId)
  }

  /// What has no type is just bytes. Nothing here may pretend to be parts of the message itself.
  private static func mediaType(_ text: String?) -> ContentType? {
    let bytes = Array((text ?? "application/octet-stream").utf8)
    guard bytes.count <= 256, let type = ContentType(parsing: bytes, in: 0..<bytes.count), !type.isMultipart,
      type.type != "message"
    else { return nil }
    return type
  }

  private static func decode(_ text: String?) -> [UInt8]? {
    guard let text else { return nil }
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
