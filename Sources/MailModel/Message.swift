/// One copy for one recipient: the unit of queueing, tracking and events.
public struct Message: Sendable {
  public var id: MessageID
  public var account: AccountID
  public var original: OriginalID
  /// The envelope recipient (RFC 5321 forward path) as it was given.
  public var recipient: String
  /// The address in From.
  public var sender: String
  /// The envelope sender (RFC 5321 reverse path); empty for the null path.
  public var returnPath: String
  public var subject: String
  public var status: MessageStatus
  public var source: MessageSource
  /// The SMTP token that submitted it.
  public var token: String?
  public var email: EmailID?
  /// What its statistics hang on.
  public var campaign: CampaignID?
  public var createdAt: Instant
  /// Whether opens and clicks are tracked for this recipient (not for cc and bcc).
  public var isTracked: Bool
  public var options: EnvelopeOptions

  public init(
    id: MessageID, account: AccountID, original: OriginalID, recipient: String, sender: String,
    returnPath: String, subject: String, status: MessageStatus = .queued, source: MessageSource,
    token: String? = nil, email: EmailID? = nil, campaign: CampaignID? = nil, createdAt: Instant,
    isTracked: Bool = true, options: EnvelopeOptions = EnvelopeOptions()
  ) {
    self.id = id
    self.account = account
    self.original = original
    self.recipient = recipient
    self.sender = sender
    self.returnPath = returnPath
    self.subject = subject
    self.status = status
    self.source = source
    self.token = token
    self.email = email
    self.campaign = campaign
    self.createdAt = createdAt
    self.isTracked = isTracked
    self.options = options
  }
}

/// How far a message is; the words are those of the message JSON.
public enum MessageStatus: String, Sendable, CaseIterable, Codable {
  case queued, deferred, delivered, bounced, dropped, captured, expired, cancelled

  /// Nothing more will be tried.
  public var isFinal: Bool { self != .queued && self != .deferred }
}

/// Which door a message came in by.
public enum MessageSource: String, Sendable, CaseIterable, Codable {
  case smtp, singleSend = "single-send", mailing, workflow, test
}

/// What the client asked of the transport, to be asked of the next one in turn.
public struct EnvelopeOptions: Sendable, Hashable {
  /// BODY=8BITMIME (RFC 6152): the content has bytes over 127.
  public var is8Bit: Bool
  /// SMTPUTF8 (RFC 6531): addresses or headers are UTF-8.
  public var isUTF8: Bool
  /// DSN (RFC 3461) `NOTIFY` as sent, such as `SUCCESS,FAILURE` or `NEVER`.
  public var dsnNotify: String?
  /// DSN `ORCPT`, still in xtext.
  public var dsnOriginalRecipient: String?
  /// DSN `RET`: `FULL` or `HDRS`.
  public var dsnReturn: String?
  /// DSN `ENVID`, still in xtext.
  public var dsnEnvelopeID: String?

  public init(
    is8Bit: Bool = false, isUTF8: Bool = false, dsnNotify: String? = nil,
    dsnOriginalRecipient: String? = nil, dsnReturn: String? = nil, dsnEnvelopeID: String? = nil
  ) {
    self.is8Bit = is8Bit
    self.isUTF8 = isUTF8
    self.dsnNotify = dsnNotify
    self.dsnOriginalRecipient = dsnOriginalRecipient
    self.dsnReturn = dsnReturn
    self.dsnEnvelopeID = dsnEnvelopeID
  }
}
