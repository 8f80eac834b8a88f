import MailModel
import Testing
import Transport

@testable import Delivery

/// Where mail may be carried to, by the addresses of a domain's mail hosts.
@Suite struct MailTargetsTests {
  @Test(arguments: [
    ("192.0.2.1", AddressScope.internet), ("8.8.8.8", .internet), ("11.0.0.1", .internet),
    ("172.15.255.255", .internet), ("172.32.0.1", .internet), ("192.167.1.1", .internet),
    ("100.63.0.1", .internet), ("100.128.0.1", .internet), ("223.255.255.255", .internet),
    ("2606:4700::1", .internet), ("::ffff:8.8.8.8", .internet), ("fe00::1", .internet),
    ("0.0.0.0", .unspecified), ("0.1.2.3", .unspecified), ("::", .unspecified),
    ("::ffff:0.0.0.0", .unspecified),
    ("127.0.0.1", .loopback), ("127.255.255.254", .loopback), ("::1", .loopback),
    ("::ffff:127.0.0.1", .loopback),
    ("169.254.169.254", .linkLocal), ("fe80::1", .linkLocal), ("febf::1", .linkLocal),
    ("::ffff:169.254.0.1", .linkLocal),
    ("10.0.0.1", .privateUse), ("10.255.255.255", .privateUse), ("172.16.0.1", .privateUse),
    ("172.31.255.255", .privateUse), ("192.168.1.1", .privateUse), ("100.64.0.1", .privateUse),
    ("fc00::1", .privateUse), ("fd12:3456::1", .privateUse), ("fec0::1", .privateUse),
    ("::ffff:10.1.2.3", .privateUse),
    ("224.0.0.1", .multicast), ("255.255.255.255", .multicast), ("ff02::1", .multicast),
  ])
  func scope(_ text: String, _ expected: AddressScope) throws {
    #expect(try #require(IPAddress(text)).scope == expected)
  }

  /// Hosts as `name=address,address`; what is tried on port 25, and on another port.
  @Test(arguments: [
    (["mx=192.0.2.1"], ["192.0.2.1"], ["192.0.2.1"]),
    (["mx=127.0.0.1", "mx2=192.0.2.2"], ["192.0.2.2"], ["127.0.0.1", "192.0.2.2"]),
    (
      ["mx=10.0.0.1,192.0.2.1,::1,2001:db8::1"], ["192.0.2.1", "2001:db8::1"],
      ["10.0.0.1", "192.0.2.1", "::1", "2001:db8::1"]
    ),
    (["mx=", "mx2=192.0.2.2"], ["192.0.2.2"], ["192.0.2.2"]),
    // Addresses that are passed over take no place of others.
    (
      ["mx=127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5", "mx2=192.0.2.2"], ["192.0.2.2"],
      ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]
    ),
  ])
  func tries(_ hosts: [String], _ internet: [String], _ elsewhere: [String]) {
    #expect(addresses(MailTargets.choose(made(hosts), of: "to.example", port: 25)) == internet)
    #expect(addresses(MailTargets.choose(made(hosts), of: "to.example", port: 2525)) == elsewhere)
  }

  @Test(arguments: [["mx=127.0.0.1"], ["mx=::ffff:10.0.0.1", "mx2=fe80::1"], ["mx=0.0.0.0", "mx2=fd00::1"]])
  func withNoneOnTheInternetMailBounces(_ hosts: [String]) {
    guard case .none(.permanent(let answer)) = MailTargets.choose(made(hosts), of: "to.example", port: 25)
    else {
      Issue.record("not refused")
      return
    }
    #expect(answer.stage == .resolve)
    #expect(answer.code == 550)
    #expect(answer.enhancedStatus == "5.4.4")
    #expect(answer.text.contains("no mail host of to.example can be reached over the Internet: mx is at "))
  }

  @Test func itWaitsWhileOneOfThemIsNotKnown() {
    let choice = MailTargets.choose(made(["mx=127.0.0.1", "mx2="]), of: "to.example", port: 25)
    guard case .none(.temporary(let answer)) = choice else {
      Issue.record("\(choice)")
      return
    }
    #expect(answer.enhancedStatus == "4.4.3")
    #expect(answer.text.hasPrefix("the address of mx2 could not be looked up"))
  }

  private func made(_ hosts: [String]) -> [MailHost] {
    hosts.enumerated().map { index, text in
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
      let addresses = parts[1].split(separator: ",").compactMap { IPAddress(String($0)) }
      return MailHost(preference: index, name: String(parts[0]), addresses: addresses)
    }
  }

  private func addresses(_ choice: MailTargets.Choice) -> [String] {
    guard case .targets(let targets) = choice else { return [] }
    return targets.map { "\($0.address)" }
  }
}
