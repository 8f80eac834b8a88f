import MailModel

/// The grammar behind `AddressList`.
///
/// It collects words until the sign that tells what they were: `<` a display name, `@` a local part,
/// `:` a group's name.
struct AddressReader {
  private(set) var mailboxes: [Mailbox] = []
  private(set) var ranges: [Range<Int>] = []
  private(set) var hasGroups = false

  private let bytes: [UInt8]
  private let end: Int
  private var position: Int

  /// An atom, a quoted string or a dot.
  private struct Word {
    enum Kind { case atom, quoted, dot }
    var kind: Kind
    var range: Range<Int>
    /// White space or a comment stood before it.
    var isSpaced: Bool
  }

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func readList() throws(AddressListError) {
    try skipSpace()
    while position < end {
      if bytes[position] == Octet.comma {
        position += 1
      } else {
        try readAddress(inGroup: false)
      }
      try skipSpace()
    }
  }

  private var here: AddressListError { AddressListError(offset: position) }

  // MARK: One address

  private mutating func readAddress(inGroup: Bool) throws(AddressListError) {
    guard mailboxes.count < AddressList.limit else { throw here }
    let start = position
    let words = try readWords()
    guard position < end else { throw here }
    switch bytes[position] {
    case Octet.less: try readAngle(named: words, from: start)
    case Octet.at:
      let address = try readAddress(localPart: words)
      append(Mailbox(address: address.value), start..<address.end)
    case Octet.colon where !inGroup && !words.isEmpty: try readGroup()
    default: throw here
    }
    try skipSpace()
    guard position < end else { return }
    if bytes[position] == Octet.comma || (inGroup && bytes[position] == Octet.semicolon) { return }
    throw here
  }

  private mutating func append(_ mailbox: Mailbox, _ range: Range<Int>) {
    mailboxes.append(mailbox)
    ranges.append(range)
  }

  private mutating func readGroup() throws(AddressListError) {
    hasGroups = true
    position += 1
    try skipSpace()
    while position < end, bytes[position] != Octet.semicolon {
      if bytes[position] == Octet.comma {
        position += 1
      } else {
        try readAddress(inGroup: true)
      }
      try skipSpace()
    }
    guard position < end else { throw here }
    position += 1
  }

  private mutating func readAngle(named words: [Word], from start: Int) throws(AddressListError) {
    if let first = words.first, first.kind == .dot { throw AddressListError(offset: first.range.lowerBound) }
    position += 1
    try skipSpace()
    let local = try readWords()
    guard position < end, bytes[position] == Octet.at else { throw here }
    let address = try readAddress(localPart: local)
    guard position < end, bytes[position] == Octet.greater else { throw here }
    position += 1
    append(Mailbox(displayName: displayName(words), address: address.value), start..<position)
  }

  /// From the `@` on; ends behind the white space that follows, `end` tells where the domain itself does.
  private mutating func readAddress(
    localPart words: [Word]
  ) throws(AddressListError) -> (value: EmailAddress, end: Int) {
    let at = position
    let local = try localPart(words)
    position += 1
    try skipSpace()
    let (domain, domainEnd) = try readDomain()
    do {
      return (try EmailAddress(localPart: local, domain: domain), domainEnd)
    } catch {
      throw AddressListError(offset: at)
    }
  }

  /// Words with single dots between them; white space around the dots is the obsolete form.
  private func localPart(_ words: [Word]) throws(AddressListError) -> [UInt8] {
    var local: [UInt8] = []
    for (index, word) in words.enumerated() {
      guard (word.kind == .dot) == (index % 2 == 1) else {
        throw AddressListError(offset: word.range.lowerBound)
      }
      appendContent(of: word, to: &local)
    }
    guard words.count % 2 == 1 else { throw here }
    return local
  }

