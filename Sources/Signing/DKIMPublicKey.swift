import COpenSSL
import MailModel
import MailFormats

/// The public half of a key, from its DNS record (RFC 6376 section 3.6.1).
final class DKIMPublicKey {
  private let key: OpaquePointer
  private let algorithm: DKIMAlgorithm

  init(record: String, for algorithm: DKIMAlgorithm) throws(DKIMVerifier.Failure) {
    guard let tags = DKIMTags(record.utf8), tags["v"] ?? "DKIM1" == "DKIM1",
      tags["k"] ?? "rsa" == algorithm.keyType, let text = tags.compact("p"), let bytes = Base64.decode(text)
    else { throw .unusable("the DNS record of its key can't be read, or is for another algorithm") }
    guard !bytes.isEmpty else { throw .unusable("its key has been revoked") }
    guard let key = Self.read(bytes, algorithm) else { throw .unusable("its key can't be read") }
    self.key = key
    self.algorithm = algorithm
    if algorithm == .rsaSHA256, EVP_PKEY_get_bits(key) < 1024 { throw .unusable("its key is too short") }
  }

  deinit { EVP_PKEY_free(key) }

  private static func read(_ bytes: [UInt8], _ algorithm: DKIMAlgorithm) -> OpaquePointer? {
    guard algorithm == .rsaSHA256 else {
      return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
    }
    return bytes.withUnsafeBufferPointer { buffer in
      var start = buffer.baseAddress
      if let key = d2i_PUBKEY(nil, &start, buffer.count) { return key }
      // The RFC's own form: a bare RSAPublicKey, which few use.
      start = buffer.baseAddress
      ERR_clear_error()
      return d2i_PublicKey(EVP_PKEY_RSA, nil, &start, buffer.count)
    }
  }

  func verify(_ signature: [UInt8], digest: [UInt8]) -> Bool {
    defer { ERR_clear_error() }
    if algorithm == .ed25519SHA256 {
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
        && EVP_DigestVerify(context, signature, signature.count, digest, digest.count) == 1
    }
    let context = EVP_PKEY_CTX_new(key, nil)
    defer { EVP_PKEY_CTX_free(context) }
    return EVP_PKEY_verify_init(context) == 1
      && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
      && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
      && EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
  }
}
