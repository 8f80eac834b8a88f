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
/// 4. `.startTLS`: the session made sure that nothing came behind the 220; handshake, `secured()`, pump. If the
///    handshake fails, close; whether to try again in clear text is the caller's decision.
/// 5. At end of input or a socket error `connectionClosed(_:)`, at a deadline `timeOut()`, then pump: it gives the
///    outcome of what was under way, and `.close`.
///
/// The outcomes' `RemoteAnswer` has stage, code, enhanced status and text (the remote's words as it sent them,
/// without the code); host, address and TLS version are the driver's to add. Where the remote sent no
/// enhanced status, the one that fits its code is there; where it said nothing, code is 0 and the text is ours.
///
/// A 5yz reply is `.permanent` in a transaction. While the session is set up (greeting, EHLO, STARTTLS, AUTH) it speaks
/// of us or of this host, not of the message, so it is `.temporary` but for 521 and 556 (the host takes no mail at all,
/// RFC 7504); 421 is temporary everywhere.
public struct SMTPClientSession: Sendable {
  public let options: SMTPClientOptions
  /// What the server announced, since the handshake if there was one.
  public internal(set) var capabilities = SMTPCapabilities()
  /// Whether TLS is on.
  public internal(set) var isSecure: Bool

  var state = State.greeting
  var parser = SMTPReplyParser()
  var output: [UInt8] = []
  /// To be given before anything else happens.
  var action: SMTPClientAction?
  /// Set while there is a transaction.
  var exchange: Exchange?
  /// The server still has a transaction that failed.
  var needsReset = false

  public init(_ options: SMTPClientOptions) {
    self.options = options
    isSecure = options.tls == .implicit
  }

  enum State: Sendable {
    case greeting, ehlo, helo, startTLS, handshake
    case authenticating(Response)
    case idle
    case transaction(Step)
    /// QUIT is said.
    case quitting
    /// `action` and output must still go out.
    case closing
    case closed
  }

  /// What is said next if the server asks during AUTH.
  enum Response: Sendable {
    case loginUser, loginPassword, nothing
  }

  /// The reply that is expected next in a transaction. With PIPELINING the commands went out together.
  enum Step: Sendable {
    case reset, mail, recipient, data, dot

    var stage: DeliveryStage {
      switch self {
      case .reset, .mail: .mail
      case .recipient: .rcpt
      case .data: .data
      case .dot: .dot
      }
    }
  }
}

// MARK: What the driver sees

extension SMTPClientSession {
  /// What it is waiting for.
  public var waiting: SMTPClientWait {
    switch state {
    case .greeting: .reply(.greeting)
    case .ehlo, .helo: .reply(.ehlo)
    case .startTLS: .reply(.starttls)
    case .handshake: .handshake
    case .authenticating: .reply(.auth)
    case .idle: .idle
    case .transaction(.dot) where exchange?.hasContent == true: .reply(.data)
    case .transaction(let step): .reply(step.stage)
    case .quitting: .quit
    case .closing, .closed: .closed
    }
  }

  /// Whether `begin` may be called.
  public var isReady: Bool {
    guard case .idle = state else { return false }
    return action == nil
  }

  /// Takes bytes that the server sent.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
    switch state {
    case .closing, .closed: return
    case .handshake: end(0, .init(4, 7, 0), "the server sent clear text during the TLS handshake")
    default: parser.receive(bytes)
    }
  }

  /// The next thing to do, or nil when more input is needed.
  public mutating func nextAction() -> SMTPClientAction? {
    while true {
      if let next = action.take() { return next }
      switch state {
      case .closed:
        return nil
      case .closing:
        state = .closed
        return .close
      default:
        break
      }
      do throws(SMTPReplyError) {
        guard let reply = try parser.next() else { return nil }
        take(reply)
      } catch {
        end(0, .init(4, 5, 0), error.text)
      }
    }
  }

  /// Starts to hand over a message; only while `isReady`, ignored otherwise.
  public mutating func begin(_ transaction: SMTPTransaction) {
    guard isReady else { return }
    start(transaction)
  }

  /// Says goodbye; `.close` follows when the server has answered. In the middle of something it just ends.
  public mutating func quit() {
    switch state {
    case .idle:
      write("QUIT\r\n")
      state = .quitting
    case .quitting, .closing, .closed:
      break
    default:
      end(0, .init(4, 4, 2), "the connection was closed by us")
    }
  }

  /// TLS is on: capabilities are forgotten, EHLO is said again.
  public mutating func secured() {
    guard case .handshake = state else { return }
    isSecure = true
    capabilities = SMTPCapabilities()
    sayHello()
  }

  /// The connection is gone; `reason` is for people.
  public mutating func connectionClosed(_ reason: String = "the connection was closed") {
    end(0, .init(4, 4, 2), reason)
  }

  /// The driver's deadline has passed.
  public mutating func timeOut() {
    end(0, .init(4, 4, 1), "the server did not answer in time")
  }

  /// Whether there is output to take.
  public var hasOutput: Bool { !output.isEmpty || exchange?.hasContent == true }

  /// At least `limit` bytes to write where there are so many, a little more at most.
  public mutating func takeOutput(limit: Int = .max) -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &output)
    if taken.count < limit { exchange?.appendContent(to: &taken, limit: limit - taken.count) }
    return taken
  }
}

