import NIOCore
import NIOSSL

/// TLS contexts for connections that we make; they are dear to set up and are made once.
enum ClientTLS {
  /// Encrypts, but takes any certificate: all that opportunistic TLS can do, and better than clear text.
  private static let unverified = Result { try makeContext(.none) }
  /// Checks against the roots of the system.
  private static let verified = Result { try makeContext(.fullVerification) }

  /// A handler for a connection to `host`.
  /// - Parameter verifiedName: the name that the certificate must be for; nil takes any certificate.
  static func makeHandler(host: String, verifiedName: String?) throws -> NIOSSLClientHandler {
    let context = try (verifiedName == nil ? unverified : verified).get()
    let name = verifiedName ?? host
    guard IPAddress(name) == nil, !name.hasPrefix("[") else {
      return try NIOSSLClientHandler(context: context, serverHostname: nil)
    }
    do {
      return try NIOSSLClientHandler(context: context, serverHostname: name)
    } catch {
      guard verifiedName == nil else { throw error }
      // A name that can't stand in SNI; without it there still is TLS.
      return try NIOSSLClientHandler(context: context, serverHostname: nil)
    }
  }

  private static func makeContext(_ verification: CertificateVerification) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = verification
    return try NIOSSLContext(configuration: configuration)
  }
}
