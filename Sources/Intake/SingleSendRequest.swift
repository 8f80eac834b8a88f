import HubL
import MailModel

/// The body of a single send: which e-mail, to whom, with what values.
public struct SingleSendRequest: Sendable, Hashable {
  public var email: EmailID
  public var to: String
  /// `Name <address>` or an address; overrides the e-mail's own.
  public var from: String?
  /// At most one mail goes out for one of these per account.
  public var sendKey: String?
  public var replyTo: [String]
  public var cc: [String]
  public var bcc: [String]
  /// Stored on the contact and readable as `contact.NAME`.
  public var contactProperties: [String: String]
  /// Readable as `custom.NAME`, never stored on the contact.
  public var customProperties: ValueMap
  public var attachments: [SingleSendAttachment] = []

  /// Longest `sendId` taken, in bytes.
  public static let sendKeyLimit = 512
}

extension SingleSendRequest {
  /// Reads the JSON body of `POST …/single-email/send`. Members it does not know are ignored, as
  /// HubSpot does; every problem is reported, not only the first.
  public init(json: [UInt8]) throws(RequestBodyError) {
    var reader = try JSONBody(json).reader()
    let email = reader.integer("emailId", isRequired: true)
    self.init(
      email: EmailID(email ?? 0), to: "", replyTo: [], cc: [], bcc: [],
      contactProperties: Self.contactProperties(&reader),
      customProperties: reader.map("customProperties") ?? [:])
    reader.object("message", isRequired: true) { message in
      to = message.text("to", isRequired: true) ?? ""
      if message.has("to"), to.isEmpty, message.problems.isEmpty { message.note("to", "must not be empty") }
      from = message.text("from")
      sendKey = message.text("sendId")
      if let sendKey, sendKey.utf8.count > Self.sendKeyLimit {
        message.note("sendId", "is longer than \(Self.sendKeyLimit) bytes")
      }
      replyTo = message.texts("replyTo") ?? []
      cc = message.texts("cc") ?? []
      bcc = message.texts("bcc") ?? []
      attachments = SingleSendAttachment.read(&message)
    }
    try reader.finish()
  }

  private static func contactProperties(_ reader: inout MemberReader) -> [String: String] {
    var properties: [String: String] = [:]
    reader.object("contactProperties") { [names = reader.map("contactProperties") ?? [:]] inner in
      for (name, value) in names {
        properties[name] = value.scalarText
        if value.scalarText == nil { inner.note(name, "must be text, not a list or a map") }
      }
    }
    return properties
  }
}

extension Value {
  /// The text of a scalar, as a contact property keeps it; nil for lists and maps, "" for null.
  public var scalarText: String? {
    switch self {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    case .list, .map: nil
    }
  }
}
