import MailFormats
import MailModel

/// What became of one `DKIM-Signature` of a message.
public struct DKIMVerification: Sendable, Hashable {
  /// How it ended (RFC 8601 section 2.7.1).
  public enum Result: Sendable, Hashable {
    case pass
    /// It was verified and is wrong; the text says what.
    case fail(String)
    /// It can't be verified by anybody; the text says why.
    case permanentError(String)
  }

  /// `d=`; empty where the field can't be read.
  public var domain: String
  /// `s=`; empty where the field can't be read.
  public var selector: String
  /// `a=` as written.
  public var algorithm: String
  /// How it ended.
  public var result: Result
}

/// Verifies DKIM signatures (RFC 6376, RFC 8301, RFC 8463). Pure: the caller has the DNS records.
public enum DKIMVerifier {
  /// Most signatures of one message that are looked at.
  public static let signatureLimit = 20

  /// All signatures of a message, topmost first.
  ///
  /// - Parameters:
  ///   - message: the whole message with CRLF line ends.
  ///   - now: for `x=`.
  ///   - record: the TXT record of a name such as `s1._domainkey.example.com`, strings joined; nil when
  ///     there is none.
  public static func verify(
    _ message: [UInt8], at now: Instant, record: (_ name: String) -> String?
  ) -> [DKIMVerification] {
    message.withUnsafeBytes { bytes in
      let scan = HeaderScan(bytes)
      let signatures = scan.fields.filter { isNamed("dkim-signature", $0, bytes) }
      return signatures.prefix(signatureLimit).map { field in
        verify(field, bytes, scan, now, record)
      }
    }
  }

  private static func verify(
    _ field: ScannedField, _ message: UnsafeRawBufferPointer, _ scan: HeaderScan, _ now: Instant,
    _ record: (String) -> String?
  ) -> DKIMVerification {
    let tags = DKIMTags(message[(field.colon + 1)..<field.end])
    var verification = DKIMVerification(
      domain: tags?["d"] ?? "", selector: tags?["s"] ?? "", algorithm: tags?["a"] ?? "",
      result: .permanentError("it is no tag list"))
    guard let tags else { return verification }
    do throws(Failure) {
      let signature = try Signature(tags, now)
      guard let text = record("\(signature.selector)._domainkey.\(signature.domain)")
      else { throw .unusable("there is no DNS record of its key") }
      let key = try DKIMPublicKey(record: text, for: signature.algorithm)
      try check(signature, field, key, message, scan)
      verification.result = .pass
    } catch {
      switch error {
      case .wrong(let text): verification.result = .fail(text)
      case .unusable(let text): verification.result = .permanentError(text)
      }
    }
    return verification
  }

  private static func check(
    _ signature: Signature, _ field: ScannedField, _ key: DKIMPublicKey,
    _ message: UnsafeRawBufferPointer, _ scan: HeaderScan
  ) throws(Failure) {
    let body = UnsafeRawBufferPointer(rebasing: message[scan.bodyStart...])
    var state = SHA256State()
    if signature.isBodyRelaxed, signature.bodyLength == nil {
      Relaxed.hash(body: body, into: &state)
    } else {
      let canonical = signature.isBodyRelaxed ? Relaxed.canonical(body: body) : Simple.canonical(body: body)
      let length = signature.bodyLength ?? canonical.count
      guard length <= canonical.count else { throw .wrong("l= is longer than the body") }
      state.update(Array(canonical[..<length]))
    }
    guard state.finish() == signature.bodyHash else { throw .wrong("the body has changed") }

    var header = [UInt8]()
    for field in signedFields(signature.names, scan, message) {
      append(field, message, isRelaxed: signature.isHeaderRelaxed, to: &header)
      header += [0x0D, 0x0A]
    }
    header += ownField(field, message, isRelaxed: signature.isHeaderRelaxed)
    guard key.verify(signature.bytes, digest: MessageDigest.sha256(header))
    else { throw .wrong("the header has changed, or the key is another") }
  }

  /// The fields that `h=` names: of several of one name, from the bottom up; of those that are not there,
  /// none.
  private static func signedFields(
    _ names: [String], _ scan: HeaderScan, _ message: UnsafeRawBufferPointer
  ) -> [ScannedField] {
    var remaining = scan.fields
    return names.compactMap { name in
      remaining.lastIndex { isNamed(name, $0, message) }.map { remaining.remove(at: $0) }
    }
  }

