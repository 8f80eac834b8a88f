/// What the checks are told that does not stand in the e-mail. What is nil is not looked at.
public struct CheckFacts: Sendable {
  public var compile = CompileContext()
  public var sender: SenderFacts?
  public var values: ValueFacts?
  /// Sample of the values that a send brings, as `{"custom": {…}}`.
  public var sample: JSONValue?
  public var coverage: [TokenCoverage] = []
  public var recipients: RecipientFacts?
  /// Of images, by address or by the id in the account.
  public var images: [String: ImageFacts] = [:]
  /// Bytes of the HTML with values filled in and links wrapped, when it has been rendered.
  public var renderedBytes: Int?
  /// Bytes that tracking adds to each link, when the HTML has not been rendered.
  public var bytesPerLink = 90
  /// Whether the host of tracked links has TLS; nil without tracking.
  public var isTrackingSecure: Bool?

  public init() {}
}

/// The state of the sending domain.
public struct SenderFacts: Sendable {
  /// The address in From; empty for none.
  public var address: String
  /// The domain may be used by this account.
  public var isVerified: Bool
  public var spf: Proof
  public var dkim: Proof
  public var dmarc: Proof

  /// A record's state.
  public enum Proof: String, Sendable, CaseIterable {
    case aligned
    /// It is there, and stands for another domain than the one in From.
    case unaligned
    case missing
    case unknown
  }

  public init(address: String, isVerified: Bool, spf: Proof, dkim: Proof, dmarc: Proof) {
    self.address = address
    self.isVerified = isVerified
    self.spf = spf
    self.dkim = dkim
    self.dmarc = dmarc
  }
}

/// Which values the account knows.
public struct ValueFacts: Sendable {
  /// Names of the contact properties.
  public var contactProperties: Set<String>
  /// Those with a default for the whole account.
  public var defaults: Set<String>

  public init(contactProperties: Set<String>, defaults: Set<String> = []) {
    self.contactProperties = contactProperties
    self.defaults = defaults
  }
}

/// How many of the recipients have a value.
public struct TokenCoverage: Sendable {
  public var path: TokenPath
  public var missing: Int
  public var total: Int

  public init(_ path: TokenPath, missing: Int, of total: Int) {
    self.path = path
    self.missing = missing
    self.total = total
  }
}

/// Whom a send goes to.
public struct RecipientFacts: Sendable {
  public var total: Int
  /// Those that will get nothing: unsubscribed, bounced.
  public var suppressed: Int
  /// Messages an hour that leave; nil when not known.
  public var hourlyRate: Int?

  public init(total: Int, suppressed: Int, hourlyRate: Int? = nil) {
    self.total = total
    self.suppressed = suppressed
    self.hourlyRate = hourlyRate
  }
}

/// The file of an image.
public struct ImageFacts: Sendable {
  public var bytes: Int
  /// In pixels.
  public var width: Int
  public var height: Int

  public init(bytes: Int, width: Int, height: Int) {
    self.bytes = bytes
    self.width = width
    self.height = height
  }
}