// MARK: Setting up

extension SMTPClientSession {
  private mutating func take(_ reply: SMTPReply) {
    switch state {
    case .greeting:
      if reply.code == 220 { sayHello() } else { end(with: reply) }
    case .ehlo:
      tookHello(reply)
    case .helo:
      if reply.isPositive { afterHello() } else { end(with: reply) }
    case .startTLS:
      tookStartTLS(reply)
    case .authenticating(let response):
      tookAuthentication(reply, response)
    case .transaction(let step):
      took(reply, at: step)
    case .idle, .quitting:
      // Nothing was asked: 421 of a server that is going away, or one that has lost count.
      state = .closing
    case .handshake, .closing, .closed:
      break
    }
  }

  private mutating func sayHello() {
    write("EHLO \(options.ehloName)\r\n")
    state = .ehlo
  }

  private mutating func tookHello(_ reply: SMTPReply) {
    if reply.isPositive {
      capabilities = SMTPCapabilities(reply)
      afterHello()
    } else if reply.isPermanent, reply.code != 521, reply.code != 556 {
      write("HELO \(options.ehloName)\r\n")
      state = .helo
    } else {
      end(with: reply)
    }
  }

  private mutating func afterHello() {
    let wantsTLS = !isSecure && (options.tls == .opportunistic || options.tls == .required)
    guard wantsTLS, capabilities.startTLS else { return withoutStartTLS() }
    write("STARTTLS\r\n")
    state = .startTLS
  }

  private mutating func withoutStartTLS() {
    guard isSecure || options.tls != .required else {
      state = .startTLS
      return end(0, .init(4, 7, 0), "the server does not offer STARTTLS, which is required")
    }
    guard options.user != nil else { return becomeReady() }
    authenticate()
  }

  private mutating func tookStartTLS(_ reply: SMTPReply) {
    guard reply.code == 220 else {
      if reply.code == 421 || options.tls == .required { return end(with: reply) }
      return withoutStartTLS()
    }
    guard parser.bufferedBytes == 0 else {
      return end(0, .init(4, 7, 0), "the server sent more than its reply to STARTTLS; that may be an attack")
    }
    state = .handshake
    action = .startTLS
  }

  private mutating func becomeReady() {
    state = .idle
    action = .ready
  }

  private mutating func authenticate() {
    state = .authenticating(.nothing)
    guard isSecure || options.allowsPlaintextAuthentication else {
      return end(0, .init(4, 7, 0), "AUTH is configured, but the connection is not encrypted")
    }
    let user = Array((options.user ?? "").utf8)
    if capabilities.authPlain {
      let response = [0] + user + [0] + Array((options.password ?? "").utf8)
      write("AUTH PLAIN \(Base64.encodeText(response))\r\n")
    } else if capabilities.authLogin {
      write("AUTH LOGIN\r\n")
      state = .authenticating(.loginUser)
    } else {
      end(0, .init(4, 7, 0), "AUTH is configured, but the server offers neither PLAIN nor LOGIN")
    }
  }

  private mutating func tookAuthentication(_ reply: SMTPReply, _ response: Response) {
    if reply.isPositive { return becomeReady() }
    guard reply.code == 334 else { return end(with: reply) }
    switch response {
    case .loginUser:
      write(Base64.encodeText(Array((options.user ?? "").utf8)) + "\r\n")
      state = .authenticating(.loginPassword)
    case .loginPassword:
      write(Base64.encodeText(Array((options.password ?? "").utf8)) + "\r\n")
      state = .authenticating(.nothing)
    case .nothing:
      end(with: reply)
    }
  }
}

// MARK: Ending

extension SMTPClientSession {
  mutating func write(_ text: String) {
    output.append(contentsOf: text.utf8)
  }

  /// The session can't be set up, because of this reply.
  private mutating func end(with reply: SMTPReply) {
    guard case .reply(let stage) = waiting else { return }
    let answer = RemoteAnswer(reply, at: stage)
    let isFinal = reply.code == 521 || reply.code == 556
    action = .unusable(isFinal ? .permanent(answer) : .temporary(answer))
    state = .closing
  }

  /// The connection is of no more use; what was under way has failed for now.
  mutating func end(_ code: Int, _ status: SMTPEnhancedStatus, _ text: String) {
    func answer(_ stage: DeliveryStage) -> Outcome {
      .temporary(RemoteAnswer(stage: stage, code: code, enhancedStatus: status.description, text: text))
    }
    switch state {
    case .closing, .closed:
      return
    case .idle, .quitting:
      break
    case .handshake:
      action = .unusable(answer(.starttls))
    case .transaction(let step):
      let failure = exchange?.failure
      action = .finished(failure ?? answer(waiting == .reply(.data) ? .data : step.stage))
      exchange = nil
    case .greeting, .ehlo, .helo, .startTLS, .authenticating:
      guard case .reply(let stage) = waiting else { break }
      action = .unusable(answer(stage))
    }
    output = []
    state = .closing
  }
}

extension RemoteAnswer {
  init(_ reply: SMTPReply, at stage: DeliveryStage) {
    let enhanced = reply.enhanced ?? .fitting(reply.code)
    self.init(stage: stage, code: reply.code, enhancedStatus: enhanced.description, text: reply.text)
  }
}
