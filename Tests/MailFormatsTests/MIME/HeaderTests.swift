import MailFormats
import MailModel
import Testing

@Suite("Headers")
struct HeaderTests {
  private func block(_ text: String) -> HeaderBlock { HeaderBlock(parsing: Array(text.utf8)) }

  private func string(_ block: HeaderBlock, _ range: Range<Int>) -> String {
    String(decoding: block.bytes[range], as: UTF8.self)
  }

  @Test("fields with their ranges")
  func ranges() {
    let header = block("From: a@x.y\r\nSubject : one\r\n two\r\nX:\r\n\r\nbody\r\n")
    #expect(header.fields.map { string(header, $0.name) } == ["From", "Subject", "X"])
    #expect(header.fields.map { string(header, $0.value) } == [" a@x.y", " one\r\n two", ""])
    #expect(header.fields.map { string(header, $0.full) }.joined() == string(header, header.range))
    #expect(string(header, header.bodyStart..<header.bytes.count) == "body\r\n")
    #expect(header.defects == [])
  }

  @Test(
    "where the body starts, how many fields, what is wrong",
    arguments: [
      ("", 0, 0, .noSeparator), ("\r\nbody", 2, 0, []), ("\nbody", 1, 0, []),
      ("A: 1\r\n", 6, 1, .noSeparator), ("A: 1", 4, 1, .noSeparator), ("A: 1\n\nbody", 6, 1, []),
      ("A: 1\r\nno field\r\nB: 2\r\n\r\n", 24, 2, .malformedLine),
      (" first\r\nA: 1\r\n\r\n", 16, 1, .malformedLine),
      ("A: 1\r\n \r\n x\r\n\r\n", 15, 1, .blankContinuation),
      ("A: 1\r\n\t\r\n\r\n", 11, 1, .blankContinuation),
      (": 1\r\n\r\n", 7, 0, .malformedLine), ("A B: 1\r\n\r\n", 10, 0, .malformedLine),
      ("A: \u{0}\r\n\r\n", 8, 1, .controlCharacter), ("A: x\ry\r\n\r\n", 10, 1, .controlCharacter),
      ("A: é\r\n\r\n", 9, 1, .has8Bit), ("É: 1\r\n\r\n", 9, 0, [.malformedLine, .has8Bit]),
      ("A: \t1\r\n\r\n", 9, 1, []),
    ] as [(String, Int, Int, HeaderDefects)])
  func shapes(_ text: String, _ bodyStart: Int, _ count: Int, _ defects: HeaderDefects) {
    let header = block(text)
    #expect(header.bodyStart == bodyStart)
    #expect(header.fields.count == count)
    #expect(header.defects == defects)
  }

