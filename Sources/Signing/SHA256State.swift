import COpenSSL

/// A SHA-256 that takes its input in pieces.
struct SHA256State: ~Copyable {
  private let context: OpaquePointer?

  init() {
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  mutating func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      count = 32
    }
  }
}

/// A key for HMAC-SHA256 (RFC 2104), prepared once for many messages.
public struct HMACKey: Sendable {
  private let inner: [UInt8]
  private let outer: [UInt8]

  /// Keys over 64 bytes are hashed first, as the RFC says.
  public init(_ key: [UInt8]) {
    var block = key.count > 64 ? MessageDigest.sha256(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5C }
  }

  /// The 32 bytes of HMAC-SHA256.
  public func authenticate(_ bytes: [UInt8]) -> [UInt8] {
    MessageDigest.sha256(outer + MessageDigest.sha256(inner + bytes))
  }
}
