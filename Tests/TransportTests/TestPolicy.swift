import MailFormats
import MailModel
import NIOCore
import Synchronization
import Transport

/// Lets `user` with `secret` in, takes what it is given, and remembers it.
final class TestPolicy: SubmissionPolicy {
  struct State {
    var messages: [SubmittedMessage] = []
    var peers: [PeerInfo] = []
    var logIns = 0
    /// Completions that wait for `release`.
    var held: [@Sendable (SMTPReply) -> Void] = []
  }

  let state = Mutex(State())
  private let trustsEveryone: Bool
  private let holds: Bool
  private static let principal = Principal(token: "user", account: AccountID(1), campaign: nil)

  init(trustsEveryone: Bool = false, holds: Bool = false) {
    self.trustsEveryone = trustsEveryone
    self.holds = holds
  }

  var messages: [SubmittedMessage] { state.withLock { $0.messages } }

  func trusted(_ peer: PeerInfo) -> Principal? { trustsEveryone ? Self.principal : nil }

  func authenticate(
    user: [UInt8], password: [UInt8], peer: PeerInfo,
    completion: @escaping @Sendable (AuthenticationResult) -> Void
  ) {
    state.withLock { $0.logIns += 1 }
    let isRight = user == Array("user".utf8) && password == Array("secret".utf8)
    completion(isRight ? .granted(Self.principal) : .denied)
  }

  func mail(_ path: SMTPPath, _ parameters: SMTPMailParameters, _ principal: Principal) -> SMTPReply {
    .senderOK
  }

  func recipient(
    _ path: SMTPPath, _ parameters: SMTPRecipientParameters, _ principal: Principal
  ) -> SMTPReply {
    path.address.hasPrefix("nobody@") ? SMTPReply(550, .init(5, 1, 1), "No such user") : .recipientOK
  }

  func accept(
    _ message: SubmittedMessage, _ principal: Principal, _ peer: PeerInfo,
    completion: @escaping @Sendable (SMTPReply) -> Void
  ) {
    state.withLock { state in
      state.messages.append(message)
      state.peers.append(peer)
      if holds { state.held.append(completion) }
    }
    if !holds { completion(.ok) }
  }

  /// Answers all messages that are held.
  func release(_ reply: SMTPReply = .ok) {
    let held = state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for completion in held { completion(reply) }
  }
}
