/// The server's side of an SMTP session (RFC 5321) as a pure machine: bytes in, bytes and questions out.
///
/// It answers on its own whatever is only protocol (EHLO, HELO, NOOP, RSET, HELP, VRFY, QUIT, syntax and
/// sequence errors, limits) and asks its driver for the rest. It knows no clock and no socket.
///
/// **How a driver uses it** (one session per connection, all calls from one place, such as an event loop):
///
/// 1. `var session = SMTPServerSession(options)`; at connect `session.start()`, then *pump*.
/// 2. For each read `session.receive(bytes)`, then *pump*. Any split of the input gives the same result.
/// 3. *Pump*: `while let action = session.nextAction() { perform(action) }`, then take what is in
///    `takeOutput()` (often the replies of a whole pipelined group) and write it with one flush. Where
///    `suggestedDelay` is not 0, wait that long before the flush (a client that makes many errors).
/// 4. After `.authenticate`, `.mail`, `.recipient` or `.accept` the session stands still (`nextAction` gives nil)
///    until `decide(reply)`. If the answer is known at once, call `decide` in the loop and go on pumping;
///    if it comes later, write the output there is, and after `decide` pump again. Input that comes
///    meanwhile is kept up to `options.maximumPendingInput`; stop reading while `wantsInput` is false.
/// 5. A positive reply grants, any other refuses. The reply goes out as it is; the session adds nothing. A
///    421 closes the connection behind it.
/// 6. `.startTLS`: write and flush the output (220), add the TLS handler, call `secured()`, pump on. The session
///    has made sure that no byte of clear text is left over; it refuses input until `secured()`.
/// 7. `.close`: write and flush the output, then close. At end of input just drop the session.
/// 8. Deadlines: `waiting` says what for. At a deadline `timeOut()`, at shutdown `shutDown()`, then pump: an idle
///    session says 421 and closes; one that is in the middle of a message closes behind its reply.
///
/// Smuggling is closed off: only CRLF ends a line and only CRLF.CRLF ends DATA; a bare CR, bare LF or NUL in a
/// command ends the connection, in content it is swallowed to the true end, refused, and ends the connection;
/// input behind a command that must be last in its group (RFC 2920) ends the connection; chunks of BDAT
/// are never read as commands, whatever went wrong before.
public struct SMTPServerSession: Sendable {
  public let options: SMTPServerOptions

  public init(_ options: SMTPServerOptions) {
    self.options = options
  }

  /// What it is waiting for.
  public var waiting: SMTPServerWait { .command }
  /// Whether reading on makes sense: false while a decision, a handshake or the end is pending.
  public var wantsInput: Bool { true }
  /// Bytes held: pending input, the message so far, output not yet taken.
  public var bufferedBytes: Int { 0 }
  /// Bytes of content received so far in the message that is under way; 0 outside of one. For minimal rates.
  public var contentBytes: Int { 0 }
  /// Whether AUTH succeeded (since the last STARTTLS).
  public var isAuthenticated: Bool { false }
  /// Whether TLS is on.
  public var isSecure: Bool { false }
  /// The name given with EHLO or HELO.
  public var heloName: String { "" }
  /// Milliseconds that the driver should wait before it writes the output: 0, or 1,000 for a client that has
  /// made more than 5 errors.
  public var suggestedDelay: Int { 0 }

  /// Puts the greeting (220) into the output.
  public mutating func start() {}

  /// Greets with a refusal (such as 421 `.tooManyConnections`) and closes.
  public mutating func refuse(_ reply: SMTPReply) {}

  /// Takes bytes that the client sent. Never blocks, never fails; see `nextAction` for what follows.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer) {}

  /// The next thing to do, or nil when more input or a decision is needed.
  public mutating func nextAction() -> SMTPServerAction? { nil }

  /// Answers the question that `nextAction` gave last. Ignored when there is none (the session was closed).
  public mutating func decide(_ reply: SMTPReply) {}

  /// TLS is on: forgets the client's name, AUTH and everything else said in clear text.
  public mutating func secured() {}

  /// The driver's deadline has passed: 421 4.4.2 and close.
  public mutating func timeOut() {}

  /// No new message: closes at once (421 4.3.2) when none is under way, otherwise behind its reply.
  public mutating func shutDown() {}

  /// The bytes to write, and empties the output.
  public mutating func takeOutput() -> [UInt8] { [] }
  /// Whether there is output to take.
  public var hasOutput: Bool { false }
}
