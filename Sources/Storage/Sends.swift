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

public enum SendStatus: String, Sendable, CaseIterable, Codable {
  case pending = "PENDING"
  case processing = "PROCESSING"
  case complete = "COMPLETE"
  case canceled = "CANCELED"
}

extension Connection {
  /// Stores a new send. When the account has one with that `sendKey` nothing is stored and that one returned.
  public func insertSend(_ send: Send) throws -> Send? { try pending() }

  public func send(statusID: String, account: AccountID) throws -> Send? { try pending() }

  /// Sends that are not complete, oldest first; `after` is the last id of the page before.
  public func unfinishedSends(after: SendID? = nil, limit: Int) throws -> [Send] { try pending() }

  /// PENDING → PROCESSING.
  public func startSend(_ id: SendID, at now: Instant) throws { let _: Void = try pending() }

  /// → COMPLETE; the request's JSON, which may hold secrets, is not kept.
  public func completeSend(
    _ id: SendID, result: String, text: String? = nil, version: Int? = nil, message: MessageID? = nil,
    event: EventID? = nil, at now: Instant
  ) throws { let _: Void = try pending() }
}
