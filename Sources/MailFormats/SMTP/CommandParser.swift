/// Reads one command line. A cursor over bytes; each function takes what its name says or throws the reply.
struct SMTPCommandParser {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  init(_ line: UnsafeRawBufferPointer) {
    var end = line.count
    while end > 0, line[end - 1] == space || line[end - 1] == 0x09 { end -= 1 }
    bytes = UnsafeRawBufferPointer(rebasing: line[..<end])
  }

  var isAtEnd: Bool { position >= bytes.count }
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func command() throws(SMTPCommandError) -> SMTPCommand {
    let verb = try takeVerb()
    if verb.matches("MAIL") { return try mail() }
    if verb.matches("RCPT") { return try recipient() }
    if verb.matches("DATA") { return try withoutArgument(.data) }
    if verb.matches("BDAT") { return try chunk() }
    if verb.matches("EHLO") { return .ehlo(try clientName()) }
    if verb.matches("RSET") { return try withoutArgument(.reset) }
    if verb.matches("QUIT") { return try withoutArgument(.quit) }
    if verb.matches("AUTH") { return try authenticate() }
    if verb.matches("STARTTLS") { return try withoutArgument(.startTLS) }
    if verb.matches("HELO") { return .helo(try clientName()) }
    if verb.matches("NOOP") { return .noop }
    if verb.matches("VRFY") { return .verify }
    if verb.matches("EXPN") { return .expand }
    if verb.matches("HELP") { return .help }
    throw Self.unknown(verb)
  }

  private static func unknown(_ verb: Word) -> SMTPCommandError {
    let foreign = ["GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "DELETE", "PATCH", "TRACE", "PRI"]
    if foreign.contains(where: { verb.matches($0) }) {
      return SMTPCommandError(500, (5, 5, 2), "This is an SMTP server, not HTTP", isFatal: true)
    }
    if ["TURN", "ETRN", "SEND", "SOML", "SAML", "XCLIENT", "XFORWARD"].contains(where: { verb.matches($0) }) {
      return SMTPCommandError(502, (5, 5, 1), "Command not implemented")
    }
    return SMTPCommandError(500, (5, 5, 2), "Command not recognised")
  }

  /// The first word. No letter at all in front means that this is no SMTP client.
  private mutating func takeVerb() throws(SMTPCommandError) -> Word {
    guard let first = next else { throw SMTPCommandError(500, (5, 5, 2), "Empty line instead of a command") }
    guard first.isLetter else {
      throw SMTPCommandError(500, (5, 5, 2), "This is not an SMTP command", isFatal: true)
    }
    let start = position
    while let byte = next, byte != space {
      guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") else {
        // "RCPT:" or bytes outside of ASCII: a mistyped command, which may be corrected.
        throw SMTPCommandError(500, (5, 5, 2), "Command not recognised")
      }
      position += 1
    }
    return Word(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
  }

  private func withoutArgument(_ command: SMTPCommand) throws(SMTPCommandError) -> SMTPCommand {
    guard isAtEnd else { throw SMTPCommandError(501, (5, 5, 4), "This command takes no argument") }
    return command
  }

  private mutating func clientName() throws(SMTPCommandError) -> String {
    skipSpaces()
    let name = UnsafeRawBufferPointer(rebasing: bytes[position...])
    guard !name.isEmpty else { throw SMTPCommandError(501, (5, 5, 4), "Your host name is missing") }
    guard name.count <= 255, name.allSatisfy({ $0 > space && $0 != 0x7F }), let text = name.utf8Text else {
      throw SMTPCommandError(501, (5, 5, 4), "This is not a host name")
    }
    return text
  }

  /// `"BDAT" SP chunk-size [ SP "LAST" ]`. After an error nobody knows where the content ends.
  private mutating func chunk() throws(SMTPCommandError) -> SMTPCommand {
    skipSpaces()
    let size = takeWord()
    skipSpaces()
    let last = takeWord()
    guard let count = size.number, isAtEnd, last.bytes.isEmpty || last.matches("LAST") else {
      throw SMTPCommandError(501, (5, 5, 4), "Syntax: BDAT size [LAST]", isFatal: true)
    }
    return .chunk(size: count, isLast: !last.bytes.isEmpty)
  }

  private mutating func authenticate() throws(SMTPCommandError) -> SMTPCommand {
    skipSpaces()
    let mechanism = takeWord()
    guard 1...20 ~= mechanism.bytes.count, let name = mechanism.bytes.utf8Text else {
      throw SMTPCommandError(501, (5, 5, 4), "Syntax: AUTH mechanism [initial-response]")
    }
    skipSpaces()
    let initial = isAtEnd ? nil : Array(takeWord().bytes)
    guard isAtEnd else { throw SMTPCommandError(501, (5, 5, 4), "Syntax: AUTH mechanism [initial-response]") }
    return .authenticate(mechanism: name.uppercased(), initial: initial)
  }

  mutating func skipSpaces() {
    while let byte = next, byte == space || byte == 0x09 { position += 1 }
  }

  /// Bytes up to the next space or the end; may be empty.
  mutating func takeWord() -> Word {
    let start = position
    while let byte = next, byte != space { position += 1 }
    return Word(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
  }

  /// A word of a line, not copied.
  struct Word {
    let bytes: UnsafeRawBufferPointer

    /// Equal but for the case of ASCII letters; `text` is in capitals.
    func matches(_ text: StaticString) -> Bool {
      guard bytes.count == text.utf8CodeUnitCount else { return false }
      for index in 0..<bytes.count where bytes[index].capital != text.utf8Start[index] { return false }
      return true
    }

    func matches(_ text: String) -> Bool {
      bytes.count == text.utf8.count && zip(bytes, text.utf8).allSatisfy { $0.capital == $1 }
    }

    /// As a decimal number of at most 20 digits; `Int.max` when it doesn't fit.
    var number: Int? {
      guard 1...20 ~= bytes.count, bytes.allSatisfy({ $0.isDigit }) else { return nil }
      var value = 0
      for byte in bytes {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
        guard !overflow, !carry else { return .max }
        value = sum
      }
      return value
    }
  }
}

let space = UInt8(ascii: " ")

extension UInt8 {
  var isLetter: Bool { 0x61...0x7A ~= (self | 0x20) }
  var capital: UInt8 { 0x61...0x7A ~= self ? self & 0xDF : self }
}

extension UnsafeRawBufferPointer {
  /// The bytes as text; nil when they are not UTF-8.
  var utf8Text: String? { String(validating: self, as: UTF8.self) }
}
