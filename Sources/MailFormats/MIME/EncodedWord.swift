/// Encoded words in headers (RFC 2047).
public enum EncodedWord {
  /// Longest encoded word in octets.
  public static let limit = 75

  /// Decodes every encoded word and unfolds; other bytes are taken as UTF-8, wrong ones replaced.
  ///
  /// Words that many programs get wrong are read too: with spaces inside, or with one character's bytes
  /// in two words.
  public static func decode(_ bytes: [UInt8], in range: Range<Int>) -> String {
    guard bytes.firstPlace(of: "=?", in: range) != nil else { return plain(bytes, in: range) }
    var decoder = Decoder(bytes)
    var position = range.lowerBound
    while let start = bytes.firstPlace(of: "=?", in: position..<range.upperBound) {
      guard let word = Word(bytes, at: start, limit: range.upperBound) else {
        decoder.takePlain(position..<(start + 2))
        position = start + 2
        continue
      }
      decoder.takePlain(position..<start)
      decoder.take(word)
      position = word.end
    }
    decoder.takePlain(position..<range.upperBound)
    return decoder.finish()
  }

  /// Text as UTF-8 encoded words of at most 75 octets each, to be joined by folding white space. No
  /// character is split between two words.
  ///
  /// - Parameter firstLimit: octets for the first word, when something stands before it on its line.
  public static func encode(_ text: String, firstLimit: Int = limit) -> [[UInt8]] {
    let useBase64 = text.utf8.count { !isPlainQ($0) } * 3 > text.utf8.count
    var words: [[UInt8]] = []
    var pending: [UInt8] = []
    var width = 0
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      let added =
        useBase64 ? bytes.count : bytes.reduce(0) { $0 + (isPlainQ($1) || $1 == Octet.space ? 1 : 3) }
      let room = max(words.isEmpty ? firstLimit : limit, 24) - 12
      let isFull = useBase64 ? (pending.count + added + 2) / 3 * 4 > room : width + added > room
      if isFull, !pending.isEmpty {
        words.append(word(pending, useBase64: useBase64))
        pending.removeAll()
        width = 0
      }
      pending += bytes
      width += added
    }
    if !pending.isEmpty { words.append(word(pending, useBase64: useBase64)) }
    return words
  }

  private static func word(_ bytes: [UInt8], useBase64: Bool) -> [UInt8] {
    var word = Array("=?utf-8?".utf8)
    word += useBase64 ? Array("B?".utf8) : Array("Q?".utf8)
    if useBase64 {
      word += Base64.encode(bytes)
    } else {
      for byte in bytes {
        if byte == Octet.space {
          word.append(Octet.underscore)
        } else if isPlainQ(byte) {
          word.append(byte)
        } else {
          QuotedPrintable.appendEscape(of: byte, to: &word)
        }
      }
    }
    word += Array("?=".utf8)
    return word
  }

  /// What may stand for itself in an encoded word anywhere, a phrase too (RFC 2047 5).
  private static func isPlainQ(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
    default: false
    }
  }

  private static func plain(_ bytes: [UInt8], in range: Range<Int>) -> String {
    guard bytes.firstPlace(of: Octet.lf, in: range) != nil else { return String(lossy: bytes, in: range) }
    let unfolded = bytes[range].filter { $0 != Octet.cr && $0 != Octet.lf }
    return String(decoding: unfolded, as: UTF8.self)
  }
}

extension EncodedWord {
  /// `=?charset*language?encoding?text?=` and where it ends.
  private struct Word {
    var charset: String
    var content: [UInt8]
    var end: Int

    /// How far its end is looked for: longer than any real one, and short enough that a header full of
    /// beginnings costs little.
    private static let searchLimit = 4096

    init?(_ bytes: [UInt8], at start: Int, limit: Int) {
      let charsetEnd = min(start + 60, limit)
      guard let first = bytes.firstPlace(of: Octet.question, in: (start + 2)..<charsetEnd),
        first > start + 2, first + 3 < limit, bytes[first + 2] == Octet.question,
        let close = bytes.firstPlace(of: "?=", in: (first + 3)..<min(first + Self.searchLimit, limit))
      else { return nil }
      let star = bytes.firstPlace(of: Octet.star, in: (start + 2)..<first) ?? first
      charset = String(lowering: bytes, in: (start + 2)..<star)
      switch bytes[first + 1].lowered {
      case UInt8(ascii: "b"):
        content = bytes.withUnsafeBytes {
          Base64.decodeLenient(UnsafeRawBufferPointer(rebasing: $0[(first + 3)..<close]))
        }
      case UInt8(ascii: "q"): content = Self.decodeQ(bytes, in: (first + 3)..<close)
      default: return nil
      }
      end = close + 2
    }

    private static func decodeQ(_ bytes: [UInt8], in range: Range<Int>) -> [UInt8] {
      var output: [UInt8] = []
      var index = range.lowerBound
      while index < range.upperBound {
        let byte = bytes[index]
        if byte == Octet.equals, index + 2 < range.upperBound, let high = bytes[index + 1].hexValue,
          let low = bytes[index + 2].hexValue
        {
          output.append(high << 4 | low)
          index += 3
          continue
        }
        if byte != Octet.cr, byte != Octet.lf { output.append(byte == Octet.underscore ? Octet.space : byte) }
        index += 1
      }
      return output
    }
  }

  /// Joins words and what stands between them.
  private struct Decoder {
    private let bytes: [UInt8]
    private var text = ""
    private var pending: [UInt8] = []
    private var charset: String?
    private var isBehindWord = false
    private var space: Range<Int>?

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
    }

    mutating func takePlain(_ range: Range<Int>) {
      guard !range.isEmpty else { return }
      // White space between two words is not part of the text (RFC 2047 6.2).
      if isBehindWord, bytes[range].allSatisfy(\.isFoldingSpace) {
        space = range
        return
      }
      flush()
      text += EncodedWord.plain(bytes, in: range)
      isBehindWord = false
    }

    mutating func take(_ word: Word) {
      space = nil
      if charset != word.charset { flush() }
      charset = word.charset
      pending += word.content
      isBehindWord = true
    }

    mutating func finish() -> String {
      flush()
      return text
    }

    private mutating func flush() {
      if !pending.isEmpty { text += Charset.decode(pending, in: 0..<pending.count, charset: charset) }
      pending.removeAll()
      charset = nil
      if let space { text += EncodedWord.plain(bytes, in: space) }
      space = nil
    }
  }
}
