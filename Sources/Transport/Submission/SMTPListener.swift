import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Takes mail from clients over SMTP: listens, speaks the protocol, and asks its policy for every decision.
public final class SMTPListener: Service {
  public let configuration: SMTPListenerConfiguration

  /// - Parameter tls: certificates for STARTTLS or implicit TLS.
  public init(
    _ configuration: SMTPListenerConfiguration, policy: any SubmissionPolicy, tls: TLSContextStore,
    group: MultiThreadedEventLoopGroup, logger: Logger
  ) {
    self.configuration = configuration
  }

  /// Binds the addresses, if that was not done yet, and begins to accept. Gives the real addresses, in the
  /// order of the configuration.
  @discardableResult
  public func start() async throws -> [HostPort] { [] }

  /// Listens until shut down gracefully: then idle clients get 421, messages under way are finished.
  public func run() async throws {}

  /// Counts for metrics.
  public var statistics: SMTPListenerStatistics { SMTPListenerStatistics() }
}

/// Counts since the start, and the state now.
public struct SMTPListenerStatistics: Sendable, Hashable {
  public var openConnections = 0
  public var bufferedBytes = 0
  public var acceptedConnections = 0
  /// Turned away for the number of connections.
  public var refusedConnections = 0
  public var authenticationFailures = 0
  /// Messages that the policy took over.
  public var acceptedMessages = 0
  public var refusedMessages = 0

  public init() {}
}
