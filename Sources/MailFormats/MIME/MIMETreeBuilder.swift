#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Reads the parts of a message in one pass, with the boundaries of all open multiparts on a stack.
struct MIMETreeBuilder {
  /// The limits on depth or number of parts were met.
  private(set) var isTruncated = false

  private let bytes: [UInt8]
  /// Those of the multiparts around the place that is being read, the outermost first.
  private var boundaries: [[UInt8]] = []
  private var partCount = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The message itself, whose header has been read.
  mutating func root(of headers: HeaderBlock) -> MIMEPart {
    var fields = PartFields()
    for index in headers.fields.indices { fields.note(headers.fields[index], in: bytes) }
    let header = PartHeader(
      range: headers.range, bodyStart: headers.bodyStart, fields: fields, delimiter: nil)
    return part(header, in: Surroundings()).part
  }

  /// What a part inherits from those around it.
  private struct Surroundings {
    var depth = 0
    var isDigest = false
    var isProtected = false
    var isEnclosed = false
  }

  private struct PartHeader {
    var range: Range<Int>
    var bodyStart: Int
    var fields: PartFields
    /// Set when a boundary stood where the header had not ended yet.
    var delimiter: Delimiter?
  }

  /// A part that starts behind a boundary or as the content of an attached message, and the boundary
  /// that ended it: nil at the end of the message.
  private mutating func part(
    at start: Int, in surroundings: Surroundings
  ) -> (part: MIMEPart, next: Delimiter?) {
    part(header(at: start), in: surroundings)
  }

  private mutating func part(
    _ header: PartHeader, in surroundings: Surroundings
  ) -> (part: MIMEPart, next: Delimiter?) {
    partCount += 1
    let type = contentType(header, isDigest: surroundings.isDigest)
    let isProtected = surroundings.isProtected || type.isProtected
    let encoding = header.fields.encoding.map { TransferEncoding(parsing: bytes, in: $0) } ?? .sevenBit
    var content = Content()
    if let delimiter = header.delimiter {
      content.next = delimiter
    } else {
      var inner = surroundings
      inner.depth += 1
      inner.isProtected = isProtected
      content = self.content(of: type, encoding: encoding, at: header.bodyStart, in: inner)
    }
    // A last child without a line of its own ends behind the line end that the boundary claims.
    let childEnd = content.children.last?.bodyRange.upperBound ?? header.bodyStart
    let body = header.bodyStart..<max(childEnd, content.next?.contentEnd ?? bytes.count)
    let part = MIMEPart(
      headerRange: header.range, bodyRange: body, contentType: type,
      disposition: header.fields.disposition.flatMap { ContentDisposition(parsing: bytes, in: $0) },
      transferEncoding: encoding, children: content.children,
      isProtected: isProtected || hasInlinePGP(body, of: type, encoding: encoding),
      isEnclosed: surroundings.isEnclosed)
    return (part, content.next)
  }

  private func contentType(_ header: PartHeader, isDigest: Bool) -> ContentType {
    if let range = header.fields.type { return ContentType(parsing: bytes, in: range) ?? .plainText }
    return isDigest ? ContentType(type: "message", subtype: "rfc822") : .plainText
  }

  /// A header that a boundary line may cut short.
  private func header(at start: Int) -> PartHeader {
    var scanner = HeaderScanner(bytes, in: start..<bytes.count)
    var header = PartHeader(range: start..<start, bodyStart: start, fields: PartFields(), delimiter: nil)
    while true {
      if let delimiter = delimiter(at: scanner.position) {
        header.bodyStart = min(scanner.position, max(start, delimiter.contentEnd))
        header.range = start..<header.bodyStart
        header.delimiter = delimiter
        return header
      }
      switch scanner.next() {
      case .field(let field): header.fields.note(field, in: bytes)
      case .malformed: break
      case .separator(let bodyStart):
        header.range = start..<scanner.position
        header.bodyStart = bodyStart
        return header
      case .end:
        header.range = start..<bytes.count
        header.bodyStart = bytes.count
        return header
      }
    }
  }

  // MARK: Content

  private struct Content {
    var children: [MIMEPart] = []
    var next: Delimiter?
  }

  private mutating func content(
    of type: ContentType, encoding: TransferEncoding, at start: Int, in surroundings: Surroundings
  ) -> Content {
    let boundary = type.boundary
    let isEncoded = encoding == .base64 || encoding == .quotedPrintable || encoding == .unknown
    let isComposite = boundary != nil || (type.isMessage && !isEncoded)
    guard isComposite, !bytes.isEmpty else { return Content(next: nextDelimiter(from: start)) }
    guard surroundings.depth < MIMEMessage.depthLimit, partCount < MIMEMessage.partLimit else {
      isTruncated = true
      return Content(next: nextDelimiter(from: start))
    }
    var inner = surroundings
    if let boundary {
      // A transfer encoding is not allowed here, and readers ignore one.
      inner.isDigest = type.subtype == "digest"
      return multipart(Array(boundary.utf8), from: start, in: inner)
    }
    inner.isDigest = false
    inner.isEnclosed = true
    let (child, next) = part(at: start, in: inner)
    return Content(children: [child], next: next)
  }

