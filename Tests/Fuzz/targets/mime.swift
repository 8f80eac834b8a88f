import MailFormats
import MailModel

/// Any bytes as a message: the reader must not fail, every range must lie within its parent's, and everything that can be
/// asked of a part must have an answer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  let inspection = MessageInspector.inspect(bytes)
  let message = inspection.message
  if message.bytes != bytes { fatalError("other bytes") }
  check(message.headers, within: 0..<count)
  check(message.root, of: message, within: 0..<count)
  if message.parts.count > MIMEMessage.partLimit { fatalError("too many parts") }
  for field in message.headers.fields { read(field, of: message.headers) }
  let whole = 0..<count
  let decoded = QuotedPrintable.decode(bytes, in: whole)
  if QuotedPrintable.decodeWithMap(bytes, in: whole).bytes != decoded {
    fatalError("two readings of quoted-printable")
  }
  if QuotedPrintable.decode(QuotedPrintable.encode(bytes), in: 0..<QuotedPrintable.encode(bytes).count)
    != bytes,
    !bytes.contains(0x0D), !bytes.contains(0x0A)
  {
    fatalError("quoted-printable does not round-trip")
  }
  if Base64.decode(Base64.encode(bytes)) != bytes { fatalError("base64 does not round-trip") }
  // Strict and lenient reading must agree where the strict one finds no fault.
  if let strict = Base64.decode(bytes), bytes.withUnsafeBytes({ Base64.decodeLenient($0) }) != strict {
    fatalError("two readings of base64")
  }
  return 0
}

func check(_ headers: HeaderBlock, within range: Range<Int>) {
  if !within(headers.range, range) || !(range.lowerBound...range.upperBound ~= headers.bodyStart) {
    fatalError("header range")
  }
  var end = headers.range.lowerBound
  for field in headers.fields {
    if field.full.lowerBound < end || !within(field.full, headers.range) { fatalError("field range") }
    if !within(field.name, field.full) || !within(field.value, field.full) {
      fatalError("name or value range")
    }
    end = field.full.upperBound
  }
}

func check(_ part: MIMEPart, of message: MIMEMessage, within range: Range<Int>) {
  if !within(part.headerRange, range) || !within(part.bodyRange, range) { fatalError("part range") }
  _ = message.decodedBody(of: part)
  _ = message.headers(of: part)
  var end = part.bodyRange.lowerBound
  for child in part.children {
    if child.headerRange.lowerBound < end { fatalError("parts overlap") }
    check(child, of: message, within: part.bodyRange)
    end = child.bodyRange.upperBound
  }
}

func read(_ field: HeaderField, of headers: HeaderBlock) {
  _ = headers.text(field)
  _ = headers.unfolded(field)
  if let list = try? AddressList(parsing: headers.bytes, in: field.value) {
    for mailbox in list.mailboxes {
      if (try? EmailAddress(mailbox.address.description)) != mailbox.address {
        fatalError("address does not round-trip")
      }
    }
  }
  _ = ContentType(parsing: headers.bytes, in: field.value)
  _ = ContentDisposition(parsing: headers.bytes, in: field.value)
  _ = RFC5322Date.parse(headers.bytes, in: field.value)
}

func within(_ inner: Range<Int>, _ outer: Range<Int>) -> Bool {
  inner.lowerBound >= outer.lowerBound && inner.upperBound <= outer.upperBound
}
