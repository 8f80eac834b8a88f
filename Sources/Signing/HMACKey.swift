/// A key for HMAC-SHA256 (RFC 2104), prepared once for many messages. May be used on many threads.
public struct HMACKey: Sendable {
  private let inner: SHA256State
  private let outer: SHA256State

  /// Keys over 64 bytes are hashed first, as the RFC says.
  public init(_ key: [UInt8]) {
    var block = key.count > 64 ? MessageDigest.sha256(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    inner = Self.state(block, with: 0x36)
    outer = Self.state(block, with: 0x5C)
  }

  /// The 32 bytes of HMAC-SHA256.
  public func authenticate(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var first = inner
    first.update(bytes)
    var second = outer
    second.update(first.finish())
    return second.finish()
  }

  /// The 32 bytes of HMAC-SHA256.
  public func authenticate(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { authenticate($0) }
  }

  private static func state(_ block: [UInt8], with pad: UInt8) -> SHA256State {
    var state = SHA256State()
    state.update(block.map { $0 ^ pad })
    return state
  }
}