  private static func append(
    _ field: ScannedField, _ message: UnsafeRawBufferPointer, isRelaxed: Bool, to output: inout [UInt8]
  ) {
    if isRelaxed {
      Relaxed.append(message, field: field, to: &output)
    } else {
      output += message[field.start..<field.end]
    }
  }

  /// The signature's own field with an empty `b=` (RFC 6376 section 3.7).
  private static func ownField(
    _ field: ScannedField, _ message: UnsafeRawBufferPointer, isRelaxed: Bool
  ) -> [UInt8] {
    var kept = Array(message[field.start...field.colon])
    for (index, tag) in message[(field.colon + 1)..<field.end].split(
      separator: 0x3B, omittingEmptySubsequences: false
    ).enumerated() {
      if index > 0 { kept.append(0x3B) }
      let sign = tag.firstIndex(of: 0x3D) ?? tag.endIndex
      if tag[..<sign].filter({ !DKIMTags.isSpace($0) }) == [0x62], sign < tag.endIndex {
        kept += tag[...sign]
      } else {
        kept += tag
      }
    }
    var output = [UInt8]()
    kept.withUnsafeBytes { bytes in
      let whole = ScannedField(start: 0, colon: field.colon - field.start, end: bytes.count)
      append(whole, bytes, isRelaxed: isRelaxed, to: &output)
    }
    return output
  }

  private static func isNamed(
    _ name: String, _ field: ScannedField, _ message: UnsafeRawBufferPointer
  ) -> Bool {
    var end = field.colon
    while end > field.start, isBlank(message[end - 1]) { end -= 1 }
    return message[field.start..<end].lazy.map(lowercased).elementsEqual(name.utf8)
  }
}

extension DKIMVerifier {
  enum Failure: Error {
    case wrong(String)
    case unusable(String)
  }

  /// What a `DKIM-Signature` says.
  struct Signature {
    var domain: String
    var selector: String
    var algorithm: DKIMAlgorithm
    /// `h=`, in lower case.
    var names: [String]
    var bodyHash: [UInt8]
    var bytes: [UInt8]
    var isHeaderRelaxed: Bool
    var isBodyRelaxed: Bool
    var bodyLength: Int?

    init(_ tags: DKIMTags, _ now: Instant) throws(Failure) {
      guard tags["v"] == "1" else { throw .unusable("v= is not 1") }
      guard let algorithm = tags["a"].flatMap({ DKIMAlgorithm(rawValue: $0) }) else {
        throw .unusable("a= is not known")
      }
      guard let domain = tags["d"], !domain.isEmpty, let selector = tags["s"], !selector.isEmpty,
        let names = tags.compact("h"), let bodyHash = tags.compact("bh").flatMap({ Base64.decode($0) }),
        let bytes = tags.compact("b").flatMap({ Base64.decode($0) })
      else { throw .unusable("a tag is missing or can't be read") }
      self.domain = domain
      self.selector = selector
      self.algorithm = algorithm
      self.bodyHash = bodyHash
      self.bytes = bytes
      self.names = names.split(separator: 0x3A).map { String(decoding: $0.map(lowercased), as: UTF8.self) }
      guard self.names.contains("from") else { throw .unusable("From is not signed") }
      let forms = (tags["c"] ?? "simple/simple").split(separator: "/")
      guard forms.allSatisfy({ $0 == "simple" || $0 == "relaxed" }), (1...2).contains(forms.count)
      else { throw .unusable("c= is not known") }
      isHeaderRelaxed = forms[0] == "relaxed"
      isBodyRelaxed = forms.count == 2 && forms[1] == "relaxed"
      if let text = tags["l"] {
        guard let length = Int(text), length >= 0 else { throw .unusable("l= is no number") }
        bodyLength = length
      }
      if let text = tags["x"] {
        guard let expiry = Int64(text) else { throw .unusable("x= is no number") }
        if expiry < now.milliseconds / 1000 { throw .wrong("it has expired") }
      }
    }
  }
}

/// The "simple" form of RFC 6376 section 3.4.3.
enum Simple {
  static func canonical(body: UnsafeRawBufferPointer) -> [UInt8] {
    var end = body.count
    while end >= 2, body[end - 1] == 0x0A, body[end - 2] == 0x0D { end -= 2 }
    return Array(body[..<end]) + [0x0D, 0x0A]
  }
}
