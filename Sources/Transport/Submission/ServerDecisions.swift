import Logging
import MailFormats
import NIOCore
import Synchronization

extension SMTPServerHandler {
  /// Puts a session's question to the policy. All but `accept` are answered before it returns.
  func decide(_ action: SMTPServerAction) {
    switch action {
    case .authenticate(let user, let password): session.decide(authenticate(user, password))
    case .mail(let path, let parameters): session.decide(mail(path, parameters))
    case .recipient(let path, let parameters):
      session.decide(principal.map { shared.policy.recipient(path, parameters, $0) } ?? .localError)
    case .accept(let message): accept(message)
    case .startTLS, .close: break
    }
  }

  private func authenticate(_ user: [UInt8], _ password: [UInt8]) -> SMTPReply {
    guard !shared.failures.isBlocked(peer.address) else { return .tooManyFailures }
    switch shared.policy.authenticate(user: user, password: password, peer: peer) {
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
    acceptNumber += 1
    bytesAtPolicy = message.body.count
    let number = acceptNumber
    let eventLoop = context.eventLoop
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    shared.policy.accept(message, principal, peer) { reply in
      eventLoop.execute { bound.value.finishAccept(reply, number) }
    }
  }

  /// On the event loop, when the policy has answered. The connection may be gone by then.
  private func finishAccept(_ reply: SMTPReply, _ number: Int) {
    guard number == acceptNumber, session.waiting == .decision else { return }
    bytesAtPolicy = 0
    if reply.isPositive {
      shared.acceptedMessages.add(1, ordering: .relaxed)
    } else {
      shared.refusedMessages.add(1, ordering: .relaxed)
    }
    session.decide(reply)
    pump()
  }
}

extension SMTPReply {
  /// To a client that has failed to log in too often; it closes the connection.
  static let tooManyFailures = SMTPReply(
    421, .init(4, 7, 0), "Too many failed log-ins from your address, please try again later")
}
