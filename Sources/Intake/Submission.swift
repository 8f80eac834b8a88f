import Composition
import Logging
import MailFormats
import MailModel
import NIOPosix
import Signing
import Storage
import Transport

/// The first half of the walk for mail that comes over SMTP: who is it, may it, keep it.
///
/// Everything but the commit happens where it is called, in memory; only large messages and those with HTML
/// to be tracked go to a thread of their own first.
public final class Submission: SubmissionPolicy {
  public struct Configuration: Sendable {
    /// Clients that need no log-in: those of a network act as a token.
    public var trustedClients: [TrustedClient] = []
    /// How long delivery is tried; 72 hours as HubSpot does.
    public var expirySeconds: Int64 = 72 * 3600

    public init() {}
  }

  /// Messages up to this size are looked over on the event loop: it takes less time than the way to a thread.
  private static let inspectInPlaceBytes = 64 * 1024

  private let configuration: Configuration
  private let directory: Directory
  private let store: Store
  private let threads: NIOThreadPool
  private let offer: @Sendable ([LoadedMessage]) -> Void
  private let logger: Logger

  /// - Parameters:
  ///   - threads: where large messages are looked over.
  ///   - offer: gets messages as soon as they are committed; must not block.
  public init(
    configuration: Configuration = Configuration(), directory: Directory, store: Store,
    threads: NIOThreadPool,
    logger: Logger, offer: @escaping @Sendable ([LoadedMessage]) -> Void
  ) {
    self.configuration = configuration
    self.directory = directory
    self.store = store
    self.threads = threads
    self.logger = logger
    self.offer = offer
  }

  // MARK: - who

  public func trusted(_ peer: PeerInfo) -> Principal? {
    guard let client = configuration.trustedClients.first(where: { $0.network.contains(peer.address) }),
      let token = directory.smtpToken(client.token)
    else { return nil }
    return Principal(token)
  }

  public func authenticate(
    user: [UInt8], password: [UInt8], peer: PeerInfo,
    completion: @escaping @Sendable (AuthenticationResult) -> Void
  ) {
    let (user, hash) = (String(decoding: user, as: UTF8.self), MessageDigest.sha256(password))
    if let principal = principal(user, hash) { return completion(.granted(principal)) }
    // It may have been made, or its password reset, a moment ago.
    directory.refreshIfChanged { [self] result in
      if let principal = principal(user, hash) { return completion(.granted(principal)) }
      if case .failure = result { return completion(.unavailable(.authenticationUnavailable)) }
      completion(.denied)
    }
  }

  private func principal(_ user: String, _ hash: [UInt8]) -> Principal? {
    let token = directory.smtpToken(user)
    // Compared with something even when there is no such token, so that both take the same time.
    let isRight = Secrets.areEqual(hash, token?.passwordHash ?? Self.nobody)
    return isRight ? token.map(Principal.init) : nil
  }

  private static let nobody = [UInt8](repeating: 0, count: 32)

  // MARK: - may it

  public func mail(_ path: SMTPPath, _ parameters: SMTPMailParameters, _ principal: Principal) -> SMTPReply {
    if let reason = store.health.obstacle {
      logger.error("mail is refused because the store is not healthy", metadata: ["reason": "\(reason)"])
      return .localError
    }
    return .senderOK
  }

  public func recipient(
    _ path: SMTPPath, _ parameters: SMTPRecipientParameters, _ principal: Principal
  ) -> SMTPReply {
    if Recipient.domain(of: path) == nil {
      return SMTPReply(
        553, .init(5, 1, 3), "The domain of <\(path.address)> is not one that mail can be sent to")
    }
    return .recipientOK
  }

  // MARK: - keep it

  public func accept(
    _ message: SubmittedMessage, _ principal: Principal, _ peer: PeerInfo,
    completion: @escaping @Sendable (SMTPReply) -> Void
  ) {
    if message.body.count <= Self.inspectInPlaceBytes {
      let inspection = MessageInspector.inspect(message.body)
      if inspection.htmlParts.isEmpty {
        return keep(message, inspection, plan: nil, principal, completion)
      }
    }
    threads.submit { [self] state in
      guard case .active = state else { return completion(.shuttingDown) }
      let inspection = MessageInspector.inspect(message.body)
      let plan = inspection.htmlParts.isEmpty ? nil : TrackingPlanner.plan(original: message.body)
      keep(message, inspection, plan: plan, principal, completion)
    }
  }

  private func keep(
    _ message: SubmittedMessage, _ inspection: Inspection, plan: TrackingPlan?, _ principal: Principal,
    _ completion: @escaping @Sendable (SMTPReply) -> Void
  ) {
    if let refusal = HeaderPolicy.refusal(
      of: inspection, parameters: message.parameters,
      isVerified: {
        directory.isVerified(domain: $0, account: principal.account)
      })
    {
      return completion(refusal)
    }
    let batch = AcceptedBatch(
      message, inspection, plan: plan, principal: principal, identifiers: store.identifiers,
      owner: store.membership.ownerOfNew, expirySeconds: configuration.expirySeconds, now: .now())
    store.submit { connection in
      try connection.enqueue(batch.original, batch.messages)
      if principal.createsContacts {
        for address in batch.contactAddresses {
          try connection.ensureContact(
            account: principal.account, email: address, at: batch.original.createdAt)
        }
      }
    } completion: { [self] result in
      switch result {
      case .success:
        offer(batch.loaded)
        completion(SMTPReply(250, .init(2, 0, 0), "Ok: queued as \(batch.name)"))
      case .failure(let error):
        logger.error("a message could not be stored", metadata: ["error": "\(error)"])
        completion(Self.reply(to: error))
      }
    }
  }

  /// Never a 250 that is not on disk: the client keeps the message and comes again.
  private static func reply(to error: any Error) -> SMTPReply {
    switch error as? StoreError {
    case .full: .insufficientStorage
    default: .localError
    }
  }
}

extension Principal {
  init(_ token: SMTPToken) {
    self.init(
      token: token.id, account: token.account, campaign: token.campaign, createsContacts: token.createContact)
  }
}

/// A network whose programs may send without logging in, as one token.
public struct TrustedClient: Sendable, Hashable {
  public var network: AddressRange
  /// The SMTP token's id.
  public var token: String

  public init(network: AddressRange, token: String) {
    self.network = network
    self.token = token
  }
}
