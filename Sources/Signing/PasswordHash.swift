import COpenSSL
import MailFormats

/// scrypt (RFC 7914) for the passwords that people choose. Takes about 32 MB and 0.1 s: call it on a
/// thread that may block, never on an event loop. Random secrets need only `MessageDigest.sha256`.
public enum PasswordHash {
  /// Logarithm of scrypt's N; with r = 8 this makes 32 MB.
  private static let cost = 15
  /// What a stored hash may ask for at most, so that a planted one can't eat the machine's memory.
  private static let costLimit = 18

  /// `$scrypt$ln=15,r=8,p=1$SALT$HASH`, with a fresh salt of 16 bytes.
  public static func make(_ password: [UInt8]) throws(CryptoError) -> String {
    let salt = Secrets.randomBytes(16)
    let hash = try derive(password, salt: salt, cost: cost)
    let fields = [salt, hash].map { Base64.encodeText($0, alphabet: .url) }
    return "$scrypt$ln=\(cost),r=8,p=1$\(fields[0])$\(fields[1])"
  }

  /// False too for a hash that can't be read.
  public static func verify(_ password: [UInt8], against hash: String) -> Bool {
    let fields = hash.split(separator: "$", omittingEmptySubsequences: false)
    guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt", fields[2].hasPrefix("ln="),
      fields[2].hasSuffix(",r=8,p=1"), let cost = Int(fields[2].dropFirst(3).dropLast(8)),
      (1...costLimit).contains(cost),
      let salt = Base64.decode(fields[3].utf8, alphabet: .url),
      let expected = Base64.decode(fields[4].utf8, alphabet: .url),
      let actual = try? derive(password, salt: salt, cost: cost)
    else { return false }
    return Secrets.areEqual(actual, expected)
  }

  private static func derive(
    _ password: [UInt8], salt: [UInt8], cost: Int
  ) throws(CryptoError) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: 32)
    let memory: UInt64 = (1 << UInt64(cost)) * 1024 + (1 << 24)
    let isDone = password.withUnsafeBytes { password in
      EVP_PBE_scrypt(
        password.bindMemory(to: CChar.self).baseAddress, password.count, salt, salt.count,
        1 << UInt64(cost), 8, 1, memory, &key, key.count)
    }
    guard isDone == 1 else { throw .last("hashing a password") }
    return key
  }
}
