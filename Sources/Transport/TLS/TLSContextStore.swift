import Logging
import NIOSSL
import ServiceLifecycle

/// Where the server's certificate chain and its key are, PEM.
public struct TLSIdentity: Sendable, Hashable {
  public var certificateFile: String
  public var keyFile: String

  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }

  /// The identity in `directory`; when there is none yet, a self-signed one for `hostname`, `localhost` and
  /// the loopback addresses is made there, its key readable by the owner alone.
  public static func selfSigned(in directory: String, hostname: String) throws -> TLSIdentity {
    TLSIdentity(certificateFile: "", keyFile: "")
  }
}

/// Holds the server's TLS context, and reads it again when the files change. As a service it looks each second.
/// A pair that can't be used is logged and the one before stays.
public final class TLSContextStore: Service {
  /// Reads the files; throws when they can't be used.
  public init(_ identity: TLSIdentity, logger: Logger) throws {}

  /// Reads the files again, whether changed or not (SIGHUP). Gives whether the new pair is in use.
  @discardableResult
  public func reload() -> Bool { false }

  public func run() async throws {}
}

/// What went wrong with certificates, for people.
public struct TLSIdentityError: Error, CustomStringConvertible {
  public let description: String
}
