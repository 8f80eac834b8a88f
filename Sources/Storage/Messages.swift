import MailModel

/// A message with what has become of it.
public struct StoredMessage: Sendable {
  public var message: Message
  /// Tries made.
  public var attempts: Int
  /// When it was first prepared.
  public var processedAt: Instant?
  /// When it reached its final status.
  public var completedAt: Instant?
  /// Counted opens and clicks (those of scanners and proxies are only events).
  public var opens: Int
  public var clicks: Int
  public var firstOpenAt: Instant?
  public var firstClickAt: Instant?
}

/// Which messages to list, newest first; all that is given must match.
public struct MessageQuery: Sendable, Hashable {
  public var account: AccountID?
  /// Whole address, in any case.
  public var recipient: String?
  public var status: MessageStatus?
  public var campaign: CampaignID?
  /// Only those with a smaller id: the last of the page before.
  public var before: MessageID?
  public var limit: Int

  public init(
    account: AccountID? = nil, recipient: String? = nil, status: MessageStatus? = nil,
    campaign: CampaignID? = nil, before: MessageID? = nil, limit: Int = 50
  ) {
    self.account = account
    self.recipient = recipient
    self.status = status
    self.campaign = campaign
    self.before = before
    self.limit = limit
  }
}

extension Connection {
  public func messages(_ query: MessageQuery) throws -> [StoredMessage] { try pending() }

  /// Only of that account, where one is given.
  public func message(_ id: MessageID, account: AccountID? = nil) throws -> StoredMessage? { try pending() }
}