  private mutating func multipart(_ boundary: [UInt8], from start: Int, in surroundings: Surroundings)
    -> Content
  {
    var content = Content()
    let level = boundaries.count
    boundaries.append(boundary)
    content.next = nextDelimiter(from: start)
    while let delimiter = content.next, delimiter.level == level {
      let isFull = partCount >= MIMEMessage.partLimit
      if delimiter.isClosing || isFull {
        if isFull, !delimiter.isClosing { isTruncated = true }
        boundaries.removeLast()
        content.next = nextDelimiter(from: delimiter.lineEnd)
        return content
      }
      let (child, next) = part(at: delimiter.lineEnd, in: surroundings)
      content.children.append(child)
      content.next = next
    }
    boundaries.removeLast()
    return content
  }

  /// Whether text holds an armoured PGP block (RFC 9580 6.2), which any edit would break.
  private func hasInlinePGP(_ body: Range<Int>, of type: ContentType, encoding: TransferEncoding) -> Bool {
    guard type.isText else { return false }
    guard encoding == .base64 else { return Self.hasArmour(bytes, in: body) }
    guard type.isHTML else { return false }
    let text = bytes.withUnsafeBytes { Base64.decodeLenient(UnsafeRawBufferPointer(rebasing: $0[body])) }
    return Self.hasArmour(text, in: 0..<text.count)
  }

  private static func hasArmour(_ text: [UInt8], in range: Range<Int>) -> Bool {
    text.firstPlace(of: "-----BEGIN PGP ", pivot: 11, in: range) != nil
  }

  // MARK: Boundaries

  /// A line that ends a part.
  private struct Delimiter {
    /// Index into `boundaries`.
    var level: Int
    /// Where the content before it ends: the line end before the boundary belongs to the boundary.
    var contentEnd: Int
    /// Behind the boundary's own line end.
    var lineEnd: Int
    var isClosing: Bool
  }

  /// The next boundary line of any open multipart, from a place where a line starts.
  private func nextDelimiter(from start: Int) -> Delimiter? {
    guard !boundaries.isEmpty else { return nil }
    var lineStart = start
    while lineStart < bytes.count {
      if let delimiter = delimiter(at: lineStart) { return delimiter }
      guard let lineEnd = bytes.firstPlace(of: Octet.lf, in: lineStart..<bytes.count) else { return nil }
      lineStart = lineEnd + 1
    }
    return nil
  }

  @inline(__always)
  private func delimiter(at lineStart: Int) -> Delimiter? {
    guard lineStart + 2 < bytes.count, bytes[lineStart] == Octet.dash, bytes[lineStart + 1] == Octet.dash
    else {
      return nil
    }
    return matchedDelimiter(at: lineStart)
  }

  /// The innermost multipart whose boundary fills the line that starts here with two dashes.
  private func matchedDelimiter(at lineStart: Int) -> Delimiter? {
    for level in boundaries.indices.reversed() {
      let end = lineStart + 2 + boundaries[level].count
      guard hasBytes(of: boundaries[level], at: lineStart + 2) else { continue }
      if let lineEnd = endOfPadding(from: end) {
        return Delimiter(
          level: level, contentEnd: contentEnd(before: lineStart), lineEnd: lineEnd, isClosing: false)
      }
      guard end + 1 < bytes.count, bytes[end] == Octet.dash, bytes[end + 1] == Octet.dash else { continue }
      guard let lineEnd = endOfPadding(from: end + 2) else { continue }
      return Delimiter(
        level: level, contentEnd: contentEnd(before: lineStart), lineEnd: lineEnd, isClosing: true)
    }
    return nil
  }

  private func hasBytes(of boundary: [UInt8], at start: Int) -> Bool {
    guard start + boundary.count <= bytes.count else { return false }
    return bytes.withUnsafeBytes { text in
      boundary.withUnsafeBytes { expected in
        guard let text = text.baseAddress, let wanted = expected.baseAddress else { return false }
        return memcmp(text + start, wanted, expected.count) == 0
      }
    }
  }

  /// Behind the line end when only white space stands before it.
  private func endOfPadding(from start: Int) -> Int? {
    var index = start
    while index < bytes.count, bytes[index].isBlank || bytes[index] == Octet.cr { index += 1 }
    if index == bytes.count { return index }
    return bytes[index] == Octet.lf ? index + 1 : nil
  }

  private func contentEnd(before lineStart: Int) -> Int {
    guard lineStart > 0, bytes[lineStart - 1] == Octet.lf else { return lineStart }
    return lineStart > 1 && bytes[lineStart - 2] == Octet.cr ? lineStart - 2 : lineStart - 1
  }
}

/// Where the values of the fields stand that say what a part is; of doubles the first counts.
struct PartFields {
  var type: Range<Int>?
  var encoding: Range<Int>?
  var disposition: Range<Int>?

  /// Keeps the field's place when it is one of these.
  mutating func note(_ field: HeaderField, in bytes: [UInt8]) {
    switch field.name.count {
    case 12:
      if type == nil, bytes.matches("content-type", in: field.name) { type = field.value }
    case 25:
      guard encoding == nil, bytes.matches("content-transfer-encoding", in: field.name) else { return }
      encoding = field.value
    case 19:
      guard disposition == nil, bytes.matches("content-disposition", in: field.name) else { return }
      disposition = field.value
    default: return
    }
  }
}
