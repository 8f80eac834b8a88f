/// A host and a port as configuration gives them: `127.0.0.1:2587`, `[::1]:2587`, `mail.example:25`.
public struct HostPort: Sendable, Hashable, CustomStringConvertible {
  /// Name or address, an IPv6 address without its brackets.
  public var host: String
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// - Parameter defaultPort: what stands in for a missing port; without it the port must be given.
  public init?(_ text: String, defaultPort: Int? = nil) {
    var host = Substring(text)
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    if let port {
      guard let number = Int(port), (0...65535).contains(number) else { return nil }
      self.port = number
    } else {
      guard let defaultPort else { return nil }
      self.port = defaultPort
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
