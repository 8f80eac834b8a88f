import MailFormats
import MailModel
import Testing

@Suite("E-mail addresses")
struct EmailAddressTests {
  @Test(
    "accepted, with local part, domain and written form",
    arguments: [
      ("ann@example.com", "ann", "example.com", "ann@example.com"),
      ("Ann.Lee+tag@EXAMPLE.Com", "Ann.Lee+tag", "example.com", "Ann.Lee+tag@example.com"),
      ("!#$%&'*+-/=?^_`{|}~@x.y", "!#$%&'*+-/=?^_`{|}~", "x.y", "!#$%&'*+-/=?^_`{|}~@x.y"),
      ("\"ann lee\"@example.com", "ann lee", "example.com", "\"ann lee\"@example.com"),
      ("\"ann\"@example.com", "ann", "example.com", "ann@example.com"),
      ("\"a@b\"@example.com", "a@b", "example.com", "\"a@b\"@example.com"),
      (#""a\"b\\c"@example.com"#, #"a"b\c"#, "example.com", #""a\"b\\c"@example.com"#),
      ("\"..\"@example.com", "..", "example.com", "\"..\"@example.com"),
      ("ann@[192.0.2.1]", "ann", "[192.0.2.1]", "ann@[192.0.2.1]"),
      ("ann@[IPv6:2001:DB8::1]", "ann", "[IPv6:2001:db8::1]", "ann@[IPv6:2001:db8::1]"),
      ("jürgen@bücher.example", "jürgen", "bücher.example", "jürgen@bücher.example"),
      ("x@localhost", "x", "localhost", "x@localhost"),
      ("x@a_b.example", "x", "a_b.example", "x@a_b.example"),
      ("x@xn--bcher-kva.example", "x", "xn--bcher-kva.example", "x@xn--bcher-kva.example"),
      ("user%dom@us.example", "user%dom", "us.example", "user%dom@us.example"),
      ("dom!user@us.example", "dom!user", "us.example", "dom!user@us.example"),
    ])
  func accepted(_ text: String, _ local: String, _ domain: String, _ written: String) throws {
    let address = try EmailAddress(text)
    #expect(address.localPart == local)
    #expect(address.domain == domain)
    #expect(address.description == written)
    #expect(try EmailAddress(written) == address)
  }

  @Test(
    "refused",
    arguments: [
      ("", .missingAtSign), ("ann", .missingAtSign), ("@example.com", .emptyLocalPart),
      ("ann@", .emptyDomain), ("\"\"@x.y", .emptyLocalPart), ("a b@x.y", .invalidLocalPart),
      (".a@x.y", .invalidLocalPart), ("a.@x.y", .invalidLocalPart), ("a..b@x.y", .invalidLocalPart),
      ("\"a\"b\"@x.y", .invalidLocalPart), ("\"a\\\"@x.y", .invalidLocalPart), ("a@b@x.y", .invalidLocalPart),
      ("<a@x.y", .invalidLocalPart), ("a@x.y>", .invalidDomain), ("a@x..y", .invalidDomain),
      ("a@.x", .invalidDomain), ("a@x.y.", .invalidDomain), ("a@-x.y", .invalidDomain),
      ("a@x-.y", .invalidDomain), ("a@x y", .invalidDomain), ("a@[300.1.1.1]", .invalidDomain),
      ("a@[IPv6:zz]", .invalidDomain), ("a@[1.2.3.4", .invalidDomain), ("a@x。y", .invalidDomain),
      ("a\r\nb@x.y", .controlCharacter), ("\"a\r\nb\"@x.y", .controlCharacter),
      ("\"a\tb\"@x.y", .controlCharacter),
      ("a@x\n.y", .controlCharacter), ("a\u{0}@x.y", .controlCharacter), ("a\u{85}@x.y", .controlCharacter),
      ("a\u{7F}@x.y", .controlCharacter), ("(c)a@x.y", .invalidLocalPart),
      ("a@" + String(repeating: "x", count: 64) + ".y", .invalidDomain),
      (String(repeating: "a", count: 250) + "@x.yz", .tooLong),
    ] as [(String, EmailAddressError)])
  func refused(_ text: String, _ error: EmailAddressError) {
    #expect(throws: error) { try EmailAddress(text) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func invalidUTF8() {
    #expect(throws: EmailAddressError.invalidUTF8) { try EmailAddress([0x61, 0xFF, 0x40, 0x78]) }
    #expect(throws: EmailAddressError.invalidUTF8) { try EmailAddress([0x61, 0x40, 0x78, 0xC3]) }
  }

  @Test("composed and decomposed letters are different addresses, ASCII case in the domain is not")
  func equality() throws {
    #expect(try EmailAddress("é@x.y") != EmailAddress("e\u{301}@x.y"))
    #expect(try EmailAddress("a@X.Y") == EmailAddress("a@x.y"))
    #expect(try EmailAddress("A@x.y") != EmailAddress("a@x.y"))
  }

  @Test(
    "A-labels and back",
    arguments: [
      ("bücher.example", "xn--bcher-kva.example"), ("münchen.de", "xn--mnchen-3ya.de"),
      ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("правда.рф", "xn--80aafi6cg.xn--p1ai"),
      ("faß.de", "xn--fa-hia.de"), ("παράδειγμα.gr", "xn--hxajbheg2az3al.gr"),
      ("كلمة.مثال", "xn--ogb5cde.xn--mgbh0fb"), ("plain.example", "plain.example"),
    ])
  func idna(_ unicode: String, _ ascii: String) {
    #expect(IDNA.ascii(unicode) == ascii)
    #expect(IDNA.unicode(ascii) == unicode)
  }

  @Test("decomposed and upper-case names lead to the same A-label")
  func idnaFolding() throws {
    #expect(IDNA.ascii("BU\u{308}CHER.Example") == "xn--bcher-kva.example")
    #expect(try EmailAddress("a@BÜCHER.example").asciiDomain == "xn--bcher-kva.example")
    #expect(try EmailAddress("a@[192.0.2.1]").asciiDomain == nil)
  }

  @Test("names that IDNA does not allow", arguments: ["a\u{200B}ü.x", "ｆｕｌｌ.x", "☃.x", "ü..x", "-ü.x"])
  func idnaRefused(_ name: String) {
    #expect(IDNA.ascii(name) == nil)
  }

  @Test(
    "A-labels that do not decode stay", arguments: ["xn--.x", "xn--a-.x", "xn--999999999.x", "xn--\u{FC}.x"])
  func idnaUndecodable(_ name: String) {
    #expect(IDNA.unicode(name) == name)
  }
}
