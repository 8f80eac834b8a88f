/// A message as a tree of parts, all by offsets into the original bytes (RFC 2045, 2046).
///
/// Reading never fails: what can't be understood is a leaf whose bytes stay as they are.
public struct MIMEMessage: Sendable {
  /// Deepest nesting of parts; a multipart further down is a leaf.
  public static let depthLimit = 32
  /// Most parts listed; those behind are only bytes of their parent.
  public static let partLimit = 1000

  /// The message's bytes, which all ranges refer to.
  public let bytes: [UInt8]
  /// The message's own header.
  public let headers: HeaderBlock
  /// The message as a part.
  public let root: MIMEPart
  /// There were more levels or parts than the limits; what lies behind was not read.
  public let isTruncated: Bool

  /// Reads a message. Takes one pass over the bytes when it is a multipart, only the header when not.
  public init(parsing bytes: [UInt8]) {
    let headers = HeaderBlock(parsing: bytes)
    var builder = MIMETreeBuilder(bytes)
    root = builder.root(of: headers)
    isTruncated = builder.isTruncated
    self.bytes = bytes
    self.headers = headers
  }

  /// All parts in document order, the root first.
  public var parts: [MIMEPart] {
    var list: [MIMEPart] = []
    root.appendTree(to: &list)
    return list
  }

  /// The part's body with the transfer encoding undone. Base64 and quoted-printable are read leniently;
  /// a body in an unknown encoding comes as it is.
  public func decodedBody(of part: MIMEPart) -> [UInt8] {
    switch part.transferEncoding {
    case .base64:
      bytes.withUnsafeBytes { Base64.decodeLenient(UnsafeRawBufferPointer(rebasing: $0[part.bodyRange])) }
    case .quotedPrintable: QuotedPrintable.decode(bytes, in: part.bodyRange)
    case .sevenBit, .eightBit, .binary, .unknown: Array(bytes[part.bodyRange])
    }
  }

  /// The header of a part, read again from its bytes.
  public func headers(of part: MIMEPart) -> HeaderBlock {
    HeaderBlock(parsing: bytes, in: part.headerRange)
  }
}

/// One part of a message.
public struct MIMEPart: Sendable {
  /// The part's header fields, without the empty line.
  public let headerRange: Range<Int>
  /// The body, without the line end that belongs to the boundary behind it.
  public let bodyRange: Range<Int>
  /// `Content-Type`, or the default: text/plain, in a digest message/rfc822.
  public let contentType: ContentType
  /// `Content-Disposition`; nil when there is none or it can't be read.
  public let disposition: ContentDisposition?
  /// `Content-Transfer-Encoding`.
  public let transferEncoding: TransferEncoding
  /// The parts of a multipart, or the one message in a message/rfc822; else empty.
  public let children: [MIMEPart]
  /// It is signed or encrypted, or lies in a part that is (RFC 1847, S/MIME, PGP): not a byte of it may
  /// change.
  public let isProtected: Bool
  /// It lies in an attached message (message/rfc822, message/global).
  public let isEnclosed: Bool

  /// `Content-Disposition: attachment`.
  public var isAttachment: Bool { disposition?.isAttachment ?? false }

  /// HTML that a person is meant to see and that may be edited: not an attachment, not protected, not in
  /// an attached message, in a transfer encoding that is known.
  public var isEditableHTML: Bool {
    contentType.isHTML && !isAttachment && !isProtected && !isEnclosed && transferEncoding != .unknown
  }

  /// Appends this part and all below it in document order.
  func appendTree(to list: inout [MIMEPart]) {
    list.append(self)
    for child in children { child.appendTree(to: &list) }
  }
}

/// `Content-Transfer-Encoding` (RFC 2045 6).
public enum TransferEncoding: Sendable, Hashable {
  case sevenBit, eightBit, binary, quotedPrintable, base64
  /// Anything else: the body's meaning is unknown and it must be left alone.
  case unknown

  /// From a field's value; comments and case do not matter.
  public init(parsing bytes: [UInt8], in range: Range<Int>) {
    var reader = ParameterReader(bytes, in: range)
    guard let word = reader.token() else {
      self = .unknown
      return
    }
    if bytes.matches("7bit", in: word) {
      self = .sevenBit
    } else if bytes.matches("8bit", in: word) {
      self = .eightBit
    } else if bytes.matches("quoted-printable", in: word) {
      self = .quotedPrintable
    } else if bytes.matches("base64", in: word) {
      self = .base64
    } else {
      self = bytes.matches("binary", in: word) ? .binary : .unknown
    }
  }
}
