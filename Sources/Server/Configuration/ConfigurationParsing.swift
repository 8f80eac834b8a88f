import Glibc
import Transport

/// Texts of the configuration to values; nil is "not what was expected".
enum ConfigurationParsing {
  static func filled(_ text: String) -> String? { text.isEmpty ? nil : text }

  static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
    decimal(text).flatMap { range.contains($0) ? $0 : nil }
  }

  /// The elements between commas; one that is wrong makes all of it wrong.
  static func list<Element>(_ text: String, parse: (String) -> Element?) -> [Element]? {
    var elements: [Element] = []
    for piece in text.split(separator: ",", omittingEmptySubsequences: true) {
      let piece = trimmed(String(piece))
      if piece.isEmpty { continue }
      guard let element = parse(piece) else { return nil }
      elements.append(element)
    }
    return elements
  }

  /// `none` and the empty text switch a listener off.
  static func listeners(_ text: String) -> [HostPort]? {
    text == "none" ? [] : list(text) { hostPort($0) }
  }

  /// With a host that can be one; `HostPort` itself takes any text for a host.
  static func hostPort(_ text: String, defaultPort: Int? = nil) -> HostPort? {
    guard let endpoint = HostPort(text, defaultPort: defaultPort) else { return nil }
    return IPAddress(endpoint.host) != nil || hostname(endpoint.host) != nil ? endpoint : nil
  }

  static func resolvers(_ text: String) -> [HostPort]? {
    if text == "system" { return [] }
    return list(text) { piece in
      guard let endpoint = hostPort(piece, defaultPort: 53), endpoint.port > 0,
        IPAddress(endpoint.host) != nil
      else { return nil }
      return endpoint
    }
  }

  static func roles(_ text: String) -> Set<ServerConfiguration.Role>? {
    if text == "all" { return Set(ServerConfiguration.Role.allCases) }
    guard let roles = list(text, parse: ServerConfiguration.Role.init(rawValue:)), !roles.isEmpty else {
      return nil
    }
    return Set(roles)
  }

  static func publicURL(_ text: String) -> String? {
    let schemes = ["https://", "http://"]
    guard let scheme = schemes.first(where: { text.hasPrefix($0) }), text.utf8.count > scheme.utf8.count,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    else { return nil }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  static func hostname(_ text: String) -> String? {
    let isFit = !text.isEmpty && text.utf8.count <= 253 && text.utf8.allSatisfy(isHostByte)
    return isFit ? text : nil
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// The machine's own name, `localhost` where it has none that SMTP could speak.
  static func systemHostname() -> String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
    let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return hostname(String(decoding: name, as: UTF8.self)) ?? "localhost"
  }
}

extension ConfigurationKey {
  /// The key that was probably meant: at most a third of its letters differ.
  static func nearest(to text: String) -> ConfigurationKey? {
    let scored = allCases.map { (key: $0, distance: editDistance(Array($0.rawValue.utf8), Array(text.utf8))) }
    guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance * 3 <= best.key.rawValue.utf8.count ? best.key : nil
  }

  private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
