import MailFormats

/// Finds what can be tracked in an original.
public enum TrackingPlanner {
  /// What a link may add to a line at most: our URL of 232 bytes, quotes, and filling.
  private static let linkGrowth = 240
  /// What the pixel may: a tag and our URL of 236 bytes.
  private static let pixelGrowth = 320
  /// HTML parts beyond this are left alone; no mail that people read has as many.
  private static let partLimit = 16
  /// Longest line without its CRLF (RFC 5322 section 2.1.1).
  private static let lineLimit = 998

  /// nil when nothing is to be tracked: no HTML part that may be touched. Costs a parse of the HTML: for
  /// a thread that may compute, once per original.
  public static func plan(_ message: MIMEMessage) -> TrackingPlan? {
    var links = [String]()
    var slots = [TrackingSlot]()
    let parts = message.parts.filter { $0.isEditableHTML && isReadable(charset: $0.contentType.charset) }
    for part in parts.prefix(partLimit) {
      guard let body = BodyMap(message.bytes, part: part) else { continue }
      // One part that is too much for the parser is enough of that.
      guard let places = LinkFinder.places(in: body.decoded) else { break }
      var added = [TrackingSlot]()
      for place in places where place.url == nil || links.count < TrackingToken.linkLimit {
        let slot = slot(for: place, link: place.url == nil ? nil : links.count, body, message.bytes)
        if let last = added.last, slot.offset < last.offset + last.removed { continue }
        if let url = place.url { links.append(url) }
        added.append(slot)
      }
      if case .plain = body { widenLines(&added, message.bytes, part.bodyRange) }
      slots += added
    }
    return slots.isEmpty ? nil : TrackingPlan(links: links, slots: slots)
  }

  /// As above, for bytes that have not been read as MIME yet.
  public static func plan(original: [UInt8]) -> TrackingPlan? {
    plan(MIMEMessage(parsing: original))
  }

  /// Sets in which a byte of ASCII is always that sign, at least in tags.
  private static func isReadable(charset: String?) -> Bool {
    guard let charset else { return true }
    return !["utf-16", "utf16", "utf-32", "utf32", "ucs-", "iso-10646-ucs", "utf-7", "iso-2022-", "hz-"]
      .contains { charset.hasPrefix($0) } && charset != "unicode" && charset != "csunicode"
  }

  private static func slot(
    for place: HTMLPlace, link: Int?, _ body: BodyMap, _ message: [UInt8]
  ) -> TrackingSlot {
    guard link != nil else { return body.slot(place.range, link: nil, before: [], after: [], in: message) }
    guard place.quote != nil else {
      return body.slot(place.range, link: link, before: [0x22], after: [0x22], in: message)
    }
    let inner = (place.range.lowerBound + 1)..<(place.range.upperBound - 1)
    return body.slot(inner, link: link, before: [], after: [], in: message)
  }

  /// Where the new text might make a line too long it gets a line of its own. In HTML white space may stand
  /// around an attribute's value and around the pixel; within quotes it may not, so the quotes come along.
  private static func widenLines(_ slots: inout [TrackingSlot], _ message: [UInt8], _ body: Range<Int>) {
    var first = 0
    while first < slots.count {
      let lineEnd = message[slots[first].offset..<body.upperBound].firstIndex(of: 0x0A) ?? body.upperBound
      let lineStart = message[..<slots[first].offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      var next = first
      var length = lineEnd - lineStart
      while next < slots.count, slots[next].offset <= lineEnd {
        length += slots[next].link == nil ? pixelGrowth : linkGrowth
        next += 1
      }
      if length > lineLimit {
        for index in first..<next { setOnOwnLine(&slots[index], message) }
      }
      first = next
    }
  }

  private static func setOnOwnLine(_ slot: inout TrackingSlot, _ message: [UInt8]) {
    slot.form = .ownLine
    guard slot.link != nil, slot.before.isEmpty else { return }
    slot.offset -= 1
    slot.removed += 2
    slot.before = [message[slot.offset]]
    slot.after = slot.before
  }
}
