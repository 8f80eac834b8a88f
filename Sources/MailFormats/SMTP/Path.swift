/// A reverse or forward path (RFC 5321 section 4.1.2) without its angle brackets: one address, or
/// nothing (the null reverse path of bounces).
public struct SMTPPath: Sendable, Hashable, CustomStringConvertible {
  /// `local-part@domain` as given, quotes and escapes included; empty for the null path.
  public let address: String
  /// UTF-8 offset of the `@` that divides it; 0 in the null path.
  private let separator: Int

  /// The null path `<>`.
  public static let null = SMTPPath(checked: "", separator: 0)

  init(checked address: String, separator: Int) {
    self.address = address
    self.separator = separator
  }

  public var isNull: Bool { address.isEmpty }
  /// Everything before the dividing `@`, as given; empty in the null path.
  public var localPart: Substring {
    Substring(address.utf8.prefix(separator))
  }
  /// Everything behind the dividing `@`, as given (case kept, literals in brackets); empty in the null path.
  public var domain: Substring {
    Substring(address.utf8.dropFirst(isNull ? 0 : separator + 1))
  }
  /// Whether it has bytes over 127, so that it may only travel with SMTPUTF8 (RFC 6531).
  public var isUTF8: Bool { !address.utf8.allSatisfy { $0 < 0x80 } }
  /// As it stands in a command: `<local-part@domain>`.
  public var description: String { "<\(address)>" }
}

/// What came with MAIL FROM (RFC 1870, 6152, 6531, 3461, 4954).
public struct SMTPMailParameters: Sendable, Hashable {
  /// `SIZE=`: bytes, as declared.
  public var size: Int?
  /// `BODY=8BITMIME`
  public var is8Bit = false
  /// `SMTPUTF8`
  public var isUTF8 = false
  /// `RET=`: `FULL` or `HDRS`.
  public var dsnReturn: String?
  /// `ENVID=`, still in xtext, checked.
  public var dsnEnvelopeID: String?
  /// `AUTH=`, still in xtext, checked; taken and not used.
  public var authenticated: String?

  public init() {}
}

/// What came with RCPT TO (RFC 3461).
public struct SMTPRecipientParameters: Sendable, Hashable {
  /// `NOTIFY=` in capitals: `NEVER`, or a comma list of `SUCCESS`, `FAILURE`, `DELAY`.
  public var dsnNotify: String?
  /// `ORCPT=`: `type;address`, still in xtext, checked.
  public var dsnOriginalRecipient: String?

  public init() {}
}
