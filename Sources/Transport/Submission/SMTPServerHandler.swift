import Logging
import MailFormats
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// One inbound connection: moves bytes between the socket and the pure session, and the session's questions
/// to the policy. The only handler of a clear-text connection. Used on its event loop only.
final class SMTPServerHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Input kept while a decision is pending, beyond which the socket is not read.
  static let pendingInputMax = 64 * 1024
  /// How long an erring client may take to read our last words before the connection is cut.
  static let lingerTime = TimeAmount.seconds(5)

  let shared: ListenerState
  let registry: ConnectionRegistry
  var session: SMTPServerSession
  var peer: PeerInfo
  /// Who the client is by its address, before and beside AUTH.
  let trusted: Principal?
  var principal: Principal?
  var context: ChannelHandlerContext?
  /// Since when the session has waited for what it waits for.
  var waitingSince = NIODeadline.now()
  private var waitedFor = SMTPServerWait.command
  private var contentBytesBefore = 0
  /// Told apart from a completion that comes late or twice.
  var questionNumber = 0
  var bytesAtPolicy = 0
  private var countedBytes = 0
  private var isCounted = false
  private var isClosing = false
  /// The client has ended its side; it may still be reading.
  private var isInputClosed = false
  private var isDelaying = false
  private var isReadHeld = false
  private var unflushed: [UInt8] = []

  init(_ shared: ListenerState, _ registry: ConnectionRegistry, peer: PeerInfo) {
    self.shared = shared
    self.registry = registry
    self.peer = peer
    trusted = shared.policy.trusted(peer)
    principal = trusted
    session = SMTPServerSession(shared.sessionOptions(for: peer, isTrusted: trusted != nil))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    registry.add(self)
    waitingSince = .now()
    if registry.isDraining {
      session.refuse(.shuttingDown)
    } else if shared.connections.enter(peer.address) {
      isCounted = true
      shared.acceptedConnections.add(1, ordering: .relaxed)
      // With implicit TLS the greeting waits for the handshake.
      if shared.configuration.mode == .startTLS { session.start() }
    } else {
      shared.refusedConnections.add(1, ordering: .relaxed)
      session.refuse(.tooManyConnections)
    }
    pump()
  }

  func channelInactive(context: ChannelHandlerContext) {
    registry.remove(self)
    if isCounted { shared.connections.leave(peer.address) }
    isCounted = false
    isClosing = true
    bytesAtPolicy = 0
    count(0)
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    unwrapInboundIn(data).withUnsafeReadableBytes { session.receive($0) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isClosing { pump() }
  }

  func read(context: ChannelHandlerContext) {
    if mayRead(context) {
      context.read()
    } else {
      isReadHeld = true
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    resumeReading()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { return inputClosed(context) }
    guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
    peer.tls = tlsVersion(of: context.pipeline)
    guard !isClosing else { return }
    if session.waiting == .handshake {
      principal = trusted
      session.secured()
    } else {
      session.start()
    }
    waitingSince = .now()
    pump()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The client has ended its side without TLS's good-bye; `inputClosed` follows.
    if case .uncleanShutdown? = error as? NIOSSLError { return }
    shared.logger.debug("connection lost: \(error)", metadata: ["peer": "\(peer.address)"])
    context.close(promise: nil)
  }

  // MARK: The session

  /// Does what the session wants until it wants input or a decision that takes time, then writes.
  func pump() {
    guard let context else { return }
    var wantsClose = false
    while let action = session.nextAction() {
      switch action {
      case .close: wantsClose = true
      case .startTLS: startTLS(context)
      default: decide(action)
      }
    }
    // A command was answered: the next one has its full time.
    let wait = session.waiting
    if session.hasOutput || wait != waitedFor {
      if wait != waitedFor { contentBytesBefore = session.contentBytes }
      waitedFor = wait
      waitingSince = .now()
    }
    unflushed += session.takeOutput()
    if wantsClose || (isInputClosed && wait != .decision) { isClosing = true }
    if session.suggestedDelay > 0, !unflushed.isEmpty {
      flushLater(context, milliseconds: session.suggestedDelay)
    } else {
      flush(context)
    }
    count(session.bufferedBytes + bytesAtPolicy)
    resumeReading()
  }

  private func flush(_ context: ChannelHandlerContext) {
    guard !isDelaying else { return }
    if isClosing, isInputClosed { return sayLastWords(context) }
    let isGoodbye = unflushed.starts(with: SMTPServerHandler.goodbyeCode)
    if !unflushed.isEmpty {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: unflushed)), promise: nil)
      unflushed = []
    }
    guard isClosing else { return }
    if isGoodbye || session.isSecure {
      context.close(promise: nil)
    } else {
      // Closing with input unread would reset the connection, and the client would never see why.
      context.close(mode: .output, promise: nil)
    }
  }

  private static let goodbyeCode = Array("221".utf8)

  /// The client will say no more. A decision that it waits for it still gets; then nothing is left to do.
  private func inputClosed(_ context: ChannelHandlerContext) {
    isInputClosed = true
    if isClosing, !isDelaying { cut(context) } else { pump() }
  }

  /// Ends the connection of a client that only listens, once it has been sent what is left to say.
  private func sayLastWords(_ context: ChannelHandlerContext) {
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { [weak self] _ in
      guard let context = self?.context else { return }
      context.close(promise: nil)
      self?.cut(context)
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: unflushed)), promise: sent)
    unflushed = []
  }

  /// Closes the socket without waiting for TLS's good-bye, which can't come any more.
  private func cut(_ context: ChannelHandlerContext) {
    let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self)
    (tls ?? context).close(promise: nil)
  }

  private func flushLater(_ context: ChannelHandlerContext, milliseconds: Int) {
    guard !isDelaying else { return }
    isDelaying = true
    context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) { [weak self] in
      guard let self, let context = self.context else { return }
      self.isDelaying = false
      self.flush(context)
      self.resumeReading()
    }
  }

  private func startTLS(_ context: ChannelHandlerContext) {
    unflushed += session.takeOutput()
    isDelaying = false
    flush(context)
    do {
      let handler = NIOSSLServerHandler(context: shared.tls.context)
      try context.pipeline.syncOperations.addHandler(handler, position: .first)
    } catch {
      context.close(promise: nil)
    }
  }

  // MARK: Reading

  private func mayRead(_ context: ChannelHandlerContext) -> Bool {
    if isClosing { return true }
    guard !isDelaying, context.channel.isWritable else { return false }
    return session.wantsInput || session.waiting == .handshake
      || session.bufferedBytes < SMTPServerHandler.pendingInputMax
  }

  private func resumeReading() {
    guard isReadHeld, let context, mayRead(context) else { return }
    isReadHeld = false
    context.read()
  }

  private func count(_ bytes: Int) {
    // Small change stays out of the account: it is bounded by the number of connections.
    let bytes = bytes < 4096 ? 0 : bytes
    guard bytes != countedBytes else { return }
    shared.bufferedBytes.add(bytes - countedBytes, ordering: .relaxed)
    countedBytes = bytes
  }

  // MARK: Time

  /// Called each second.
  func tick(_ now: NIODeadline) {
    let elapsed = now - waitingSince
    if isClosing {
      if elapsed > SMTPServerHandler.lingerTime { closeAtOnce() }
      return
    }
    let limits = shared.configuration.limits
    let isHandshaking = peer.tls == nil && shared.configuration.mode == .implicitTLS
    switch session.waiting {
    case _ where isHandshaking, .handshake:
      if elapsed > .seconds(Int64(limits.handshakeTime)) { closeAtOnce() }
    case .command where elapsed > .seconds(Int64(limits.commandTime)): timeOut()
    case .content where isTooSlow(elapsed, limits): timeOut()
    default: break
    }
  }

  private func isTooSlow(_ elapsed: TimeAmount, _ limits: SMTPListenerLimits) -> Bool {
    let seconds = Int(elapsed.nanoseconds / 1_000_000_000)
    if seconds >= limits.messageTime { return true }
    let bytes = session.contentBytes - contentBytesBefore
    return seconds > limits.rateGrace && bytes < limits.minimumRate * (seconds - limits.rateGrace)
  }

  private func timeOut() {
    session.timeOut()
    pump()
  }

  /// No new message; what is under way may end.
  func shutDown() {
    guard !isClosing else { return }
    session.shutDown()
    pump()
  }

  func closeAtOnce() {
    isClosing = true
    context?.close(promise: nil)
  }
}

/// The TLS version of a channel, such as `TLSv1.3`; nil when it has none.
func tlsVersion(of pipeline: ChannelPipeline) -> String? {
  guard let handler = try? pipeline.syncOperations.handler(type: NIOSSLHandler.self) else { return nil }
  switch handler.tlsVersion {
  case .tlsv13: return "TLSv1.3"
  case .tlsv12: return "TLSv1.2"
  case .tlsv11: return "TLSv1.1"
  case .tlsv1: return "TLSv1.0"
  case nil: return nil
  }
}
