import Logging
import ServiceLifecycle
import Storage

/// The server as a whole: configuration in, everything running until SIGTERM or SIGINT.
public enum BrevdueServer {
  /// Runs until told to stop: then it takes no more connections, finishes what is under way within
  /// `shutdown.grace`, records it and closes the store. SIGHUP reads the certificates again.
  public static func run(configuration: ServerConfiguration) async throws {
    LogOutput.bootstrap(configuration.log)
    let logger = Logger(label: "brevdue")
    for warning in configuration.warnings { logger.warning("\(warning)") }
    OpenFiles.raiseLimit()
    let lock = try DataFolder(configuration.data.directory).lock()
    defer { lock.release() }
    let server = try await Assembly.build(configuration: configuration, lock: lock, logger: logger)
    do {
      let signals = SignalService(pipe: try SignalPipe(), reload: server.reload)
      var group = ServiceGroupConfiguration(
        services: [.init(service: signals, successTerminationBehavior: .gracefullyShutdownGroup)]
          + server.services.map { .init(service: $0) },
        logger: Logger(label: "brevdue.services", factory: { _ in SwiftLogNoOpLogHandler() }))
      group.maximumGracefulShutdownDuration = configuration.shutdown.grace
      try await ServiceGroup(configuration: group).run()
    } catch {
      await server.close()
      throw error
    }
    await server.close()
    logger.notice("stopped")
  }
}
