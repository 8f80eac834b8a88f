import MailFormats
import Testing

@Suite struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"), ("\u{0}a\u{0}b", "AGEAYg=="),
  ])
  func roundTrip(plain: String, encoded: String) {
    #expect(Base64.encodeText(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "Zm9v\r\n", "====", "Zm-v", "=Zg=",
  ])
  func refused(encoded: String) {
    #expect(Base64.decode(encoded.utf8) == nil)
  }

  @Test func urlAlphabet() {
    #expect(Base64.encodeText([0xFB, 0xFF], alphabet: .url) == "-_8")
    #expect(Base64.decode("-_8".utf8, alphabet: .url) == [0xFB, 0xFF])
    #expect(Base64.decode("-_8=".utf8, alphabet: .url) == nil)
    #expect(Base64.decode("+/8".utf8, alphabet: .url) == nil)
  }

  @Test(arguments: 0..<400)
  func lines(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    var output: [UInt8] = []
    bytes.withUnsafeBytes { Base64.encode($0, lineLength: 76, into: &output) }
    #expect(output.count == Base64.encodedCount(of: count, lineLength: 76))
    #expect(output.withUnsafeBytes { Base64.decodeLenient($0) } == bytes)
  }
}
