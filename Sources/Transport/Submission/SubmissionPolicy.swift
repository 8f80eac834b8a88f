import MailFormats
import MailModel

/// Who a client is, once it has authenticated or is trusted by its address.
public struct Principal: Sendable, Hashable {
  /// The SMTP token's id: what the client logs in with, and what logs call it.
  public var token: String
  public var account: AccountID
  public var campaign: CampaignID?
  /// Whether recipients become contacts.
  public var createsContacts: Bool

  public init(token: String, account: AccountID, campaign: CampaignID?, createsContacts: Bool = false) {
    self.token = token
    self.account = account
    self.campaign = campaign
    self.createsContacts = createsContacts
  }
}

/// The other end of an inbound connection.
public struct PeerInfo: Sendable, Hashable {
  public var address: IPAddress
  public var port: Int
  /// Our end, as the client reached it.
  public var localAddress: IPAddress?
  public var localPort: Int
  /// TLS version such as `TLSv1.3`; nil for clear text. Known from the handshake on.
  public var tls: String?

  public init(
    address: IPAddress, port: Int, localAddress: IPAddress? = nil, localPort: Int = 0, tls: String? = nil
  ) {
    self.address = address
    self.port = port
    self.localAddress = localAddress
    self.localPort = localPort
    self.tls = tls
  }
}

/// How an attempt to log in ended.
public enum AuthenticationResult: Sendable {
  case granted(Principal)
  /// User or password is wrong; counts against the client's address.
  case denied
  /// Can't be checked now; the reply, a 4yz, goes to the client.
  case unavailable(SMTPReply)
}

/// What a listener asks about each client and message. All are called on an event loop and must not block; those
/// without a completion answer at once, from memory. One policy serves all connections.
public protocol SubmissionPolicy: Sendable {
  /// Who a client is without logging in, by its address alone; nil: it has to log in.
  func trusted(_ peer: PeerInfo) -> Principal?

  /// Checks a log-in. User and password are raw bytes, without NUL; never to be logged. `completion` is called exactly
  /// once, from any thread.
  func authenticate(
    user: [UInt8], password: [UInt8], peer: PeerInfo,
    completion: @escaping @Sendable (AuthenticationResult) -> Void)

  /// May this client send with this envelope sender? Grant with a positive reply such as `.senderOK`.
  func mail(_ path: SMTPPath, _ parameters: SMTPMailParameters, _ principal: Principal) -> SMTPReply

  /// May it send to this recipient? Grant with a positive reply such as `.recipientOK`.
  func recipient(_ path: SMTPPath, _ parameters: SMTPRecipientParameters, _ principal: Principal) -> SMTPReply

  /// Takes over a message. `completion` is called exactly once, from any thread, with a 250 only when the
  /// message is on disk.
  func accept(
    _ message: SubmittedMessage, _ principal: Principal, _ peer: PeerInfo,
    completion: @escaping @Sendable (SMTPReply) -> Void)
}
