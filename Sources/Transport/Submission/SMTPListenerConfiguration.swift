import MailFormats

/// Where and how a listener takes mail.
public struct SMTPListenerConfiguration: Sendable {
  /// When TLS begins.
  public enum Mode: Sendable, Hashable {
    /// In clear text, with STARTTLS offered (port 587).
    case startTLS
    /// With the first byte (port 465).
    case implicitTLS
  }

  /// Where AUTH may be used without TLS.
  public enum PlaintextAuthentication: String, Sendable, CaseIterable {
    case never, loopback, always
  }

  /// For logs, such as `smtp`.
  public var name: String
  /// Addresses with port to listen on; port 0 takes a free one.
  public var addresses: [HostPort]
  public var mode: Mode
  /// Stands in the greeting and in the EHLO reply.
  public var hostname: String
  public var plaintextAuthentication = PlaintextAuthentication.loopback
  public var limits = SMTPListenerLimits()

  public init(name: String, addresses: [HostPort], mode: Mode, hostname: String) {
    self.name = name
    self.addresses = addresses
    self.mode = mode
    self.hostname = hostname
  }
}

/// What one client, and all together, may take of a listener.
public struct SMTPListenerLimits: Sendable {
  /// Connections at a time from one IPv4 address or IPv6 /64, and of all.
  public var connectionsPerAddress = 50
  public var connections = 5_000
  /// Bytes of a message, recipients of a message, messages of a connection.
  public var messageSize = 25 * 1024 * 1024
  public var recipients = 1_000
  public var messages = 1_000
  /// Bytes that all connections together may hold of messages; above it MAIL gets 452 4.3.1.
  public var bufferedBytes = 256 * 1024 * 1024
  /// Seconds for a whole command to come, for a TLS handshake, and for a message.
  public var commandTime = 300
  public var handshakeTime = 30
  public var messageTime = 600
  /// Least bytes a second while a message is coming, once `rateGrace` seconds have passed.
  public var minimumRate = 1024
  public var rateGrace = 30
  /// Failed log-ins of one IPv4 address or IPv6 /64 in ten minutes; more are refused unchecked.
  public var authenticationFailures = 10
  /// Seconds that messages under way have to finish at shutdown.
  public var shutdownGrace = 20

  public init() {}
}
