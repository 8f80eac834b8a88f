extension SMTPCommandParser {
  mutating func mail() throws(SMTPCommandError) -> SMTPCommand {
    let path = try path(.reverse)
    var parameters = SMTPMailParameters()
    var seen = Seen()
    while let (keyword, value) = try takeParameter() {
      if keyword.matches("SIZE") {
        try seen.add(1)
        guard let size = value?.number else { throw badValue("SIZE") }
        parameters.size = size
      } else if keyword.matches("BODY") {
        try seen.add(2)
        parameters.is8Bit = try isEightBit(value)
      } else if keyword.matches("SMTPUTF8") {
        try seen.add(4)
        guard value == nil else { throw badValue("SMTPUTF8") }
        parameters.isUTF8 = true
      } else if keyword.matches("RET") {
        try seen.add(8)
        guard let value, value.matches("FULL") || value.matches("HDRS") else { throw badValue("RET") }
        parameters.dsnReturn = value.matches("FULL") ? "FULL" : "HDRS"
      } else if keyword.matches("ENVID") {
        try seen.add(16)
        parameters.dsnEnvelopeID = try xtext(value, "ENVID", limit: 100)
      } else if keyword.matches("AUTH") {
        try seen.add(32)
        parameters.authenticated = try xtext(value, "AUTH", limit: 500)
      } else {
        throw Self.unknownParameter
      }
    }
    guard parameters.isUTF8 || !path.isUTF8 else { throw Self.needsUTF8 }
    return .mail(path, parameters)
  }

  mutating func recipient() throws(SMTPCommandError) -> SMTPCommand {
    let path = try path(.forward)
    var parameters = SMTPRecipientParameters()
    var seen = Seen()
    while let (keyword, value) = try takeParameter() {
      if keyword.matches("NOTIFY") {
        try seen.add(1)
        parameters.dsnNotify = try notify(value)
      } else if keyword.matches("ORCPT") {
        try seen.add(2)
        parameters.dsnOriginalRecipient = try originalRecipient(value)
      } else {
        throw Self.unknownParameter
      }
    }
    return .recipient(path, parameters)
  }

  static let needsUTF8 = SMTPCommandError(
    553, (5, 6, 7), "Address is not ASCII: MAIL needs the SMTPUTF8 parameter")
  private static let unknownParameter = SMTPCommandError(555, (5, 5, 4), "Parameter is not supported")

  /// Which parameters came already; none may come twice.
  private struct Seen {
    var bits = 0

    mutating func add(_ bit: Int) throws(SMTPCommandError) {
      guard bits & bit == 0 else { throw SMTPCommandError(501, (5, 5, 4), "Parameter is given twice") }
      bits |= bit
    }
  }

  /// `esmtp-keyword ["=" esmtp-value]` (RFC 5321 section 4.1.2); nil at the end of the line.
  private mutating func takeParameter() throws(SMTPCommandError) -> (keyword: Word, value: Word?)? {
    guard !isAtEnd else { return nil }
    guard next == space else { throw SMTPCommandError(501, (5, 5, 4), "Space missing behind the address") }
    skipSpaces()
    let start = position
    while let byte = next, byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") { position += 1 }
    let keyword = Word(bytes: .init(rebasing: bytes[start..<position]))
    guard !keyword.bytes.isEmpty else { throw SMTPCommandError(501, (5, 5, 4), "Parameter is not valid") }
    guard next == UInt8(ascii: "=") else { return (keyword, nil) }
    position += 1
    let value = takeWord()
    let isValid = value.bytes.allSatisfy { $0 > space && $0 != UInt8(ascii: "=") && $0 != 0x7F }
    guard !value.bytes.isEmpty, isValid else {
      throw SMTPCommandError(501, (5, 5, 4), "Value of a parameter is not valid")
    }
    return (keyword, value)
  }

  private func badValue(_ keyword: String) -> SMTPCommandError {
    SMTPCommandError(501, (5, 5, 4), "Value of \(keyword) is not valid")
  }

  private func isEightBit(_ value: Word?) throws(SMTPCommandError) -> Bool {
    guard let value else { throw badValue("BODY") }
    if value.matches("8BITMIME") { return true }
    if value.matches("7BIT") { return false }
    throw SMTPCommandError(504, (5, 5, 4), "BODY may be 7BIT or 8BITMIME")
  }

  /// RFC 3461 section 4: `+` and two hexadecimal digits stand for a byte. It stays encoded, but what it stands for
  /// must not be a control character: it may reach a header one day. Only ORCPT may be UTF-8 (RFC 6533).
  private func xtext(_ value: Word?, _ keyword: String, limit: Int) throws(SMTPCommandError) -> String {
    guard let bytes = value?.bytes, bytes.count <= limit, let text = bytes.utf8Text,
      keyword == "ORCPT" || text.utf8.allSatisfy({ $0 < 0x80 })
    else { throw badValue(keyword) }
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "+") {
        guard index + 2 < bytes.count, let high = bytes[index + 1].hexadecimalCapital,
          let low = bytes[index + 2].hexadecimalCapital
        else { throw badValue(keyword) }
        let byte = high << 4 | low
        guard byte >= 0x20, byte != 0x7F else { throw badValue(keyword) }
        index += 2
      }
      index += 1
    }
    return text
  }

  /// `"NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" )`
  private func notify(_ value: Word?) throws(SMTPCommandError) -> String {
    guard let value, value.bytes.count <= 28 else { throw badValue("NOTIFY") }
    if value.matches("NEVER") { return "NEVER" }
    var words: [String] = []
    for part in value.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let word = Word(bytes: .init(rebasing: part))
      guard let known = ["SUCCESS", "FAILURE", "DELAY"].first(where: { word.matches($0) }),
        !words.contains(known)
      else { throw badValue("NOTIFY") }
      words.append(known)
    }
    return words.joined(separator: ",")
  }

  /// `addr-type ";" xtext`
  private func originalRecipient(_ value: Word?) throws(SMTPCommandError) -> String {
    let text = try xtext(value, "ORCPT", limit: 500)
    guard let semicolon = text.utf8.firstIndex(of: UInt8(ascii: ";")), semicolon != text.utf8.startIndex,
      text.utf8[..<semicolon].allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }),
      text.utf8.index(after: semicolon) != text.utf8.endIndex
    else { throw badValue("ORCPT") }
    return text
  }
}

extension UInt8 {
  /// Value of a hexadecimal digit in capitals, as xtext demands.
  var hexadecimalCapital: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x37
    default: nil
    }
  }
}
