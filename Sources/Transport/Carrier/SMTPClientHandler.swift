import MailFormats
import MailModel
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// One outbound connection: moves bytes between the socket and the pure session, and tells what came of it.
/// Used on its event loop only.
final class SMTPClientHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Bytes of a message taken at a time, while the socket takes them.
  private static let blockSize = 128 * 1024
  /// How long we wait for a connection to end that we have closed.
  private static let closeTime = 10

  let shared = SMTPConnection.SharedStatus()
  private let host: String
  private let address: SocketAddress
  private let ipAddress: String?
  private let options: SMTPConnectionOptions
  private var session: SMTPClientSession
  private var context: ChannelHandlerContext?
  private var tls: String?
  /// Called once, with nil when the connection may be used.
  var onSetUp: ((SMTPConnectionFailure?) -> Void)?
  private var onOutcome: ((Outcome) -> Void)?
  /// Whether the message under way may still be sent.
  private var permit: () -> Bool = { true }
  private var onClose: [() -> Void] = []
  private var isHandshaking = false
  private var isTLSFailure = false
  private var isClosed = false
  private var isPumping = false
  private var deadline = NIODeadline.distantFuture
  private var timer: Scheduled<Void>?
  private var timerDeadline = NIODeadline.distantFuture
  private var lossReason: String?

  init(host: String, address: SocketAddress, options: SMTPConnectionOptions) {
    self.host = host
    self.address = address
    self.options = options
    ipAddress = IPAddress(address)?.description
    session = SMTPClientSession(options.session)
    isHandshaking = options.session.tls == .implicit
  }

  func makeTLSHandler() throws -> NIOSSLClientHandler {
    try ClientTLS.makeHandler(host: host, verifiedName: options.verifiedName)
  }

  // MARK: What the connection's users want

  func deliver(
    _ transaction: SMTPTransaction, _ permit: @escaping () -> Bool, _ completion: @escaping (Outcome) -> Void
  ) {
    guard session.isReady, onOutcome == nil, context != nil else {
      completion(.temporary(answer(.mail, "4.4.2", "the connection is not open any more")))
      return
    }
    onOutcome = completion
    self.permit = permit
    shared.status.withLock { status in
      status.isReusable = false
      status.transactions += 1
    }
    session.begin(transaction)
    pump()
  }

  func quit(_ completion: @escaping () -> Void) {
    guard !isClosed, context != nil else { return completion() }
    onClose.append(completion)
    session.quit()
    pump()
  }

  func closeAtOnce(_ reason: String) {
    guard !isClosed else { return }
    lossReason = lossReason ?? reason
    context?.close(promise: nil)
  }

  func connectFailed(_ error: any Error) {
    // When the session has said something already, that is the better reason.
    finishSetUp(.temporary(answer(.connect, "4.4.1", describe(error, options.timeLimits.connect))))
  }

  // MARK: What the connection does

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    pump()
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { channelActive(context: context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosed else { return }
    unwrapInboundIn(data).withUnsafeReadableBytes { session.receive($0) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    pump()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { pump() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
    isHandshaking = false
    tls = tlsVersion(of: context.pipeline)
    if session.waiting == .handshake { session.secured() }
    pump()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if isHandshaking { isTLSFailure = true }
    lossReason = lossReason ?? describe(error, 0)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if isHandshaking { isTLSFailure = true }
    isClosed = true
    session.connectionClosed(lossReason ?? "the server closed the connection")
    pump()
    timer?.cancel()
    timer = nil
    self.context = nil
    // The session has told; this is for what it could not know of.
    let reason = lossReason ?? "the connection was closed"
    finishSetUp(.temporary(answer(.connect, "4.4.2", reason)))
    finishTransaction(.temporary(answer(.mail, "4.4.2", reason)))
    let waiters = onClose
    onClose = []
    for waiter in waiters { waiter() }
  }

  // MARK: The session

  private func pump() {
    // An outcome's receiver may begin the next transaction from within.
    guard !isPumping, let context else { return }
    isPumping = true
    var wantsClose = false
    while let action = session.nextAction() {
      switch action {
      case .startTLS: startTLS(context)
      case .ready: finishSetUp(nil)
      case .unusable(let outcome): finishSetUp(outcome)
      case .finished(let outcome): finishTransaction(outcome)
      case .close: wantsClose = true
      }
    }
    let isForbidden = !write(context)
    isPumping = false
    if isForbidden { return closeAtOnce("it was no longer ours to send") }
    if wantsClose, !isClosed {
      setReusable(false)
      context.close(promise: nil)
    }
    setDeadline(context)
  }

  /// False when the message under way may not be sent any more.
  private func write(_ context: ChannelHandlerContext) -> Bool {
    guard !isClosed else { return true }
    // Flushed one by one: a flush that the socket takes at once makes the channel writable again from within,
    // and that is seen here, not by `channelWritabilityChanged`.
    while session.hasOutput, context.channel.isWritable {
      if onOutcome != nil, !permit() { return false }
      let bytes = session.takeOutput(limit: SMTPClientHandler.blockSize)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
    return true
  }

  private func startTLS(_ context: ChannelHandlerContext) {
    isHandshaking = true
    do {
      try context.pipeline.syncOperations.addHandler(makeTLSHandler(), position: .first)
    } catch {
      errorCaught(context: context, error: error)
    }
  }

  private func finishSetUp(_ outcome: Outcome?) {
    guard let onSetUp else { return }
    self.onSetUp = nil
    guard let outcome else {
      shared.status.withLock { status in
        status.isReusable = true
        status.capabilities = session.capabilities
        status.tls = tls
      }
      return onSetUp(nil)
    }
    onSetUp(SMTPConnectionFailure(outcome: complete(outcome), isTLSFailure: isTLSFailure))
    if !isClosed { context?.close(promise: nil) }
  }

  private func finishTransaction(_ outcome: Outcome) {
    guard let onOutcome else { return }
    self.onOutcome = nil
    setReusable(session.isReady && !isClosed)
    onOutcome(complete(outcome))
  }

  private func setReusable(_ isReusable: Bool) {
    shared.status.withLock { $0.isReusable = isReusable }
  }

  // MARK: Outcomes

  private func answer(_ stage: DeliveryStage, _ status: String, _ text: String) -> RemoteAnswer {
    RemoteAnswer(
      stage: stage, code: 0, enhancedStatus: status, text: text, host: host, ipAddress: ipAddress, tls: tls)
  }

  /// Adds what the session can't know.
  private func complete(_ outcome: Outcome) -> Outcome {
    func completed(_ answer: RemoteAnswer) -> RemoteAnswer {
      var answer = answer
      answer.host = host
      answer.ipAddress = ipAddress
      answer.tls = tls
      return answer
    }
    return switch outcome {
    case .delivered(let answer): .delivered(completed(answer))
    case .temporary(let answer): .temporary(completed(answer))
    case .permanent(let answer): .permanent(completed(answer))
    }
  }

  // MARK: Time

  private func timeLimit() -> Int? {
    let limits = options.timeLimits
    if isHandshaking { return limits.handshake }
    return switch session.waiting {
    case .reply(.dot): limits.dot
    case .reply(.data) where session.hasOutput: limits.block
    case .reply: limits.reply
    case .handshake: limits.handshake
    case .quit: limits.quit
    case .closed: SMTPClientHandler.closeTime
    case .idle: nil
    }
  }

  /// Moves the deadline. The timer is left where it is unless it would be late: it looks again when it fires.
  private func setDeadline(_ context: ChannelHandlerContext) {
    guard !isClosed, let limit = timeLimit() else {
      deadline = .distantFuture
      return
    }
    deadline = .now() + .seconds(Int64(limit))
    if timer == nil || timerDeadline > deadline { startTimer(context) }
  }

  private func startTimer(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timerDeadline = deadline
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
      self?.timerFired()
    }
  }

  private func timerFired() {
    timer = nil
    guard !isClosed, let context, deadline < .distantFuture else { return }
    if deadline > .now() { return startTimer(context) }
    if session.waiting == .closed || isHandshaking { return closeAtOnce("no answer in time") }
    session.timeOut()
    pump()
  }
}
