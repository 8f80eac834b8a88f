import COpenSSL

/// A SHA-256 that takes its input in pieces. A value: a copy goes on from where it was made.
struct SHA256State {
  private var state = SHA256_CTX()

  init() {
    brevdue_sha256_start(&state)
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    brevdue_sha256_update(&state, start, bytes.count)
  }

  mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes. The state is of no more use.
  mutating func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      brevdue_sha256_finish(&state, start)
      count = 32
    }
  }
}
