extension SMTPServerSession {
  /// Does what a line says. An action comes back when the driver is needed.
  mutating func perform(_ line: Range<Int>) -> SMTPServerAction? {
    if case .authenticating(let challenge) = state {
      return respond(to: challenge, bytes(of: line))
    }
    switch parse(line) {
    case .failure(let error):
      if error.isFatal { close(error.reply) } else { fail(error.reply) }
      return nil
    case .success(let command):
      if pending > 0, command.endsGroup {
        // RFC 2920 section 3.1: nobody may send on before the reply to these.
        let isStartTLS = command == .startTLS
        close(SMTPReply(isStartTLS ? 501 : 503, .init(5, 5, 0), "Input ahead of the reply to this command"))
        return nil
      }
      return perform(command)
    }
  }

  private mutating func perform(_ command: SMTPCommand) -> SMTPServerAction? {
    switch command {
    case .mail(let path, let parameters): return mail(path, parameters)
    case .recipient(let path, let parameters): return recipient(path, parameters)
    case .chunk(let size, let isLast): beginChunk(size, isLast: isLast)
    case .authenticate(let mechanism, let initial): return authenticate(mechanism, initial)
    case .startTLS: return startTLS()
    case .data: beginData()
    case .helo(let name): hello(name, isExtended: false)
    case .ehlo(let name): hello(name, isExtended: true)
    case .reset:
      transaction = nil
      send(Self.done)
    case .noop: send(Self.done)
    case .help: send(Self.help)
    case .verify: send(Self.notVerified)
    case .expand: fail(Self.notExpanded)
    case .quit: close(Self.bye)
    }
    return nil
  }

  private static let done = SMTPReply.ok
  private static let bye = SMTPReply(221, .init(2, 0, 0), "Bye")
  private static let help = SMTPReply(
    214, .init(2, 0, 0), "EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT")
  private static let notVerified = SMTPReply(252, .init(2, 5, 2), "Addresses are not verified here; try RCPT")
  private static let notExpanded = SMTPReply(502, .init(5, 5, 1), "Lists are not expanded here")

  private mutating func hello(_ name: String, isExtended: Bool) {
    heloName = name
    self.isExtended = isExtended
    transaction = nil
    guard isExtended else { return send(SMTPReply(250, options.hostname)) }
    send(SMTPReply(250, capabilities))
  }

  /// The lines of the EHLO reply.
  private var capabilities: [String] {
    var lines = [options.hostname, "PIPELINING", "SIZE \(options.maximumSize)", "8BITMIME", "SMTPUTF8"]
    lines.append("CHUNKING")
    lines.append("DSN")
    if offersStartTLS { lines.append("STARTTLS") }
    if allowsAuthentication { lines.append("AUTH PLAIN LOGIN") }
    lines.append("ENHANCEDSTATUSCODES")
    return lines
  }

  private var offersStartTLS: Bool { options.offersStartTLS && !isSecure }
  var allowsAuthentication: Bool { isSecure || options.allowsPlaintextAuthentication }

  private mutating func startTLS() -> SMTPServerAction? {
    guard offersStartTLS, transaction == nil else {
      let text =
        isSecure ? "TLS is on already" : options.offersStartTLS ? "Not during a message" : "No TLS here"
      fail(SMTPReply(isSecure || options.offersStartTLS ? 503 : 502, .init(5, 5, 1), text))
      return nil
    }
    send(SMTPReply(220, .init(2, 0, 0), "Ready to start TLS"))
    state = .handshake
    return .startTLS
  }

  private mutating func mail(_ path: SMTPPath, _ parameters: SMTPMailParameters) -> SMTPServerAction? {
    if heloName.isEmpty {
      fail(SMTPReply(503, .init(5, 5, 1), "EHLO first"))
    } else if options.requiresAuthentication, !isAuthenticated {
      fail(SMTPReply(530, .init(5, 7, 0), "Authentication required"))
    } else if transaction != nil {
      fail(SMTPReply(503, .init(5, 5, 1), "MAIL was given already; RSET starts over"))
    } else if messages >= options.maximumMessages {
      close(SMTPReply(421, .init(4, 7, 0), "Too many messages on one connection, please reconnect"))
    } else if let size = parameters.size, size > options.maximumSize {
      send(tooLarge)
    } else {
      state = .deciding(.mail(path, parameters))
      return .mail(path, parameters)
    }
    return nil
  }

  private mutating func recipient(
    _ path: SMTPPath, _ parameters: SMTPRecipientParameters
  ) -> SMTPServerAction? {
    guard let transaction, transaction.content == nil else {
      let text = transaction == nil ? "MAIL first" : "Not between chunks"
      fail(SMTPReply(503, .init(5, 5, 1), text))
      return nil
    }
    let isASCII = !path.isUTF8 && parameters.dsnOriginalRecipient?.utf8.allSatisfy { $0 < 0x80 } ?? true
    if !isASCII, !transaction.parameters.isUTF8 {
      fail(SMTPCommandParser.needsUTF8.reply)
    } else if transaction.recipients.count >= options.maximumRecipients {
      send(SMTPReply(452, .init(4, 5, 3), "Too many recipients; send the rest in another message"))
    } else {
      state = .deciding(.recipient(path, parameters))
      return .recipient(path, parameters)
    }
    return nil
  }
}

extension SMTPCommand {
  /// Must be the last of a pipelined group (RFC 2920, 3207, 4954). NOOP, VRFY and QUIT are let through: nothing
  /// of the state depends on them.
  fileprivate var endsGroup: Bool {
    switch self {
    case .helo, .ehlo, .data, .startTLS, .authenticate: true
    default: false
    }
  }
}
