import MailModel
import Server
import Storage
import Transport

/// One DNS record that a sending domain should have.
struct WantedRecord: Sendable, Hashable {
  enum Kind: String, Sendable { case txt = "TXT", mx = "MX", cname = "CNAME" }

  enum Purpose: String, Sendable {
    /// Proves that the mail is the domain's, and the domain ours to send from.
    case dkim
    /// Says which machines may send.
    case spf
    /// Says what receivers do with mail that proves neither.
    case dmarc
    /// Where bounces come back.
    case returnPath = "return-path"
    /// Host of links and pixels.
    case tracking
  }

  var kind: Kind
  var name: String
  var value: String
  var purpose: Purpose
  /// Set for DKIM.
  var key: DKIMKeyID?
  /// Whether mail goes out without it, if not as well.
  var isOptional: Bool { purpose != .dkim }
}

/// What DNS says about a wanted record.
enum RecordStatus: Sendable, Hashable {
  /// Not looked up.
  case unchecked
  case ok
  case missing
  /// There is something else; for people.
  case different(String)
  /// DNS gave no answer; for people.
  case failed(String)

  var word: String {
    switch self {
    case .unchecked: "unchecked"
    case .ok: "ok"
    case .missing: "missing"
    case .different: "different"
    case .failed: "failed"
    }
  }

  var detail: String? {
    switch self {
    case .different(let text), .failed(let text): text
    case .unchecked, .ok, .missing: nil
    }
  }
}

struct CheckedRecord: Sendable, Hashable {
  var record: WantedRecord
  var status: RecordStatus

  var json: JSON {
    .object([
      "type": .string(record.kind.rawValue), "name": .string(record.name), "value": .string(record.value),
      "purpose": .string(record.purpose.rawValue), "status": .string(status.word),
      "detail": status.detail.map { .string($0) },
    ])
  }
}

/// The records that a domain should have here.
enum DomainRecords {
  static func wanted(
    _ domain: SendingDomain, _ keys: [DKIMKey], _ configuration: ServerConfiguration
  ) -> [WantedRecord] {
    let host = configuration.smtp.hostname
    let signatures = keys.map { key in
      WantedRecord(
        kind: .txt, name: "\(key.selector)._domainkey.\(domain.name)", value: value(of: key), purpose: .dkim,
        key: key.id)
    }
    return signatures + [
      WantedRecord(kind: .txt, name: domain.name, value: "v=spf1 a:\(host) ~all", purpose: .spf),
      WantedRecord(kind: .txt, name: "_dmarc.\(domain.name)", value: "v=DMARC1; p=none", purpose: .dmarc),
      WantedRecord(kind: .mx, name: "bounces.\(domain.name)", value: "10 \(host)", purpose: .returnPath),
      WantedRecord(
        kind: .cname, name: "links.\(domain.name)", value: trackingHost(configuration), purpose: .tracking),
    ]
  }

  /// RFC 6376 section 3.6.1, RFC 8463 section 4.
  private static func value(of key: DKIMKey) -> String {
    let type = key.algorithm == .rsaSHA256 ? "rsa" : "ed25519"
    return "v=DKIM1; k=\(type); p=\(key.publicKeyBase64)"
  }

  /// The host of the public URL where it has a name, else that of the mail server.
  static func trackingHost(_ configuration: ServerConfiguration) -> String {
    guard let url = configuration.http.publicURL, let scheme = url.firstRange(of: "://") else {
      return configuration.smtp.hostname
    }
    let authority = url[scheme.upperBound...].prefix { $0 != "/" }
    guard let endpoint = HostPort(String(authority), defaultPort: 443), IPAddress(endpoint.host) == nil else {
      return configuration.smtp.hostname
    }
    return endpoint.host
  }
}

/// Looks wanted records up and judges what it finds.
struct DomainCheck: Sendable {
  let resolver: Resolver

  init(_ configuration: ServerConfiguration) throws {
    resolver = try Resolver(ResolverConfiguration(servers: configuration.dns.resolvers, timeLimit: 5))
  }

  func check(_ records: [WantedRecord]) async -> [CheckedRecord] {
    await withTaskGroup(of: (Int, RecordStatus).self) { group in
      for (index, record) in records.enumerated() {
        group.addTask { (index, await status(of: record)) }
      }
      var checked = records.map { CheckedRecord(record: $0, status: .unchecked) }
      for await (index, status) in group { checked[index].status = status }
      return checked
    }
  }

  private func status(of record: WantedRecord) async -> RecordStatus {
    switch record.kind {
    case .txt: await text(record)
    case .mx: await mx(record)
    case .cname: await alias(record)
    }
  }

  private func text(_ record: WantedRecord) async -> RecordStatus {
    switch await resolver.txt(record.name) {
    case .records(let texts, _): RecordJudge.judge(texts, record)
    case .noData, .noSuchName: .missing
    case .failure(let reason): .failed(reason)
    }
  }

  private func mx(_ record: WantedRecord) async -> RecordStatus {
    let host = record.value.split(separator: " ").last.map { $0.lowercased() } ?? ""
    switch await resolver.mx(record.name) {
    case .records(let found, _):
      return found.contains { $0.host == host }
        ? .ok : .different(found.map { "\($0.preference) \($0.host)" }.joined(separator: ", "))
    case .noData, .noSuchName: return .missing
    case .failure(let reason): return .failed(reason)
    }
  }

  /// A CNAME shows in the name that the addresses belong to; an address of its own serves as well.
  private func alias(_ record: WantedRecord) async -> RecordStatus {
    switch await resolver.addresses(record.name) {
    case .records: .ok
    case .noData, .noSuchName: .missing
    case .failure(let reason): .failed(reason)
    }
  }
}

/// Compares TXT records as their readers do: by their tags, not by their spelling.
enum RecordJudge {
  static func judge(_ texts: [String], _ record: WantedRecord) -> RecordStatus {
    switch record.purpose {
    case .dkim: dkim(texts, record)
    case .spf: spf(texts, record)
    case .dmarc: texts.contains { tag("v", in: $0)?.uppercased() == "DMARC1" } ? .ok : .missing
    case .returnPath, .tracking: texts.contains(record.value) ? .ok : .missing
    }
  }

  private static func dkim(_ texts: [String], _ record: WantedRecord) -> RecordStatus {
    let wanted = tag("p", in: record.value)
    let keys = texts.compactMap { tag("p", in: $0) }
    if keys.contains(where: { $0 == wanted }) {
      return keys.count == 1 ? .ok : .different("there are \(keys.count) keys at this name; leave one")
    }
    guard let other = keys.first else { return .missing }
    return .different(other.isEmpty ? "the key there is revoked (p= is empty)" : "there is another key")
  }

  private static func spf(_ texts: [String], _ record: WantedRecord) -> RecordStatus {
    let found = texts.filter { $0.lowercased() == "v=spf1" || $0.lowercased().hasPrefix("v=spf1 ") }
    guard let only = found.first else { return .missing }
    if found.count > 1 {
      return .different("there are \(found.count) SPF records; receivers take none of them")
    }
    let wanted = record.value.split(separator: " ").dropFirst().first.map { $0.lowercased() }
    let terms = only.lowercased().split(separator: " ").map { $0.hasPrefix("+") ? $0.dropFirst() : $0 }
    return terms.contains { String($0) == wanted } ? .ok : .different(only)
  }

  /// The value of a tag of a tag list (RFC 6376 section 3.2), blanks left out.
  static func tag(_ name: String, in text: String) -> String? {
    for part in text.split(separator: ";") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }) == name else { continue }
      return pair[1].filter { !$0.isWhitespace }
    }
    return nil
  }
}
