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
  /// Whether AUTH succeeded (since the last STARTTLS).
  public internal(set) var isAuthenticated = false
  /// Whether TLS is on.
  public internal(set) var isSecure: Bool
  /// The name given with EHLO or HELO; empty before.
  public internal(set) var heloName = ""

  var state = State.command
  var isExtended = false
  var transaction: Transaction?
  var errors = 0
  var authenticationFailures = 0
  var messages = 0
  private var isShuttingDown = false
  private var input: [UInt8] = []
  /// Offset of the first byte of input that was not used yet.
  private var head = 0
  /// How many bytes behind `head` are known to have no LF.
  private var scanned = 0
  var output: [UInt8] = []

  public init(_ options: SMTPServerOptions) {
    self.options = options
    isSecure = options.isSecure
  }

  enum State: Sendable {
    /// Next: whatever a command brings.
    case command
    /// Next: command or deciding.
    case authenticating(Challenge)
    /// DATA up to its end mark. Next: complete.
    case data
    /// BDAT. Next: command, complete or closing.
    case chunk(Chunk)
    /// All content is there. Next: deciding, command or closing.
    case complete
    /// Next: command or closing.
    case deciding(Decision)
    /// Next: command.
    case handshake
    /// Output must still go out. Next: closed.
    case closing
    case closed
  }

  /// What the client was asked for during AUTH.
  enum Challenge: Sendable {
    case plain, loginUser
    case loginPassword(user: [UInt8])
  }

  enum Decision: Sendable {
    case authentication, message
    case mail(SMTPPath, SMTPMailParameters)
    case recipient(SMTPPath, SMTPRecipientParameters)
  }

  struct Chunk: Sendable {
    var remaining: Int
    var isLast: Bool
    /// Set when the chunk is thrown away: what to say behind it.
    var refusal: SMTPCommandError?
  }

  struct Transaction: Sendable {
    var path: SMTPPath
    var parameters: SMTPMailParameters
    var recipients: [SMTPRecipient] = []
    /// Set from DATA or the first BDAT on.
    var content: SMTPContentReceiver?
  }
}

// MARK: What the driver sees

extension SMTPServerSession {
  /// What it is waiting for.
  public var waiting: SMTPServerWait {
    switch state {
    case .command, .authenticating: .command
    case .data, .chunk, .complete: .content
    case .deciding: .decision
    case .handshake: .handshake
    case .closing, .closed: .closed
    }
  }

  /// Whether reading on makes sense: false while a decision, a handshake or the end is pending.
  public var wantsInput: Bool { waiting == .command || waiting == .content }

  /// Bytes held: pending input, the message so far, output not yet taken.
  public var bufferedBytes: Int { pending + (transaction?.content?.body.count ?? 0) + output.count }

  /// Bytes of content received so far in the message that is under way; 0 outside of one. For minimal rates.
  public var contentBytes: Int { transaction?.content?.received ?? 0 }

  /// Milliseconds that the driver should wait before it writes the output: 0, or 1,000 for a client that has
  /// made more than 5 errors.
  public var suggestedDelay: Int { errors > 5 ? 1_000 : 0 }

  /// Whether there is output to take.
  public var hasOutput: Bool { !output.isEmpty }

  /// The bytes to write, and empties the output.
  public mutating func takeOutput() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &output)
    return taken
  }

  /// Gives the bytes to write to `body` and empties the output, keeping its memory; not called when there are none.
  public mutating func drainOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
    guard !output.isEmpty else { return }
    output.withUnsafeBytes(body)
    output.removeAll(keepingCapacity: output.capacity <= 4_096)
  }

  /// Puts the greeting (220) into the output.
  public mutating func start() {
    send(SMTPReply(220, "\(options.hostname) ESMTP Brevdue"))
  }

  /// Greets with a refusal (such as 421 `.tooManyConnections`) and closes.
  public mutating func refuse(_ reply: SMTPReply) {
    close(reply)
  }

  /// Takes bytes that the client sent. Never blocks, never fails; see `nextAction` for what follows.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
    switch state {
    case .closing, .closed:
      return
    case .handshake:
      state = .closing
    case .deciding where pending + bytes.count > options.maximumPendingInput:
      close(SMTPReply(421, .init(4, 7, 0), "Too much input ahead of the replies"))
    case .data, .chunk:
      let used = pending == 0 ? takeContent(bytes) : 0
      keep(UnsafeRawBufferPointer(rebasing: bytes[used...]))
    default:
      keep(bytes)
    }
  }

  /// The next thing to do, or nil when more input or a decision is needed.
  public mutating func nextAction() -> SMTPServerAction? {
    while true {
      switch state {
      case .deciding, .handshake, .closed:
        return nil
      case .closing:
        state = .closed
        transaction = nil
        input = []
        (head, scanned) = (0, 0)
        return .close
      case .command, .authenticating:
        if isShuttingDown, transaction?.content == nil {
          close(.shuttingDown)
          continue
        }
        switch takeLine() {
        case .incomplete: return nil
        case .refused: continue
        case .line(let range): if let action = perform(range) { return action }
        }
      case .chunk(let chunk) where chunk.remaining == 0:
        finish(chunk)
      case .data, .chunk:
        guard drainContent() else { return nil }
      case .complete:
        if let action = finishContent() { return action }
      }
    }
  }

  /// Answers the question that `nextAction` gave last. Ignored when there is none (the session was closed).
  public mutating func decide(_ reply: SMTPReply) {
    guard case .deciding(let decision) = state else { return }
    state = .command
    switch decision {
    case .authentication:
      guard reply.code != 535 else { return failAuthentication(reply) }
      isAuthenticated = reply.isPositive
    case .mail(let path, let parameters):
      if reply.isPositive { transaction = Transaction(path: path, parameters: parameters) }
    case .recipient(let path, let parameters):
      if reply.isPositive { transaction?.recipients.append(.init(path: path, parameters: parameters)) }
    case .message:
      break
    }
    if reply.code == 421 { close(reply) } else { send(reply) }
  }

  /// TLS is on: forgets the client's name, AUTH and everything else said in clear text.
  public mutating func secured() {
    guard case .handshake = state else { return }
    isSecure = true
    isAuthenticated = false
    isExtended = false
    heloName = ""
    transaction = nil
    state = .command
  }

  /// The driver's deadline has passed: 421 4.4.2 and close.
  public mutating func timeOut() {
    close(.timeout)
  }

  /// No new message: closes at once (421 4.3.2) when none is under way, otherwise behind its reply.
  public mutating func shutDown() {
    isShuttingDown = true
  }
}

