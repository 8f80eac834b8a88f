import Transport

/// Who listens on this machine, as the kernel lists it: no socket of ours is needed to find out.
struct ListeningPorts {
  private var taken: [(address: IPAddress?, port: Int)] = []
  /// Ports below need a privilege.
  let firstUnprivileged: Int

  init() {
    let first = Files.ownText("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    firstUnprivileged = first.flatMap { Int($0.filter(\.isNumber)) } ?? 1024
    for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
      for line in (Files.ownText(path) ?? "").split(separator: "\n").dropFirst() {
        if let socket = Self.parse(line) { taken.append(socket) }
      }
    }
  }

  /// Whether a listener at this endpoint would be refused.
  func isTaken(_ endpoint: HostPort) -> Bool {
    let wanted = IPAddress(endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host)
    let isAny = endpoint.host == "0.0.0.0" || endpoint.host == "::"
    return taken.contains { socket in
      socket.port == endpoint.port && (isAny || socket.address == nil || socket.address == wanted)
    }
  }

  /// `sl local_address rem_address st …`: the address is hexadecimal, 32-bit words in the order of the machine;
  /// state 0A is LISTEN. The wildcard address comes out as nil.
  static func parse(_ line: Substring) -> (address: IPAddress?, port: Int)? {
    let fields = line.split(separator: " ")
    guard fields.count > 3, fields[3] == "0A" else { return nil }
    let parts = fields[1].split(separator: ":")
    guard parts.count == 2, let port = Int(parts[1], radix: 16) else { return nil }
    var bytes: [UInt8] = []
    var rest = parts[0]
    while rest.utf8.count >= 8 {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
      rest = rest.dropFirst(8)
    }
    if bytes.allSatisfy({ $0 == 0 }) { return (nil, port) }
    return (IPAddress(text(bytes)), port)
  }

  private static func text(_ bytes: [UInt8]) -> String {
    if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
    return stride(from: 0, to: bytes.count - 1, by: 2).map { index in
      String(Int(bytes[index]) << 8 | Int(bytes[index + 1]), radix: 16)
    }.joined(separator: ":")
  }
}
