import MailFormats
import MailModel
import Signing

/// What tracking needs to know: where our links point to, and the secret that keeps them from being forged.
public struct TrackingContext: Sendable {
  /// Base of the links, such as `https://mail.example.com`, without a slash at the end; at most 200 bytes.
  public let publicURL: String
  /// The installation's own secret; the same in all accounts and after every restart.
  public let key: HMACKey

  /// A context; the secret should have 32 random bytes.
  public init(publicURL: String, secret: [UInt8]) {
    self.publicURL = publicURL
    self.key = HMACKey(secret)
  }

  /// `…/t/o/TOKEN.gif`, the picture of one pixel that tells of an open.
  public func openURL(_ message: MessageID) -> String {
    "\(publicURL)/t/o/\(TrackingToken(.open, message: message).encode(key)).gif"
  }

  /// `…/t/c/TOKEN`, which leads on to the link.
  public func clickURL(_ message: MessageID, link: Int) -> String {
    "\(publicURL)/t/c/\(TrackingToken(.click(link: link), message: message).encode(key))"
  }
}

/// Names one message's pixel or one of its links, in 27 signs that only we can make.
public struct TrackingToken: Sendable, Hashable {
  /// What was asked for.
  public enum Kind: Sendable, Hashable {
    case open
    /// The link's place in the plan's `links`, from 0 to `linkLimit` - 1.
    case click(link: Int)
  }

  /// Most links that a message can have tracked.
  public static let linkLimit = 65_535

  /// The pixel or which link.
  public var kind: Kind
  /// Whose copy.
  public var message: MessageID

  /// A token for a pixel or link of a message.
  public init(_ kind: Kind, message: MessageID) {
    self.kind = kind
    self.message = message
  }

  /// base64url (RFC 4648) of message id (8 bytes), link (2) and a truncated HMAC-SHA256 (10): 27 signs.
  public func encode(_ key: HMACKey) -> String {
    String(decoding: bytes(key), as: UTF8.self)
  }

  /// The same, as ASCII.
  func bytes(_ key: HMACKey) -> [UInt8] {
    var bytes = [UInt8]()
    bytes.reserveCapacity(20)
    let id = UInt64(bitPattern: message.value)
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: id >> shift))
    }
    let number: Int =
      switch kind {
      case .open: 0
      case .click(let link): link + 1
      }
    bytes.append(UInt8(truncatingIfNeeded: number >> 8))
    bytes.append(UInt8(truncatingIfNeeded: number))
    bytes += key.authenticate(bytes)[..<10]
    return Base64.encode(bytes, alphabet: .url)
  }

  /// Reads a token; nil if it was not made with this key. Takes the same time for each wrong one.
  /// `=` at the end is ignored.
  public static func verify(_ text: some StringProtocol, _ key: HMACKey) -> TrackingToken? {
    var signs = Array(text.utf8.prefix(32))
    while signs.last == 0x3D { signs.removeLast() }
    guard signs.count == 27, let bytes = Base64.decode(signs, alphabet: .url), bytes.count == 20,
      Secrets.areEqual(Array(key.authenticate(Array(bytes[..<10]))[..<10]), Array(bytes[10...]))
    else { return nil }
    let id = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let number = Int(bytes[8]) << 8 | Int(bytes[9])
    let kind = number == 0 ? Kind.open : .click(link: number - 1)
    return TrackingToken(kind, message: MessageID(Int64(bitPattern: id)))
  }
}
