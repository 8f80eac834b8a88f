import MailFormats
import MailModel
import Signing

/// One recipient's copy, as it goes over the wire (before dot-stuffing).
public struct Prepared: Sendable {
  /// The whole message.
  public var bytes: [UInt8]
  /// What makes `bytes` out of the original.
  public var edits: [Edit]
}

/// Makes one recipient's copy from a stored original: tracking, headers, signature.
public enum Preparer {
  /// Room for one signature field with a long list of names, so that `bytes` grows once only.
  private static let signatureRoom = 1200

  /// - Parameters:
  ///   - original: as accepted; CRLF line ends.
  ///   - plan: nil leaves the bodies alone.
  ///   - received: the value of a `Received` field (RFC 5321 section 4.4) to put on top, without its name;
  ///     CRLF and a space inside fold it. nil adds none.
  ///   - signer: the keys of the sender's domain; nil signs nothing.
  ///   - tracking: nil, or a message that is not tracked, leaves the bodies alone.
  ///   - now: the time of the signature.
  /// `Message-ID` and `Date` are added where missing, the same for all recipients; `Bcc` is removed;
  /// `X-Brevdue-ID` names the message.
  public static func prepare(
    original: [UInt8], plan: TrackingPlan?, message: Message, received: String? = nil,
    signer: DKIMSigner?, tracking: TrackingContext?, now: Instant
  ) throws(CryptoError) -> Prepared {
    let headers = HeaderBlock(parsing: original)
    var edits = [Edit]()
    edits.reserveCapacity((plan?.slots.count ?? 0) + 2)
    edits.append(Edit(offset: 0, inserted: top(headers, message, received)))
    for field in headers.fields where headers.isNamed(field, "Bcc") {
      if field.full.lowerBound == 0 {
        edits[0].removed = field.full.count
      } else {
        edits.append(Edit(offset: field.full.lowerBound, removed: field.full.count))
      }
    }
    if let plan, let tracking, message.isTracked {
      let writer = SlotWriter(original: original, message: message.id, context: tracking)
      // A plan of another original would have places beyond this one.
      for slot in plan.slots where slot.offset + slot.removed <= original.count {
        edits.append(writer.edit(slot))
      }
    }
    endWithLineEnd(&edits, original)
    var bytes = join(edits, original, room: signatureRoom * (signer?.keys.count ?? 0))
    if let signer {
      let signatures = try signer.signatures(for: bytes, at: now)
      bytes.insert(contentsOf: signatures, at: 0)
      edits[0].inserted.insert(contentsOf: signatures, at: 0)
    }
    return Prepared(bytes: bytes, edits: edits)
  }

  /// What stands behind the last line end (a pixel) gets one too: DATA ends every message with CRLF, so that
  /// without it the message would arrive other than it was kept and signed.
  private static func endWithLineEnd(_ edits: inout [Edit], _ original: [UInt8]) {
    let lineEnd: [UInt8] = [0x0D, 0x0A]
    guard let last = edits.indices.last, edits[last].offset + edits[last].removed == original.count,
      original.suffix(2).elementsEqual(lineEnd), !edits[last].inserted.suffix(2).elementsEqual(lineEnd)
    else { return }
    edits[last].inserted += lineEnd
  }

  /// The fields that go above the original's.
  private static func top(_ headers: HeaderBlock, _ message: Message, _ received: String?) -> [UInt8] {
    var top = [UInt8]()
    top.reserveCapacity(512)
    if let received {
      top += "Received: ".utf8
      top += received.utf8
      top += [0x0D, 0x0A]
    }
    if headers.first("Message-ID") == nil {
      top += "Message-ID: <\(message.original)@\(domain(of: message.sender))>\r\n".utf8
    }
    if headers.first("Date") == nil {
      top += "Date: ".utf8
      RFC5322Date.append(message.createdAt, to: &top)
      top += [0x0D, 0x0A]
    }
    top += "X-Brevdue-ID: \(message.id)\r\n".utf8
    return top
  }

  private static func domain(of address: String) -> String {
    let domain = address.utf8.lastIndex(of: 0x40).map { String(address[address.index(after: $0)...]) }
    return domain.flatMap(IDNA.ascii) ?? "brevdue.invalid"
  }

  /// `Edits.apply` for edits that are known to fit, with room for what comes on top.
  private static func join(_ edits: [Edit], _ original: [UInt8], room: Int) -> [UInt8] {
    var result = [UInt8]()
    result.reserveCapacity(edits.reduce(original.count + room) { $0 + $1.inserted.count })
    var position = 0
    for edit in edits where edit.offset >= position {
      result += original[position..<edit.offset]
      result += edit.inserted
      position = edit.offset + edit.removed
    }
    result += original[position...]
    return result
  }
}
