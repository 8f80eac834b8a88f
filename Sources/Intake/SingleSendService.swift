import Composition
import HubL
import Logging
import MailModel
import ServiceLifecycle
import Storage
import Synchronization

/// Takes single sends and carries them out: a request is on disk before it is answered, then a worker
/// checks it, renders the e-mail and queues the messages.
///
/// What was taken but not finished (restart, full memory, busy store) is found again on disk.
public final class SingleSendService: Service {
  public struct Configuration: Sendable {
    /// Sends worked on at the same time. They mostly wait for a commit that they share.
    public var workerCount = 64
    /// Sends that wait in memory; more wait on disk.
    public var memoryLimit = 20_000
    /// Bytes of the requests that wait in memory.
    public var memoryBytes = 64 * 1024 * 1024
    /// How long messages are tried.
    public var expiryHours: Int64 = 72
    /// Most addresses in to, cc and bcc together.
    public var recipientLimit = 100
    /// How long a change of an e-mail by another process may go unseen.
    public var emailCacheMilliseconds: Int64 = 500
    /// Whether a custom value that a template uses and the send lacks is an error; HubSpot leaves it empty.
    public var isStrict = true
    /// How often sends that were left over are looked for on disk.
    public var rescanSeconds: Int64 = 5

    public init() {}
  }

  let configuration: Configuration
  let store: Store
  let isVerified: @Sendable (_ domain: String, _ account: AccountID) -> Bool
  let offer: @Sendable ([LoadedMessage]) -> Void
  let logger: Logger
  let emails: EmailCache
  let queue: WorkQueue<SingleSendJob>
  let progress = SingleSendProgress()

  /// - Parameters:
  ///   - isVerified: whether the account may send from a domain (lower-case ASCII).
  ///   - offer: takes messages that were just committed to delivery; must not block.
  public init(
    store: Store, isVerified: @escaping @Sendable (_ domain: String, _ account: AccountID) -> Bool,
    offer: @escaping @Sendable ([LoadedMessage]) -> Void, configuration: Configuration = Configuration(),
    logger: Logger
  ) {
    self.store = store
    self.isVerified = isVerified
    self.offer = offer
    self.configuration = configuration
    self.logger = logger
    emails = EmailCache(store: store, lifetimeMilliseconds: configuration.emailCacheMilliseconds)
    queue = WorkQueue(limit: configuration.memoryLimit, byteLimit: configuration.memoryBytes)
  }

  /// Puts a request on disk, with the contact's properties, and returns its state once that is committed:
  /// PENDING, or COMPLETE for a `sendId` that was used before.
  ///
  /// - Parameter body: the request as JSON, to go on from after a restart.
  public func submit(
    _ request: SingleSendRequest, body: [UInt8], account: AccountID, at now: Instant = .now()
  ) async throws -> Send {
    let send = Send(
      id: SendID(store.identifiers.next(at: now)), statusID: UUIDText.random(), account: account,
      email: request.email, sendKey: request.sendKey, request: body, requestedAt: now)
    let (stored, contact) = try await store.write(ahead: { db in Self.announce(send, request, db) }) { db in
      try Self.insert(send, request, db)
    }
    guard stored.status == .pending else { return stored }
    let job = SingleSendJob(send: stored, request: request, contact: contact)
    if progress.add(stored.id), !queue.offer(job, bytes: body.count) {
      progress.leave(stored.id)
    }
    return stored
  }

  /// A send as the client may see it; nil when the account has none with this id.
  public func status(_ statusID: String, account: AccountID) async throws -> Send? {
    guard var send = try await store.read({ db in try db.send(statusID: statusID, account: account) }) else {
      return nil
    }
    if send.status == .pending, let startedAt = progress.startOfWork(send.id) {
      send.status = .processing
      send.startedAt = startedAt
    }
    return send
  }

  /// For those who want to see an e-mail before anybody else does.
  public var testSend: TestSend { TestSend(store: store, isVerified: isVerified, offer: offer) }

  /// Makes a change of an e-mail by this process count at once.
  public func forget(_ email: EmailID, account: AccountID) {
    emails.forget(email, account: account)
  }

  private static func announce(_ send: Send, _ request: SingleSendRequest, _ db: Connection) {
    // With a key it may be a repetition, which makes no contact.
    guard send.sendKey == nil, let address = SingleSendRules.recipient(request.to) else { return }
    db.announceContact(
      account: send.account, email: address.description, properties: request.contactProperties,
      at: send.requestedAt)
  }

  private static func insert(
    _ send: Send, _ request: SingleSendRequest, _ db: Connection
  ) throws -> (Send, [String: String]) {
    if let earlier = try db.insertSend(send) {
      return (try repeated(send, of: earlier, request, db), [:])
    }
    guard let address = SingleSendRules.recipient(request.to) else { return (send, [:]) }
    let contact = try db.upsertContact(
      account: send.account, email: address.description.lowercased(),
      properties: request.contactProperties, at: send.requestedAt)
    return (send, contact.properties)
  }

  /// A send of its own, so that the client has something to ask for, that never sends.
  private static func repeated(
    _ send: Send, of earlier: Send, _ request: SingleSendRequest, _ db: Connection
  ) throws -> Send {
    var send = send
    send.sendKey = nil
    _ = try db.insertSend(send)
    let isSame = earlier.email == send.email && isSameRequest(earlier, request)
    let result: SendResult = isSame ? .idempotentIgnore : .idempotentFail
    let text = "sendId was used before, by the send with status id \(earlier.statusID)"
    try db.completeSend(send.id, result: result.rawValue, text: text, at: send.requestedAt)
    send.status = .complete
    send.result = result.rawValue
    send.text = text
    send.completedAt = send.requestedAt
    return send
  }

  /// A completed send's request is no longer kept: then only the e-mail can be compared.
  private static func isSameRequest(_ earlier: Send, _ request: SingleSendRequest) -> Bool {
    guard !earlier.request.isEmpty, let before = try? SingleSendRequest(json: earlier.request) else {
      return true
    }
    return before == request
  }
}

/// A send in memory, with what its worker needs.
struct SingleSendJob: Sendable {
  var send: Send
  var request: SingleSendRequest
  /// The contact's properties, those of the request included.
  var contact: [String: String]
}

/// Which sends this process has in memory, and since when they are worked on.
final class SingleSendProgress: Sendable {
  private struct State {
    /// Nil while it waits.
    var sends: [SendID: Instant?] = [:]
    /// There are sends on disk that are not in memory.
    var hasLeftOver = true
  }

  private let state = Mutex(State())

  /// False when it is in memory already.
  func add(_ id: SendID) -> Bool {
    state.withLock { state in
      guard state.sends[id] == nil else { return false }
      state.sends[id] = .some(nil)
      return true
    }
  }

  func start(_ id: SendID, at now: Instant) {
    state.withLock { $0.sends[id] = .some(now) }
  }

  func startOfWork(_ id: SendID) -> Instant? {
    state.withLock { $0.sends[id] ?? nil }
  }

  func finish(_ id: SendID) {
    state.withLock { $0.sends[id] = nil }
  }

  /// Not in memory any more and not done: to be found on disk.
  func leave(_ id: SendID) {
    state.withLock { state in
      state.sends[id] = nil
      state.hasLeftOver = true
    }
  }

  /// True once for each time that something was left.
  func takeLeftOver() -> Bool {
    state.withLock { state in
      defer { state.hasLeftOver = false }
      return state.hasLeftOver
    }
  }

  func noteLeftOver() {
    state.withLock { $0.hasLeftOver = true }
  }
}
