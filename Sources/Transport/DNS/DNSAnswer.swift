/// What a look-up ended with. `failure` is temporary by nature: ask again later.
public enum DNSAnswer<Record: Sendable>: Sendable {
  /// At least one record.
  case records([Record], DNSFacts)
  /// The name exists, but not with this type of record (RFC 2308).
  case noData(DNSFacts)
  /// The name does not exist.
  case noSuchName(DNSFacts)
  /// No answer to rely on: SERVFAIL, time-out, forged data. The text is for people.
  case failure(String)

  /// The records, none for every other answer.
  public var values: [Record] {
    if case .records(let values, _) = self { values } else { [] }
  }
}

extension DNSAnswer: Equatable where Record: Equatable {}

/// What is known about an answer beside its records.
public struct DNSFacts: Sendable, Hashable {
  /// Seconds that the answer may be kept.
  public var timeToLive: Int
  /// Whether DNSSEC proved it; false as well when no trust anchor is configured.
  public var isSecure: Bool
  /// The name that the records belong to after following CNAMEs, lower-case, without the final dot.
  public var canonicalName: String?

  public init(timeToLive: Int, isSecure: Bool, canonicalName: String? = nil) {
    self.timeToLive = timeToLive
    self.isSecure = isSecure
    self.canonicalName = canonicalName
  }
}

/// One MX record (RFC 5321 section 5).
public struct MXRecord: Sendable, Hashable {
  public var preference: Int
  /// Host name, lower-case, without the final dot; empty for the root, which is "null MX" (RFC 7505).
  public var host: String

  public init(preference: Int, host: String) {
    self.preference = preference
    self.host = host
  }
}

/// Where the mail of a domain goes.
public enum MXResult: Sendable, Hashable {
  /// Hosts by ascending preference, at least one of them with an address.
  case hosts([MailHost])
  /// The domain says that it takes no mail (RFC 7505): permanent, 556 5.1.10.
  case nullMX
  /// Neither MX nor address records: permanent, 5.1.2. The text tells which look-up said so.
  case noSuchDomain(String)
  /// Not answered now. The text is for people.
  case temporary(String)
}

/// One host to try.
public struct MailHost: Sendable, Hashable {
  public var preference: Int
  public var name: String
  /// IPv6 and IPv4 addresses in the order to try them; none when they could not be looked up now.
  public var addresses: [IPAddress]
  /// Seconds that this may be kept.
  public var timeToLive: Int
  /// Whether DNSSEC proved both the MX record and the addresses.
  public var isSecure: Bool

  public init(
    preference: Int, name: String, addresses: [IPAddress], timeToLive: Int = 300, isSecure: Bool = false
  ) {
    self.preference = preference
    self.name = name
    self.addresses = addresses
    self.timeToLive = timeToLive
    self.isSecure = isSecure
  }
}