  private mutating func readDomain() throws(AddressListError) -> (bytes: [UInt8], end: Int) {
    if position < end, bytes[position] == Octet.openBracket { return try readLiteral() }
    let words = try readWords()
    var domain: [UInt8] = []
    for (index, word) in words.enumerated() {
      guard word.kind == (index % 2 == 1 ? .dot : .atom) else {
        throw AddressListError(offset: word.range.lowerBound)
      }
      domain += bytes[word.range]
    }
    guard let last = words.last, last.kind == .atom else { throw here }
    return (domain, last.range.upperBound)
  }

  private mutating func readLiteral() throws(AddressListError) -> (bytes: [UInt8], end: Int) {
    let start = position
    guard let close = bytes.firstPlace(of: Octet.closeBracket, in: position..<end) else { throw here }
    position = close + 1
    try skipSpace()
    return (Array(bytes[start...close]), close + 1)
  }

  /// For people: the words as written, unquoted, encoded words decoded; nil when there are none.
  private func displayName(_ words: [Word]) -> String? {
    guard !words.isEmpty else { return nil }
    var name: [UInt8] = []
    for word in words {
      if word.isSpaced, !name.isEmpty { name.append(Octet.space) }
      appendContent(of: word, to: &name)
    }
    let text = EncodedWord.decode(name, in: 0..<name.count)
    return text.isEmpty ? nil : text
  }

  private func appendContent(of word: Word, to output: inout [UInt8]) {
    guard word.kind == .quoted else {
      output += bytes[word.range]
      return
    }
    var index = word.range.lowerBound + 1
    while index < word.range.upperBound - 1 {
      if bytes[index] == Octet.backslash { index += 1 }
      if bytes[index] != Octet.cr, bytes[index] != Octet.lf { output.append(bytes[index]) }
      index += 1
    }
  }

  // MARK: Words

  /// All words up to the first other character, and the white space behind them.
  private mutating func readWords() throws(AddressListError) -> [Word] {
    var words: [Word] = []
    var isSpaced = false
    while position < end {
      let start = position
      let kind: Word.Kind
      if bytes[position] == Octet.quote {
        kind = .quoted
        try skipQuoted()
      } else if bytes[position] == Octet.dot {
        kind = .dot
        position += 1
      } else {
        kind = .atom
        while position < end, Self.isAtomText(bytes[position]) { position += 1 }
        guard position > start else { break }
      }
      words.append(Word(kind: kind, range: start..<position, isSpaced: isSpaced))
      let wordEnd = position
      try skipSpace()
      isSpaced = position > wordEnd
    }
    return words
  }

  private mutating func skipQuoted() throws(AddressListError) {
    position += 1
    while position < end, bytes[position] != Octet.quote {
      if bytes[position] == Octet.backslash { position += 1 }
      guard position < end, !Self.isControl(bytes[position]) else { throw here }
      position += 1
    }
    guard position < end else { throw here }
    position += 1
  }

  /// Over white space, folds and comments, which nest.
  private mutating func skipSpace() throws(AddressListError) {
    while position < end {
      if bytes[position].isFoldingSpace {
        position += 1
      } else if bytes[position] == Octet.open {
        try skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(AddressListError) {
    var depth = 0
    while position < end {
      switch bytes[position] {
      case Octet.open: depth += 1
      case Octet.close: depth -= 1
      case Octet.backslash: position += 1
      default: if Self.isControl(bytes[position]) { throw here }
      }
      position += 1
      if depth == 0 { return }
    }
    throw here
  }

  private static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && !byte.isFoldingSpace) || byte == 0x7F
  }

  /// RFC 5322 `atext` with UTF-8 (RFC 6532).
  static func isAtomText(_ byte: UInt8) -> Bool {
    guard byte > 0x20, byte != 0x7F else { return false }
    switch byte {
    case Octet.open, Octet.close, Octet.less, Octet.greater, Octet.openBracket, Octet.closeBracket:
      return false
    case Octet.colon, Octet.semicolon, Octet.at, Octet.backslash, Octet.comma, Octet.dot: return false
    case Octet.quote: return false
    default: return true
    }
  }
}
