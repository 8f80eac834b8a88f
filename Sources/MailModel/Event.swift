/// Something that happened to a message. Names are HubSpot's.
public enum EventType: String, Sendable, CaseIterable, Codable {
  case sent = "SENT"
  case processed = "PROCESSED"
  case deferred = "DEFERRED"
  case delivered = "DELIVERED"
  case bounce = "BOUNCE"
  case dropped = "DROPPED"
  case open = "OPEN"
  case click = "CLICK"
  case spamReport = "SPAMREPORT"
  case statusChange = "STATUSCHANGE"
}

/// One thing that happened to one message, and when.
public struct Event: Sendable, Hashable {
  public var id: EventID
  public var message: MessageID
  public var type: EventType
  public var at: Instant
  public var detail: EventDetail

  public init(
    id: EventID, message: MessageID, type: EventType, at: Instant, detail: EventDetail = EventDetail()
  ) {
    self.id = id
    self.message = message
    self.type = type
    self.at = at
    self.detail = detail
  }
}

/// The own fields of an event; those that its type does not have are nil. Names as in HubSpot's
/// events where it has them, so that the same word is in the store, in JSON and in the documents.
public struct EventDetail: Sendable, Hashable, Codable {
  /// The remote server's own words, with its code; bytes outside of UTF-8 replaced.
  public var response: String?
  /// Enhanced status code such as `5.1.1` (RFC 3463).
  public var status: String?
  /// Class of a bounce or deferral.
  public var category: String?
  /// The SMTP stage at which the remote spoke: `connect`, `mail`, `rcpt`, `dot` and so on.
  public var stage: String?
  /// 1 for the first try.
  public var attempt: Int?
  /// Host name of the MX or smarthost.
  public var host: String?
  /// Where the event came from: remote server of a delivery, or client of an open or click.
  public var ipAddress: String?
  /// TLS version of the delivering connection, such as `TLSv1.3`; nil for clear text.
  public var tls: String?
  /// When it will be tried again, milliseconds since 1970.
  public var nextAttemptAt: Int64?
  public var userAgent: String?
  public var url: String?
  /// Place of the link among the message's links, from 0.
  public var linkId: Int?
  /// True for fetches by scanners and privacy proxies: kept, but not counted as a person's.
  public var filteredEvent: Bool?
  public var filterReason: String?
  public var dropReason: String?
  public var dropMessage: String?

  public init() {}
}
