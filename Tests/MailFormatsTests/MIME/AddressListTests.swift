import MailFormats
import MailModel
import Testing

@Suite("Address lists")
struct AddressListTests {
  @Test(
    "accepted: display name and address of each",
    arguments: [
      ("ann@example.com", ["|ann@example.com"]),
      ("Ann <ann@example.com>", ["Ann|ann@example.com"]),
      ("<ann@example.com>", ["|ann@example.com"]),
      ("Ann Lee <a@x.y>, Bob <b@x.y>", ["Ann Lee|a@x.y", "Bob|b@x.y"]),
      ("\"Lee, Ann\" <a@x.y>", ["Lee, Ann|a@x.y"]),
      (#""A \"B\" \\C" <a@x.y>"#, [#"A "B" \C|a@x.y"#]),
      ("John Q. Public <a@x.y>", ["John Q. Public|a@x.y"]),
      ("=?utf-8?Q?J=C3=BCrgen?= <a@x.y>", ["Jürgen|a@x.y"]),
      ("=?utf-8?B?SsO8cmdlbg==?= =?utf-8?Q?_M?= <a@x.y>", ["Jürgen M|a@x.y"]),
      ("\"=?utf-8?Q?J=C3=BC?=\" <a@x.y>", ["Jü|a@x.y"]),
      ("Jürgen <jürgen@bücher.example>", ["Jürgen|jürgen@bücher.example"]),
      (",, a@x.y ,, b@x.y ,", ["|a@x.y", "|b@x.y"]),
      ("Team: a@x.y, Bob <b@x.y>;", ["|a@x.y", "Bob|b@x.y"]),
      ("Team: a@x.y;, c@x.y", ["|a@x.y", "|c@x.y"]),
      ("undisclosed-recipients:;", []),
      ("(one) a (two) @ (three) x.y (four)", ["|a@x.y"]),
      ("Ann (a (nested \\) one)) <a@x.y>", ["Ann|a@x.y"]),
      ("john . doe @ example . com", ["|john.doe@example.com"]),
      ("\"john doe\"@x.y", ["|\"john doe\"@x.y"]),
      ("Ann\r\n <a@x.y>,\r\n\tBob\r\n <b@x.y>", ["Ann|a@x.y", "Bob|b@x.y"]),
      ("\"Ann\r\n Lee\" <a@x.y>", ["Ann Lee|a@x.y"]),
      ("a@[192.0.2.1]", ["|a@[192.0.2.1]"]),
      ("Ann<a@x.y>", ["Ann|a@x.y"]),
      ("", []),
      ("   ", []),
    ])
  func accepted(_ text: String, _ expected: [String]) throws {
    let list = try AddressList(text)
    #expect(list.mailboxes.map { "\($0.displayName ?? "")|\($0.address)" } == expected)
    #expect(list.ranges.count == expected.count)
  }

  @Test(
    "refused",
    arguments: [
      "ann", "Ann Lee", "a@x.y b@x.y", "a@x.y>", "<a@x.y", "Ann <>", "Ann < >", "<a@x.y> Ann", "a@b@x.y",
      "a@x.y <b@x.y>", "Foo @ Bar <a@x.y>", "<@a,@b:c@x.y>", "<@a:c@x.y>", "Lee, Ann <a@x.y>",
      "\"Ann <a@x.y>",
      "Ann (no end <a@x.y>", "a..b@x.y", "a.@x.y", ".a@x.y", "a@x..y", "a@", "@x.y", "Team: a@x.y", "; a@x.y",
      "A: B: a@x.y;;", ": a@x.y;", "a\u{0}@x.y", "\"a\u{0}\"@x.y", "Ann [x] <a@x.y>", "a@x.y;", ". <a@x.y>",
      "a@[1.2.3", "(c) \u{1} a@x.y", "a@x.y (", "\"a\" \"b\" @x.y",
    ])
  func refused(_ text: String) {
    #expect(throws: AddressListError.self) { try AddressList(text) }
  }

  @Test("ranges point at the mailboxes")
  func ranges() throws {
    let text = " Ann <a@x.y> , b@x.y (c), G: \"C\" <c@x.y>;"
    let list = try AddressList(text)
    let pieces = list.ranges.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    #expect(pieces == ["Ann <a@x.y>", "b@x.y", "\"C\" <c@x.y>"])
  }

  @Test("one mailbox only")
  func single() throws {
    #expect(try Mailbox("Ann <a@x.y>").displayName == "Ann")
    for text in ["", "a@x.y, b@x.y", "G: a@x.y;"] {
      #expect(throws: AddressListError.self) { try Mailbox(text) }
    }
  }

  @Test("bytes that are not UTF-8 are refused in an address, replaced in a name")
  func invalidUTF8() throws {
    let name: [UInt8] = [0xFF, 0x20] + Array("<a@x.y>".utf8)
    #expect(try AddressList(parsing: name, in: 0..<name.count).mailboxes.first?.displayName == "\u{FFFD}")
    let address: [UInt8] = [0xFF] + Array("@x.y".utf8)
    #expect(throws: AddressListError.self) { try AddressList(parsing: address, in: 0..<address.count) }
  }
}
