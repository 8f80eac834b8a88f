import Composition
import HubL
import MailModel
import Storage

/// Sends an e-mail to those who want to see it before anybody else does: marked as a test, without tracking, and in
/// nobody's statistics.
public struct TestSend: Sendable {
  /// Most addresses at once.
  public static let recipientLimit = 20

  /// What became of one address.
  public enum Outcome: Sendable {
    case queued(MessageID)
    /// Why not, for people.
    case refused(String)
  }

  let store: Store
  let isVerified: @Sendable (_ domain: String, _ account: AccountID) -> Bool
  let offer: @Sendable ([LoadedMessage]) -> Void

  /// - Parameters:
  ///   - isVerified: whether the account may send from a domain (lower-case ASCII).
  ///   - offer: takes messages that were just committed to delivery; must not block.
  public init(
    store: Store, isVerified: @escaping @Sendable (_ domain: String, _ account: AccountID) -> Bool,
    offer: @escaping @Sendable ([LoadedMessage]) -> Void
  ) {
    self.store = store
    self.isVerified = isVerified
    self.offer = offer
  }

  /// Sends to each address on its own; an e-mail need not be made for single send. What is queued is on disk.
  /// - Returns: an outcome for each address, in order.
  public func send(
    _ email: EmailRecord, to addresses: [String], _ values: TrialValues, at now: Instant = .now()
  ) async throws -> [Outcome] {
    let shared = try await store.read { try AccountContent(of: email, $0) }
    let parsed = ParsedEmail(email, shared)
    let products = addresses.map { product(parsed, to: $0, values, now) }
    try await store.write { db in
      for case .success(let product) in products { try db.enqueue(product.original, product.messages) }
      // Another process may be the one that delivers.
      try db.bump(.queue)
    }
    for case .success(let product) in products { offer(product.loaded) }
    return products.map { result in
      switch result {
      case .success(let product): product.main.map { .queued($0.message.id) } ?? .refused("nothing to send")
      case .failure(let refusal): .refused(refusal.text)
      }
    }
  }

  private func product(
    _ email: ParsedEmail, to address: String, _ values: TrialValues, _ now: Instant
  ) -> Result<SingleSendProduct, SingleSendRefusal> {
    let record = email.record
    let request = SingleSendRequest(
      email: record.id, to: address, replyTo: [], cc: [], bcc: [], contactProperties: values.contact,
      customProperties: values.custom ?? email.contract?.sample ?? [:])
    let send = Send(
      id: SendID(store.identifiers.next(at: now)), statusID: UUIDText.random(), account: record.account,
      email: record.id, sendKey: nil, request: [], requestedAt: now)
    do throws(SingleSendRefusal) {
      let parties = try SingleSendParties(request, record, recipientLimit: 1) {
        isVerified($0, record.account)
      }
      var rendering = SingleSendRendering(
        job: SingleSendJob(send: send, request: request, contact: values.contact), email: email,
        parties: parties, identifiers: store.identifiers, owner: store.membership.ownerOfNew, expiryHours: 24,
        now: now)
      rendering.isTest = true
      return .success(try rendering.product())
    } catch {
      return .failure(error)
    }
  }
}
