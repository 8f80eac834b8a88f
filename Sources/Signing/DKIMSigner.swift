import MailFormats
import MailModel

/// A sending domain's keys, ready to sign. Made once a domain and kept; may be used on many threads.
public struct DKIMSigner: Sendable {
  /// A key and the selector under which its public half stands in DNS.
  public struct Key: Sendable {
    /// `s=`; one or more DNS labels.
    public let selector: String
    /// What it signs with.
    public let key: DKIMPrivateKey

    /// A key under its selector.
    public init(selector: String, key: DKIMPrivateKey) {
      self.selector = selector
      self.key = key
    }
  }

  /// `d=`: ASCII, U-labels as A-labels.
  public let domain: String
  /// One signature each; RSA first, so that the signature everybody verifies is the topmost.
  public let keys: [Key]

  /// A domain with its keys in any order.
  public init(domain: String, keys: [Key]) {
    self.domain = domain
    self.keys =
      keys.filter { $0.key.algorithm == .rsaSHA256 } + keys.filter { $0.key.algorithm != .rsaSHA256 }
  }

  /// The `DKIM-Signature` fields (RFC 6376, relaxed/relaxed) for a whole message with CRLF line ends, as
  /// bytes to put on top of it, each with its CRLF. Nothing of the message is changed or kept.
  ///
  /// From stands in `h=` once more often than in the message, so that a second one can't be slipped in.
  public func signatures(for message: UnsafeRawBufferPointer, at now: Instant) throws(CryptoError) -> [UInt8]
  {
    let scan = HeaderScan(message)
    var bodyState = SHA256State()
    Relaxed.hash(body: UnsafeRawBufferPointer(rebasing: message[scan.bodyStart...]), into: &bodyState)
    let bodyHash = Base64.encode(bodyState.finish())

    var names = [[UInt8]]()
    var signed = [UInt8]()
    names.reserveCapacity(scan.fields.count + 1)
    signed.reserveCapacity(min(scan.bodyStart + 64, 16 * 1024))
    // From the bottom up: so the first of a name in h= is the last in the message, as verifiers take them.
    for field in scan.fields.reversed() {
      guard let name = SignedFields.name(of: field, in: message) else { continue }
      names.append(name)
      Relaxed.append(message, field: field, to: &signed)
      signed.append(0x0D)
      signed.append(0x0A)
    }
    names.append(Array("From".utf8))

    var fields = [UInt8]()
    fields.reserveCapacity(keys.count * (names.count * 14 + 600))
    var headerState = SHA256State()
    headerState.update(signed)
    for key in keys {
      try append(key, names: names, bodyHash: bodyHash, over: headerState, at: now, to: &fields)
    }
    return fields
  }

  /// As above, for an array.
  public func signatures(for message: [UInt8], at now: Instant) throws(CryptoError) -> [UInt8] {
    try message.withUnsafeBufferPointer { (bytes) throws(CryptoError) in
      try signatures(for: UnsafeRawBufferPointer(bytes), at: now)
    }
  }

  /// Writes one field, and signs it with the header that has been hashed before it.
  private func append(
    _ key: Key, names: [[UInt8]], bodyHash: [UInt8], over headerState: SHA256State, at now: Instant,
    to output: inout [UInt8]
  ) throws(CryptoError) {
    let start = output.count
    output += "DKIM-Signature: v=1; a=\(key.key.algorithm.rawValue); c=relaxed/relaxed;\r\n\td=".utf8
    output += "\(domain); s=\(key.selector); t=\(now.milliseconds / 1000);\r\n\th=".utf8
    Self.append(names: names, to: &output)
    output += ";\r\n\tbh=".utf8
    output += bodyHash
    output += ";\r\n\tb=".utf8

    var state = headerState
    state.update(Self.canonical(output[start...]))
    Self.append(folding: Base64.encode(try key.key.sign(digest: state.finish())), to: &output)
  }

  /// `h=`'s list, in lines of at most 76 octets.
  private static func append(names: [[UInt8]], to output: inout [UInt8]) {
    var column = 11
    for (index, name) in names.enumerated() {
      if index > 0 {
        output.append(0x3A)
        column += 1
        if column + name.count > 74 {
          output += [0x0D, 0x0A, 0x09]
          column = 8
        }
      }
      output += name
      column += name.count
    }
  }

  private static func canonical(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var result = [UInt8]()
    result.reserveCapacity(field.count)
    field.withUnsafeBytes { bytes in
      let colon = "DKIM-Signature".utf8.count
      Relaxed.append(bytes, field: ScannedField(start: 0, colon: colon, end: bytes.count), to: &result)
    }
    return result
  }

  /// The value of `b=`: 64 characters on the first line, 72 on each further one, and the field's CRLF.
  private static func append(folding text: [UInt8], to output: inout [UInt8]) {
    var position = 0
    var room = 64
    while position < text.count {
      if position > 0 { output += [0x0D, 0x0A, 0x09] }
      let end = min(position + room, text.count)
      output += text[position..<end]
      position = end
      room = 72
    }
    output += [0x0D, 0x0A]
  }
}
