import CUnbound

/// An answer as libunbound gives it, copied out of C memory: record data in wire form.
enum RawAnswer: Sendable {
  case records([[UInt8]], DNSFacts)
  case noData(DNSFacts)
  case noSuchName(DNSFacts)
  case failure(String)

  init(_ result: ub_result) {
    let canonical = result.canonname.map { RawAnswer.normalized(String(cString: $0)) }
    let facts = DNSFacts(
      timeToLive: Int(result.ttl), isSecure: result.secure != 0, canonicalName: canonical)
    if result.bogus != 0 {
      let reason = result.why_bogus.map { String(cString: $0) } ?? "DNSSEC validation failed"
      self = .failure(reason)
    } else if result.havedata != 0 {
      self = .records(RawAnswer.data(of: result), facts)
    } else if result.nxdomain != 0 {
      self = .noSuchName(facts)
    } else if result.rcode == 0 {
      self = .noData(facts)
    } else {
      self = .failure("the name server answered \(RawAnswer.name(ofCode: result.rcode))")
    }
  }

  /// The answer with each record read by `parse`; records that it can't read are left out.
  func map<Record: Sendable>(_ parse: ([UInt8]) -> Record?) -> DNSAnswer<Record> {
    switch self {
    case .records(let data, let facts):
      let records = data.compactMap(parse)
      return records.isEmpty ? .failure("the answer has no readable record") : .records(records, facts)
    case .noData(let facts): return .noData(facts)
    case .noSuchName(let facts): return .noSuchName(facts)
    case .failure(let text): return .failure(text)
    }
  }

  private static func data(of result: ub_result) -> [[UInt8]] {
    guard let data = result.data, let lengths = result.len else { return [] }
    var records: [[UInt8]] = []
    while let record = data[records.count] {
      let length = Int(lengths[records.count])
      records.append(Array(UnsafeRawBufferPointer(start: record, count: length)))
    }
    return records
  }

  private static func normalized(_ name: String) -> String {
    let lower = name.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }

  private static func name(ofCode code: Int32) -> String {
    switch code {
    case 1: "FORMERR"
    case 2: "SERVFAIL"
    case 4: "NOTIMP"
    case 5: "REFUSED"
    default: "code \(code)"
    }
  }
}

/// Readers of record data in wire form (RFC 1035 3.3); nil for what is cut off or malformed.
enum RecordData {
  static func mx(_ data: [UInt8]) -> MXRecord? {
    guard data.count >= 3, let host = name(data[2...]) else { return nil }
    return MXRecord(preference: Int(data[0]) << 8 | Int(data[1]), host: host)
  }

  static func address(_ data: [UInt8]) -> IPAddress? {
    switch data.count {
    case 4: IPAddress(ipv4: data.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
      IPAddress(
        high: data[..<8].reduce(0) { $0 << 8 | UInt64($1) },
        low: data[8...].reduce(0) { $0 << 8 | UInt64($1) })
    default: nil
    }
  }

  /// The character strings joined, as every user of TXT for mail wants them (RFC 7208 3.3, RFC 6376 3.6.2.2).
  static func text(_ data: [UInt8]) -> String? {
    var text: [UInt8] = []
    var rest = data[...]
    while let length = rest.popFirst() {
      guard rest.count >= Int(length) else { return nil }
      text += rest.prefix(Int(length))
      rest.removeFirst(Int(length))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A host name, lower-case; nil when a label has bytes that no host name has.
  private static func name(_ data: ArraySlice<UInt8>) -> String? {
    var labels: [String] = []
    var rest = data
    while let length = rest.popFirst(), length > 0 {
      guard length < 64, rest.count >= Int(length) else { return nil }
      let label = rest.prefix(Int(length))
      guard label.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2E }) else { return nil }
      labels.append(String(decoding: label, as: UTF8.self).lowercased())
      rest.removeFirst(Int(length))
    }
    return labels.joined(separator: ".")
  }
}
