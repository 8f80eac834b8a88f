extension Resolver {
  /// Most hosts of a domain that are looked up; more are never tried for one message.
  static let hostsMax = 16

  /// Where mail for `domain` (ASCII, or an address literal such as `[192.0.2.1]`) goes (RFC 5321 5.1).
  /// Equal preferences are shuffled at each look-up; results are kept for a while in memory.
  public func mailHosts(for domain: String) async -> MXResult {
    if let literal = Resolver.literal(domain) {
      return .hosts([MailHost(preference: 0, name: domain, addresses: [literal])])
    }
    let domain = domain.lowercased()
    if let known = mailHostCache[domain] { return Resolver.shuffled(known) }
    let result = await lookUpMailHosts(domain)
    mailHostCache[domain] = result
    return result
  }

  private func lookUpMailHosts(_ domain: String) async -> MXResult {
    switch await mx(domain) {
    case .records(let records, let facts): await hosts(of: records, facts, domain)
    // No MX at all: the domain itself is the host (implicit MX).
    case .noData(let facts): await hosts(of: [MXRecord(preference: 0, host: domain)], facts, domain)
    case .noSuchName: .noSuchDomain("The domain \(domain) does not exist (MX: NXDOMAIN)")
    case .failure(let text): .temporary("MX records of \(domain): \(text)")
    }
  }

  private func hosts(of records: [MXRecord], _ facts: DNSFacts, _ domain: String) async -> MXResult {
    let usable = records.filter { !$0.host.isEmpty }
    guard !usable.isEmpty else { return .nullMX }
    var seen: Set<String> = []
    let order = usable.shuffled().sorted { $0.preference < $1.preference }
      .filter { seen.insert($0.host).inserted }.prefix(Resolver.hostsMax)
    let answers = await lookUpAddresses(of: order.map(\.host))
    var hosts: [MailHost] = []
    var failure: String?
    for (record, answer) in zip(order, answers) {
      switch answer {
      case .records(let addresses, let own):
        hosts.append(
          MailHost(
            preference: record.preference, name: record.host, addresses: addresses,
            timeToLive: min(facts.timeToLive, own.timeToLive), isSecure: facts.isSecure && own.isSecure))
      case .failure(let text):
        failure = "addresses of \(record.host): \(text)"
        hosts.append(MailHost(preference: record.preference, name: record.host, addresses: []))
      case .noData, .noSuchName: break
      }
    }
    if hosts.contains(where: { !$0.addresses.isEmpty }) { return .hosts(hosts) }
    if let failure { return .temporary(failure) }
    return .noSuchDomain(
      order.count == 1 && order[0].host == domain
        ? "The domain \(domain) has neither MX nor address records"
        : "None of the mail hosts of \(domain) has an address")
  }

  private func lookUpAddresses(of hosts: [String]) async -> [DNSAnswer<IPAddress>] {
    await withTaskGroup(of: (Int, DNSAnswer<IPAddress>).self) { group in
      for (index, host) in hosts.enumerated() {
        group.addTask { (index, await self.addresses(host)) }
      }
      var answers = [DNSAnswer<IPAddress>](repeating: .failure("not asked"), count: hosts.count)
      for await (index, answer) in group { answers[index] = answer }
      return answers
    }
  }

  /// The address of a literal (RFC 5321 4.1.3).
  private static func literal(_ domain: String) -> IPAddress? {
    guard domain.hasPrefix("["), domain.hasSuffix("]") else { return nil }
    let inner = domain.dropFirst().dropLast()
    let isIPv6 = inner.prefix(5).lowercased() == "ipv6:"
    return IPAddress(String(isIPv6 ? inner.dropFirst(5) : inner))
  }

  private static func shuffled(_ result: MXResult) -> MXResult {
    guard case .hosts(let hosts) = result, hosts.count > 1 else { return result }
    return .hosts(hosts.shuffled().sorted { $0.preference < $1.preference })
  }
}
