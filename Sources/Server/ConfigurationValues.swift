import Glibc

extension ServerConfiguration {
  /// A host (name or address without brackets) and a port.
  public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    /// 0 takes a free port where one listens.
    public var port: Int

    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }

    /// From `host:port` or `[address]:port`; without a port only where there is a `defaultPort`.
    public init?(_ text: String, defaultPort: Int? = nil) {
      guard let (host, portText) = Self.split(text), Self.isHost(host) else { return nil }
      guard let port = portText.map({ decimal($0) }) ?? defaultPort, (0...65535).contains(port) else {
        return nil
      }
      self.init(host: host, port: port)
    }

    /// Brackets around a colon-bearing (IPv6) host, as in a URL.
    public var description: String {
      host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func split(_ text: String) -> (host: String, port: String?)? {
      if text.hasPrefix("[") {
        guard let end = text.firstIndex(of: "]") else { return nil }
        let host = String(text[text.index(after: text.startIndex)..<end])
        let rest = text[text.index(after: end)...]
        if rest.isEmpty { return (host, nil) }
        return rest.hasPrefix(":") ? (host, String(rest.dropFirst())) : nil
      }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      switch parts.count {
      case 1: return (text, nil)
      case 2: return (String(parts[0]), String(parts[1]))
      default: return (text, nil)  // an IPv6 address without brackets, hence without a port
      }
    }

    private static func isHost(_ host: String) -> Bool {
      if host.utf8.contains(UInt8(ascii: ":")) { return IPNetwork(host) != nil }
      return !host.isEmpty && host.utf8.count <= 253 && host.utf8.allSatisfy(isHostByte)
    }

    static func isHostByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  /// A range of addresses in CIDR notation; a bare address is a range of one.
  public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    public let address: [UInt8]
    public let prefixLength: Int
    public let description: String

    public init?(_ text: String) {
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let address = Self.bytes(of: String(parts[0])) else { return nil }
      let bits = address.count * 8
      guard let prefix = parts.count == 2 ? decimal(String(parts[1])) : bits, (0...bits).contains(prefix)
      else {
        return nil
      }
      self.address = address
      prefixLength = prefix
      description = text
    }

    /// Whether the address, as text, is in the range. An IPv4 address mapped into IPv6 counts as IPv4.
    public func contains(_ text: String) -> Bool {
      guard var other = Self.bytes(of: text) else { return false }
      if other.count == 16, address.count == 4, other.starts(with: Self.mappedPrefix) {
        other.removeFirst(12)
      }
      guard other.count == address.count else { return false }
      let whole = prefixLength / 8
      guard address[..<whole] == other[..<whole] else { return false }
      let rest = prefixLength % 8
      return rest == 0 || (address[whole] ^ other[whole]) >> UInt8(8 - rest) == 0
    }

    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    private static func bytes(of text: String) -> [UInt8]? {
      var four = [UInt8](repeating: 0, count: 4)
      if inet_pton(AF_INET, text, &four) == 1 { return four }
      var sixteen = [UInt8](repeating: 0, count: 16)
      return inet_pton(AF_INET6, text, &sixteen) == 1 ? sixteen : nil
    }
  }

  /// A network that may submit over SMTP without log-in, and the token whose rights it has.
  public struct TrustedClient: Sendable, Hashable, CustomStringConvertible {
    public var network: IPNetwork
    public var tokenID: String

    /// From `NETWORK=TOKEN-ID`.
    public init?(_ text: String) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let network = IPNetwork(trimmed(String(parts[0]))) else { return nil }
      let token = trimmed(String(parts[1]))
      guard !token.isEmpty else { return nil }
      self.network = network
      tokenID = token
    }

    public var description: String { "\(network)=\(tokenID)" }
  }
}

/// Digits only: `Int` alone would take `+25`.
func decimal(_ text: String) -> Int? {
  guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
  return Int(text)
}

/// Without blanks and tabs at either end.
func trimmed(_ text: String) -> String {
  let isBlank = { (character: Character) in character == " " || character == "\t" }
  let start = text.drop(while: isBlank)
  guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
  return String(start[...last])
}
