import MailModel
import Testing
import Transport

@testable import brevdue

@Suite struct DoctorCertificateTests {
  private static let now = Instant(milliseconds: 1_800_000_000_000)
  private static let day: Int64 = 86_400_000

  @Test(
    arguments: [
      // Days from now that it begins and ends; what doctor says.
      (-30, 60, "ok", "good until"), (-30, 15, "ok", "good until"), (-30, 13, "warning", "in 13 days"),
      (-30, 0, "FAILED", "expired on"), (-30, -1, "FAILED", "expired on"),
      (1, 60, "FAILED", "is not valid before"),
    ] as [(Int64, Int64, String, String)])
  func byTime(_ begin: Int64, _ end: Int64, _ state: String, _ words: String) throws {
    let findings = judge(begin, end, names: ["mail.example.com"])
    #expect(findings.map(\.state.rawValue) == [state])
    #expect(try #require(findings.first).detail.contains(words))
    #expect(state == "ok" || findings.first?.hint != nil)
  }

  @Test(arguments: [
    (["mail.example.com"], true), (["example.com", "mail.example.com"], true), (["*.example.com"], true),
    (["example.com"], false), (["*.mail.example.com"], false), (["*.com"], false), (["*"], false),
    ([], false),
    (["mail.example.org", "10.0.0.1"], false),
  ])
  func byName(_ names: [String], _ isGood: Bool) {
    let findings = judge(-1, 60, names: names)
    #expect(findings.map(\.state) == [isGood ? .ok : .warning])
    #expect(isGood || findings.first?.detail.contains("not for smtp.hostname mail.example.com") == true)
  }

  @Test func anAddressIsCoveredByItselfOnly() {
    let facts = CertificateFacts(
      notBefore: Self.now, notAfter: Self.now, names: ["127.0.0.1", "2001:db8::1", "*.0.0.1"])
    #expect(facts.covers("127.0.0.1"))
    #expect(facts.covers("2001:DB8:0::1"))
    #expect(!facts.covers("10.0.0.1"))
    #expect(!facts.covers("localhost"))
  }

  @Test func allThatIsWrongIsSaid() {
    #expect(judge(-30, -1, names: ["other.example"]).map(\.state) == [.failed, .warning])
  }

  private func judge(_ begin: Int64, _ end: Int64, names: [String]) -> [Finding] {
    let facts = CertificateFacts(
      notBefore: Instant(milliseconds: Self.now.milliseconds + begin * Self.day),
      notAfter: Instant(milliseconds: Self.now.milliseconds + end * Self.day), names: names)
    return DoctorChecks.judge(facts, file: "cert.pem", hostname: "mail.example.com", now: Self.now)
  }
}
