import MailModel
import Signing
import Testing

@Suite struct VerifierTests {
  /// RFC 8463 appendix A.2 and A.3.
  static let records = [
    "brisbane._domainkey.football.example.com":
      "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test._domainkey.football.example.com":
      "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bd"
      + "OKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVY"
      + "LzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
  ]

  static let message = """
    DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
     d=football.example.com; i=@football.example.com;
     q=dns/txt; s=brisbane; t=1528637909; h=from : to :
     subject : date : message-id : from : subject : date;
     bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
     b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
     Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
    DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
     d=football.example.com; i=@football.example.com;
     q=dns/txt; s=test; t=1528637909; h=from : to : subject :
     date : message-id : from : subject : date;
     bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
     b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
     DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
     dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
    From: Joe SixPack <joe@football.example.com>
    To: Suzie Q <suzie@shopping.example.net>
    Subject: Is dinner ready?
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
    Message-ID: <20030712040037.46341.5F8J@football.example.com>

    Hi.

    We lost the game.  Are you hungry yet?

    Joe.

    """

  static func wire(_ text: String) -> [UInt8] {
    text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
  }

  func results(_ message: String, records: [String: String] = records) -> [DKIMVerification.Result] {
    DKIMVerifier.verify(Self.wire(message), at: Instant(milliseconds: 0)) { records[$0] }.map(\.result)
  }

  @Test func examplesOfRFC8463() {
    #expect(results(Self.message) == [.pass, .pass])
  }

  @Test(arguments: [
    ("We lost", "We won", "the body has changed"),
    ("dinner ready", "lunch ready", "the header has changed, or the key is another"),
  ])
  func changed(_ old: String, _ new: String, _ why: String) {
    let message = Self.message.split(separator: old, maxSplits: 1).joined(separator: new)
    #expect(results(message) == [.fail(why), .fail(why)])
  }

  @Test func relaxedForgivesWhiteSpace() {
    let message = Self.message.split(separator: "the game.  Are").joined(separator: "the game. \tAre")
    #expect(results(message + "\n  \n\n") == [.pass, .pass])
  }

  @Test func secondFromIsFound() {
    let message = Self.message.split(separator: "To: Suzie", maxSplits: 1)
      .joined(separator: "From: Eve <eve@example.org>\nTo: Suzie")
    #expect(results(message).allSatisfy { $0 != .pass })
  }

  @Test func badRecords() {
    #expect(results(Self.message, records: [:]).allSatisfy { $0 != .pass })
    #expect(
      results(Self.message, records: Self.records.mapValues { _ in "v=DKIM1; p=" }).allSatisfy { $0 != .pass }
    )
    #expect(results("From: a@b\nDKIM-Signature: v=1; v=1\n\n").count == 1)
    #expect(results("From: a@b\n\nDKIM-Signature: v=1\n").isEmpty)
  }
}
