import Composition
import Intake
import MailModel
import Storage

/// What the routes stand on; made once by the assembly.
public struct WebServices: Sendable {
  public var store: Store
  public var singleSend: SingleSendService
  public var tracking: TrackingRecorder
  public var metrics: PrometheusMetrics
  /// The token with this SHA-256 unless it is revoked; in memory, called for each API request.
  public var accessToken: @Sendable (_ hash: [UInt8]) async throws -> AccessToken?
  /// What keeps the server from taking mail, for people; empty when it is ready.
  public var obstacles: @Sendable () -> [String]

  public init(
    store: Store, singleSend: SingleSendService, tracking: TrackingRecorder, metrics: PrometheusMetrics,
    accessToken: @escaping @Sendable (_ hash: [UInt8]) async throws -> AccessToken?,
    obstacles: @escaping @Sendable () -> [String] = { [] }
  ) {
    self.store = store
    self.singleSend = singleSend
    self.tracking = tracking
    self.metrics = metrics
    self.accessToken = accessToken
    self.obstacles = obstacles
  }
}

/// Where and how the HTTP side listens.
public struct WebConfiguration: Sendable {
  public var host: String
  /// 0 takes a free one.
  public var port: Int
  /// Base of links to us, without a slash at the end.
  public var publicURL: String
  /// Seconds after which an idle connection is closed.
  public var idleSeconds: Int64 = 60

  public init(host: String = "127.0.0.1", port: Int = 8080, publicURL: String) {
    self.host = host
    self.port = port
    self.publicURL = publicURL
  }
}
