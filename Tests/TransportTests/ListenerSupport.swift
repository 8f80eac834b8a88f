import Logging
import NIOPosix
import ServiceLifecycle
import Transport

#if canImport(Glibc)
  import Glibc
#endif

/// A folder of the test's own, removed with the object.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/brevdue-transport-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  deinit {
    for file in ["tls-certificate.pem", "tls-key.pem", "zone"] { unlink("\(path)/\(file)") }
    rmdir(path)
  }
}

/// Runs a listener on free ports of the loopback while `body` runs, then shuts it down gracefully.
func withListener(
  policy: TestPolicy = TestPolicy(), mode: SMTPListenerConfiguration.Mode = .startTLS,
  group: MultiThreadedEventLoopGroup = .singleton,
  configure: (inout SMTPListenerConfiguration) -> Void = { _ in },
  _ body: (HostPort, SMTPListener, TestPolicy) async throws -> Void
) async throws {
  let folder = TemporaryFolder()
  let identity = try TLSIdentity.selfSigned(in: folder.path, hostname: "mail.example")
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  let tls = try TLSContextStore(identity, logger: logger)
  var configuration = SMTPListenerConfiguration(
    name: "smtp", addresses: [HostPort(host: "127.0.0.1", port: 0)], mode: mode, hostname: "mail.example")
  configuration.limits.shutdownGrace = 5
  configure(&configuration)
  let listener = SMTPListener(configuration, policy: policy, tls: tls, group: group, logger: logger)
  let address = try await listener.start()[0]
  let services = ServiceGroup(services: [listener], logger: logger)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await services.run() }
    let result: Result<Void, any Error>
    do {
      try await body(address, listener, policy)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await services.triggerGracefulShutdown()
    try await group.waitForAll()
    try result.get()
  }
}
