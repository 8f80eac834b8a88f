import COpenSSL

/// SHA-256 and HMAC-SHA256 (RFC 6234, RFC 2104) by libcrypto.
public enum MessageDigest {
  /// The 32 bytes of SHA-256.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { sha256($0) }
  }

  /// The 32 bytes of SHA-256.
  public static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var state = SHA256State()
    state.update(bytes)
    return state.finish()
  }

  /// The 32 bytes of SHA-256 of the UTF-8 of a text, such as an access token.
  public static func sha256(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { sha256(UnsafeRawBufferPointer($0)) }
  }

  /// The 32 bytes of HMAC-SHA256. Whoever makes many with one key keeps an `HMACKey`.
  public static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    HMACKey(key).authenticate(bytes)
  }
}
