/// How names are looked up.
public struct ResolverConfiguration: Sendable {
  /// Recursive resolvers to ask, addresses with port; empty: those of the system (`/etc/resolv.conf`).
  public var servers: [HostPort]
  /// File with DNSSEC trust anchors, such as `/usr/share/dns/root.key`; nil: nothing is validated.
  public var trustAnchorFile: String?
  /// Whether AAAA records are looked up at all.
  public var usesIPv6: Bool
  /// Whether IPv6 addresses come before a host's IPv4 addresses.
  public var prefersIPv6: Bool
  /// Seconds after which a look-up counts as failed.
  public var timeLimit: Int

  public init(
    servers: [HostPort] = [], trustAnchorFile: String? = nil, usesIPv6: Bool = true,
    prefersIPv6: Bool = false, timeLimit: Int = 30
  ) {
    self.servers = servers
    self.trustAnchorFile = trustAnchorFile
    self.usesIPv6 = usesIPv6
    self.prefersIPv6 = prefersIPv6
    self.timeLimit = timeLimit
  }
}

/// Why the resolver could not be set up.
public struct ResolverError: Error, CustomStringConvertible {
  public let description: String
}
