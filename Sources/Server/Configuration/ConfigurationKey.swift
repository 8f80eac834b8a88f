import Storage

/// Every key that configures the server: one place for names, defaults and the words that explain them.
public enum ConfigurationKey: String, CaseIterable, Sendable {
  case dataDirectory = "data.directory"
  case databaseURL = "database.url"
  case roles = "roles"
  case httpListen = "http.listen"
  case httpPublicURL = "http.public-url"
  case smtpListen = "smtp.listen"
  case smtpTLSListen = "smtp.tls-listen"
  case smtpHostname = "smtp.hostname"
  case smtpAllowPlaintextAuth = "smtp.allow-plaintext-auth"
  case smtpTrustedClients = "smtp.trusted-clients"
  case smtpConnectionsPerAddress = "smtp.connections-per-address"
  case tlsCertificateFile = "tls.certificate-file"
  case tlsKeyFile = "tls.key-file"
  case inboundListen = "inbound.listen"
  case deliveryMode = "delivery.mode"
  case deliveryRelay = "delivery.relay"
  case deliveryRelayUser = "delivery.relay-user"
  case deliveryRelayPassword = "delivery.relay-password"
  case deliveryRelayTLS = "delivery.relay-tls"
  case deliveryPort = "delivery.port"
  case deliveryConcurrency = "delivery.concurrency"
  case dnsResolver = "dns.resolver"
  case templatesMissingValues = "templates.missing-values"
  case retentionBodies = "retention.bodies"
  case retentionEvents = "retention.events"
  case retentionMessages = "retention.messages"
  case logLevel = "log.level"
  case logFormat = "log.format"
  case shutdownGrace = "shutdown.grace"

  /// Holds what must never be printed, neither by `doctor` nor in an error about it.
  public var isSecret: Bool { self == .deliveryRelayPassword || self == .databaseURL }

  /// What may be printed of a value.
  func shown(_ value: String) -> String {
    switch self {
    case .databaseURL: DatabaseURL.redacted(value)
    default: isSecret ? "(hidden)" : value
    }
  }

  /// `BREVDUE_` and the key in capitals, `.` and `-` as `_`.
  public var environmentName: String {
    "BREVDUE_" + String(rawValue.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 })
  }

  /// The option of the command line without its dashes, such as `smtp-tls-listen`.
  public var optionName: String {
    String(rawValue.map { $0 == "." ? "-" : $0 })
  }

  /// What holds when nobody sets the key, as text for people; nil when it stays unset.
  public var defaultText: String? {
    switch self {
    case .dataDirectory: "./data"
    case .roles: "all"
    case .httpListen: "127.0.0.1:8080"
    case .httpPublicURL: "from http.listen"
    case .smtpListen: "127.0.0.1:2587"
    case .smtpTLSListen: "127.0.0.1:2465"
    case .smtpHostname: "host name"
    case .smtpAllowPlaintextAuth: "loopback"
    case .smtpConnectionsPerAddress: "50"
    case .tlsCertificateFile, .tlsKeyFile: "self-signed"
    case .inboundListen: "127.0.0.1:2525"
    case .deliveryMode: "capture"
    case .deliveryRelayTLS: "opportunistic"
    case .deliveryPort: "25"
    case .deliveryConcurrency: "20"
    case .dnsResolver: "system"
    case .templatesMissingValues: "error"
    case .retentionBodies: "30d"
    case .retentionEvents, .retentionMessages: "400d"
    case .logLevel: "info"
    case .logFormat: "text"
    case .shutdownGrace: "30"
    case .databaseURL, .smtpTrustedClients, .deliveryRelay, .deliveryRelayUser, .deliveryRelayPassword: nil
    }
  }

  /// What a value must look like; ends the sentence "expected …".
  public var expectation: String {
    switch self {
    case .dataDirectory: "the path of a folder"
    case .databaseURL:
      "a URL such as postgres://USER:PASSWORD@HOST:5432/DATABASE, special characters in it written as %XX"
    case .roles: "all, or a comma list of http, smtp, inbound, delivery, scheduler"
    case .httpListen: "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one"
    case .httpPublicURL: "a URL that starts with https:// or http://, without ? and #"
    case .smtpListen, .smtpTLSListen, .inboundListen:
      "a comma list of HOST:PORT, such as 127.0.0.1:2587 or [::1]:2587 (port 0 takes a free one), or none"
    case .smtpHostname: "a host name, such as mail.example.com"
    case .smtpAllowPlaintextAuth: "never, loopback or always"
    case .smtpTrustedClients:
      "a comma list of NETWORK=TOKEN-ID, such as 10.1.0.0/16=abcdefghij@1000001.smtp.brevdue"
    case .smtpConnectionsPerAddress, .deliveryConcurrency: "a whole number from 1 to 10000"
    case .tlsCertificateFile, .tlsKeyFile: "the path of a PEM file; certificate and key are set together"
    case .deliveryMode: "capture, relay or direct"
    case .deliveryRelay: "HOST:PORT, such as smtp.example.com:587"
    case .deliveryRelayUser, .deliveryRelayPassword: "text; user and password are set together"
    case .deliveryRelayTLS: "off, opportunistic, required or implicit"
    case .deliveryPort: "a port from 1 to 65535"
    case .dnsResolver: "system, or a comma list of ADDRESS or ADDRESS:PORT, such as 127.0.0.1:53"
    case .retentionBodies, .retentionEvents, .retentionMessages: RetentionAge.expectation
    case .logLevel: "trace, debug, info, notice, warning, error or critical"
    case .logFormat: "text or json"
    case .templatesMissingValues: "error or empty"
    case .shutdownGrace: "whole seconds from 0 to 3600"
    }
  }
}
