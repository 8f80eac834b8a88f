import MailModel
import Transport

/// An address to connect to, with the name of its host.
struct MailTarget: Sendable, Hashable {
  var host: String
  var address: IPAddress
  var port: Int
}

/// Which of a domain's mail hosts are connected to, by what DNS says of them.
enum MailTargets {
  /// Addresses of one destination that are tried before it counts as unreachable.
  static let addressesMax = 5
  /// The port by which the Internet's mail servers are reached; any other is that of a test or a private network.
  static let internetPort = 25

  enum Choice: Sendable, Hashable {
    /// In the order to try them, at least one.
    case targets([MailTarget])
    /// What becomes of the mail without trying.
    case none(Outcome)
  }

  /// Passes over addresses that are not on the Internet when that is where the mail goes: whoever makes DNS point
  /// to them would have us speak to ourselves or to our neighbours.
  static func choose(_ hosts: [MailHost], of domain: String, port: Int) -> Choice {
    let all = hosts.flatMap { host in
      host.addresses.map { MailTarget(host: host.name, address: $0, port: port) }
    }
    let usable = port == internetPort ? all.filter { $0.address.scope == .internet } : all
    guard usable.isEmpty else { return .targets(Array(usable.prefix(addressesMax))) }
    let refused = all.prefix(addressesMax).map { "\($0.host) is at \($0.address), \($0.address.scope.words)" }
      .joined(separator: "; ")
    if let unknown = hosts.first(where: \.addresses.isEmpty) {
      let text = "the address of \(unknown.name) could not be looked up"
      return .none(.temporary(unresolved(refused.isEmpty ? text : "\(text); \(refused)")))
    }
    // RFC 3463: unable to route. Permanent, as with an MX that leads back to the sender: time does not mend it.
    let answer = RemoteAnswer(
      stage: .resolve, code: 550, enhancedStatus: "5.4.4",
      text: "no mail host of \(domain) can be reached over the Internet: \(refused). "
        + "Whoever runs \(domain) must correct its MX or address records")
    return .none(.permanent(answer))
  }

  static func unresolved(_ text: String) -> RemoteAnswer {
    RemoteAnswer(stage: .resolve, code: 0, enhancedStatus: "4.4.3", text: text)
  }
}
