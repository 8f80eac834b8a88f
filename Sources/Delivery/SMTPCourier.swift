import MailFormats
import MailModel
import NIOCore
import NIOPosix
import Synchronization
import Transport

/// Carries messages over SMTP: to the MX hosts of a domain, or to one smarthost.
public final class SMTPCourier: Courier {
  /// Where the mail goes.
  public enum Route: Sendable {
    /// Everything to one host, which delivers.
    case relay(HostPort)
    /// To the recipients' own mail hosts (RFC 5321 section 5.1), at this port.
    case direct(port: Int)
  }

  /// How long a host whose TLS failed is spoken to in clear text.
  static let brokenTLSSeconds: Int64 = 3600

  private let route: Route
  private let options: SMTPConnectionOptions
  private let resolver: Transport.Resolver
  private let group: any EventLoopGroup
  private let brokenTLS = Mutex<[String: Instant]>([:])

  /// - Parameter options: EHLO name, TLS use and, for a smarthost, the log-in.
  public init(
    route: Route, options: SMTPConnectionOptions, resolver: Transport.Resolver, group: any EventLoopGroup
  ) {
    self.route = route
    self.options = options
    self.resolver = resolver
    self.group = group
  }

  public func open(_ destination: DestinationKey) async -> Opening {
    switch await targets(of: destination) {
    case .success(let targets): return await open(anyOf: targets)
    case .failure(let refusal): return .failed(refusal.outcome)
    }
  }

  // MARK: - where to

  private struct Refusal: Error {
    var outcome: Outcome
  }

  private func targets(of destination: DestinationKey) async -> Result<[MailTarget], Refusal> {
    switch (route, destination) {
    case (.relay(let relay), _): await targets(of: relay)
    case (.direct(let port), .domain(let domain)): await targets(of: domain, port: port)
    case (.direct, .everything):
      .failure(Refusal(outcome: .temporary(MailTargets.unresolved("no destination was given"))))
    }
  }

  private func targets(of relay: HostPort) async -> Result<[MailTarget], Refusal> {
    if let address = IPAddress(relay.host) {
      return .success([MailTarget(host: relay.host, address: address, port: relay.port)])
    }
    if relay.host == "localhost", let loopback = IPAddress("127.0.0.1") {
      return .success([MailTarget(host: relay.host, address: loopback, port: relay.port)])
    }
    switch await resolver.addresses(relay.host) {
    case .records(let addresses, _):
      return .success(addresses.map { MailTarget(host: relay.host, address: $0, port: relay.port) })
    case .noData, .noSuchName:
      // A smarthost that is not there is a mistake in our configuration, not the recipient's fault.
      return .failure(
        Refusal(outcome: .temporary(MailTargets.unresolved("the relay \(relay.host) has no address"))))
    case .failure(let text):
      return .failure(Refusal(outcome: .temporary(MailTargets.unresolved("the relay's address: \(text)"))))
    }
  }

  private func targets(of domain: String, port: Int) async -> Result<[MailTarget], Refusal> {
    switch await resolver.mailHosts(for: domain) {
    case .hosts(let hosts):
      switch MailTargets.choose(hosts, of: domain, port: port) {
      case .targets(let targets): return .success(targets)
      case .none(let outcome): return .failure(Refusal(outcome: outcome))
      }
    case .nullMX:
      // RFC 7505
      let answer = RemoteAnswer(
        stage: .resolve, code: 556, enhancedStatus: "5.1.10", text: "\(domain) does not accept mail (null MX)"
      )
      return .failure(Refusal(outcome: .permanent(answer)))
    case .noSuchDomain(let text):
      let answer = RemoteAnswer(stage: .resolve, code: 550, enhancedStatus: "5.1.2", text: text)
      return .failure(Refusal(outcome: .permanent(answer)))
    case .temporary(let text):
      return .failure(Refusal(outcome: .temporary(MailTargets.unresolved(text))))
    }
  }

  // MARK: - connect

  /// Tries addresses in order; a host that refuses us for good does not speak for the others.
  private func open(anyOf targets: [MailTarget]) async -> Opening {
    var last = Outcome.temporary(MailTargets.unresolved("no address to connect to"))
    for target in targets {
      do throws(SMTPConnectionFailure) {
        return .line(Self.line(over: try await connect(to: target)))
      } catch {
        last = error.outcome
      }
    }
    return .failed(last.asTemporaryUnlessAlone(count: targets.count))
  }

  private func connect(to target: MailTarget) async throws(SMTPConnectionFailure) -> SMTPConnection {
    var options = options
    if hasBrokenTLS(target) { options.session.tls = .never }
    do throws(SMTPConnectionFailure) {
      return try await connect(to: target, options)
    } catch {
      let isTLSFailure = error.isTLSFailure || error.outcome.answer.stage == .starttls
      guard isTLSFailure, options.session.tls == .opportunistic else { throw error }
      // Opportunistic TLS: better in clear text than not at all; remembered, so that it costs one try.
      noteBrokenTLS(target)
      options.session.tls = .never
      return try await connect(to: target, options)
    }
  }

  private func connect(to target: MailTarget, _ options: SMTPConnectionOptions)
    async throws(SMTPConnectionFailure)
    -> SMTPConnection
  {
    let address: SocketAddress
    do {
      address = try SocketAddress(ipAddress: "\(target.address)", port: target.port)
    } catch {
      let answer = RemoteAnswer(
        stage: .connect, code: 0, enhancedStatus: "4.4.1",
        text: "\(target.address) can't be connected to: \(error)")
      throw SMTPConnectionFailure(outcome: .temporary(answer))
    }
    return try await SMTPConnection.connect(
      to: address, host: target.host, options: options, on: group.next())
  }

  private static func line(over connection: SMTPConnection) -> Line {
    Line(
      carry: { parcel in
        await connection.deliver(
          SMTPTransaction(
            returnPath: parcel.returnPath, recipient: parcel.recipient, options: parcel.options,
            body: parcel.bytes),
          while: parcel.isStillOurs)
      },
      isOpen: { connection.isReusable },
      close: { await connection.quit() })
  }

  private func hasBrokenTLS(_ target: MailTarget) -> Bool {
    brokenTLS.withLock { ($0[target.host] ?? Instant(milliseconds: 0)) > .now() }
  }

  private func noteBrokenTLS(_ target: MailTarget) {
    brokenTLS.withLock { hosts in
      if hosts.count >= 10_000 { hosts = hosts.filter { $0.value > .now() } }
      hosts[target.host] = Instant.now().advanced(bySeconds: Self.brokenTLSSeconds)
    }
  }
}

extension Outcome {
  /// A greeting of 554 from one of several hosts is that host's word only: another may take the mail later.
  fileprivate func asTemporaryUnlessAlone(count: Int) -> Outcome {
    if count > 1, case .permanent(let answer) = self { return .temporary(answer) }
    return self
  }
}
