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

  /// Reads a message.
  public init(parsing bytes: [UInt8]) {
    self.bytes = bytes
    headers = HeaderBlock(parsing: bytes)
    root = MIMEPart(
      headerRange: headers.range, bodyRange: headers.bodyStart..<bytes.count, contentType: .plainText,
      disposition: nil, transferEncoding: .sevenBit, children: [], isProtected: false, isEnclosed: false)
    isTruncated = false
  }

  /// All parts in document order, the root first.
  public var parts: [MIMEPart] { [root] }

  /// The part's body with the transfer encoding undone. Base64 and quoted-printable are read leniently.
  public func decodedBody(of part: MIMEPart) -> [UInt8] { [] }

  /// The header of a part, read again from its bytes.
  public func headers(of part: MIMEPart) -> HeaderBlock { HeaderBlock(parsing: bytes, in: part.headerRange) }
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
  /// It is signed or encrypted, or lies in a part that is (RFC 1847, S/MIME, PGP): not a byte of it may change.
  public let isProtected: Bool
  /// It lies in an attached message (message/rfc822, message/global).
  public let isEnclosed: Bool

  /// `Content-Disposition: attachment`.
  public var isAttachment: Bool { disposition?.isAttachment ?? false }
  /// HTML that a person is meant to see and that may be edited.
  public var isEditableHTML: Bool {
    contentType.isHTML && !isAttachment && !isProtected && !isEnclosed
  }
}

/// `Content-Transfer-Encoding` (RFC 2045 6).
public enum TransferEncoding: Sendable, Hashable {
  case sevenBit, eightBit, binary, quotedPrintable, base64
  /// Anything else: the body's meaning is unknown and it must be left alone.
  case unknown
}
