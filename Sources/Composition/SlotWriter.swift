import MailFormats
import MailModel
import Signing

/// Fills the slots of a plan for one message.
struct SlotWriter {
  private let original: [UInt8]
  private let message: MessageID
  private let base: [UInt8]
  private let key: HMACKey

  init(original: [UInt8], message: MessageID, context: TrackingContext) {
    self.original = original
    self.message = message
    base = Array(context.publicURL.utf8)
    key = context.key
  }

  /// The edit that puts the link or the pixel in.
  func edit(_ slot: TrackingSlot) -> Edit {
    var text = [UInt8]()
    text.reserveCapacity(base.count + 160)
    text += slot.before
    append(slot, to: &text)
    text += slot.after
    let bytes: [UInt8] =
      switch slot.form {
      case .plain: text
      case .ownLine: [0x0D, 0x0A] + text + [0x0D, 0x0A]
      case .quotedPrintable: quotedPrintable(text, slot)
      case .base64, .base64End: base64(text, slot)
      }
    return Edit(offset: slot.offset, removed: slot.removed, inserted: bytes)
  }

  private func append(_ slot: TrackingSlot, to text: inout [UInt8]) {
    if let link = slot.link {
      text += base
      text += "/t/c/".utf8
      text += TrackingToken(.click(link: link), message: message).bytes(key)
      // Readers of tokens ignore `=` at the end.
      fillGroup(slot, more: 0, with: 0x3D, in: &text)
    } else {
      text += "<img src=\"".utf8
      text += base
      text += "/t/o/".utf8
      text += TrackingToken(.open, message: message).bytes(key)
      text += ".gif\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0;width:1px;height:1px\"".utf8
      fillGroup(slot, more: 1, with: 0x20, in: &text)
      text.append(0x3E)
    }
  }

  /// Base64 that goes on after the slot must find its groups of three bytes where they were.
  private func fillGroup(_ slot: TrackingSlot, more: Int, with byte: UInt8, in text: inout [UInt8]) {
    guard slot.form == .base64 else { return }
    while (text.count + more + slot.after.count) % 3 != 0 { text.append(byte) }
  }

  /// On lines of its own, between soft line breaks, so that no line grows (RFC 2045 section 6.7).
  private func quotedPrintable(_ text: [UInt8], _ slot: TrackingSlot) -> [UInt8] {
    var result = [UInt8]()
    result.reserveCapacity(text.count * 5 / 4 + 16)
    if !startsLine(slot) { QuotedPrintable.appendSoftBreak(to: &result) }
    var column = 0
    for byte in text {
      let isPlain = byte >= 0x20 && byte < 0x7F && byte != 0x3D
      if column + (isPlain ? 1 : 3) > QuotedPrintable.lineLimit - 1 {
        QuotedPrintable.appendSoftBreak(to: &result)
        column = 0
      }
      if isPlain { result.append(byte) } else { QuotedPrintable.appendEscape(of: byte, to: &result) }
      column += isPlain ? 1 : 3
    }
    if !endsLine(slot) { QuotedPrintable.appendSoftBreak(to: &result) }
    return result
  }

  private func base64(_ text: [UInt8], _ slot: TrackingSlot) -> [UInt8] {
    var result = [UInt8]()
    if !startsLine(slot) { result += [0x0D, 0x0A] }
    text.withUnsafeBytes { Base64.encode($0, lineLength: 76, into: &result) }
    if endsLine(slot) { result.removeLast(2) }
    return result
  }

  private func startsLine(_ slot: TrackingSlot) -> Bool {
    slot.offset == 0 || original[slot.offset - 1] == 0x0A
  }

  private func endsLine(_ slot: TrackingSlot) -> Bool {
    let end = slot.offset + slot.removed
    return end == original.count || original[end] == 0x0D || original[end] == 0x0A
  }
}
