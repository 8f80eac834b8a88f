import Synchronization

/// Looks names up through libunbound, which caches, validates (when given a trust anchor) and falls back to
/// TCP. Names are ASCII (A-labels). One for the process: it has a thread and sockets of its own.
public final class Resolver: Sendable {
  let configuration: ResolverConfiguration
  private let unbound: Unbound
  let mailHostCache = MailHostCache()

  /// - Throws: ``ResolverError`` when the configuration can't be used.
  public init(_ configuration: ResolverConfiguration = ResolverConfiguration()) throws(ResolverError) {
    self.configuration = configuration
    unbound = try Unbound(configuration)
  }

  deinit {
    unbound.close()
  }

  /// Fails all look-ups under way and ends the thread.
  public func close() {
    unbound.close()
  }

  /// The MX records of a domain, in no order; a null MX comes as a record with an empty host.
  public func mx(_ domain: String) async -> DNSAnswer<MXRecord> {
    await look(domain, type: 15).map(RecordData.mx)
  }

  /// The text of each TXT record, its strings joined.
  public func txt(_ name: String) async -> DNSAnswer<String> {
    await look(name, type: 16).map(RecordData.text)
  }

  /// The addresses of a host, IPv4 and IPv6, in the order to try them. It is a failure when one kind could
  /// not be looked up and the other has none.
  public func addresses(_ host: String) async -> DNSAnswer<IPAddress> {
    guard configuration.usesIPv6 else { return await look(host, type: 1).map(RecordData.address) }
    async let second = look(host, type: 28)
    let four = await look(host, type: 1).map(RecordData.address)
    let six = await second.map(RecordData.address)
    return configuration.prefersIPv6 ? Resolver.joined(six, four) : Resolver.joined(four, six)
  }

  private static func joined(
    _ first: DNSAnswer<IPAddress>, _ second: DNSAnswer<IPAddress>
  ) -> DNSAnswer<IPAddress> {
    switch (first, second) {
    case (.records(let one, let facts), .records(let other, let others)):
      var both = facts
      both.timeToLive = min(facts.timeToLive, others.timeToLive)
      both.isSecure = facts.isSecure && others.isSecure
      return .records(one + other, both)
    case (.records, _), (.failure, .noData), (.failure, .noSuchName): return first
    default: return second
    }
  }

  private func look(_ name: String, type: Int32) async -> RawAnswer {
    guard Resolver.isPlausible(name) else { return .failure("\(name.debugDescription) is no domain name") }
    return await withCheckedContinuation { continuation in
      unbound.resolve(name, type: type) { continuation.resume(returning: $0) }
    }
  }

  /// libunbound reads names as text with escapes; a name that needs them is none that takes mail.
  private static func isPlausible(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 254
      && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
  }
}
