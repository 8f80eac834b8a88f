import COpenSSL
import MailModel
import MailFormats

/// A private key, read once and kept parsed. May sign on many threads at a time.
public final class DKIMPrivateKey: Sendable {
  /// Which signatures it makes.
  public let algorithm: DKIMAlgorithm

  /// Never changed after `init`; libcrypto lets threads share such a key, each with its own context.
  private nonisolated(unsafe) let key: OpaquePointer

  /// A new key pair; RSA-2048 takes about 0.1 s.
  public static func generate(_ algorithm: DKIMAlgorithm) throws(CryptoError) -> DKIMPrivateKey {
    let action = "generating a key"
    let type = algorithm == .rsaSHA256 ? EVP_PKEY_RSA : EVP_PKEY_ED25519
    guard let context = EVP_PKEY_CTX_new_id(type, nil) else { throw .last(action) }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1,
      algorithm == .ed25519SHA256 || EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1,
      EVP_PKEY_keygen(context, &key) == 1, let key
    else { throw .last(action) }
    return try DKIMPrivateKey(owning: key)
  }

  /// Reads PEM (PKCS#8, or PKCS#1 for RSA), unencrypted. RSA keys under 1,024 bits are refused (RFC 8301).
  public convenience init(pem: String) throws(CryptoError) {
    let key = Array(pem.utf8).withUnsafeBytes { bytes in
      // The BIO keeps the pointer, so all reading happens while the bytes are held.
      let file = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
      defer { BIO_free(file) }
      // Without a callback libcrypto would ask the terminal for the password of an encrypted key.
      return PEM_read_bio_PrivateKey(file, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let key else { throw .last("reading a private key") }
    try self.init(owning: key)
  }

  /// Reads DER (PKCS#8, or PKCS#1 for RSA).
  public convenience init(der: [UInt8]) throws(CryptoError) {
    let key = der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_AutoPrivateKey(nil, &start, bytes.count)
    }
    guard let key else { throw .last("reading a private key") }
    try self.init(owning: key)
  }

  /// Takes the key over, also when it throws.
  private init(owning key: OpaquePointer) throws(CryptoError) {
    self.key = key
    switch EVP_PKEY_get_base_id(key) {
    case EVP_PKEY_RSA: algorithm = .rsaSHA256
    case EVP_PKEY_ED25519: algorithm = .ed25519SHA256
    default:
      EVP_PKEY_free(key)
      throw CryptoError("reading a private key", reason: "it is neither RSA nor Ed25519")
    }
    if algorithm == .rsaSHA256, EVP_PKEY_get_bits(key) < 1024 {
      throw CryptoError("reading a private key", reason: "RSA keys under 1,024 bits sign nothing")
    }
  }

  deinit { EVP_PKEY_free(key) }

  /// PKCS#8 PEM, unencrypted.
  public func pem() throws(CryptoError) -> String {
    let file = BIO_new(BIO_s_mem())
    defer { BIO_free(file) }
    guard PEM_write_bio_PKCS8PrivateKey(file, key, nil, nil, 0, nil, nil) == 1
    else { throw .last("writing a private key") }
    var text = [UInt8](repeating: 0, count: BIO_ctrl_pending(file))
    guard BIO_read(file, &text, Int32(text.count)) == text.count else { throw .last("writing a private key") }
    return String(decoding: text, as: UTF8.self)
  }

  /// The public key as the `p=` of a DNS record: base64 of SubjectPublicKeyInfo for RSA, of the 32 raw
  /// bytes for Ed25519.
  public func publicKeyBase64() throws(CryptoError) -> String {
    Base64.encodeText(algorithm == .rsaSHA256 ? try publicKeyInfo() : try rawPublicKey())
  }

  /// The whole TXT record for `SELECTOR._domainkey.DOMAIN`: `v=DKIM1; k=rsa; p=…`.
  public func dnsRecord() throws(CryptoError) -> String {
    "v=DKIM1; k=\(algorithm.keyType); p=\(try publicKeyBase64())"
  }

  private func publicKeyInfo() throws(CryptoError) -> [UInt8] {
    let count = Int(i2d_PUBKEY(key, nil))
    guard count > 0 else { throw .last("writing a public key") }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var start = buffer.baseAddress
      initialized = max(0, Int(i2d_PUBKEY(key, &start)))
    }
  }

  private func rawPublicKey() throws(CryptoError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = bytes.count
    guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == 32
    else { throw .last("writing a public key") }
    return bytes
  }
}

extension DKIMPrivateKey {
  /// The signature over a SHA-256 digest: PKCS#1 v1.5 for RSA; for Ed25519 the digest is what is signed
  /// (RFC 8463 section 3).
  ///
  /// Hashing first and then `EVP_PKEY_sign` was measured against `EVP_DigestSign`, each with a kept and with
  /// a fresh context: no difference beside the 300 µs of RSA itself. This way both of a domain's signatures
  /// share the hashing.
  func sign(digest: [UInt8]) throws(CryptoError) -> [UInt8] {
    algorithm == .rsaSHA256 ? try signRSA(digest) : try signEd25519(digest)
  }

  private func signRSA(_ digest: [UInt8]) throws(CryptoError) -> [UInt8] {
    let context = EVP_PKEY_CTX_new(key, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var count = Int(EVP_PKEY_get_size(key))
    var signature = [UInt8](repeating: 0, count: count)
    guard EVP_PKEY_sign_init(context) == 1,
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
      EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1,
      EVP_PKEY_sign(context, &signature, &count, digest, digest.count) == 1, count == signature.count
    else { throw .last("signing") }
    return signature
  }

  private func signEd25519(_ digest: [UInt8]) throws(CryptoError) -> [UInt8] {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: 64)
    var count = signature.count
    guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
      EVP_DigestSign(context, &signature, &count, digest, digest.count) == 1, count == signature.count
    else { throw .last("signing") }
    return signature
  }
}
