import MailModel
import Signing

/// What tracking needs to know: where our links point to, and the secret that keeps them from being forged.
public struct TrackingContext: Sendable {
  /// Base of the links, such as `https://mail.example.com`, without a slash at the end; at most 200 bytes.
  public let publicURL: String
  /// The installation's own secret; the same in all accounts and after every restart.
  public let key: HMACKey

  public init(publicURL: String, secret: [UInt8]) {
    self.publicURL = publicURL
    self.key = HMACKey(secret)
  }
}

/// Names one message's pixel or one of its links, in 27 signs that only we can make.
public struct TrackingToken: Sendable, Hashable {
  /// What was asked for.
  public enum Kind: Sendable, Hashable {
    case open
    /// The link's place in the plan's `links`, from 0 to 65,533.
    case click(link: Int)
  }

  public var kind: Kind
  public var message: MessageID

  public init(_ kind: Kind, message: MessageID) {
    self.kind = kind
    self.message = message
  }

  /// base64url (RFC 4648) of message id, link and a truncated HMAC-SHA256.
  public func encode(_ key: HMACKey) -> String { "" }

  /// Reads a token; nil if it was not made with this key. Takes the same time for each wrong one.
  /// `=` at the end is ignored.
  public static func verify(_ text: some StringProtocol, _ key: HMACKey) -> TrackingToken? { nil }
}
