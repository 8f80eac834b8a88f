import Composition
import MailFormats
import MailModel
import Signing
import Testing

@Suite struct PreparerTests {
  static let now = Instant(milliseconds: 1_795_000_000_000)

  static func prepare(
    _ original: [UInt8], received: String? = nil, signer: DKIMSigner? = nil, isTracked: Bool = true
  ) throws -> Prepared {
    try Preparer.prepare(
      original: original, plan: TrackingPlanner.plan(original: original),
      message: message(isTracked: isTracked),
      received: received, signer: signer, tracking: tracking, now: now)
  }

  @Test(arguments: [
    (
      "From: a@b.example\nMessage-ID: <1@b>\nDate: x\n\nbody\n",
      "X-Brevdue-ID: 42\nFrom: a@b.example\nMessage-ID: <1@b>\nDate: x\n\nbody\n"
    ),
    (
      "From: a@b.example\n\nbody\n",
      "Message-ID: <7@example.com>\nDate: Wed, 18 Nov 2026 11:06:40 +0000\nX-Brevdue-ID: 42\n"
        + "From: a@b.example\n\nbody\n"
    ),
    (
      "bcc: x\n y\nMessage-id: <1@b>\nDATE: x\nFrom: a@b.example\nBcc: z\nBccc: w\nBCC:\n\nBcc: body\n",
      "X-Brevdue-ID: 42\nMessage-id: <1@b>\nDATE: x\nFrom: a@b.example\nBccc: w\n\nBcc: body\n"
    ),
  ])
  func headers(_ original: String, _ expected: String) throws {
    let prepared = try Self.prepare(original.wire)
    #expect(String(decoding: prepared.bytes, as: UTF8.self) == String(decoding: expected.wire, as: UTF8.self))
    #expect(try Edits.apply(prepared.edits, to: original.wire) == prepared.bytes)
  }

  @Test func receivedStandsOnTop() throws {
    let prepared = try Self.prepare(
      "From: a@b.example\n\n".wire, received: "from client.example\r\n by mx.example with ESMTPSA")
    #expect(
      prepared.bytes.starts(with: "Received: from client.example\n by mx.example with ESMTPSA\nMessage".wire))
  }

  @Test func untrackedIsNotTouched() throws {
    let original = Carriage.sevenBit.message(Array("<a href='http://x.example/'>x</a>".utf8))
    let prepared = try Self.prepare(original, isTracked: false)
    #expect(prepared.edits.count == 1)
    #expect(prepared.bytes.suffix(original.count).elementsEqual(original))
  }

  @Test(arguments: Carriage.allCases)
  func signatureCoversWhatIsSent(_ carriage: Carriage) throws {
    let key = try DKIMPrivateKey.generate(.ed25519SHA256)
    let record = try key.dnsRecord()
    let signer = DKIMSigner(domain: "example.com", keys: [.init(selector: "s", key: key)])
    let original = carriage.message(Array(TrackingTests.cases[1].html.utf8))
    let prepared = try Self.prepare(original, signer: signer)
    #expect(try Edits.apply(Edits.decode(Edits.encode(prepared.edits)), to: original) == prepared.bytes)
    let results = DKIMVerifier.verify(prepared.bytes, at: Self.now) { _ in record }
    #expect(results.map(\.result) == [.pass])
    #expect(prepared.bytes.starts(with: "DKIM-Signature: ".utf8))
  }
}
