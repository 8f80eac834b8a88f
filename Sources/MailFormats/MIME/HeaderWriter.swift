import MailModel

/// Writes header fields: checks, encodes (RFC 2047, RFC 2231) and folds at 78 octets (RFC 5322 2.1.1).
public struct HeaderWriter: Sendable {
  /// Octets at which lines are folded where they can be.
  public static let foldLimit = 78
  /// Longest line (RFC 5322 2.1.1).
  public static let lineLimit = 998

  /// What has been written so far; every field ends in CRLF.
  public private(set) var bytes: [UInt8] = []

  /// An empty header.
  public init() {}

  /// A field of free text, such as Subject. Text that is not printable ASCII becomes encoded words.
  public mutating func text(_ name: String, _ value: String) throws(HeaderError) {
    try Self.check(value, of: name)
    let pieces = Self.pieces(of: Array(value.utf8))
    let isLong = pieces.contains { $0.count > Self.lineLimit - 2 } || (pieces.first?.count ?? 0) > 900
    if Self.isPlain(value), !isLong {
      try append(name, pieces)
    } else {
      let words = EncodedWord.encode(value, firstLimit: Self.foldLimit - name.utf8.count - 2)
      try append(name, Self.spaced(words))
    }
  }

  /// A field whose value is ASCII (or UTF-8, for SMTPUTF8) with a syntax of its own, such as Message-ID:
  /// folded at white space only, never encoded.
  public mutating func structured(_ name: String, _ value: String) throws(HeaderError) {
    try Self.check(value, of: name)
    try append(name, Self.pieces(of: Array(value.utf8)))
  }

  /// A list of mailboxes. Nothing is written when it is empty. Domains are written as A-labels where the
  /// local part is ASCII, so that the message needs no SMTPUTF8.
  public mutating func mailboxes(_ name: String, _ mailboxes: [Mailbox]) throws(HeaderError) {
    guard !mailboxes.isEmpty else { return }
    var pieces: [[UInt8]] = []
    for (index, mailbox) in mailboxes.enumerated() {
      if let display = mailbox.displayName { try Self.check(display, of: name) }
      pieces += Self.spaced(Self.words(of: mailbox), isFirst: index == 0)
      if index < mailboxes.count - 1 { pieces[pieces.count - 1].append(Octet.comma) }
    }
    try append(name, pieces)
  }

  /// A value with parameters, such as `Content-Type: text/plain; charset=utf-8`.
  public mutating func parameterized(
    _ name: String, _ value: String, _ parameters: [HeaderParameter]
  ) throws(HeaderError) {
    try Self.check(value, of: name)
    var pieces: [[UInt8]] = [Array(value.utf8)]
    for parameter in parameters {
      try Self.check(parameter.value, of: name)
      guard ParameterWriter.isToken(parameter.name) else { throw .invalidName(parameter.name) }
      for piece in ParameterWriter.pieces(of: parameter) {
        pieces[pieces.count - 1].append(Octet.semicolon)
        pieces.append([Octet.space] + piece)
      }
    }
    try append(name, pieces)
  }

  /// A date field.
  public mutating func date(_ name: String, _ instant: Instant) throws(HeaderError) {
    try append(name, [Array(RFC5322Date.format(instant).utf8)])
  }

  // MARK: Checks

  private static func check(_ value: String, of name: String) throws(HeaderError) {
    for byte in value.utf8 where byte == 0x7F || (byte < 0x20 && byte != Octet.tab) {
      throw .controlCharacter(field: name)
    }
  }

  private static func isPlain(_ value: String) -> Bool {
    let bytes = Array(value.utf8)
    return bytes.allSatisfy { $0 < 0x80 } && bytes.firstPlace(of: "=?", in: 0..<bytes.count) == nil
  }

  // MARK: Folding

  /// Cuts before each run of white space; that at the end is dropped, since a line of white space alone
  /// must not come of it.
  private static func pieces(of value: [UInt8]) -> [[UInt8]] {
    let range = value.trimmed(0..<value.count)
    var pieces: [[UInt8]] = []
    var start = range.lowerBound
    for index in range where index > start && value[index].isBlank && !value[index - 1].isBlank {
      pieces.append(Array(value[start..<index]))
      start = index
    }
    if start < range.upperBound { pieces.append(Array(value[start..<range.upperBound])) }
    return pieces
  }

  private static func spaced(_ words: [[UInt8]], isFirst: Bool = true) -> [[UInt8]] {
    words.enumerated().map { $0 == 0 && isFirst ? $1 : [Octet.space] + $1 }
  }

  /// Each piece but the first starts with white space, before which a line may be ended.
  private mutating func append(_ name: String, _ pieces: [[UInt8]]) throws(HeaderError) {
    let nameBytes = Array(name.utf8)
    let isName = nameBytes.allSatisfy { $0 > 32 && $0 < 127 && $0 != Octet.colon }
    guard isName, !nameBytes.isEmpty, nameBytes.count < 100 else { throw .invalidName(name) }
    let start = bytes.count
    bytes += nameBytes
    bytes.append(Octet.colon)
    bytes.append(Octet.space)
    var width = nameBytes.count + 2
    for (index, piece) in pieces.enumerated() {
      if index > 0, width + piece.count > Self.foldLimit {
        bytes.append(Octet.cr)
        bytes.append(Octet.lf)
        width = 0
      }
      bytes += piece
      width += piece.count
      guard width <= Self.lineLimit else {
        bytes.removeLast(bytes.count - start)
        throw .tooLong(field: name)
      }
    }
    bytes.append(Octet.cr)
    bytes.append(Octet.lf)
  }

