import Hummingbird
import HummingbirdCore
import Logging
import MailModel
import NIOCore
import ServiceLifecycle
import Transport

/// The HTTP side of the server: HubSpot's calls, ours, tracking, health and metrics.
public enum WebApplication {
  /// Builds the service that listens. A graceful shutdown ends idle connections and lets requests finish.
  ///
  /// - Parameters:
  ///   - eventLoopGroup: shared with the rest of the server.
  ///   - onListening: told the real address, such as `127.0.0.1:8080`, once connections are taken.
  public static func build(
    services: WebServices, configuration: WebConfiguration, logger: Logger,
    eventLoopGroup: any EventLoopGroup,
    onListening: @escaping @Sendable (String) async -> Void = { _ in }
  ) -> some ApplicationProtocol {
    Application(
      router: router(services: services, configuration: configuration),
      server: .http1(configuration: .init(idleTimeout: .seconds(configuration.idleSeconds))),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
      onServerRunning: { channel in
        try? await channel.eventLoop.submit {
          try channel.pipeline.syncOperations.addHandler(
            AcceptPause(listener: "http", logger: logger), position: .first)
        }.get()
        guard let address = channel.localAddress, let port = address.port else { return }
        await onListening(listener(address.ipAddress ?? configuration.host, port))
      },
      eventLoopGroupProvider: .shared(eventLoopGroup), logger: quiet(logger))
  }

  /// All routes, in one place.
  static func router(services: WebServices, configuration: WebConfiguration) -> Router<WebContext> {
    let router = Router(context: WebContext.self)
    router.add(middleware: AnswerMiddleware(metrics: services.metrics))
    let routes: [RouteTable] = [
      PageRoutes(publicURL: configuration.publicURL).table, HealthRoutes(services: services).table,
      TrackingRoutes(services: services).table, SingleSendRoutes(services: services).table,
      EmailRoutes(services: services).table, SMTPTokenRoutes(services: services).table,
      MessageRoutes(services: services).table, EmailTrialRoutes(services: services).table,
      TemplateRoutes(services: services).table,
    ]
    for table in routes { table.add(to: router) }
    return router
  }

  private static func listener(_ host: String, _ port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// The framework tells of each connection at info level.
  private static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    if logger.logLevel == .info { logger.logLevel = .notice }
    return logger
  }
}

/// What a handler knows beside the request.
public struct WebContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The other end of the connection, which may be a reverse proxy; nil in tests without a socket.
  public let peer: SocketAddress?

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    peer = source.channel.remoteAddress
  }

  /// Largest body that is read, in bytes.
  public var maxUploadSize: Int { 2 * 1024 * 1024 }
}
