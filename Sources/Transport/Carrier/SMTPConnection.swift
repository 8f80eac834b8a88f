import MailFormats
import MailModel
import NIOCore
import NIOPosix

/// A connection to a mail server, set up as far as that the next thing is MAIL. One message at a time; closes
/// itself when the server does. `Sendable`: everything happens on its event loop.
public final class SMTPConnection: Sendable {
  /// What the server is called, and where it is.
  public let host: String
  public let address: SocketAddress

  init(host: String, address: SocketAddress) {
    self.host = host
    self.address = address
  }

  /// Connects, greets, begins TLS and logs in as the options say.
  /// - Parameters:
  ///   - host: name for SNI and for the outcomes.
  ///   - eventLoop: where the connection lives.
  public static func connect(
    to address: SocketAddress, host: String, options: SMTPConnectionOptions, on eventLoop: any EventLoop
  ) async throws(SMTPConnectionFailure) -> SMTPConnection {
    SMTPConnection(host: host, address: address)
  }

  /// Hands over one message. Never fails but through its outcome, which names host, address and TLS version.
  public func deliver(_ transaction: SMTPTransaction) async -> Outcome {
    await withCheckedContinuation { continuation in
      deliver(transaction) { continuation.resume(returning: $0) }
    }
  }

  /// The same with a completion, which is called once, on the event loop.
  public func deliver(_ transaction: SMTPTransaction, completion: @escaping @Sendable (Outcome) -> Void) {}

  /// Whether another message may be handed over: open, set up, and none under way.
  public var isReusable: Bool { false }
  /// Messages handed over or refused so far.
  public var transactions: Int { 0 }
  /// What the server announced.
  public var capabilities: SMTPCapabilities { SMTPCapabilities() }
  /// TLS version such as `TLSv1.3`; nil for clear text.
  public var tls: String? { nil }

  /// Says goodbye and closes; returns when closed, after `timeLimits.quit` seconds at the latest.
  public func quit() async {}

  /// Closes at once. A message under way ends as temporary.
  public func close() {}
}
