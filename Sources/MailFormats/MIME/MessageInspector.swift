import MailModel

/// What has to be known of a submitted message before it is accepted.
public struct Inspection: Sendable {
  /// The parts, for link edits.
  public let message: MIMEMessage
  /// The mailboxes of From; empty when it is missing or can't be read.
  public let from: [Mailbox]
  /// The mailbox of Sender.
  public let sender: Mailbox?
  /// Decoded, for people; empty when there is none.
  public let subject: String
  /// The value of Message-ID with its angle brackets; nil when there is none.
  public let messageID: String?
  /// There is a Date field, whatever it says.
  public let hasDate: Bool
  /// Number of Received fields: hops so far.
  public let receivedCount: Int
  /// A byte over 127 stands anywhere: it takes 8BITMIME to carry it as it is.
  public let has8Bit: Bool
  /// What is wrong or unusual.
  public let findings: InspectionFindings
  /// HTML parts that may be edited (see `MIMEPart.isEditableHTML`).
  public let htmlParts: [MIMEPart]

  /// There is a Message-ID with a value.
  public var hasMessageID: Bool { messageID != nil }
}

/// Findings of the inspector.
public struct InspectionFindings: OptionSet, Sendable, Hashable {
  /// One bit for each finding.
  public let rawValue: UInt32

  /// From bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// There is no From field.
  public static let missingFrom = InspectionFindings(rawValue: 1 << 0)
  /// There is more than one From field.
  public static let multipleFrom = InspectionFindings(rawValue: 1 << 1)
  /// From is there, but is not a list of at least one mailbox.
  public static let invalidFrom = InspectionFindings(rawValue: 1 << 2)
  /// There is more than one Sender field.
  public static let multipleSender = InspectionFindings(rawValue: 1 << 3)
  /// Sender is there, but is not one mailbox.
  public static let invalidSender = InspectionFindings(rawValue: 1 << 4)
  /// From has several mailboxes but there is no Sender (RFC 5322 3.6.2).
  public static let missingSender = InspectionFindings(rawValue: 1 << 5)
  /// Another field that may stand once stands more often (RFC 5322 3.6).
  public static let duplicateField = InspectionFindings(rawValue: 1 << 6)
  /// See `HeaderDefects.malformedLine` and `.blankContinuation`.
  public static let malformedHeader = InspectionFindings(rawValue: 1 << 7)
  /// See `HeaderDefects.overLimit`.
  public static let headerOverLimit = InspectionFindings(rawValue: 1 << 8)
  /// The header has bytes over 127: only with SMTPUTF8.
  public static let header8Bit = InspectionFindings(rawValue: 1 << 9)
  /// The header has bytes that are not UTF-8.
  public static let headerInvalidUTF8 = InspectionFindings(rawValue: 1 << 10)
  /// The header has a control character.
  public static let headerControl = InspectionFindings(rawValue: 1 << 11)
  /// Too many parts or levels; what lies behind is passed through unread.
  public static let truncatedMIME = InspectionFindings(rawValue: 1 << 12)
  /// The header is not ended by an empty line: there is no body.
  public static let noSeparator = InspectionFindings(rawValue: 1 << 13)

  /// Whoever is shown in From can't be told for certain: the message must not be accepted.
  public static let ambiguousSender: InspectionFindings = [
    .missingFrom, .multipleFrom, .invalidFrom, .multipleSender, .invalidSender, .missingSender,
    .headerOverLimit,
  ]

  /// A sentence for people on each finding of `ambiguousSender`, the first that is there; nil without one.
  public var senderProblem: String? {
    if contains(.headerOverLimit) { return "The header is longer than 128 KB or has more than 1,000 fields." }
    if contains(.missingFrom) { return "The message has no From field." }
    if contains(.multipleFrom) { return "The message has more than one From field." }
    if contains(.invalidFrom) { return "The From field is not a list of addresses (RFC 5322 3.4)." }
    if contains(.multipleSender) { return "The message has more than one Sender field." }
    if contains(.invalidSender) { return "The Sender field is not one address (RFC 5322 3.6.2)." }
    if contains(.missingSender) { return "From has several addresses, which takes a Sender field." }
    return nil
  }
}

/// Looks a message over once, on the way in.
public enum MessageInspector {
  /// Costs a few microseconds for a text mail of 10 KB; never fails.
  public static func inspect(_ bytes: [UInt8]) -> Inspection {
    let message = MIMEMessage(parsing: bytes)
    var fields = FieldInspector(message.headers)
    fields.run()
    if message.isTruncated { fields.findings.insert(.truncatedMIME) }
    var html: [MIMEPart] = []
    collectHTML(message.root, into: &html)
    return Inspection(
      message: message, from: fields.from, sender: fields.sender, subject: fields.subject,
      messageID: fields.messageID, hasDate: fields.seen.contains(.date), receivedCount: fields.receivedCount,
      has8Bit: bytes.has8Bit(in: 0..<bytes.count), findings: fields.findings, htmlParts: html)
  }

