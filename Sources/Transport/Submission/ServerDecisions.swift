import Logging
import MailFormats
import NIOCore
import Synchronization

extension SMTPServerHandler {
  /// Puts a session's question to the policy. Log-ins and messages are answered later.
  func decide(_ action: SMTPServerAction) {
    switch action {
    case .authenticate(let user, let password): authenticate(user, password)
    case .mail(let path, let parameters): session.decide(mail(path, parameters))
    case .recipient(let path, let parameters):
      session.decide(principal.map { shared.policy.recipient(path, parameters, $0) } ?? .localError)
    case .accept(let message): accept(message)
    case .startTLS, .close: break
    }
  }

  private func authenticate(_ user: [UInt8], _ password: [UInt8]) {
    guard let context else { return session.decide(.localError) }
    guard !shared.failures.isBlocked(peer.address) else { return session.decide(.tooManyFailures) }
    let later = DecisionToCome(self, context.eventLoop)
    shared.policy.authenticate(user: user, password: password, peer: peer) { result in
      later.make { $0.reply(to: result) }
    }
  }

  private func reply(to result: AuthenticationResult) -> SMTPReply {
    switch result {
    case .granted(let principal):
      self.principal = principal
      return .authenticated
    case .unavailable(let reply):
      return reply
    case .denied:
      shared.failures.record(peer.address)
      shared.authenticationFailures.add(1, ordering: .relaxed)
      shared.logger.info("log-in refused", metadata: ["peer": "\(peer.address)"])
      return .authenticationFailed
    }
  }

  private func mail(_ path: SMTPPath, _ parameters: SMTPMailParameters) -> SMTPReply {
    // Cannot be: the session demands AUTH from clients that are not trusted.
    guard let principal else { return .localError }
    guard shared.bufferedBytes.load(ordering: .relaxed) < shared.configuration.limits.bufferedBytes else {
      return .insufficientStorage
    }
    return shared.policy.mail(path, parameters, principal)
  }

  private func accept(_ message: SubmittedMessage) {
    guard let context, let principal else {
      session.decide(.localError)
      return
    }
    bytesAtPolicy = message.body.count
    let later = DecisionToCome(self, context.eventLoop)
    shared.policy.accept(message, principal, peer) { reply in
      later.make { handler in
        handler.noteAccepted(reply)
        return reply
      }
    }
  }

  private func noteAccepted(_ reply: SMTPReply) {
    bytesAtPolicy = 0
    if reply.isPositive {
      shared.acceptedMessages.add(1, ordering: .relaxed)
    } else {
      shared.refusedMessages.add(1, ordering: .relaxed)
    }
  }
}

/// A question that the policy answers later, from any thread. The connection may be gone by then.
private struct DecisionToCome: Sendable {
  private let handler: NIOLoopBound<SMTPServerHandler>
  private let eventLoop: any EventLoop
  private let number: Int

  /// On the event loop.
  init(_ handler: SMTPServerHandler, _ eventLoop: any EventLoop) {
    handler.questionNumber += 1
    number = handler.questionNumber
    self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    self.eventLoop = eventLoop
  }

  func make(_ reply: @escaping @Sendable (SMTPServerHandler) -> SMTPReply) {
    eventLoop.execute {
      let handler = handler.value
      guard number == handler.questionNumber, handler.session.waiting == .decision else { return }
      handler.session.decide(reply(handler))
      handler.pump()
    }
  }
}

extension SMTPReply {
  /// To a client that has failed to log in too often; it closes the connection.
  static let tooManyFailures = SMTPReply(
    421, .init(4, 7, 0), "Too many failed log-ins from your address, please try again later")
}
