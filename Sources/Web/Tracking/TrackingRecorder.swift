import Composition
import Logging
import MailModel
import Metrics
import Signing
import Storage

/// Who fetched a pixel or followed a link.
public struct TrackingVisitor: Sendable {
  public var isHead = false
  public var userAgent: String?
  public var ipAddress: String?
  /// The browser's word that it fetches ahead.
  public var purpose: String?

  public init() {}
}

/// Reads the tokens of pixels and links, and keeps opens and clicks.
public final class TrackingRecorder: Sendable {
  private let store: Store
  private let key: HMACKey
  private let visits: VisitQueue

  public init(store: Store, key: HMACKey, metrics: PrometheusMetrics, logger: Logger) {
    self.store = store
    self.key = key
    visits = VisitQueue(store: store, metrics: metrics, logger: logger)
  }

  /// Returns once all opens and clicks that were answered are kept: before the store is closed.
  public func drain() async { await visits.drain() }

  /// The message whose pixel this is; nil for a token that we did not make.
  func message(ofPixel token: some StringProtocol) -> MessageID? {
    guard let token = TrackingToken.verify(token, key), token.kind == .open else { return nil }
    return token.message
  }

  /// A link of a message.
  struct Link: Sendable {
    var message: MessageID
    /// Place among the message's links, from 0.
    var index: Int
    var url: String
  }

  /// The link that a token names; nil for a token that we did not make or a message no longer kept.
  func link(of token: some StringProtocol) async throws -> Link? {
    guard let token = TrackingToken.verify(token, key), case .click(let index) = token.kind else {
      return nil
    }
    let message = token.message
    guard let blob = try await store.read({ db in try db.trackingPlan(message: message) }),
      let plan = TrackingPlan(decoding: blob), plan.links.indices.contains(index)
    else { return nil }
    return Link(message: message, index: index, url: plan.links[index])
  }

  /// Waits only when very many are being kept already.
  func recordOpen(_ message: MessageID, by visitor: TrackingVisitor, at now: Instant = .now()) async {
    await visits.add(Visit(.open, message: message, at: now, detail: visitor.detail))
  }

  /// Waits only when very many are being kept already.
  func recordClick(_ link: Link, by visitor: TrackingVisitor, at now: Instant = .now()) async {
    var detail = visitor.detail
    detail.url = link.url
    detail.linkId = link.index
    await visits.add(Visit(.click, message: link.message, at: now, detail: detail))
  }
}

extension TrackingVisitor {
  /// What is kept of who it was, and whether it was a machine.
  fileprivate var detail: EventDetail {
    var detail = EventDetail()
    detail.userAgent = userAgent.map { String($0.prefix(FetchClassifier.longestAgent)) }
    detail.ipAddress = ipAddress
    let fetch = FetchClassifier.Fetch(isHead: isHead, userAgent: userAgent, purpose: purpose)
    if let reason = FetchClassifier.reason(fetch) { detail.filter(reason) }
    return detail
  }
}
