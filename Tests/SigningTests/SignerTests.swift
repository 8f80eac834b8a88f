import MailModel
import Signing
import Testing

@Suite struct SignerTests {
  static let now = Instant(milliseconds: 1_795_000_000_000)
  static let rsa = Result { try DKIMPrivateKey.generate(.rsaSHA256) }
  static let ed25519 = Result { try DKIMPrivateKey.generate(.ed25519SHA256) }

  static func signer() throws -> DKIMSigner {
    DKIMSigner(
      domain: "example.com",
      keys: [
        .init(selector: "e1", key: try ed25519.get()), .init(selector: "r1", key: try rsa.get()),
      ])
  }

  static func results(_ message: [UInt8]) throws -> [DKIMVerification.Result] {
    let records = [
      "r1._domainkey.example.com": try rsa.get().dnsRecord(),
      "e1._domainkey.example.com": try ed25519.get().dnsRecord(),
    ]
    return DKIMVerifier.verify(message, at: now) { records[$0] }.map(\.result)
  }

  @Test(arguments: [
    "From: a@example.com\r\n\r\nHello\r\n",
    "From: a@example.com\r\n\r\n",
    "From: a@example.com\r\n",
    "From: a@example.com",
    "",
    "\r\nbody without a header\r\n",
    "From: a@example.com\r\n\r\n\r\n\r\n \r\n",
    "From: a@example.com\r\n\r\nno line end",
    "From: a@example.com\r\n\r\n  lead\t\tand trail \t \r\n\r\nx  y\tz \r\n \r\n\r\n",
    "from :\ta@example.com\r\nFROM: second\r\nTo: x\r\n\ty\r\nTo: z\r\nSubject:\r\n\r\n.dot\r\n",
    "From: a@example.com\r\nSubject: bare\rCR and\nLF \r\r\n\r\nbare \r CR and \n LF\r \r\n",
    "From: \u{FC}@ex\u{E4}mple.com\r\nSubject: \u{2603}\u{1F600}\r\n\r\n\u{2603} \u{2603}  \u{2603}\r\n",
    "no colon here\r\nFrom: a@example.com\r\n\r\nx\r\n",
  ])
  func verifies(_ text: String) throws {
    let message = Array(text.utf8)
    let fields = try Self.signer().signatures(for: message, at: Self.now)
    #expect(try Self.results(fields + message) == [.pass, .pass])
    for line in String(decoding: fields, as: UTF8.self).utf8.split(separator: 0x0A) {
      #expect(line.count <= 79)
    }
  }

  /// Blanks in all places of the eight-byte steps, signed by the stepping code and verified by it and,
  /// with `l=`-less simple rules, compared through a plain model of RFC 6376 section 3.4.4.
  @Test func bodyFormMatchesModel() throws {
    var generator = Steps(state: 7)
    let alphabet: [UInt8] = [0x20, 0x20, 0x09, 0x0D, 0x0A, 0x61, 0x62, 0xC3, 0x2E, 0x21, 0x0C]
    for _ in 0..<3_000 {
      var body = (0..<Int(generator.next() % 60)).flatMap { _ -> [UInt8] in
        let byte = alphabet[Int(generator.next() % UInt64(alphabet.count))]
        return byte == 0x0A || byte == 0x0D ? [0x0D, 0x0A] : [byte]
      }
      if generator.next() % 2 == 0 { body += [0x0D, 0x0A] }
      let header = Array("From: a@example.com\r\n\r\n".utf8)
      let key = DKIMSigner(domain: "example.com", keys: [.init(selector: "e1", key: try Self.ed25519.get())])
      let fields = String(decoding: try key.signatures(for: header + body, at: Self.now), as: UTF8.self)
      let expected = base64(MessageDigest.sha256(Self.model(body)))
      if !fields.contains("bh=\(expected);") {
        Issue.record("body \(body) is not hashed as \(Self.model(body))")
        return
      }
    }
  }

  static func model(_ body: [UInt8]) -> [UInt8] {
    var lines: [[UInt8]] = [[]]
    for byte in body {
      if byte == 0x0A, lines[lines.count - 1].last == 0x0D {
        lines[lines.count - 1].removeLast()
        lines.append([])
      } else {
        lines[lines.count - 1].append(byte)
      }
    }
    var relaxed = lines.map { line -> [UInt8] in
      var result = [UInt8]()
      for byte in line.map({ $0 == 0x09 ? 0x20 : $0 }) where !(byte == 0x20 && result.last == 0x20) {
        result.append(byte)
      }
      if result.last == 0x20 { result.removeLast() }
      return result
    }
    while relaxed.last?.isEmpty == true { relaxed.removeLast() }
    return relaxed.flatMap { $0 + [0x0D, 0x0A] }
  }

  @Test func signsWhatPeopleSee() throws {
    let header =
      "From: a@example.com\r\nTo: b\r\nReceived: x\r\nBcc: c\r\nLIST-ID: l\r\nX-Other: y\r\nto: d\r\n\r\n"
    let fields = String(
      decoding: try Self.signer().signatures(for: Array(header.utf8), at: Self.now), as: UTF8.self)
    #expect(fields.contains("\r\n\th=To:List-Id:To:From:From;"))
    #expect(fields.contains("; t=1795000000;"))
    #expect(
      fields.hasPrefix("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=example.com; s=r1;"))
  }
}

/// A small generator that gives the same numbers in each run.
struct Steps {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
