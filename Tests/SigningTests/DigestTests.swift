import MailFormats
import Signing
import Testing

/// Bytes as lower-case hexadecimal.
func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}

@Suite struct DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256(_ text: String, _ digest: String) {
    #expect(hex(MessageDigest.sha256(text)) == digest)
    #expect(hex(MessageDigest.sha256(Array(text.utf8))) == digest)
  }

  /// RFC 4231, test cases 1, 2 and 6.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func hmac(_ key: [UInt8], _ text: String, _ code: String) {
    #expect(hex(MessageDigest.hmacSHA256(key: key, Array(text.utf8))) == code)
  }

  @Test func secrets() {
    #expect(Secrets.randomBytes(32) != Secrets.randomBytes(32))
    #expect(Secrets.randomText(27).utf8.count == 27)
    #expect(Secrets.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Secrets.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Secrets.areEqual([1, 2, 3], [1, 2]))
  }

  @Test func passwords() throws {
    let password = Array("correct horse".utf8)
    let hash = try PasswordHash.make(password)
    #expect(PasswordHash.verify(password, against: hash))
    #expect(!PasswordHash.verify(Array("wrong".utf8), against: hash))
    #expect(try PasswordHash.make([]) != PasswordHash.make([]))
    for broken in ["", "$scrypt$", "$scrypt$ln=99,r=8,p=1$AAAA$AAAA", hash + "$", "$scrypt$ln=15,r=8$A$A"] {
      #expect(!PasswordHash.verify(password, against: broken))
    }
  }
}

/// Standard base64.
func base64(_ bytes: [UInt8]) -> String { Base64.encodeText(bytes) }
