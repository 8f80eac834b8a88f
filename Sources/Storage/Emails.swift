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
    let id = EmailID(try nextNumber(.email))
    let campaign = try createCampaign(account: account, kind: .email, name: draft.name, email: id, at: now)
    try execute(
      """
      INSERT INTO email (id, account_id, name, state, subcategory, subscription_id, campaign_id, version,
        is_archived, created_at, updated_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $9)
      """, .of(id), .of(account), .of(draft.name), .of(draft.state), .of(draft.subcategory),
      .of(draft.subscription), .of(campaign.id), .of(draft.isArchived), .of(now))
    try insertVersion(1, of: id, draft, at: now)
    guard let record = try email(id, account: account) else { throw StoreError.other("e-mail \(id) is gone") }
    return record
  }

  private func insertVersion(_ version: Int, of id: EmailID, _ draft: EmailDraft, at now: Instant) throws {
    try execute(
      """
      INSERT INTO email_version (email_id, version, subject, html, text, from_address, from_name, reply_to,
        extra, created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """, .of(id), .of(version), .of(draft.subject), .of(draft.html), .of(draft.text), .of(draft.from),
      .of(draft.fromName), .of(draft.replyTo), .of(draft.extra), .of(now))
  }

  /// Replaces the content by a next version; earlier versions stay readable. Nil when there is none.
  public func updateEmail(
    _ id: EmailID, account: AccountID, _ draft: EmailDraft, at now: Instant
  ) throws -> EmailRecord? {
    guard let current = try email(id, account: account) else { return nil }
    let version = current.version + 1
    try insertVersion(version, of: id, draft, at: now)
    try execute(
      """
      UPDATE email SET name = $2, state = $3, subcategory = $4, subscription_id = $5, version = $6,
        is_archived = $7, updated_at = $8
      WHERE id = $1
      """, .of(id), .of(draft.name), .of(draft.state), .of(draft.subcategory), .of(draft.subscription),
      .of(version), .of(draft.isArchived), .of(now))
    if draft.name != current.name {
      try execute("UPDATE campaign SET name = $2 WHERE id = $1", .of(current.campaign), .of(draft.name))
    }
    return try email(id, account: account)
  }

  public func email(_ id: EmailID, account: AccountID) throws -> EmailRecord? {
    try rows(
      composed: """
        \(Self.emailSelect) AND v.version = e.version WHERE e.id = $1 AND e.account_id = $2
        """, [.of(id), .of(account)], map: Self.email
    ).first
  }

  private static let emailSelect = """
    SELECT e.id, e.account_id, e.name, v.subject, v.html, v.text, v.from_address, v.from_name, \
    v.reply_to, e.state, e.subcategory, e.subscription_id, e.campaign_id, v.version, e.created_at, \
    e.updated_at, e.is_archived, v.extra FROM email e JOIN email_version v ON v.email_id = e.id
    """

  private static func email(_ row: Row) -> EmailRecord {
    EmailRecord(
      id: row.id(0), account: row.id(1), name: row.text(2), subject: row.text(3), html: row.text(4),
      text: row.optionalText(5), from: row.optionalText(6), fromName: row.optionalText(7),
      replyTo: row.optionalText(8), state: row.text(9), subcategory: row.text(10),
      subscription: row.optionalInt64(11), campaign: row.id(12), version: row.int(13),
      createdAt: row.instant(14), updatedAt: row.instant(15), isArchived: row.bool(16),
      extra: row.text(17))
  }

  /// The e-mail as it was at a version; name, state and times are today's.
  public func email(_ id: EmailID, account: AccountID, version: Int) throws -> EmailRecord? {
    try rows(
      composed: """
        \(Self.emailSelect) AND v.version = $3 WHERE e.id = $1 AND e.account_id = $2
        """, [.of(id), .of(account), .of(version)], map: Self.email
    ).first
  }

  /// By id; `after` is the last id of the page before.
  public func emails(
    account: AccountID, after: EmailID? = nil, limit: Int = 100, archived: Bool = false
  ) throws -> [EmailRecord] {
    try rows(
      composed: """
        \(Self.emailSelect) AND v.version = e.version
        WHERE e.account_id = $1 AND e.is_archived = $2 AND e.id > $3 ORDER BY e.id LIMIT $4
        """, [.of(account), .of(archived), .of(after ?? EmailID(0)), .of(limit)], map: Self.email)
  }

  /// How many there are in all.
  public func emailCount(account: AccountID, archived: Bool = false) throws -> Int {
    try first(
      "SELECT count(*) FROM email WHERE account_id = $1 AND is_archived = $2", .of(account), .of(archived)
    ) { $0.int(0) } ?? 0
  }

  /// False when there is none. Messages and totals stay.
  public func deleteEmail(_ id: EmailID, account: AccountID) throws -> Bool {
    guard try email(id, account: account) != nil else { return false }
    try execute("DELETE FROM email_version WHERE email_id = $1", .of(id))
    try execute("DELETE FROM email WHERE id = $1", .of(id))
    return true
  }
}
