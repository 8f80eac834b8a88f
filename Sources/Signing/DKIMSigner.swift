import MailModel

/// A sending domain's keys, ready to sign. Made once a domain and kept.
public struct DKIMSigner: Sendable {
  /// A key and the selector under which its public half stands in DNS.
  public struct Key: Sendable {
    public let selector: String
    public let key: DKIMPrivateKey

    public init(selector: String, key: DKIMPrivateKey) {
      self.selector = selector
      self.key = key
    }
  }

  /// `d=`: ASCII, U-labels as A-labels.
  public let domain: String
  /// One signature each; RSA first, so that the signature everybody verifies is the topmost.
  public let keys: [Key]

  public init(domain: String, keys: [Key]) {
    self.domain = domain
    self.keys = keys.filter { $0.key.algorithm == .rsaSHA256 } + keys.filter { $0.key.algorithm != .rsaSHA256 }
  }

  /// The `DKIM-Signature` fields (RFC 6376, relaxed/relaxed) for a whole message with CRLF line ends, as
  /// bytes to put on top of it, each with its CRLF. Nothing of the message is changed or kept.
  public func signatures(for message: UnsafeRawBufferPointer, at now: Instant) throws(CryptoError) -> [UInt8] {
    throw CryptoError("signing")
  }

  /// As above, for an array.
  public func signatures(for message: [UInt8], at now: Instant) throws(CryptoError) -> [UInt8] {
    try message.withUnsafeBufferPointer { (bytes) throws(CryptoError) in
      try signatures(for: UnsafeRawBufferPointer(bytes), at: now)
    }
  }
}
