import Composition
import ServiceLifecycle
import Signing
import Storage
import Synchronization

/// The secret that tracking tokens are signed with; made at first start, the same ever after.
public enum TrackingSecret {
  static let setting = "tracking.secret"

  public static func read(from store: Store) async throws -> [UInt8] {
    try await store.write { try $0.setting(setting, orStore: { Secrets.randomBytes(32) }) }
  }
}

/// What tracking links are made with. Where they lead to is known once the HTTP side listens, unless
/// `http.public-url` says it.
final class LinkBase: Sendable {
  let secret: [UInt8]
  private let known: Mutex<TrackingContext?>
  private let opened: AsyncStream<Void>
  private let openedIn: AsyncStream<Void>.Continuation

  init(secret: [UInt8], publicURL: String?) {
    self.secret = secret
    known = Mutex(publicURL.map { TrackingContext(publicURL: $0, secret: secret) })
    (opened, openedIn) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    if publicURL != nil { openedIn.finish() }
  }

  var isOpen: Bool { known.withLock { $0 != nil } }

  @Sendable func context() -> TrackingContext? { known.withLock { $0 } }

  func open(_ publicURL: String) {
    known.withLock { $0 = $0 ?? TrackingContext(publicURL: publicURL, secret: secret) }
    openedIn.finish()
  }

  /// Returns once links can be made, or when cancelled.
  func wait() async {
    for await _ in opened {}
  }
}

/// Starts a service when links can be made: nothing may be prepared without them.
struct AfterLinks: Service {
  let links: LinkBase
  let service: any Service

  func run() async throws {
    await cancelWhenGracefulShutdown { await links.wait() }
    try await service.run()
  }
}
