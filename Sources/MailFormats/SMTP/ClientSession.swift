import MailModel

/// The client's side of an SMTP session as a pure machine: bytes in, bytes and outcomes out.
///
/// **How a driver uses it** (one session per connection, all calls from one place):
///
/// 1. `var session = SMTPClientSession(options)`. It waits for the greeting.
/// 2. For each read `session.receive(bytes)`, then *pump*: `while let action = session.nextAction() { … }`, then
///    write `takeOutput(limit:)` while `hasOutput`; with a limit a large message goes out piece by piece as the
///    connection becomes writable.
/// 3. `.ready`: `begin(transaction)`, then pump. `.finished(outcome)`: the next `begin`, or `quit()`. One
///    transaction at a time. With PIPELINING a transaction costs two round trips.
/// 4. `.startTLS`: the session made sure that nothing came behind the 220; handshake, `secured()`, pump. If the handshake
///    fails, close; whether to try again in clear text is the caller's decision.
/// 5. At end of input or a socket error `connectionClosed(_:)`, at a deadline `timeOut()`, then pump: it gives the
///    outcome of what was under way, and `.close`.
///
/// The outcomes' `RemoteAnswer` has stage, code, enhanced status and text; host, address and TLS version are the
/// driver's to add. Where the remote sent no enhanced status, the one that fits its code is there.
public struct SMTPClientSession: Sendable {
  public let options: SMTPClientOptions

  public init(_ options: SMTPClientOptions) {
    self.options = options
  }

  /// What the server announced, since the handshake if there was one.
  public var capabilities: SMTPCapabilities { SMTPCapabilities() }
  /// What it is waiting for.
  public var waiting: SMTPClientWait { .reply(.greeting) }
  /// Whether `begin` may be called.
  public var isReady: Bool { false }
  /// Whether TLS is on.
  public var isSecure: Bool { false }

  /// Takes bytes that the server sent.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer) {}

  /// The next thing to do, or nil when more input is needed.
  public mutating func nextAction() -> SMTPClientAction? { nil }

  /// Starts to hand over a message; only while `isReady`, ignored otherwise.
  public mutating func begin(_ transaction: SMTPTransaction) {}

  /// Says goodbye; `.close` follows when the server has answered.
  public mutating func quit() {}

  /// TLS is on: capabilities are forgotten, EHLO is said again.
  public mutating func secured() {}

  /// The connection is gone; `reason` is for people.
  public mutating func connectionClosed(_ reason: String = "the connection was closed") {}

  /// The driver's deadline has passed.
  public mutating func timeOut() {}

  /// At least `limit` bytes to write where there are so many, a little more at most.
  public mutating func takeOutput(limit: Int = .max) -> [UInt8] { [] }
  /// Whether there is output to take.
  public var hasOutput: Bool { false }
}
