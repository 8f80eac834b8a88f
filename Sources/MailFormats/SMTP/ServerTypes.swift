/// What a server session offers and allows. Sizes are bytes.
public struct SMTPServerOptions: Sendable {
  /// Stands in the greeting and in the EHLO reply.
  public var hostname: String
  /// Largest message; SIZE of RFC 1870.
  public var maximumSize = 25 * 1024 * 1024
  /// Most recipients of one message; those over it get 452 4.5.3.
  public var maximumRecipients = 1_000
  /// Most messages of one connection; the next MAIL gets 421.
  public var maximumMessages = 1_000
  /// Longest command line, CRLF included.
  public var maximumLine = 2_048
  /// Longest line of an AUTH exchange, CRLF included (RFC 4954 section 4).
  public var maximumAuthenticationLine = 12_288
  /// Input that may wait while a decision is pending; more closes the connection.
  public var maximumPendingInput = 1024 * 1024
  /// Whether STARTTLS is offered; ignored once `isSecure`.
  public var offersStartTLS = true
  /// The connection is TLS from the first byte (port 465).
  public var isSecure = false
  /// Whether AUTH may be used without TLS.
  public var allowsPlaintextAuthentication = false
  /// Whether MAIL needs AUTH; false for clients that the driver trusts by their address.
  public var requiresAuthentication = true

  public init(hostname: String) {
    self.hostname = hostname
  }
}

/// One recipient that the driver granted.
public struct SMTPRecipient: Sendable, Hashable {
  public var path: SMTPPath
  public var parameters: SMTPRecipientParameters

  public init(path: SMTPPath, parameters: SMTPRecipientParameters = .init()) {
    self.path = path
    self.parameters = parameters
  }
}

/// A complete message as the client handed it over.
public struct SubmittedMessage: Sendable {
  public var reversePath: SMTPPath
  public var parameters: SMTPMailParameters
  /// At least one, in the order given; duplicates are kept.
  public var recipients: [SMTPRecipient]
  /// Header and content: CRLF line ends only, no NUL, no line over 998 bytes; dot-stuffing undone. Not
  /// altered otherwise, but for a CRLF at the end of BDAT content that had none.
  public var body: [UInt8]
  /// The name given with EHLO or HELO; printable ASCII (or UTF-8), at most 255 bytes.
  public var heloName: String
  /// The client said EHLO.
  public var isExtended: Bool
  public var isSecure: Bool
  public var isAuthenticated: Bool

  /// `with` keyword of the Received field (RFC 3848, 6531): SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA,
  /// UTF8SMTPSA and so on.
  public var protocolName: String {
    guard isExtended else { return "SMTP" }
    let base = parameters.isUTF8 ? "UTF8SMTP" : "ESMTP"
    return base + (isSecure ? "S" : "") + (isAuthenticated ? "A" : "")
  }
}

/// What a driver has to do for a session; see `SMTPServerSession`.
public enum SMTPServerAction: Sendable {
  /// Check the pair, then `decide(.authenticated)`, `decide(.authenticationFailed)` or any 4yz/5yz. Both are
  /// raw bytes without NUL. Never log them.
  case authenticate(user: [UInt8], password: [UInt8])
  /// May this client send from here? `decide(.senderOK)` or a refusal.
  case mail(SMTPPath, SMTPMailParameters)
  /// May it send to there? `decide(.recipientOK)` or a refusal.
  case recipient(SMTPPath, SMTPRecipientParameters)
  /// Take over the message; when it is on disk `decide(` a 250 `)`, otherwise a refusal.
  case accept(SubmittedMessage)
  /// Flush the output, then begin the server side of a TLS handshake, then `secured()`.
  case startTLS
  /// Flush the output, then close the connection. Nothing comes after it.
  case close
}

/// What a session is waiting for, for the driver's deadlines.
public enum SMTPServerWait: Sendable, Hashable {
  /// A command, or a line of an AUTH exchange.
  case command
  /// The rest of a message or of a chunk.
  case content
  /// A call of `decide`.
  case decision
  /// A call of `secured`.
  case handshake
  /// Nothing: it is over.
  case closed
}
