/// What a DKIM key signs with (RFC 6376 section 3.3, RFC 8463).
public enum DKIMAlgorithm: String, Sendable, CaseIterable, Codable {
  /// RSA-2048 with SHA-256: what every receiver verifies.
  case rsaSHA256 = "rsa-sha256"
  /// Ed25519 with SHA-256: small and fast, but many receivers ignore it; only as a second signature.
  case ed25519SHA256 = "ed25519-sha256"

  /// `k=` of the DNS record.
  public var keyType: String { self == .rsaSHA256 ? "rsa" : "ed25519" }
}
