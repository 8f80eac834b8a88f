/// AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN.
extension SMTPServerSession {
  static let maximumAuthenticationFailures = 3

  mutating func authenticate(_ mechanism: String, _ initial: [UInt8]?) -> SMTPServerAction? {
    guard isExtended, !isAuthenticated, transaction == nil else {
      let text =
        isAuthenticated ? "Authenticated already" : isExtended ? "Not during a message" : "EHLO first"
      fail(SMTPReply(503, .init(5, 5, 1), text))
      return nil
    }
    guard allowsAuthentication else {
      fail(SMTPReply(538, .init(5, 7, 11), "Encryption required: use STARTTLS first"))
      return nil
    }
    let challenge: Challenge
    switch mechanism {
    case "PLAIN": challenge = .plain
    case "LOGIN": challenge = .loginUser
    default:
      fail(SMTPReply(504, .init(5, 5, 4), "Mechanism is not supported; use PLAIN or LOGIN"))
      return nil
    }
    guard let initial else { return ask(challenge) }
    // "=" is an initial response without any byte.
    return respond(to: challenge, initial == [UInt8(ascii: "=")] ? [] : initial)
  }

  private mutating func ask(_ challenge: Challenge) -> SMTPServerAction? {
    state = .authenticating(challenge)
    switch challenge {
    case .plain: send(SMTPReply(334, ""))
    case .loginUser: send(SMTPReply(334, "VXNlcm5hbWU6"))
    case .loginPassword: send(SMTPReply(334, "UGFzc3dvcmQ6"))
    }
    return nil
  }

  /// Takes the client's answer, in base64.
  mutating func respond(to challenge: Challenge, _ line: [UInt8]) -> SMTPServerAction? {
    state = .command
    if pending > 0 {
      close(SMTPReply(503, .init(5, 5, 0), "Input ahead of the reply to AUTH"))
      return nil
    }
    guard line != [UInt8(ascii: "*")] else {
      return refuseResponse(SMTPReply(501, .init(5, 7, 0), "Authentication cancelled"))
    }
    guard let response = Base64.decode(line) else {
      return refuseResponse(SMTPReply(501, .init(5, 5, 2), "Response is not valid base64"))
    }
    switch challenge {
    case .plain: return takePlain(response)
    case .loginUser:
      guard isCredential(response) else { return refuseResponse(Self.badResponse) }
      return ask(.loginPassword(user: response))
    case .loginPassword(let user):
      guard isCredential(response) else { return refuseResponse(Self.badResponse) }
      return check(user: user, password: response)
    }
  }

  /// `[authzid] NUL authcid NUL passwd`; nobody may act as somebody else.
  private mutating func takePlain(_ response: [UInt8]) -> SMTPServerAction? {
    let parts = response.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[1].isEmpty, !parts[2].isEmpty else {
      return refuseResponse(Self.badResponse)
    }
    guard parts[0].isEmpty || parts[0] == parts[1] else {
      failAuthentication(.authenticationFailed)
      return nil
    }
    return check(user: Array(parts[1]), password: Array(parts[2]))
  }

  private func isCredential(_ bytes: [UInt8]) -> Bool { !bytes.isEmpty && !bytes.contains(0) }

  private mutating func check(user: [UInt8], password: [UInt8]) -> SMTPServerAction? {
    state = .deciding(.authentication)
    return .authenticate(user: user, password: password)
  }

  private static let badResponse = SMTPReply(501, .init(5, 5, 2), "Response has no user name or no password")

  private mutating func refuseResponse(_ reply: SMTPReply) -> SMTPServerAction? {
    fail(reply)
    return nil
  }

  /// Wrong user or password; the third time ends the session.
  mutating func failAuthentication(_ reply: SMTPReply) {
    authenticationFailures += 1
    guard authenticationFailures < Self.maximumAuthenticationFailures else {
      return close(
        SMTPReply(421, .init(4, 7, 0), "Authentication failed too often: user name or password is wrong"))
    }
    fail(reply)
  }
}
