import COpenSSL

/// What a DKIM key signs with (RFC 6376 section 3.3, RFC 8463).
public enum DKIMAlgorithm: String, Sendable, CaseIterable, Codable {
  /// RSA-2048 with SHA-256: what every receiver verifies.
  case rsaSHA256 = "rsa-sha256"
  /// Ed25519 with SHA-256: small and fast, but many receivers ignore it; only as a second signature.
  case ed25519SHA256 = "ed25519-sha256"
}

/// A private key, read once and kept parsed. May sign on many threads at a time.
public final class DKIMPrivateKey: Sendable {
  /// Which signatures it makes.
  public let algorithm: DKIMAlgorithm

  /// A new key pair; RSA takes about 0.1 s.
  public static func generate(_ algorithm: DKIMAlgorithm) throws(CryptoError) -> DKIMPrivateKey {
    throw CryptoError("generating a key")
  }

  /// Reads PEM (PKCS#8, or PKCS#1 for RSA), unencrypted. RSA keys under 1,024 bits are refused (RFC 8301).
  public init(pem: String) throws(CryptoError) {
    throw CryptoError("reading a private key")
  }

  /// Reads DER (PKCS#8, or PKCS#1 for RSA).
  public init(der: [UInt8]) throws(CryptoError) {
    throw CryptoError("reading a private key")
  }

  /// PKCS#8 PEM, unencrypted.
  public func pem() throws(CryptoError) -> String { throw CryptoError("writing a private key") }

  /// The public key as the `p=` of a DNS record: base64 of SubjectPublicKeyInfo for RSA, of the 32 raw
  /// bytes for Ed25519.
  public func publicKeyBase64() throws(CryptoError) -> String { throw CryptoError("writing a public key") }

  /// The whole TXT record for `SELECTOR._domainkey.DOMAIN`: `v=DKIM1; k=rsa; p=…`.
  public func dnsRecord() throws(CryptoError) -> String {
    let type = algorithm == .rsaSHA256 ? "rsa" : "ed25519"
    return "v=DKIM1; k=\(type); p=\(try publicKeyBase64())"
  }
}