  // MARK: Mailboxes

  /// The display name's words and the address.
  private static func words(of mailbox: Mailbox) -> [[UInt8]] {
    let address = Array(addressText(mailbox.address).utf8)
    guard let name = mailbox.displayName, !name.isEmpty else { return [address] }
    var words: [[UInt8]]
    if !isPlain(name) || name.utf8.count > 200 {
      words = EncodedWord.encode(name)
    } else if isPhrase(name) {
      words = name.utf8.split(separator: Octet.space).map { Array($0) }
    } else {
      words = [quoted(name)]
    }
    words.append([Octet.less] + address + [Octet.greater])
    return words
  }

  private static func addressText(_ address: EmailAddress) -> String {
    guard !address.isASCII, address.localPart.utf8.allSatisfy({ $0 < 0x80 }),
      let domain = address.asciiDomain,
      let ascii = try? EmailAddress(localPart: Array(address.localPart.utf8), domain: Array(domain.utf8))
    else { return address.description }
    return ascii.description
  }

  /// Words that need no quotes, with single spaces between them.
  private static func isPhrase(_ name: String) -> Bool {
    let words = name.utf8.split(separator: Octet.space, omittingEmptySubsequences: false)
    return words.allSatisfy { word in !word.isEmpty && word.allSatisfy(AddressReader.isAtomText) }
  }

  private static func quoted(_ name: String) -> [UInt8] {
    var output: [UInt8] = [Octet.quote]
    for byte in name.utf8 {
      if byte == Octet.quote || byte == Octet.backslash { output.append(Octet.backslash) }
      output.append(byte)
    }
    output.append(Octet.quote)
    return output
  }
}

/// A name or value that must not stand in a header.
public enum HeaderError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Empty, over 99 octets, or with a character that is not printable ASCII, or with a colon.
  case invalidName(String)
  /// CR, LF, NUL or another control character in the value of the named field.
  case controlCharacter(field: String)
  /// The value can't be broken into lines of at most 998 octets.
  case tooLong(field: String)

  /// A sentence for people.
  public var description: String {
    switch self {
    case .invalidName(let name): "\"\(name)\" can't be the name of a header field or parameter."
    case .controlCharacter(let field): "The value of \(field) has a line break or another control character."
    case .tooLong(let field): "The value of \(field) has a word too long for a line."
    }
  }
}

/// Parameters as they are written (RFC 2045 5.1, RFC 2231).
enum ParameterWriter {
  /// Octets of value in one piece, so that a piece fits on a line.
  private static let pieceLimit = 50

  /// Without the semicolons: one piece, or several when the value is long.
  static func pieces(of parameter: HeaderParameter) -> [[UInt8]] {
    let name = Array(parameter.name.utf8)
    let isASCII = parameter.value.utf8.allSatisfy { $0 < 0x80 }
    if isASCII, parameter.value.utf8.count <= pieceLimit || parameter.name == "boundary" {
      return [
        name + [Octet.equals]
          + (isToken(parameter.value) ? Array(parameter.value.utf8) : quoted(parameter.value))
      ]
    }
    let chunks = percentEncoded(parameter.value)
    guard chunks.count > 1 else { return [name + Array("*=utf-8''".utf8) + (chunks.first ?? [])] }
    return chunks.enumerated().map { index, chunk in
      name + Array("*\(index)*=".utf8) + Array((index == 0 ? "utf-8''" : "").utf8) + chunk
    }
  }

  static func isToken(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { $0 < 0x80 && ParameterReader.isTokenCharacter($0) }
  }

  private static func quoted(_ value: String) -> [UInt8] {
    var output: [UInt8] = [Octet.quote]
    for byte in value.utf8 {
      if byte == Octet.quote || byte == Octet.backslash { output.append(Octet.backslash) }
      output.append(byte)
    }
    return output + [Octet.quote]
  }

  /// In chunks that end between characters.
  private static func percentEncoded(_ value: String) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var chunk: [UInt8] = []
    for scalar in value.unicodeScalars {
      var encoded: [UInt8] = []
      for byte in String(scalar).utf8 {
        if isAttributeCharacter(byte) {
          encoded.append(byte)
        } else {
          encoded += [Octet.percent, .hexDigit(byte >> 4), .hexDigit(byte & 15)]
        }
      }
      if chunk.count + encoded.count > pieceLimit {
        chunks.append(chunk)
        chunk = []
      }
      chunk += encoded
    }
    chunks.append(chunk)
    return chunks
  }

  /// RFC 2231 `attribute-char`.
  private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
    byte < 0x80 && ParameterReader.isTokenCharacter(byte) && byte != Octet.star && byte != Octet.apostrophe
      && byte != Octet.percent
  }
}
