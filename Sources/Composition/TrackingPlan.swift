/// The places of an original where links and the pixel go, found once at accept. Only the tokens differ
/// between recipients.
public struct TrackingPlan: Sendable, Hashable {
  /// The URLs of the tracked links in ASCII, entities decoded, in the order of the original; a token names
  /// one by its place here. Nothing in them can break out of an HTTP header.
  public var links: [String]
  /// Ascending by offset, not overlapping.
  var slots: [TrackingSlot]

  init(links: [String], slots: [TrackingSlot]) {
    self.links = links
    self.slots = slots
  }

  /// For the store, beside the original.
  public func encode() -> [UInt8] {
    var writer = BlobWriter(format: 1)
    writer.reserve(links.reduce(8) { $0 + $1.utf8.count + 12 } + slots.count * 10)
    writer.number(links.count)
    for link in links { writer.bytes(Array(link.utf8)) }
    writer.number(slots.count)
    var position = 0
    for slot in slots {
      writer.number(slot.offset - position)
      writer.number(slot.removed)
      writer.number(slot.link.map { $0 + 1 } ?? 0)
      writer.number(Int(slot.form.rawValue))
      writer.bytes(slot.before)
      writer.bytes(slot.after)
      position = slot.offset + slot.removed
    }
    return writer.result
  }

  /// Reads what `encode` wrote; nil for damaged bytes.
  public init?(decoding blob: [UInt8]) {
    guard var reader = BlobReader(blob, format: 1), let linkCount = reader.number() else { return nil }
    links = []
    for _ in 0..<min(linkCount, blob.count) {
      guard let link = reader.bytes() else { return nil }
      links.append(String(decoding: link, as: UTF8.self))
    }
    guard links.count == linkCount, let slotCount = reader.number() else { return nil }
    slots = []
    var position = 0
    for _ in 0..<min(slotCount, blob.count) {
      guard let slot = Self.slot(&reader, after: position, linkCount: linkCount) else { return nil }
      slots.append(slot)
      position = slot.offset + slot.removed
    }
    guard slots.count == slotCount, reader.isAtEnd else { return nil }
  }

  private static func slot(
    _ reader: inout BlobReader, after position: Int, linkCount: Int
  ) -> TrackingSlot? {
    guard let distance = reader.number(), let removed = reader.number(), let target = reader.number(),
      let form = reader.number().flatMap({ UInt8(exactly: $0) }).flatMap(TrackingSlot.Form.init),
      let before = reader.bytes(), let after = reader.bytes(), target <= linkCount,
      // No message is as long as this; so nothing can overflow further on.
      distance < 1 << 40, removed < 1 << 40
    else { return nil }
    return TrackingSlot(
      offset: position + distance, removed: removed, link: target == 0 ? nil : target - 1, form: form,
      before: before, after: after)
  }
}

/// One place of an original that gets a link's URL, or the pixel.
struct TrackingSlot: Sendable, Hashable {
  /// How the text is carried at this place.
  enum Form: UInt8, Sendable {
    /// As it is.
    case plain = 0
    /// As it is, on a line of its own, since its line would become longer than 998 (RFC 5322 section 2.1.1).
    case ownLine = 1
    case quotedPrintable = 2
    /// Whole groups of base64 that more groups follow.
    case base64 = 3
    /// Base64 up to its end.
    case base64End = 4
  }

  /// In the original's bytes.
  var offset: Int
  /// How many of the original's bytes go.
  var removed: Int
  /// The place in the plan's links; nil for the pixel.
  var link: Int?
  var form: Form
  /// Decoded bytes to put before and after: the quotes of an attribute, or what shared a unit of the
  /// encoding with the bytes removed.
  var before: [UInt8]
  var after: [UInt8]
}
