/// Cuts HubL into text and code without understanding it; works on bytes.
public enum SourceScanner {
  /// What stands at a place; ranges with their braces.
  public enum Piece: Sendable {
    case text(Range<Int>)
    /// `{{ … }}` with what stands between, without white space and dashes around.
    case output(String, Range<Int>)
    /// `{% … %}`, the same.
    case tag(String, Range<Int>)
    case comment(Range<Int>)
  }

  /// The whole source in pieces that follow each other.
  public static func pieces(of bytes: [UInt8]) -> [Piece] {
    var pieces = [Piece]()
    var textStart = 0
    var position = 0
    while position + 1 < bytes.count {
      let next = bytes[position + 1]
      guard bytes[position] == 0x7B, next == 0x7B || next == 0x25 || next == 0x23 else {
        position += 1
        continue
      }
      let end = codeEnd(bytes, from: position + 2, closing: next == 0x7B ? 0x7D : next)
      if position > textStart { pieces.append(.text(textStart..<position)) }
      pieces.append(piece(bytes, position..<end, kind: next))
      position = end
      textStart = end
    }
    if textStart < bytes.count { pieces.append(.text(textStart..<bytes.count)) }
    return pieces
  }

  private static func piece(_ bytes: [UInt8], _ range: Range<Int>, kind: UInt8) -> Piece {
    if kind == 0x23 { return .comment(range) }
    var inner = bytes[range].dropFirst(2).dropLast(2)
    while let first = inner.first, first <= 0x20 || first == 0x2D { inner = inner.dropFirst() }
    while let last = inner.last, last <= 0x20 || last == 0x2D { inner = inner.dropLast() }
    let code = String(decoding: inner, as: UTF8.self)
    return kind == 0x7B ? .output(code, range) : .tag(code, range)
  }

  /// Behind the closing braces; the end of the source where there are none.
  private static func codeEnd(_ bytes: [UInt8], from start: Int, closing: UInt8) -> Int {
    var position = start
    var quote: UInt8?
    while position + 1 < bytes.count {
      let byte = bytes[position]
      if let open = quote {
        if byte == 0x5C { position += 1 } else if byte == open { quote = nil }
      } else if closing != 0x23, byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == closing, bytes[position + 1] == 0x7D {
        return position + 2
      }
      position += 1
    }
    return bytes.count
  }

  /// Behind the `>` of the tag at a place.
  static func tagEnd(_ bytes: [UInt8], from start: Int) -> Int {
    var quote: UInt8?
    for place in start..<bytes.count {
      let byte = bytes[place]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == 0x3E {
        return place + 1
      }
    }
    return bytes.count
  }
}
