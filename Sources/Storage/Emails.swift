import MailModel

/// The stored, versioned thing an editor makes.
public struct EmailRecord: Sendable, Hashable {
  /// Numbered from 1000001 on, for all accounts together; JSON clients read it as a number.
  public var id: EmailID
  public var account: AccountID
  public var name: String
  public var subject: String
  public var html: String
  /// Nil: made from the HTML.
  public var text: String?
  /// From address; nil where each send gives one.
  public var from: String?
  public var fromName: String?
  public var replyTo: String?
  /// HubSpot's `state`, such as `DRAFT`, `AUTOMATED`, `PUBLISHED`.
  public var state: String
  /// HubSpot's `subcategory`, such as `single_send_api`; `type` is made from it.
  public var subcategory: String
  /// Subscription type; nil is the built-in Transactional.
  public var subscription: Int64?
  public var campaign: CampaignID
  /// Counts up with every change of content, from 1.
  public var version: Int
  public var createdAt: Instant
  public var updatedAt: Instant
  public var isArchived: Bool
  /// Members of HubSpot's object that have no column, as one JSON object.
  public var extra: String
}

/// What a caller says of an e-mail when it makes or replaces one.
public struct EmailDraft: Sendable, Hashable {
  public var name: String
  public var subject = ""
  public var html = ""
  public var text: String?
  public var from: String?
  public var fromName: String?
  public var replyTo: String?
  public var state = "DRAFT"
  public var subcategory = "batch"
  public var subscription: Int64?
  public var isArchived = false
  /// One JSON object.
  public var extra = "{}"

  public init(name: String) {
    self.name = name
  }

  /// To change some of what is stored.
  public init(_ record: EmailRecord) {
    self.init(name: record.name)
    subject = record.subject
    html = record.html
    text = record.text
    from = record.from
    fromName = record.fromName
    replyTo = record.replyTo
    state = record.state
    subcategory = record.subcategory
    subscription = record.subscription
    isArchived = record.isArchived
    extra = record.extra
  }
}

extension Connection {
  /// Makes an e-mail with its campaign, at version 1.
  public func createEmail(account: AccountID, _ draft: EmailDraft, at now: Instant) throws -> EmailRecord {
    try pending()
  }

  /// Replaces the content by a next version; earlier versions stay readable. Nil when there is none.
  public func updateEmail(
    _ id: EmailID, account: AccountID, _ draft: EmailDraft, at now: Instant
  ) throws -> EmailRecord? { try pending() }

  public func email(_ id: EmailID, account: AccountID) throws -> EmailRecord? { try pending() }

  /// The e-mail as it was at a version; name, state and times are today's.
  public func email(_ id: EmailID, account: AccountID, version: Int) throws -> EmailRecord? { try pending() }

  /// By id; `after` is the last id of the page before.
  public func emails(
    account: AccountID, after: EmailID? = nil, limit: Int = 100, archived: Bool = false
  ) throws -> [EmailRecord] { try pending() }

  /// How many there are in all.
  public func emailCount(account: AccountID, archived: Bool = false) throws -> Int { try pending() }

  /// False when there is none. Messages and totals stay.
  public func deleteEmail(_ id: EmailID, account: AccountID) throws -> Bool { try pending() }
}
