/// A range of addresses in CIDR notation (RFC 4632): `192.0.2.0/24`, `2001:db8::/32`; a bare address is a
/// range of one.
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
  /// First address of the range.
  public let base: IPAddress
  /// 0 to 32 for IPv4, 0 to 128 for IPv6.
  public let prefixLength: Int

  /// nil for anything else, also when bits behind the prefix are set.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let base = IPAddress(String(parts[0])) else { return nil }
    let width = base.isIPv4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
      length = given
    }
    self.base = base
    prefixLength = length
    guard masked(base) == base else { return nil }
  }

  public func contains(_ address: IPAddress) -> Bool {
    address.isIPv4 == base.isIPv4 && masked(address) == base
  }

  public var description: String { "\(base)/\(prefixLength)" }

  private func masked(_ address: IPAddress) -> IPAddress {
    let bits = base.isIPv4 ? prefixLength + 96 : prefixLength
    let high = bits >= 64 ? UInt64.max : bits == 0 ? 0 : ~(UInt64.max >> UInt64(bits))
    let low = bits <= 64 ? 0 : bits == 128 ? UInt64.max : ~(UInt64.max >> UInt64(bits - 64))
    return IPAddress(high: address.high & high, low: address.low & low)
  }
}
