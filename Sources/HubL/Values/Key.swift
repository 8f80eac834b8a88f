/// A member's name with its hash, so that a template's names are hashed when it is parsed and not when it is rendered.
struct Key: Sendable, Hashable {
  let name: String
  let hash: UInt32

  init(_ name: String) {
    self.name = name
    hash = Self.hash(name)
  }

  /// FNV-1a of the bytes. Anybody can make names that collide: it decides only in small maps.
  private static func hash(_ name: String) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return hash
  }

  /// By bytes: `é` in one sign and in two are different names, as in JSON.
  static func == (one: Key, other: Key) -> Bool {
    one.hash == other.hash && one.name == other.name
  }

  /// The seeded hash of the standard library.
  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
