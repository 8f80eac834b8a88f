import MailModel

/// One request to send, with its status id.
public struct Send: Sendable, Hashable {
  public var id: SendID
  /// What the client asks by; opaque.
  public var statusID: String
  public var account: AccountID
  public var email: EmailID
  /// The client's `sendId`: one mail per account for each.
  public var sendKey: String?
  /// The request as JSON.
  public var request: [UInt8]
  public var status: SendStatus
  /// HubSpot's `sendResult`, once complete.
  public var result: String?
  /// For people, once complete.
  public var text: String?
  /// Version of the e-mail that was rendered.
  public var version: Int?
  public var requestedAt: Instant
  public var startedAt: Instant?
  public var completedAt: Instant?
  /// The message to `to`, if one was made, and its SENT event.
  public var message: MessageID?
  public var event: EventID?

  public init(
    id: SendID, statusID: String, account: AccountID, email: EmailID, sendKey: String?, request: [UInt8],
    requestedAt: Instant
  ) {
    self.id = id
    self.statusID = statusID
    self.account = account
    self.email = email
    self.sendKey = sendKey
    self.request = request
    self.status = .pending
    self.requestedAt = requestedAt
  }
}

public typealias SendID = Identifier<Send>

/// How far a send has come; HubSpot's words.
public enum SendStatus: String, Sendable, CaseIterable, Codable {
  case pending = "PENDING"
  case processing = "PROCESSING"
  case complete = "COMPLETE"
  case canceled = "CANCELED"
}

extension Connection {
  /// Stores a new send. When the account has one with that `sendKey` nothing is stored and that one returned.
  public func insertSend(_ send: Send) throws -> Send? {
    guard send.sendKey != nil else {
      try insertWithoutKey(send)
      return nil
    }
    let count = try change(
      """
      INSERT INTO send (id, status_id, account_id, email_id, send_key, request, status, requested_at, owner)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      ON CONFLICT (account_id, send_key) WHERE send_key IS NOT NULL DO NOTHING
      """, .of(send.id), .of(send.statusID), .of(send.account), .of(send.email), .of(send.sendKey),
      .of(send.request), .of(send.status.rawValue), .of(send.requestedAt), .of(membership.session))
    if count > 0 { return nil }
    let existing = try rows(
      composed: "\(Self.sendSelect) WHERE account_id = $1 AND send_key = $2",
      [.of(send.account), .of(send.sendKey)], map: Self.send)
    guard let earlier = existing.first else { throw StoreError.other("send \(send.id) was not stored") }
    return earlier
  }

  /// Nothing to collide with, so nobody need wait for the answer.
  private func insertWithoutKey(_ send: Send) throws {
    try execute(
      """
      INSERT INTO send (id, status_id, account_id, email_id, request, status, requested_at, owner)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """, .of(send.id), .of(send.statusID), .of(send.account), .of(send.email), .of(send.request),
      .of(send.status.rawValue), .of(send.requestedAt), .of(membership.session))
  }

  public func send(statusID: String, account: AccountID) throws -> Send? {
    try rows(
      composed: "\(Self.sendSelect) WHERE status_id = $1 AND account_id = $2",
      [.of(statusID), .of(account)], map: Self.send
    ).first
  }

  private static let sendSelect = """
    SELECT id, status_id, account_id, email_id, send_key, request, status, result, text, version, \
    requested_at, started_at, completed_at, message_id, event_id FROM send
    """

  private static func send(_ row: Row) throws -> Send {
    var send = Send(
      id: row.id(0), statusID: row.text(1), account: row.id(2), email: row.id(3),
      sendKey: row.optionalText(4), request: row.bytes(5), requestedAt: row.instant(10))
    send.status = try row.word(6)
    send.result = row.optionalText(7)
    send.text = row.optionalText(8)
    send.version = row.optionalInt(9)
    send.startedAt = row.optionalInstant(11)
    send.completedAt = row.optionalInstant(12)
    send.message = row.optionalID(13)
    send.event = row.optionalID(14)
    return send
  }

  /// Bytes of requests in one page of unfinished sends; a single one may be larger.
  private static let pageBytes = 16 * 1024 * 1024

  /// Sends that are not complete, oldest first; `after` is the last id of the page before.
  public func unfinishedSends(after: SendID? = nil, limit: Int) throws -> [Send] {
    try unfinishedSends("TRUE", [.of(after ?? SendID(0)), .of(limit), .of(Self.pageBytes)])
  }

  /// The same of one session.
  func unfinishedSends(of session: NodeSession, after: SendID?, limit: Int) throws -> [Send] {
    try unfinishedSends(
      "owner = $4", [.of(after ?? SendID(0)), .of(limit), .of(Self.pageBytes), .of(session)])
  }

  /// As many as fit in a page: requests may carry files.
  private func unfinishedSends(_ condition: String, _ values: [SQLValue]) throws -> [Send] {
    try rows(
      composed: """
        \(Self.sendSelect) WHERE id IN (
          SELECT id FROM (
            SELECT id, length(request) AS bytes, sum(length(request)) OVER (ORDER BY id) AS total FROM (
              SELECT id, request FROM send WHERE completed_at IS NULL AND id > $1 AND \(condition)
              ORDER BY id LIMIT $2) page) sized
          WHERE total - bytes < $3)
        ORDER BY id
        """, values, map: Self.send)
  }

  /// PENDING → PROCESSING. The work item fails with `StoreError.missed` when the send is complete already or another
  /// process's.
  public func startSend(_ id: SendID, at now: Instant) throws {
    try mustChange(
      """
      UPDATE send SET status = 'PROCESSING', started_at = coalesce(started_at, $2)
      WHERE id = $1 AND completed_at IS NULL AND owner IS NOT DISTINCT FROM $3
      """, .of(id), .of(now), .of(membership.session))
  }

  /// → COMPLETE; the request's JSON, which may hold secrets, is not kept.
  public func completeSend(
    _ id: SendID, result: String, text: String? = nil, version: Int? = nil, message: MessageID? = nil,
    event: EventID? = nil, at now: Instant
  ) throws {
    try execute(
      """
      UPDATE send SET status = 'COMPLETE', result = $2, text = $3, version = $4, message_id = $5,
        event_id = $6, completed_at = $7, started_at = coalesce(started_at, $7), request = $8
      WHERE id = $1
      """, .of(id), .of(result), .of(text), .of(version), .of(message), .of(event), .of(now),
      .of([UInt8]()))
  }
}
