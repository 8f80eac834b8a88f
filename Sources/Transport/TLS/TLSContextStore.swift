import Glibc
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization

/// Holds the server's TLS context, and reads it again when the files change. As a service it looks each
/// second. A pair that can't be used is logged and the one before stays.
public final class TLSContextStore: Service {
  private struct State {
    var context: NIOSSLContext
    /// What was in the files when they were read last, usable or not.
    var files: [[UInt8]?]
  }

  private let identity: TLSIdentity
  private let logger: Logger
  private let state: Mutex<State>

  /// Reads the files; throws ``TLSIdentityError`` when they can't be used.
  public init(_ identity: TLSIdentity, logger: Logger) throws(TLSIdentityError) {
    self.identity = identity
    self.logger = logger
    let files = TLSContextStore.contents(identity)
    state = Mutex(State(context: try TLSContextStore.makeContext(identity), files: files))
  }

  /// What a new connection uses.
  var context: NIOSSLContext { state.withLock { $0.context } }

  /// Reads the files again, whether changed or not (SIGHUP). Gives whether the new pair is in use.
  /// Connections that are open keep the old one.
  @discardableResult
  public func reload() -> Bool {
    // Before the context is made: a change in between is then seen the next time.
    let files = TLSContextStore.contents(identity)
    do throws(TLSIdentityError) {
      let context = try TLSContextStore.makeContext(identity)
      state.withLock { $0 = State(context: context, files: files) }
      logger.info("TLS certificate read", metadata: ["file": "\(identity.certificateFile)"])
      return true
    } catch {
      state.withLock { $0.files = files }
      logger.error("TLS certificate not usable, the one before stays in use: \(error.description)")
      return false
    }
  }

  /// Reads the files again if they have changed since they were read last.
  func reloadIfChanged() {
    let files = TLSContextStore.contents(identity)
    if state.withLock({ $0.files != files }) { reload() }
  }

  public func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: .seconds(1))
        self.reloadIfChanged()
      }
    }
  }

  /// The bytes of certificate and key file. They are small, and unlike times they can't mislead.
  private static func contents(_ identity: TLSIdentity) -> [[UInt8]?] {
    [identity.certificateFile, identity.keyFile].map { file in
      let descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      return [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
      }
    }
  }

  private static func makeContext(_ identity: TLSIdentity) throws(TLSIdentityError) -> NIOSSLContext {
    for file in [identity.certificateFile, identity.keyFile] where access(file, R_OK) != 0 {
      throw TLSIdentityError(description: "\(file) can't be read: \(String(cString: strerror(errno)))")
    }
    let chain = try TLSIdentityError.naming(identity.certificateFile) {
      try NIOSSLCertificate.fromPEMFile(identity.certificateFile)
    }
    guard !chain.isEmpty else {
      throw TLSIdentityError(description: "\(identity.certificateFile): no certificate in it")
    }
    let key = try TLSIdentityError.naming(identity.keyFile) {
      try NIOSSLPrivateKey(file: identity.keyFile, format: .pem)
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    return try TLSIdentityError.naming("\(identity.certificateFile) and \(identity.keyFile)") {
      try NIOSSLContext(configuration: configuration)
    }
  }
}

/// What went wrong with certificates, for people.
public struct TLSIdentityError: Error, CustomStringConvertible {
  public let description: String

  /// Runs `work` and says of which file an error of it speaks.
  static func naming<Value>(_ file: String, _ work: () throws -> Value) throws(TLSIdentityError) -> Value {
    do {
      return try work()
    } catch {
      throw TLSIdentityError(description: "\(file): \(error)")
    }
  }
}
