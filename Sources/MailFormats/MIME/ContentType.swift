/// `Content-Type` (RFC 2045 5).
public struct ContentType: Sendable, Hashable {
  /// Longest boundary taken for one, in octets; RFC 2046 allows 70.
  public static let boundaryLimit = 256

  /// In lower case, such as `text`.
  public var type: String
  /// In lower case, such as `html`.
  public var subtype: String
  /// In order.
  public var parameters: [HeaderParameter]

  /// The default of RFC 2045 5.2.
  public static let plainText = ContentType(type: "text", subtype: "plain")

  /// A media type.
  public init(type: String, subtype: String, parameters: [HeaderParameter] = []) {
    self.type = type
    self.subtype = subtype
    self.parameters = parameters
  }

  /// From a field's value; nil when it is not `type/subtype`. Comments are skipped, broken parameters
  /// dropped.
  public init?(parsing bytes: [UInt8], in range: Range<Int>) {
    var reader = ParameterReader(bytes, in: range)
    guard let type = reader.token() else { return nil }
    reader.skipSpace()
    guard reader.skip(Octet.slash) else { return nil }
    reader.skipSpace()
    guard let subtype = reader.token() else { return nil }
    self.type = String(lowering: bytes, in: type)
    self.subtype = String(lowering: bytes, in: subtype)
    parameters = reader.parameters()
  }

  /// The first parameter of this name (lower case).
  public func parameter(_ name: String) -> String? {
    parameters.first { $0.name == name }?.value
  }

  /// Any text, HTML too.
  public var isText: Bool { type == "text" }
  /// text/html.
  public var isHTML: Bool { subtype == "html" && type == "text" }
  /// multipart of any kind, readable or not.
  public var isMultipart: Bool { type == "multipart" }

  /// An attached message: message/rfc822 or message/global (RFC 6532).
  public var isMessage: Bool { type == "message" && (subtype == "rfc822" || subtype == "global") }

  /// `charset`, in lower case.
  public var charset: String? { parameter("charset")?.lowercased() }

  /// `boundary`; nil unless this is a multipart with one of 1 to 256 octets. White space at its end,
  /// which must not be there, is dropped.
  public var boundary: String? {
    guard isMultipart, var bytes = parameter("boundary").map({ Array($0.utf8) }) else { return nil }
    while let last = bytes.last, last.isBlank { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.count <= Self.boundaryLimit else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Signed or encrypted content, in which not a byte may change (RFC 1847, RFC 3156, RFC 8551).
  public var isProtected: Bool {
    switch type {
    case "multipart": subtype == "signed" || subtype == "encrypted"
    case "application":
      ["pkcs7-mime", "x-pkcs7-mime", "pkcs7-signature", "x-pkcs7-signature"].contains(subtype)
        || ["pgp-encrypted", "pgp-signature", "pgp"].contains(subtype)
    default: false
    }
  }
}

/// `Content-Disposition` (RFC 2183).
public struct ContentDisposition: Sendable, Hashable {
  /// In lower case: `inline`, `attachment` or another word.
  public var kind: String
  /// In order.
  public var parameters: [HeaderParameter]

  /// A disposition.
  public init(kind: String, parameters: [HeaderParameter] = []) {
    self.kind = kind
    self.parameters = parameters
  }

  /// From a field's value; nil when there is no word to read.
  public init?(parsing bytes: [UInt8], in range: Range<Int>) {
    var reader = ParameterReader(bytes, in: range)
    guard let kind = reader.token() else { return nil }
    self.kind = String(lowering: bytes, in: kind)
    parameters = reader.parameters()
  }

  /// `attachment`.
  public var isAttachment: Bool { kind == "attachment" }

  /// `filename`, without regard to what it may do to a file system.
  public var filename: String? { parameters.first { $0.name == "filename" }?.value }
}
