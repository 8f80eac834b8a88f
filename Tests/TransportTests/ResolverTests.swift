import Testing
import Transport

@Suite struct ResolverTests {
  private static let zone: [String: NameServer.Answer] = [
    "plain.test/15": .records([.mx(20, "mx2.plain.test"), .mx(10, "MX1.plain.test")]),
    "mx1.plain.test/1": .records([.a("192.0.2.1")]),
    "mx1.plain.test/28": .records([.aaaa("2001:db8::1")]),
    "mx2.plain.test/1": .records([.a("192.0.2.2"), .a("192.0.2.3")]),
    "null.test/15": .records([.mx(0, ".")]),
    "implicit.test/1": .records([.a("192.0.2.4")]),
    "six.test/28": .records([.aaaa("2001:db8::4")]),
    "broken.test/15": .code(2),
    "empty.test/16": .records([.txt(["nothing but text"])]),
    "dead.test/15": .records([.mx(10, "nowhere.dead.test")]),
    "half.test/15": .records([.mx(10, "gone.half.test"), .mx(20, "mx.half.test"), .mx(30, "bad.half.test")]),
    "mx.half.test/1": .records([.a("192.0.2.5")]),
    "bad.half.test/1": .code(2), "bad.half.test/28": .code(2),
    "sick.test/15": .records([.mx(10, "bad.half.test")]),
    "alias.test/15": .records([.cname("plain.test"), .mx(10, "mx1.plain.test")]),
    "pointed.test/15": .records([.mx(10, "pointer.test")]),
    "pointer.test/1": .records([.cname("mx2.plain.test"), .a("192.0.2.2"), .a("192.0.2.3")]),
    "pointer.test/28": .records([.cname("mx2.plain.test")]),
    "many.test/15": .truncated((1...100).map { .mx(UInt16($0), "mx2.plain.test") }),
    "spread.test/15": .truncated((1...100).map { .mx(UInt16(101 - $0), "h\($0).spread.test") }),
    "text.test/16": .records([.txt(["v=DKIM1; ", "p=abc"]), .txt(["other"])]),
    "mute.test/15": .silence,
  ].merging((1...100).map { ("h\($0).spread.test/1", .records([.a("192.0.2.\($0)")])) }) { one, _ in one }

  private func withResolver(
    timeLimit: Int = 30, _ body: (Resolver, NameServer) async throws -> Void
  ) async throws {
    let server = NameServer(Self.zone)
    let address = try await server.start()
    let resolver = try Resolver(ResolverConfiguration(servers: [address], timeLimit: timeLimit))
    try await body(resolver, server)
    resolver.close()
    await server.close()
  }

  @Test func hostsInTheOrderOfPreference() async throws {
    try await withResolver { resolver, _ in
      let hosts = try #require(await hosts(of: "plain.test", resolver))
      #expect(hosts.map(\.name) == ["mx1.plain.test", "mx2.plain.test"])
      #expect(hosts.map(\.preference) == [10, 20])
      #expect(hosts[0].addresses.map(\.description) == ["192.0.2.1", "2001:db8::1"])
      #expect(Set(hosts[1].addresses.map(\.description)) == ["192.0.2.2", "192.0.2.3"])
      #expect(hosts.allSatisfy { (1...60).contains($0.timeToLive) && !$0.isSecure })
    }
  }

  @Test(arguments: [
    ("implicit.test", ["192.0.2.4"]), ("six.test", ["2001:db8::4"]), ("alias.test", ["192.0.2.1"]),
    ("pointed.test", ["192.0.2.2"]), ("half.test", ["192.0.2.5"]), ("PLAIN.test", ["192.0.2.1"]),
    ("[192.0.2.99]", ["192.0.2.99"]), ("[IPv6:2001:db8::9]", ["2001:db8::9"]),
  ])
  func addressesThatMailGoesTo(domain: String, addresses: [String]) async throws {
    try await withResolver { resolver, _ in
      let hosts = try #require(await hosts(of: domain, resolver))
      let first = hosts[0].addresses.map(\.description)
      #expect(addresses.allSatisfy(first.contains), "\(first)")
    }
  }

  @Test(arguments: [
    ("null.test", "null"), ("unknown.test", "none"), ("empty.test", "none"), ("dead.test", "none"),
    ("broken.test", "temporary"), ("sick.test", "temporary"), ("no good", "temporary"), ("", "temporary"),
  ])
  func domainsWithoutAHost(domain: String, expected: String) async throws {
    try await withResolver { resolver, _ in
      let result = await resolver.mailHosts(for: domain)
      switch result {
      case .nullMX: #expect(expected == "null")
      case .noSuchDomain: #expect(expected == "none")
      case .temporary: #expect(expected == "temporary")
      case .hosts: Issue.record("\(result)")
      }
    }
  }

  @Test func truncatedAnswersComeOverTCP() async throws {
    try await withResolver { resolver, _ in
      #expect(await resolver.mx("many.test").values.count == 100)
      let hosts = try #require(await hosts(of: "spread.test", resolver))
      #expect(hosts.count == 16)
      #expect(hosts.first?.name == "h100.spread.test")
      #expect(hosts.map(\.preference) == Array(1...16))
    }
  }

  @Test func textIsJoinedByRecord() async throws {
    try await withResolver { resolver, _ in
      #expect(Set(await resolver.txt("text.test").values) == ["v=DKIM1; p=abc", "other"])
      guard case .noSuchName = await resolver.txt("unknown.test") else {
        Issue.record("found")
        return
      }
      guard case .noData = await resolver.txt("implicit.test") else {
        Issue.record("not empty")
        return
      }
    }
  }

  @Test func asksOnceForManyMessages() async throws {
    try await withResolver { resolver, server in
      for _ in 0..<50 { _ = await resolver.mailHosts(for: "plain.test") }
      // A question may be asked again when the answer is slow to come.
      #expect((1...5).contains(server.count(of: "plain.test/15")))
    }
  }

  @Test func manyAtATime() async throws {
    try await withResolver { resolver, _ in
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<400 {
          group.addTask { await resolver.addresses("h\(number % 100 + 1).spread.test").values.count == 1 }
        }
        for await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func silenceEndsWithAFailure() async throws {
    try await withResolver(timeLimit: 1) { resolver, _ in
      guard case .temporary(let text) = await resolver.mailHosts(for: "mute.test") else {
        Issue.record("answered")
        return
      }
      #expect(text.contains("no answer within 1 s"))
    }
  }

  @Test func closingEndsWhatIsUnderWay() async throws {
    try await withResolver { resolver, _ in
      async let answer = resolver.mx("mute.test")
      try await Task.sleep(for: .milliseconds(100))
      resolver.close()
      #expect(await answer == .failure("the resolver is stopped"))
      #expect(await resolver.mx("plain.test") == .failure("the resolver is stopped"))
    }
  }

  @Test func aServerMustBeAnAddress() {
    #expect(throws: ResolverError.self) {
      try Resolver(ResolverConfiguration(servers: [HostPort(host: "dns.example", port: 53)]))
    }
  }

  private func hosts(of domain: String, _ resolver: Resolver) async -> [MailHost]? {
    let result = await resolver.mailHosts(for: domain)
    guard case .hosts(let hosts) = result else {
      Issue.record("\(domain): \(result)")
      return nil
    }
    return hosts
  }
}
