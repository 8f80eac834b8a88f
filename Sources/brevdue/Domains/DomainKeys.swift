import MailModel
import Signing
import Storage

/// A key pair that is made but not stored yet.
struct NewKey: Sendable {
  var selector: String
  var algorithm: DKIMAlgorithm
  var privateKeyPEM: String
  var publicKeyBase64: String

  init(_ algorithm: DKIMAlgorithm, selector: String) throws {
    let key = try DKIMPrivateKey.generate(algorithm)
    self.selector = selector
    self.algorithm = algorithm
    privateKeyPEM = try key.pem()
    publicKeyBase64 = try key.publicKeyBase64()
  }

  /// One RSA-2048 pair and, where wanted, an Ed25519 pair.
  static func pairs(number: Int, withEd25519: Bool) throws -> [NewKey] {
    let first = try NewKey(.rsaSHA256, selector: "bd\(number)")
    return withEd25519 ? [first, try NewKey(.ed25519SHA256, selector: "bd\(number)e")] : [first]
  }

  /// The next number that no selector of these keys has.
  static func nextNumber(after keys: [DKIMKey]) -> Int {
    let numbers = keys.compactMap { key in
      key.selector.hasPrefix("bd") ? Int(key.selector.dropFirst(2).prefix { $0.isNumber }) : nil
    }
    return (numbers.max() ?? 0) + 1
  }

  func store(_ connection: Connection, domain: DomainID, isActive: Bool, at now: Instant) throws -> DKIMKey {
    try connection.addKey(
      domain: domain, selector: selector, algorithm: algorithm, privateKeyPEM: privateKeyPEM,
      publicKeyBase64: publicKeyBase64, isActive: isActive, at: now)
  }
}