// MARK: Input

extension SMTPServerSession {
  enum Line {
    case incomplete
    /// Something was wrong with it, and has been answered.
    case refused
    /// Without CRLF; valid until more input is kept.
    case line(Range<Int>)
  }

  /// Bytes of input not used yet.
  var pending: Int { input.count - head }

  private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    if head == input.count {
      input.removeAll(keepingCapacity: input.capacity <= 64 * 1024)
      head = 0
    } else if head > 64 * 1024 {
      input.removeFirst(head)
      head = 0
    }
    input.append(contentsOf: bytes.assumingMemoryBound(to: UInt8.self))
  }

  /// Cuts the next line off the input. Only CRLF ends one.
  private mutating func takeLine() -> Line {
    let start = head
    guard let end = input[(start + scanned)...].firstIndex(of: 0x0A) else {
      scanned = pending
      if scanned > 64 * 1024 { close(Self.lineTooLong) }
      return .incomplete
    }
    head = end + 1
    scanned = 0
    guard end > start, input[end - 1] == 0x0D else { return refuseStray("a bare LF") }
    let line = start..<(end - 1)
    if line.count + 2 > limit(of: start) {
      fail(Self.lineTooLong)
      return .refused
    }
    for byte in input[line] where byte == 0x0D || byte == 0 {
      return refuseStray(byte == 0 ? "a NUL" : "a bare CR")
    }
    return .line(line)
  }

  private static let lineTooLong = SMTPReply(500, .init(5, 5, 2), "Line is too long")

  private mutating func refuseStray(_ what: String) -> Line {
    close(SMTPReply(500, .init(5, 5, 2), "Command has \(what): lines must end with CRLF"))
    return .refused
  }

  /// Longest line at this point, with CRLF.
  private func limit(of start: Int) -> Int {
    if case .authenticating = state { return options.maximumAuthenticationLine }
    let isAuth = input[start...].prefix(5).elementsEqual("AUTH ".utf8) { $0.capital == $1 }
    return isAuth ? options.maximumAuthenticationLine : options.maximumLine
  }

  /// The bytes of a line that `takeLine` gave.
  func bytes(of line: Range<Int>) -> [UInt8] { Array(input[line]) }

  func parse(_ line: Range<Int>) -> Result<SMTPCommand, SMTPCommandError> {
    input.withUnsafeBytes { bytes in
      do throws(SMTPCommandError) {
        return .success(try SMTPCommand(parsing: UnsafeRawBufferPointer(rebasing: bytes[line])))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Uses up kept input as content. False when there was none.
  private mutating func drainContent() -> Bool {
    guard pending > 0 else { return false }
    var kept: [UInt8] = []
    swap(&kept, &input)
    head += kept.withUnsafeBytes { takeContent(UnsafeRawBufferPointer(rebasing: $0[head...])) }
    swap(&kept, &input)
    return true
  }
}

// MARK: Output

extension SMTPServerSession {
  static let maximumErrors = 10

  mutating func send(_ reply: SMTPReply) {
    reply.encode(into: &output)
  }

  /// Replies and ends the session.
  mutating func close(_ reply: SMTPReply) {
    switch state {
    case .closing, .closed: return
    default: break
    }
    send(reply)
    state = .closing
  }

  /// Replies to an error of the client's; too many end the session.
  mutating func fail(_ reply: SMTPReply) {
    errors += 1
    guard errors < Self.maximumErrors else {
      return close(SMTPReply(421, .init(4, 7, 0), "Too many errors, closing the connection"))
    }
    send(reply)
  }
}
