import Crypto
import Glibc
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where the server's certificate chain and its key are, PEM.
public struct TLSIdentity: Sendable, Hashable {
  public var certificateFile: String
  public var keyFile: String

  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }

  /// Where the self-signed identity of a data folder is, there or not.
  public init(selfSignedIn directory: String) {
    self.init(certificateFile: "\(directory)/tls-certificate.pem", keyFile: "\(directory)/tls-key.pem")
  }

  /// The identity in `directory`; when there is none yet, a self-signed one for `hostname`, `localhost` and
  /// the loopback addresses is made there. It is good for ten years: nobody checks it, and nothing shall stop
  /// when nobody thinks of it. Its key is readable by the owner alone, also when it was there.
  public static func selfSigned(
    in directory: String, hostname: String
  ) throws(TLSIdentityError) -> TLSIdentity {
    let identity = TLSIdentity(selfSignedIn: directory)
    if access(identity.certificateFile, F_OK) == 0, access(identity.keyFile, F_OK) == 0 {
      guard chmod(identity.keyFile, 0o600) == 0 else { throw systemError(identity.keyFile) }
      return identity
    }
    let (certificate, key) = try TLSIdentityError.naming("self-signed certificate") {
      try makeSelfSigned(hostname: hostname)
    }
    try write(key, to: identity.keyFile, mode: 0o600)
    try keepNames(in: directory)
    try write(certificate, to: identity.certificateFile, mode: 0o644)
    return identity
  }

  /// Certificate and key as PEM.
  private static func makeSelfSigned(hostname: String) throws -> (String, String) {
    let key = P256.Signing.PrivateKey()
    let signer = Certificate.PrivateKey(key)
    let name = try DistinguishedName { CommonName(hostname) }
    var names: [GeneralName] = [.dnsName(hostname)]
    if hostname != "localhost" { names.append(.dnsName("localhost")) }
    names.append(.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])))
    names.append(.ipAddress(ASN1OctetString(contentBytes: [UInt8](repeating: 0, count: 15) + [1])))
    let now = Date()
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: signer.publicKey,
      notValidBefore: now.addingTimeInterval(-3600), notValidAfter: now.addingTimeInterval(10 * 365 * 86400),
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        KeyUsage(digitalSignature: true)
        SubjectAlternativeNames(names)
      },
      issuerPrivateKey: signer)
    return (try certificate.serializeAsPEM().pemString + "\n", key.pemRepresentation + "\n")
  }

  /// Writes beside and renames, so that no reader ever sees half of it, and none but the owner the key.
  private static func write(_ text: String, to file: String, mode: mode_t) throws(TLSIdentityError) {
    let temporary = "\(file).\(getpid()).new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw systemError(temporary) }
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    let failure = systemError(temporary)
    close(descriptor)
    guard isWritten else {
      unlink(temporary)
      throw failure
    }
    guard rename(temporary, file) == 0 else { throw systemError(file) }
  }

  /// A power cut must not leave one half of a pair with an older other half: the first is there for good before
  /// the second is made.
  private static func keepNames(in directory: String) throws(TLSIdentityError) {
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw systemError(directory) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw systemError(directory) }
  }

  private static func systemError(_ file: String) -> TLSIdentityError {
    TLSIdentityError(description: "\(file): \(String(cString: strerror(errno)))")
  }
}
