import MailModel
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a server's certificate says of itself, as far as clients look at it.
public struct CertificateFacts: Sendable, Hashable {
  public var notBefore: Instant
  public var notAfter: Instant
  /// Host names (lower case, perhaps with `*` as the first label) and addresses that it is for: the subject
  /// alternative names, or the common name when there are none.
  public var names: [String]

  public init(notBefore: Instant, notAfter: Instant, names: [String]) {
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.names = names
  }

  /// Reads the first certificate of a PEM file, which is the server's own.
  public init(file: String) throws(TLSIdentityError) {
    self = try TLSIdentityError.naming(file) {
      let text = try String(decoding: Data(contentsOf: URL(filePath: file)), as: UTF8.self)
      let first = try PEMDocument.parseMultiple(pemString: text).first { $0.discriminator == "CERTIFICATE" }
      guard let first else { throw TLSIdentityError(description: "no certificate in it") }
      return try CertificateFacts(Certificate(pemDocument: first))
    }
  }

  private init(_ certificate: Certificate) throws {
    func instant(_ date: Date) -> Instant { Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1000)) }
    var names = try certificate.extensions.subjectAlternativeNames?.compactMap(Self.text) ?? []
    if names.isEmpty {
      names = certificate.subject.flatMap { $0 }
        .filter { $0.type == .RDNAttributeType.commonName }.map { String(describing: $0.value).lowercased() }
    }
    self.init(
      notBefore: instant(certificate.notValidBefore), notAfter: instant(certificate.notValidAfter),
      names: names)
  }

  private static func text(_ name: GeneralName) -> String? {
    switch name {
    case .dnsName(let name): name.lowercased()
    case .ipAddress(let address): IPAddress(packed: Array(address.bytes))?.description
    default: nil
    }
  }

  /// Whether a client that was told to reach `host`, a name or an address, is content (RFC 9525 section 6).
  public func covers(_ host: String) -> Bool {
    if let address = IPAddress(host) { return names.contains { IPAddress($0) == address } }
    let host = host.lowercased()
    let parent = host.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
    return names.contains { name in
      name == host || (name.hasPrefix("*.") && parent.map { $0 == name.dropFirst(2) } == true)
    }
  }
}
