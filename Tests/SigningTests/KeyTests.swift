import Signing
import MailModel
import Testing

@Suite struct KeyTests {
  @Test(arguments: DKIMAlgorithm.allCases)
  func roundTrip(_ algorithm: DKIMAlgorithm) throws {
    let key = try DKIMPrivateKey.generate(algorithm)
    let again = try DKIMPrivateKey(pem: key.pem())
    #expect(again.algorithm == algorithm)
    #expect(try again.publicKeyBase64() == key.publicKeyBase64())
    let start = algorithm == .rsaSHA256 ? "v=DKIM1; k=rsa; p=MIIBIjAN" : "v=DKIM1; k=ed25519; p="
    #expect(try key.dnsRecord().hasPrefix(start))
    #expect(try key.publicKeyBase64().utf8.count == (algorithm == .rsaSHA256 ? 392 : 44))
  }

  /// RFC 8463 appendix A.1 and A.2: the seed behind the PKCS#8 frame of RFC 8410.
  @Test func ed25519OfRFC8463() throws {
    let seed: [UInt8] = [
      0x9D, 0x61, 0xB1, 0x9D, 0xEF, 0xFD, 0x5A, 0x60, 0xBA, 0x84, 0x4A, 0xF4, 0x92, 0xEC, 0x2C, 0xC4,
      0x44, 0x49, 0xC5, 0x69, 0x7B, 0x32, 0x69, 0x19, 0x70, 0x3B, 0xAC, 0x03, 0x1C, 0xAE, 0x7F, 0x60,
    ]
    let frame: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
    let key = try DKIMPrivateKey(der: frame + seed)
    #expect(try key.publicKeyBase64() == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
  }

  @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func broken(_ pem: String) {
    #expect(throws: CryptoError.self) { try DKIMPrivateKey(pem: pem) }
  }
}