  @Test("bytes that are not UTF-8 are told")
  func invalidUTF8() {
    let header = HeaderBlock(parsing: Array("A: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8))
    #expect(header.defects == [.has8Bit, .invalidUTF8])
    #expect(header.text(header.fields[0]) == "\u{FFFD}")
  }

  @Test("beyond the limits fields are not listed, but the body is found")
  func limits() {
    let many = String(repeating: "A: 1\r\n", count: HeaderBlock.fieldLimit + 5)
    let first = block(many + "\r\nbody")
    #expect(first.fields.count == HeaderBlock.fieldLimit)
    #expect(first.defects == .overLimit)
    #expect(first.bodyStart == many.utf8.count + 2)
    let long = block("A: " + String(repeating: "x", count: HeaderBlock.sizeLimit) + "\r\nB: 1\r\n\r\n")
    #expect(long.fields.isEmpty)
    #expect(long.defects == .overLimit)
  }

  @Test("looked up without regard to case")
  func lookup() {
    let header = block("FROM: 1\r\nfrom: 2\r\nFromage: 3\r\n\r\n")
    #expect(header.all("From").count == 2)
    #expect(header.first("fRoM").map { header.text($0) } == "1")
    #expect(header.first("To") == nil)
  }

  @Test(
    "text for people",
    arguments: [
      (" plain ", "plain"), (" one\r\n two", "one two"), (" one\r\n\ttwo", "one\ttwo"),
      ("=?utf-8?Q?J=C3=BCrgen_M?=", "Jürgen M"), ("=?UTF-8?b?SsO8cmdlbg==?=", "Jürgen"),
      ("a =?utf-8?Q?b?= c", "a b c"), ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
      ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"), ("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
      ("=?utf-8?B?w?= =?utf-8?B?7w=?=", ""), ("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"),
      ("=?iso-8859-1?Q?=E9?= =?utf-8?Q?=C3=BC?=", "éü"), ("=?iso-8859-15?Q?=A4?=", "€"),
      ("=?windows-1252?Q?=80=93?=", "€“"), ("=?us-ascii?Q?a?=", "a"), ("=?utf-8*de?Q?=C3=BC?=", "ü"),
      ("=?x-unknown?Q?abc?=", "abc"), ("=?utf-8?Q?a b?=", "a b"), ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
      ("=?utf-8?Q?abc", "=?utf-8?Q?abc"), ("=?", "=?"), ("=??=", "=??="), ("a=?utf-8?Q?b?=c", "abc"),
      ("=?utf-8?Q??=", ""), ("=?utf-8?Q?=ZZ=?=", "=ZZ="), ("=?utf-8?Q?a?=  ", "a"), ("Grüße", "Grüße"),
    ])
  func text(_ value: String, _ expected: String) {
    let header = block("Subject:" + value + "\r\n\r\n")
    // A single `w` of base64 gives no whole byte, so nothing to show.
    #expect(header.text(header.fields[0]).filter { $0 != "\u{FFFD}" } == expected)
  }

  @Test("a header full of beginnings of encoded words is read in time")
  func hostileEncodedWords() {
    let header = block("Subject: " + String(repeating: "=?a?q", count: 20_000) + "\r\n\r\n")
    #expect(header.text(header.fields[0]).utf8.count == 100_000)
  }
}

@Suite("Structured fields")
struct StructuredFieldTests {
  private func type(_ text: String) -> ContentType? {
    let bytes = Array(text.utf8)
    return ContentType(parsing: bytes, in: 0..<bytes.count)
  }

  @Test(
    "Content-Type",
    arguments: [
      (" text/plain", "text/plain"), ("TEXT/HTML; Charset=\"UTF-8\"", "text/html;charset=UTF-8"),
      ("text/plain; charset=us-ascii (Plain text)", "text/plain;charset=us-ascii"),
      ("(c) text (d) / (e) html (f); charset=x", "text/html;charset=x"),
      ("multipart/mixed; boundary=----=_Part_1.2", "multipart/mixed;boundary=----=_Part_1.2"),
      ("multipart/mixed; boundary=a(b):c/d?e", "multipart/mixed;boundary=a(b):c/d?e"),
      ("multipart/mixed;\r\n boundary=\"a b\\\"c\"", "multipart/mixed;boundary=a b\"c"),
      ("text/plain;; charset=x; charset=y;", "text/plain;charset=x"),
      ("text/plain; charset", "text/plain"), ("text/plain; =x; a=b", "text/plain;a=b"),
      ("text/plain; a=\"no end", "text/plain;a=no end"), ("text/plain; a=", "text/plain;a="),
      ("text/plain junk; a=b", "text/plain;a=b"), ("text/plain; a = b", "text/plain;a=b"),
      ("text/plain; name*0=\"ab\"; name*1=\"cd\"", "text/plain;name=abcd"),
      ("text/plain; name*1=cd; name*0=ab", "text/plain;name=abcd"),
      ("text/plain; name*=utf-8'de'J%C3%BC", "text/plain;name=Jü"),
      ("text/plain; name=x; name*=iso-8859-1''%E9", "text/plain;name=é"),
      ("text/plain; name*0*=utf-8''%C3; name*1*=%BC; name*2=\" %41\"", "text/plain;name=ü %41"),
      ("text/plain; name=\"=?utf-8?B?SsO8?=\"", "text/plain;name=Jü"),
      ("text/plain; name*0=a; name*2=c", "text/plain;name=a"),
    ])
  func contentType(_ text: String, _ expected: String) {
    let type = type(text)
    let parameters = type?.parameters.map { ";\($0.name)=\($0.value)" }.joined() ?? ""
    #expect("\(type?.type ?? "")/\(type?.subtype ?? "")\(parameters)" == expected)
  }

  @Test("no Content-Type", arguments: ["", "text", "text/", "/plain", "text;plain", "(only a comment)"])
  func noContentType(_ text: String) {
    #expect(type(text) == nil)
  }

  @Test("boundaries that can be used and that can't")
  func boundary() {
    #expect(type("multipart/mixed; boundary=\"a \"")?.boundary == "a")
    #expect(type("text/plain; boundary=a")?.boundary == nil)
    #expect(type("multipart/mixed; boundary=\"\"")?.boundary == nil)
    #expect(type("multipart/mixed; boundary=" + String(repeating: "a", count: 257))?.boundary == nil)
  }

  @Test("thousands of parameters are read in time")
  func manyParameters() {
    let text = "text/plain" + (0..<20_000).map { ";a\($0)*0=b" }.joined()
    #expect(type(text)?.parameters.count == 200)
  }

  @Test("Content-Disposition")
  func disposition() {
    let bytes = Array(" Attachment; filename*=utf-8''a%20b.pdf".utf8)
    let disposition = ContentDisposition(parsing: bytes, in: 0..<bytes.count)
    #expect(disposition?.isAttachment == true)
    #expect(disposition?.filename == "a b.pdf")
  }

  @Test(
    "dates",
    arguments: [
      ("Thu, 01 Jan 1970 00:00:00 +0000", 0), ("Mon, 23 Nov 2026 11:30:00 +0000", 1_795_433_400),
      ("23 Nov 2026 12:30:00 +0100", 1_795_433_400), ("Mon, 23 Nov 2026 11:30 GMT", 1_795_433_400),
      ("Mon, 23 Nov 26 06:30:00 EST", 1_795_433_400),
      ("Mon , 23 Nov 2026 11:30:00 +0000 (UTC)", 1_795_433_400),
      ("Mon, 23 NOV 2026 11:30:00", 1_795_433_400), ("Wed, 31 Dec 1969 23:59:59 +0000", -1),
      ("Thu, 29 Feb 2024 12:00:00 -0800", 1_709_236_800), ("Tue, 1 Mar 2400 00:00:00 +0000", 13_574_649_600),
    ])
  func dates(_ text: String, _ seconds: Int64) {
    let bytes = Array(text.utf8)
    #expect(RFC5322Date.parse(bytes, in: 0..<bytes.count) == Instant(milliseconds: seconds * 1000))
    let written = RFC5322Date.format(Instant(milliseconds: seconds * 1000))
    let back = Array(written.utf8)
    #expect(written.utf8.count == 31)
    #expect(RFC5322Date.parse(back, in: 0..<back.count) == Instant(milliseconds: seconds * 1000))
  }

  @Test("the written form of dates")
  func writtenDates() {
    #expect(RFC5322Date.format(Instant(milliseconds: 1_795_433_400_123)) == "Mon, 23 Nov 2026 11:30:00 +0000")
    #expect(RFC5322Date.format(Instant(milliseconds: -1)) == "Wed, 31 Dec 1969 23:59:59 +0000")
  }

  @Test(
    "no dates",
    arguments: [
      "", "Mon", "32 Nov 2026 11:30:00 +0000", "23 Nix 2026 11:30:00", "23 Nov 2026", "23 Nov 2026 24:00:00",
    ])
  func noDates(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(RFC5322Date.parse(bytes, in: 0..<bytes.count) == nil)
  }
}
