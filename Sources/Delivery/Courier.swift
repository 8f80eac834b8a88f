import MailModel

/// Who carries messages to a destination: over SMTP, into capture, or as a test's script says.
public protocol Courier: Sendable {
  /// Opens a line to a destination, or says why none can be had; a permanent failure (null MX, no
  /// such domain) is the outcome of each message for it.
  func open(_ destination: DestinationKey) async -> Opening
}

/// What came of asking for a line.
public enum Opening: Sendable {
  case line(Line)
  /// Nothing leaves the machine: messages are prepared and kept.
  case capture
  case failed(Outcome)
}

/// One open connection (or what stands for it), which carries one message at a time.
public struct Line: Sendable {
  public let carry: @Sendable (Parcel) async -> Outcome
  public let isOpen: @Sendable () -> Bool
  public let close: @Sendable () async -> Void

  public init(
    carry: @escaping @Sendable (Parcel) async -> Outcome, isOpen: @escaping @Sendable () -> Bool = { true },
    close: @escaping @Sendable () async -> Void = {}
  ) {
    self.carry = carry
    self.isOpen = isOpen
    self.close = close
  }
}

/// A message ready to go, with its envelope (RFC 5321).
public struct Parcel: Sendable {
  public var returnPath: String
  public var recipient: String
  public var options: EnvelopeOptions
  public var bytes: [UInt8]
  /// Asked before each part of it is sent, the last time before its end: with false it is broken off, so that the other
  /// side has nothing of it.
  public var isStillOurs: @Sendable () -> Bool

  public init(
    returnPath: String, recipient: String, options: EnvelopeOptions, bytes: [UInt8],
    isStillOurs: @escaping @Sendable () -> Bool = { true }
  ) {
    self.returnPath = returnPath
    self.recipient = recipient
    self.options = options
    self.bytes = bytes
    self.isStillOurs = isStillOurs
  }
}

/// Keeps everything on this machine: what a new installation does until its operator turns delivery on.
public struct CaptureCourier: Courier {
  public init() {}

  public func open(_ destination: DestinationKey) async -> Opening { .capture }
}
