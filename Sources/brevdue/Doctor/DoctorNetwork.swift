import MailFormats
import MailModel
import NIOPosix
import Server
import Storage
import Transport

extension DoctorChecks {
  /// Names, the way out, the domains' records: what needs the network.
  func network(_ domains: [(SendingDomain, [DKIMKey])]) async -> [Finding] {
    let check: DomainCheck
    do {
      check = try DomainCheck(configuration)
    } catch {
      return [Finding("resolver", .failed, "\(error)")]
    }
    let (resolver, answers) = await resolver(check.resolver)
    var findings = [resolver]
    findings.append(await wayOut(check.resolver))
    for (domain, keys) in domains {
      findings.append(answers ? await records(domain, keys, check) : Self.unasked(domain))
    }
    return findings
  }

  private func resolver(_ resolver: Transport.Resolver) async -> (Finding, answers: Bool) {
    let servers = configuration.dns.resolvers.map(\.description).joined(separator: ", ")
    let who = servers.isEmpty ? "the system's" : servers
    guard case .failure(let reason) = await resolver.mx("example.com") else {
      return (Finding("resolver", .ok, "\(who) answers"), true)
    }
    let state: Finding.State = configuration.delivery.mode == .direct ? .failed : .warning
    return (
      Finding(
        "resolver", state, "\(who): no answer (\(reason))",
        hint: "Set dns.resolver to one that can be reached; without it no mail can be delivered directly."),
      false
    )
  }

  private static func unasked(_ domain: SendingDomain) -> Finding {
    Finding("domain \(domain.name)", .skipped, "not looked up: the resolver does not answer")
  }

  private func records(_ domain: SendingDomain, _ keys: [DKIMKey], _ check: DomainCheck) async -> Finding {
    let name = "domain \(domain.name)"
    let hint = "See: brevdue domain records \(domain.name)"
    let wanted = DomainRecords.wanted(domain, keys.filter(\.isActive), configuration)
    let wrong = await check.check(wanted).filter { $0.status != .ok }
    if wrong.isEmpty { return Finding(name, .ok, "all records are right") }
    let list = wrong.map { "\($0.record.purpose.rawValue) \($0.status.word)" }.joined(separator: ", ")
    if !domain.isVerified { return Finding(name, .warning, "not verified: \(list)", hint: hint) }
    // The operator's word stands above DNS; a key that DNS has lost makes signatures worthless.
    let isBroken = domain.verifiedBy == .dns && wrong.contains { $0.record.purpose == .dkim }
    return Finding(name, isBroken ? .failed : .warning, list, hint: hint)
  }

  /// Reaches for the relay, or in direct mode for port 25 of a big provider.
  private func wayOut(_ resolver: Transport.Resolver) async -> Finding {
    switch configuration.delivery.mode {
    case .capture: return Finding("way out", .skipped, "capture mode needs none")
    case .relay:
      guard let relay = configuration.delivery.relay else {
        return Finding("way out", .failed, "delivery.relay is not set")
      }
      return await reach(
        relay.host, relay.port, resolver, hint: "Check delivery.relay, the firewall and the relay.")
    case .direct:
      let port = configuration.delivery.port
      let hint = "Many hosters close port 25 until asked; ask, or use a relay (delivery.mode relay)."
      guard case .hosts(let hosts) = await resolver.mailHosts(for: "gmail.com"), let host = hosts.first else {
        return Finding("way out", .warning, "could not find a mail server to try", hint: hint)
      }
      return await reach(host.name, port, resolver, hint: hint)
    }
  }

  private func reach(
    _ host: String, _ port: Int, _ resolver: Transport.Resolver, hint: String
  ) async -> Finding {
    var addresses = IPAddress(host).map { [$0] } ?? []
    if addresses.isEmpty { addresses = await resolver.addresses(host).values }
    guard let address = addresses.first, let socket = try? address.socketAddress(port: port) else {
      return Finding("way out", .failed, "\(host) has no address", hint: hint)
    }
    var options = SMTPConnectionOptions(session: SMTPClientOptions(ehloName: configuration.smtp.hostname))
    options.timeLimits.connect = 5
    options.timeLimits.reply = 10
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    do {
      let connection = try await SMTPConnection.connect(to: socket, host: host, options: options, on: loop)
      await connection.quit()
      return Finding("way out", .ok, "\(host):\(port) greets us")
    } catch {
      return Finding("way out", .failed, "\(host):\(port): \(error.outcome.answer.text)", hint: hint)
    }
  }
}

extension Outcome {
  fileprivate var answer: RemoteAnswer {
    switch self {
    case .delivered(let answer), .temporary(let answer), .permanent(let answer): answer
    }
  }
}
