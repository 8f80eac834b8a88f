import MailFormats
import MailModel

/// How to talk to a server.
public struct SMTPConnectionOptions: Sendable {
  /// EHLO name, use of TLS, AUTH.
  public var session: SMTPClientOptions
  /// Checks the server's certificate against this name and the system's roots; nil: any certificate will do,
  /// as opportunistic TLS has to.
  public var verifiedName: String?
  /// Source address; nil: the system's choice.
  public var localAddress: IPAddress?
  public var timeLimits = SMTPTimeLimits()

  public init(session: SMTPClientOptions) {
    self.session = session
  }
}

/// Seconds to wait at each stage (RFC 5321 4.5.3.2).
public struct SMTPTimeLimits: Sendable {
  public var connect = 30
  public var handshake = 60
  /// Greeting, EHLO, AUTH, MAIL, RCPT, DATA.
  public var reply = 300
  /// While the message is being written: from one part taken to the next.
  public var block = 180
  /// The reply to the final dot.
  public var dot = 600
  public var quit = 10

  public init() {}
}

/// Why there is no connection to use.
public struct SMTPConnectionFailure: Error, Sendable {
  /// `temporary` or `permanent`, with the stage.
  public var outcome: Outcome
  /// The TLS handshake failed: opportunistic TLS may try again in clear text.
  public var isTLSFailure: Bool

  public init(outcome: Outcome, isTLSFailure: Bool = false) {
    self.outcome = outcome
    self.isTLSFailure = isTLSFailure
  }
}
