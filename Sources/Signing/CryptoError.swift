import COpenSSL

/// libcrypto refused: what was tried, and its own reason where it gave one.
public struct CryptoError: Error, Hashable, CustomStringConvertible {
  /// What was being done, such as "reading a private key".
  public let action: String
  /// libcrypto's reason, such as "unsupported"; nil when it left none.
  public let reason: String?

  /// A failure with a reason of our own.
  public init(_ action: String, reason: String? = nil) {
    self.action = action
    self.reason = reason
  }

  /// What failed, and why where that is known.
  public var description: String {
    reason.map { "\(action) failed: \($0)" } ?? "\(action) failed"
  }

  /// Takes the last entry of this thread's error queue, and empties the queue so that no later
  /// failure is explained by it.
  static func last(_ action: String) -> CryptoError {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    guard code != 0, let text = ERR_reason_error_string(code) else { return CryptoError(action) }
    return CryptoError(action, reason: String(cString: text))
  }
}
