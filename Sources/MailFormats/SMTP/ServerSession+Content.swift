/// DATA (RFC 5321 section 4.1.1.4) and BDAT (RFC 3030).
extension SMTPServerSession {
  /// Larger chunks are not even swallowed.
  static let maximumChunk = 1 << 30

  mutating func beginData() {
    if let refusal = refusalOfContent, transaction?.content == nil { return fail(refusal.reply) }
    guard transaction?.content == nil else {
      return fail(SMTPReply(503, .init(5, 5, 1), "DATA can't follow BDAT"))
    }
    let content = newContent
    transaction?.content = content
    state = .data
    send(Self.goAhead)
  }

  private static let goAhead = SMTPReply(354, "Go ahead, end with a dot alone on a line")

  mutating func beginChunk(_ size: Int, isLast: Bool) {
    guard size <= Self.maximumChunk else { return close(tooLarge) }
    let refusal = refusalOfContent
    if refusal == nil, transaction?.content == nil {
      let content = newContent
      transaction?.content = content
    }
    state = .chunk(Chunk(remaining: size, isLast: isLast, refusal: refusal))
  }

  private var newContent: SMTPContentReceiver {
    SMTPContentReceiver(maximumSize: options.maximumSize, expected: transaction?.parameters.size ?? 0)
  }

  /// Why no content may come now.
  private var refusalOfContent: SMTPCommandError? {
    guard let transaction else { return SMTPCommandError(503, (5, 5, 1), "MAIL and RCPT first") }
    return transaction.recipients.isEmpty ? SMTPCommandError(554, (5, 5, 1), "No valid recipients") : nil
  }

  /// Takes what belongs to the content from the front of `bytes`; returns how many bytes that were.
  mutating func takeContent(_ bytes: UnsafeRawBufferPointer) -> Int {
    switch state {
    case .data:
      guard let part = transaction?.content?.receiveData(bytes) else { return 0 }
      if part.isComplete { state = .complete }
      return part.consumed
    case .chunk(var chunk):
      let count = min(chunk.remaining, bytes.count)
      if chunk.refusal == nil {
        transaction?.content?.receiveChunk(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
      chunk.remaining -= count
      state = .chunk(chunk)
      return count
    default:
      return 0
    }
  }

  /// All bytes of the chunk have come.
  mutating func finish(_ chunk: Chunk) {
    state = .command
    if let refusal = chunk.refusal { return fail(refusal.reply) }
    if chunk.isLast {
      transaction?.content?.finishChunks()
      state = .complete
    } else if transaction?.content?.fault != nil {
      state = .complete
    } else {
      send(SMTPReply(250, .init(2, 0, 0), "Chunk received"))
    }
  }

  /// Hands the message over, or says what is wrong with it.
  mutating func finishContent() -> SMTPServerAction? {
    state = .command
    guard var finished = transaction.take(), var content = finished.content.take() else { return nil }
    if let fault = content.fault {
      refuse(fault)
      return nil
    }
    messages += 1
    state = .deciding(.message)
    return .accept(
      SubmittedMessage(
        reversePath: finished.path, parameters: finished.parameters, recipients: finished.recipients,
        body: content.takeBody(), heloName: heloName, isExtended: isExtended, isSecure: isSecure,
        isAuthenticated: isAuthenticated))
  }

  private mutating func refuse(_ fault: SMTPContentReceiver.Fault) {
    let text: String
    switch fault {
    case .bareCR(let line): text = "Line \(line) has a bare CR: lines must end with CRLF"
    case .bareLF(let line): text = "Line \(line) ends with a bare LF: lines must end with CRLF"
    case .nul(let line): text = "Line \(line) has a NUL byte: encode the content as base64"
    case .longLine(let line):
      text = "Line \(line) is over 998 bytes long: encode the content as quoted-printable or base64"
    case .tooLarge: return send(tooLarge)
    }
    let reply = SMTPReply(550, .init(5, 6, 0), text)
    if fault.isStray { close(reply) } else { send(reply) }
  }

  var tooLarge: SMTPReply {
    SMTPReply(552, .init(5, 3, 4), "Message is over the limit of \(options.maximumSize) bytes")
  }
}