  private static func collectHTML(_ part: MIMEPart, into list: inout [MIMEPart]) {
    if part.isEditableHTML { list.append(part) }
    guard !part.isProtected else { return }
    for index in part.children.indices { collectHTML(part.children[index], into: &list) }
  }
}

/// Goes over the fields of a message's header once.
private struct FieldInspector {
  /// Fields that may stand only once.
  struct Single: OptionSet {
    let rawValue: UInt32
    static let from = Single(rawValue: 1 << 0)
    static let sender = Single(rawValue: 1 << 1)
    static let date = Single(rawValue: 1 << 2)
    static let subject = Single(rawValue: 1 << 3)
    static let messageID = Single(rawValue: 1 << 4)
    static let to = Single(rawValue: 1 << 5)
    static let cc = Single(rawValue: 1 << 6)
    static let replyTo = Single(rawValue: 1 << 7)
    static let contentType = Single(rawValue: 1 << 8)
    static let encoding = Single(rawValue: 1 << 9)
    static let mimeVersion = Single(rawValue: 1 << 10)
    static let inReplyTo = Single(rawValue: 1 << 11)
    static let references = Single(rawValue: 1 << 12)
  }

  private(set) var from: [Mailbox] = []
  private(set) var sender: Mailbox?
  private(set) var subject = ""
  private(set) var messageID: String?
  private(set) var receivedCount = 0
  private(set) var seen: Single = []
  var findings: InspectionFindings = []

  private let headers: HeaderBlock

  init(_ headers: HeaderBlock) {
    self.headers = headers
  }

  mutating func run() {
    for index in headers.fields.indices {
      let field = headers.fields[index]
      if headers.isNamed(field, "received") {
        receivedCount += 1
      } else if let kind = single(field) {
        take(field, as: kind)
      }
    }
    if !seen.contains(.from) { findings.insert(.missingFrom) }
    if from.count > 1, !seen.contains(.sender) { findings.insert(.missingSender) }
    noteDefects()
  }

  /// Which field this is; told apart by length first.
  private func single(_ field: HeaderField) -> Single? {
    switch field.name.count {
    case 2: headers.isNamed(field, "to") ? .to : headers.isNamed(field, "cc") ? .cc : nil
    case 4: headers.isNamed(field, "from") ? .from : headers.isNamed(field, "date") ? .date : nil
    case 6: headers.isNamed(field, "sender") ? .sender : nil
    case 7: headers.isNamed(field, "subject") ? .subject : nil
    case 8: headers.isNamed(field, "reply-to") ? .replyTo : nil
    case 10:
      headers.isNamed(field, "message-id")
        ? .messageID : headers.isNamed(field, "references") ? .references : nil
    case 11: headers.isNamed(field, "in-reply-to") ? .inReplyTo : nil
    case 12:
      headers.isNamed(field, "content-type")
        ? .contentType : headers.isNamed(field, "mime-version") ? .mimeVersion : nil
    case 25: headers.isNamed(field, "content-transfer-encoding") ? .encoding : nil
    default: nil
    }
  }

  private mutating func take(_ field: HeaderField, as kind: Single) {
    guard seen.insert(kind).inserted else {
      switch kind {
      case .from: findings.insert(.multipleFrom)
      case .sender: findings.insert(.multipleSender)
      default: findings.insert(.duplicateField)
      }
      return
    }
    switch kind {
    case .from:
      from = (try? AddressList(parsing: headers.bytes, in: field.value))?.mailboxes ?? []
      if from.isEmpty { findings.insert(.invalidFrom) }
    case .sender:
      let list = try? AddressList(parsing: headers.bytes, in: field.value)
      if let list, list.mailboxes.count == 1, !list.hasGroups {
        sender = list.mailboxes.first
      } else {
        findings.insert(.invalidSender)
      }
    case .subject: subject = headers.text(field)
    case .messageID:
      let value = headers.bytes.trimmed(field.value)
      if !value.isEmpty { messageID = String(lossy: headers.bytes, in: value) }
    default: break
    }
  }

  private mutating func noteDefects() {
    let pairs: [(HeaderDefects, InspectionFindings)] = [
      (.malformedLine, .malformedHeader), (.blankContinuation, .malformedHeader),
      (.overLimit, .headerOverLimit), (.has8Bit, .header8Bit), (.invalidUTF8, .headerInvalidUTF8),
      (.controlCharacter, .headerControl), (.noSeparator, .noSeparator),
    ]
    guard !headers.defects.isEmpty else { return }
    for (defect, finding) in pairs where headers.defects.contains(defect) { findings.insert(finding) }
  }
}
