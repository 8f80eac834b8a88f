import Composition
import Logging
import MailModel
import Metrics
import Signing
import Storage
import Synchronization

/// Who fetched a pixel or followed a link.
public struct TrackingVisitor: Sendable {
  public var isHead = false
  public var userAgent: String?
  public var ipAddress: String?
  /// The browser's word that it fetches ahead.
  public var purpose: String?

  public init() {}
}

/// Keeps opens and clicks. Callers don't wait for the disk, unless so many wait already that those that come must be
/// slowed down.
public final class TrackingRecorder: Sendable {
  /// Opens and clicks that may wait for the disk without their callers.
  private static let waitingLimit = 10_000

  private let store: Store
  private let key: HMACKey
  private let logger: Logger
  private let waiting = Atomic<Int>(0)
  private let recorded: Metrics.Counter
  private let lost: Metrics.Counter

  public init(store: Store, key: HMACKey, metrics: PrometheusMetrics, logger: Logger) {
    self.store = store
    self.key = key
    self.logger = logger
    metrics.describe("brevdue_tracking_recorded_total", "Opens and clicks that were kept.")
    metrics.describe("brevdue_tracking_lost_total", "Opens and clicks that could not be kept.")
    recorded = Metrics.Counter(label: "brevdue_tracking_recorded_total", dimensions: [], factory: metrics)
    lost = Metrics.Counter(label: "brevdue_tracking_lost_total", dimensions: [], factory: metrics)
  }

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
    let target = try await store.read { db in try db.trackingTarget(message: message) }
    guard let blob = target?.plan, let plan = TrackingPlan(decoding: blob), plan.links.indices.contains(index)
    else {
      return nil
    }
    return Link(message: message, index: index, url: plan.links[index])
  }

  func recordOpen(_ message: MessageID, by visitor: TrackingVisitor, at now: Instant = .now()) async {
    await submit { db in
      let detail = try Self.detail(of: visitor, message, at: now, db)
      try db.recordOpen(message: message, at: now, detail: detail)
    }
  }

  func recordClick(_ link: Link, by visitor: TrackingVisitor, at now: Instant = .now()) async {
    await submit { db in
      var detail = try Self.detail(of: visitor, link.message, at: now, db)
      detail.url = link.url
      detail.linkId = link.index
      try db.recordClick(message: link.message, at: now, detail: detail)
    }
  }

  private func submit(_ work: @escaping @Sendable (Connection) throws -> Void) async {
    let isFull = waiting.wrappingAdd(1, ordering: .relaxed).newValue > Self.waitingLimit
    await withCheckedContinuation { continuation in
      store.submit(work, urgency: .soon) { result in
        self.waiting.wrappingSubtract(1, ordering: .relaxed)
        self.count(result)
        if isFull { continuation.resume() }
      }
      if !isFull { continuation.resume() }
    }
  }

  private func count(_ result: Result<Void, any Error>) {
    switch result {
    case .success: recorded.increment()
    case .failure(let error):
      lost.increment()
      logger.debug("open or click not kept", metadata: ["error": "\(error)"])
    }
  }

  private static func detail(
    of visitor: TrackingVisitor, _ message: MessageID, at now: Instant, _ db: Connection
  ) throws -> EventDetail {
    var detail = EventDetail()
    detail.userAgent = visitor.userAgent.map { String($0.prefix(512)) }
    detail.ipAddress = visitor.ipAddress
    var fetch = FetchClassifier.Fetch(
      isHead: visitor.isHead, userAgent: visitor.userAgent, purpose: visitor.purpose)
    fetch.millisecondsSinceDelivery = try db.deliveredAt(message: message).map {
      now.milliseconds - $0.milliseconds
    }
    if let reason = FetchClassifier.reason(fetch) {
      detail.filteredEvent = true
      detail.filterReason = reason
    }
    return detail
  }
}
