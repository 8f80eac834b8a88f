/// From where an address can be reached.
public enum AddressScope: Sendable, Hashable {
  case internet
  /// `0.0.0.0/8`, `::`: no host at all; systems take it for themselves.
  case unspecified
  /// This machine.
  case loopback
  /// The same wire (RFC 3927, RFC 4291 2.5.6).
  case linkLocal
  /// A network of its own: RFC 1918, RFC 6598 (behind a provider's NAT), RFC 4193.
  case privateUse
  /// Many hosts or nobody; nothing that TCP can connect to.
  case multicast

  /// For people, with its article.
  public var words: String {
    switch self {
    case .internet: "an address on the Internet"
    case .unspecified: "the unspecified address"
    case .loopback: "a loopback address"
    case .linkLocal: "a link-local address"
    case .privateUse: "a private address"
    case .multicast: "a multicast or reserved address"
    }
  }
}

extension IPAddress {
  /// IPv4 addresses count as such also when they are mapped into IPv6.
  public var scope: AddressScope {
    IPAddress.scopes.first { range, _ in range.contains(self) }?.1 ?? .internet
  }

  private static let scopes: [(AddressRange, AddressScope)] = [
    ("0.0.0.0/8", .unspecified), ("::/128", .unspecified),
    ("127.0.0.0/8", .loopback), ("::1/128", .loopback),
    ("169.254.0.0/16", .linkLocal), ("fe80::/10", .linkLocal),
    ("10.0.0.0/8", .privateUse), ("172.16.0.0/12", .privateUse), ("192.168.0.0/16", .privateUse),
    ("100.64.0.0/10", .privateUse), ("fc00::/7", .privateUse), ("fec0::/10", .privateUse),
    ("224.0.0.0/3", .multicast), ("ff00::/8", .multicast),
  ].compactMap { text, scope in AddressRange(text).map { ($0, scope) } }
}
