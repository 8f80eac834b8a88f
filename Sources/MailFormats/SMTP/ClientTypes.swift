import MailModel

/// How a client session uses TLS.
public enum SMTPClientTLS: Sendable, Hashable {
  /// Never asks for STARTTLS.
  case never
  /// STARTTLS where offered; clear text where it is not, or is refused.
  case opportunistic
  /// No mail without STARTTLS.
  case required
  /// The connection is TLS from the first byte.
  case implicit
}

/// What a client session says of itself and demands.
public struct SMTPClientOptions: Sendable {
  /// The argument of EHLO.
  public var ehloName: String
  public var tls = SMTPClientTLS.opportunistic
  /// For AUTH; nil for none.
  public var user: String?
  public var password: String?
  /// Whether AUTH may be done in clear text.
  public var allowsPlaintextAuthentication = false

  public init(ehloName: String) {
    self.ehloName = ehloName
  }
}

/// What a server announced in its EHLO reply.
public struct SMTPCapabilities: Sendable, Hashable {
  public var pipelining = false
  public var eightBit = false
  public var utf8 = false
  public var startTLS = false
  public var chunking = false
  public var dsn = false
  public var enhancedStatusCodes = false
  public var authPlain = false
  public var authLogin = false
  /// SIZE announced.
  public var hasSize = false
  /// Largest message in bytes; nil when it set no limit.
  public var maximumSize: Int?

  public init() {}
}

/// One message to hand over to one recipient.
public struct SMTPTransaction: Sendable {
  /// Envelope sender without angle brackets; empty for the null path.
  public var returnPath: String
  /// Envelope recipient without angle brackets.
  public var recipient: String
  public var options: EnvelopeOptions
  /// The message as it is to arrive: CRLF line ends only, not dot-stuffed.
  public var body: [UInt8]

  public init(returnPath: String, recipient: String, options: EnvelopeOptions, body: [UInt8]) {
    self.returnPath = returnPath
    self.recipient = recipient
    self.options = options
    self.body = body
  }
}

/// What a driver has to do for a client session.
public enum SMTPClientAction: Sendable {
  /// Begin the client side of a TLS handshake, then `secured()`, or drop the connection if it fails.
  case startTLS
  /// The session is set up: `begin` may be called. Comes once.
  case ready
  /// The session could not be set up; the outcome holds for every message that waited for it, with the stage
  /// at which it failed. `.close` follows.
  case unusable(Outcome)
  /// The transaction has ended. The session may be used again unless `.close` follows.
  case finished(Outcome)
  /// Flush the output, then close the connection. Nothing comes after it.
  case close
}

/// What a client session is waiting for, for the driver's deadlines (RFC 5321 section 4.5.3.2).
public enum SMTPClientWait: Sendable, Hashable {
  /// A reply at this stage. Content not taken from the output yet also counts as `.data`.
  case reply(DeliveryStage)
  /// A call of `secured`.
  case handshake
  /// A call of `begin` or `quit`.
  case idle
  /// The reply to QUIT.
  case quit
  /// Nothing: it is over.
  case closed
}

extension SMTPCapabilities {
  /// What the lines of an EHLO reply say; keywords not known are passed over.
  public init(_ reply: SMTPReply) {
    for line in reply.lines.dropFirst() {
      let words = line.uppercased().split(whereSeparator: { $0 == " " || $0 == "=" })
      switch words.first {
      case "PIPELINING": pipelining = true
      case "8BITMIME": eightBit = true
      case "SMTPUTF8": utf8 = true
      case "STARTTLS": startTLS = true
      case "CHUNKING": chunking = true
      case "DSN": dsn = true
      case "ENHANCEDSTATUSCODES": enhancedStatusCodes = true
      case "AUTH":
        authPlain = authPlain || words.contains("PLAIN")
        authLogin = authLogin || words.contains("LOGIN")
      case "SIZE":
        hasSize = true
        maximumSize = words.dropFirst().first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
      default: break
      }
    }
  }
}
