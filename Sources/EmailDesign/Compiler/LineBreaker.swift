/// Breaks long lines where it changes nothing: mail allows 998 bytes in a line (RFC 5322, section 2.1.1).
enum LineBreaker {
  /// Where a break is looked for in HTML, in bytes.
  private static let wanted = 500
  /// Where one is looked for in text, since it is seen there, and made in HTML even in the middle of a word.
  private static let forced = 900

  /// Breaks at spaces between words and attributes, else by a comment that is a line end inside.
  static func html(_ html: String) -> String {
    var scanner = Scanner(isHTML: true)
    return scanner.broken(html)
  }

  /// Breaks at spaces only.
  static func plain(_ text: String) -> String {
    var scanner = Scanner(isHTML: false)
    return scanner.broken(text)
  }

  private struct Scanner {
    private enum State { case text, tag, comment, quoted(UInt8), code(UInt8), codeString(UInt8, UInt8) }

    let isHTML: Bool
    private var output = [UInt8]()
    private var state = State.text
    private var lineStart = 0
    /// A space of this line that may become a line end.
    private var candidate: Int?
    /// In the head, where no comment may stand in a title.
    private var isInBody = false

    init(isHTML: Bool) {
      self.isHTML = isHTML
    }

    mutating func broken(_ text: String) -> String {
      let bytes = Array(text.utf8)
      output.reserveCapacity(bytes.count + 64)
      for (place, byte) in bytes.enumerated() {
        breakIfLong(before: byte)
        step(byte, next: place + 1 < bytes.count ? bytes[place + 1] : 0)
        if byte == 0x3C, bytes[place...].starts(with: "<body".utf8) { isInBody = true }
        output.append(byte)
        if byte == 0x0A { startLine() }
      }
      return String(decoding: output, as: UTF8.self)
    }

    private mutating func startLine() {
      lineStart = output.count
      candidate = nil
    }

    private mutating func breakIfLong(before byte: UInt8) {
      let length = output.count - lineStart
      guard length > (isHTML ? LineBreaker.wanted : LineBreaker.forced) else { return }
      if let place = candidate {
        output[place] = 0x0A
        lineStart = place + 1
        candidate = nil
      } else if isHTML, isInBody, length > LineBreaker.forced, case .text = state, byte & 0xC0 != 0x80,
        byte != 0x3B, output.last.map({ $0 >= 0x80 }) ?? false
      {
        output += "<!--\n-->".utf8
        startLine()
        lineStart -= 3
      }
    }

    /// Keeps track of tags and code, in which spaces are not always free.
    private mutating func step(_ byte: UInt8, next: UInt8) {
      switch state {
      case .text:
        if byte == 0x7B, next == 0x7B || next == 0x25 {
          state = .code(next == 0x7B ? 0x7D : 0x25)
        } else if isHTML, byte == 0x3C {
          // Word reads `<!--[if mso]>` by the letter.
          state = next == 0x21 ? .comment : .tag
        } else if byte == 0x20 {
          candidate = output.count
        }
      case .comment: if byte == 0x3E { state = .text }
      case .tag:
        if byte == 0x3E { state = .text }
        if byte == 0x22 { state = .quoted(byte) }
        if byte == 0x20 { candidate = output.count }
      case .quoted(let quote):
        if byte == quote { state = .tag }
        if byte == 0x7B, next == 0x7B { skipped = .quoted(quote); state = .code(0x7D) }
      case .code(let end):
        if byte == end, next == 0x7D { leaveCode() }
        if byte == 0x22 { state = .codeString(end, 0) }
      case .codeString(let end, let before):
        if byte == 0x22, before != 0x5C {
          state = .code(end)
        } else {
          state = .codeString(end, before == 0x5C ? 0 : byte)
        }
      }
    }

    /// Where code in an attribute goes back to.
    private var skipped: State?

    private mutating func leaveCode() {
      state = skipped ?? .text
      skipped = nil
    }
  }
}
