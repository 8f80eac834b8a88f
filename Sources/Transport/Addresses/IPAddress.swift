import Glibc
import NIOCore

/// An IPv4 or IPv6 address without port, as 16 bytes; IPv4 is held in its mapped form (RFC 4291 2.5.5.2),
/// so that a client that came over a dual-stack socket is the same client as over an IPv4 one.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(ipv4 address: UInt32) {
    self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address))
  }

  /// From text such as `192.0.2.1` or `2001:db8::1`, without brackets or zone; nil for anything else.
  public init?(_ text: String) {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(ipv4: UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self = withUnsafeBytes(of: six) { IPAddress($0) }
  }

  /// The address of a socket; nil for a Unix socket.
  public init?(_ address: SocketAddress) {
    // By offset: family and port (and for IPv6 the flow) come first, on every platform that we know.
    switch address {
    case .v4(let four):
      self.init(
        ipv4: withUnsafeBytes(of: four.address) {
          UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        })
    case .v6(let six):
      self = withUnsafeBytes(of: six.address) { IPAddress(UnsafeRawBufferPointer(rebasing: $0[8..<24])) }
    case .unixDomainSocket: return nil
    }
  }

  /// From 4 or 16 bytes in network order; nil for any other number.
  init?(packed bytes: [UInt8]) {
    func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: self.init(ipv4: UInt32(number(bytes)))
    case 16: self.init(high: number(bytes[..<8]), low: number(bytes[8...]))
    default: return nil
    }
  }

  /// From 16 bytes in network order.
  private init(_ bytes: UnsafeRawBufferPointer) {
    self.init(
      high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  /// Whether it is an IPv4 address, mapped or not.
  public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// 127.0.0.0/8 and ::1.
  public var isLoopback: Bool { isIPv4 ? (low >> 24) & 0xFF == 127 : high == 0 && low == 1 }

  /// What limits are counted by: the address for IPv4, the /64 for IPv6, which is one subscriber's.
  var limitKey: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }

  /// Text for people and logs; IPv6 as in RFC 5952, IPv4 dotted.
  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if isIPv4 {
      var four = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
      inet_ntop(AF_INET, &four, &text, socklen_t(text.count))
    } else {
      var six = in6_addr()
      withUnsafeMutableBytes(of: &six) { bytes in
        bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      inet_ntop(AF_INET6, &six, &text, socklen_t(text.count))
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A socket address with this address and `port`.
  public func socketAddress(port: Int) throws -> SocketAddress {
    var bytes = ByteBuffer()
    if isIPv4 {
      bytes.writeInteger(UInt32(truncatingIfNeeded: low))
    } else {
      bytes.writeInteger(high)
      bytes.writeInteger(low)
    }
    return try SocketAddress(packedIPAddress: bytes, port: port)
  }
}

/// A network such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is a network of one.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
  let base: IPAddress
  /// Leading bits that count, of 128.
  let prefixLength: Int

  /// Parses CIDR text (RFC 4632, RFC 4291 2.3). Bits behind the prefix are ignored; nil when it is not one.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let address = IPAddress(String(first)) else {
      return nil
    }
    let width = address.isIPv4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let number = Int(parts[1]), (0...width).contains(number) else { return nil }
      length = number
    }
    prefixLength = length + (128 - width)
    base = AddressRange.masked(address, prefixLength)
  }

  /// Whether `address` lies within.
  public func contains(_ address: IPAddress) -> Bool {
    AddressRange.masked(address, prefixLength) == base
  }

  public var description: String {
    "\(base)/\(base.isIPv4 ? prefixLength - 96 : prefixLength)"
  }

  private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
    IPAddress(
      high: address.high & mask(min(length, 64)), low: address.low & mask(max(length - 64, 0)))
  }

  private static func mask(_ bits: Int) -> UInt64 {
    bits == 0 ? 0 : UInt64.max << UInt64(64 - bits)
  }
}
