/// How a try to hand over one message ended.
public enum Outcome: Sendable, Hashable {
  case delivered(RemoteAnswer)
  /// Not now: worth another try.
  case temporary(RemoteAnswer)
  /// Never: the recipient's side has refused it.
  case permanent(RemoteAnswer)
}

/// What the other side said, or what kept us from asking, and when in the dialogue.
public struct RemoteAnswer: Sendable, Hashable {
  public var stage: DeliveryStage
  /// SMTP reply code; 0 when no reply came.
  public var code: Int
  /// Enhanced status code (RFC 3463), the remote's or, where there was none, the one that fits.
  public var enhancedStatus: String
  /// The remote's words, or ours when no reply came.
  public var text: String
  public var host: String?
  public var ipAddress: String?
  /// TLS version of the connection; nil for clear text.
  public var tls: String?

  public init(
    stage: DeliveryStage, code: Int, enhancedStatus: String, text: String, host: String? = nil,
    ipAddress: String? = nil, tls: String? = nil
  ) {
    self.stage = stage
    self.code = code
    self.enhancedStatus = enhancedStatus
    self.text = text
    self.host = host
    self.ipAddress = ipAddress
    self.tls = tls
  }
}

/// Where in the dialogue an answer came; it decides what a bare 550 means.
public enum DeliveryStage: String, Sendable, CaseIterable, Codable {
  case prepare, resolve, connect, greeting, ehlo, starttls, auth, mail, rcpt, data, dot
}
