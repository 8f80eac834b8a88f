#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import MailModel

/// One message: MAIL, RCPT, DATA, content, dot.
extension SMTPClientSession {
  struct Exchange: Sendable {
    let transaction: SMTPTransaction
    let content: ContentFacts
    /// What the outcome will be, although replies to pipelined commands are still to come.
    var failure: Outcome?
    /// Offset of the first byte of the body not written yet; nil when none is to be written.
    var cursor: Int?

    /// The body, or a part of it, is still to be taken as output.
    var hasContent: Bool { cursor != nil }
  }

  mutating func start(_ transaction: SMTPTransaction) {
    let content = ContentFacts(transaction.body)
    if let refusal = refusal(of: transaction, content) {
      action = .finished(.permanent(refusal))
      return
    }
    exchange = Exchange(transaction: transaction, content: content)
    if needsReset {
      write("RSET\r\n")
      state = .transaction(.reset)
      guard capabilities.pipelining else { return }
    }
    writeMail()
    if !needsReset { state = .transaction(.mail) }
    guard capabilities.pipelining else { return }
    writeRecipient()
    write("DATA\r\n")
  }

  /// Why this server can't be given this message.
  private func refusal(of transaction: SMTPTransaction, _ content: ContentFacts) -> RemoteAnswer? {
    func answer(_ status: SMTPEnhancedStatus, _ text: String) -> RemoteAnswer {
      RemoteAnswer(stage: .mail, code: 0, enhancedStatus: status.description, text: text)
    }
    let addresses = [
      transaction.returnPath, transaction.recipient, transaction.options.dsnOriginalRecipient ?? "",
    ]
    if (addresses + [transaction.options.dsnEnvelopeID ?? ""]).contains(where: { !$0.isSafeInCommand }) {
      return answer(.init(5, 1, 3), "an address has control characters")
    }
    if content.hasStrayLineEnds { return answer(.init(5, 6, 0), "the message has a bare CR or LF") }
    if let limit = capabilities.maximumSize, transaction.body.count > limit {
      return answer(
        .init(5, 3, 4), "the message has \(transaction.body.count) bytes, the server takes \(limit)")
    }
    if content.is8Bit, !capabilities.eightBit {
      return answer(.init(5, 6, 3), "the message has 8-bit content, which the server does not take")
    }
    if !capabilities.utf8, needsUTF8(transaction, content) {
      return answer(.init(5, 6, 7), "the message needs SMTPUTF8, which the server does not know")
    }
    return nil
  }

  /// UTF-8 in the envelope, or in the header if the submitter said SMTPUTF8.
  private func needsUTF8(_ transaction: SMTPTransaction, _ content: ContentFacts) -> Bool {
    if !transaction.returnPath.isASCII || !transaction.recipient.isASCII { return true }
    guard transaction.options.isUTF8 else { return false }
    return transaction.body.withUnsafeBytes { body in
      ContentFacts.hasHighBytes(UnsafeRawBufferPointer(rebasing: body[..<content.headerCount]))
    }
  }

  private mutating func writeMail() {
    guard let exchange else { return }
    let options = exchange.transaction.options
    write("MAIL FROM:<\(exchange.transaction.returnPath)>")
    if capabilities.hasSize { write(" SIZE=\(exchange.transaction.body.count)") }
    if capabilities.eightBit, exchange.content.is8Bit || options.is8Bit { write(" BODY=8BITMIME") }
    if capabilities.utf8, needsUTF8(exchange.transaction, exchange.content) { write(" SMTPUTF8") }
    if capabilities.dsn {
      if let value = options.dsnReturn { write(" RET=\(value)") }
      if let value = options.dsnEnvelopeID { write(" ENVID=\(value)") }
    }
    write("\r\n")
  }

  private mutating func writeRecipient() {
    guard let exchange else { return }
    write("RCPT TO:<\(exchange.transaction.recipient)>")
    if capabilities.dsn {
      if let value = exchange.transaction.options.dsnNotify { write(" NOTIFY=\(value)") }
      if let value = exchange.transaction.options.dsnOriginalRecipient { write(" ORCPT=\(value)") }
    }
    write("\r\n")
  }

  /// Takes the reply of a transaction that was to come next.
  mutating func took(_ reply: SMTPReply, at step: Step) {
    guard reply.code != 421 else {
      let answer = RemoteAnswer(reply, at: waiting == .reply(.data) ? .data : step.stage)
      return finish(.temporary(answer), isUsable: false)
    }
    switch step {
    case .reset: tookReset(reply)
    case .mail: tookMail(reply)
    case .recipient: tookRecipient(reply)
    case .data: tookData(reply)
    case .dot: tookDot(reply)
    }
  }

  private mutating func tookReset(_ reply: SMTPReply) {
    guard reply.isPositive else {
      return finish(.temporary(RemoteAnswer(reply, at: .mail)), isUsable: false)
    }
    needsReset = false
    state = .transaction(.mail)
    if !capabilities.pipelining { writeMail() }
  }

  private mutating func tookMail(_ reply: SMTPReply) {
    let failure = reply.isPositive ? nil : outcome(of: reply, at: .mail)
    exchange?.failure = failure
    if capabilities.pipelining {
      state = .transaction(.recipient)
    } else if let failure = exchange?.failure {
      finish(failure)
    } else {
      state = .transaction(.recipient)
      writeRecipient()
    }
  }

  private mutating func tookRecipient(_ reply: SMTPReply) {
    if !reply.isPositive, exchange?.failure == nil {
      let failure = outcome(of: reply, at: .rcpt)
      exchange?.failure = failure
    }
    if capabilities.pipelining {
      state = .transaction(.data)
    } else if let failure = exchange?.failure {
      needsReset = true
      finish(failure)
    } else {
      state = .transaction(.data)
      write("DATA\r\n")
    }
  }

  private mutating func tookData(_ reply: SMTPReply) {
    guard reply.code == 354 else {
      needsReset = true
      let failure = exchange?.failure ?? outcome(of: reply, at: .data)
      return finish(failure, isUsable: !reply.isPositive && !reply.isIntermediate)
    }
    state = .transaction(.dot)
    if exchange?.failure == nil {
      exchange?.cursor = 0
    } else {
      // The server opened a message without recipient; only an empty one can be taken back now.
      write(".\r\n")
    }
  }

  private mutating func tookDot(_ reply: SMTPReply) {
    if let failure = exchange?.failure { return finish(failure) }
    // An answer ahead of the end: the rest can't be sent, and without it nothing else.
    guard exchange?.hasContent == false else {
      return finish(outcome(of: reply, at: .data), isUsable: false)
    }
    let answer = RemoteAnswer(reply, at: .dot)
    finish(
      reply.isPositive ? .delivered(answer) : outcome(of: reply, at: .dot), isUsable: !reply.isIntermediate)
  }

  /// Refused for good or for now; a reply that makes no sense here counts as for now.
  private func outcome(of reply: SMTPReply, at stage: DeliveryStage) -> Outcome {
    let answer = RemoteAnswer(reply, at: stage)
    return reply.isPermanent ? .permanent(answer) : .temporary(answer)
  }

  private mutating func finish(_ outcome: Outcome, isUsable: Bool = true) {
    action = .finished(exchange?.failure ?? outcome)
    exchange = nil
    state = isUsable ? .idle : .closing
  }
}

extension SMTPClientSession.Exchange {
  /// Appends the next part of the body, dots doubled at line starts (RFC 5321 section 4.5.2), and behind its last byte
  /// the end mark. Ends lines it did not find ended.
  mutating func appendContent(to output: inout [UInt8], limit: Int) {
    guard let start = cursor else { return }
    let body = transaction.body
    let end = min(body.count, start + min(limit, body.count))
    output.reserveCapacity(output.count + end - start + 256)
    body.withUnsafeBytes { bytes in
      if content.hasDottedLines {
        Self.appendStuffed(bytes, start..<end, to: &output)
      } else {
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      }
    }
    cursor = end
    guard end == body.count else { return }
    if !body.isEmpty, body.last != 0x0A { output.append(contentsOf: [0x0D, 0x0A]) }
    output.append(contentsOf: [UInt8(ascii: "."), 0x0D, 0x0A])
    cursor = nil
  }

  private static func appendStuffed(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, to output: inout [UInt8]
  ) {
    let dot = UInt8(ascii: ".")
    var copied = range.lowerBound
    var position = range.lowerBound
    if position < range.upperBound, bytes[position] == dot, position == 0 || bytes[position - 1] == 0x0A {
      output.append(dot)
    }
    while let base = bytes.baseAddress, position < range.upperBound,
      let found = memchr(base + position, 0x0A, range.upperBound - position)
    {
      position = UnsafeRawPointer(found) - base + 1
      guard position < range.upperBound else { break }
      if bytes[position] == dot {
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[copied..<position]))
        output.append(dot)
        copied = position
      }
    }
    output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[copied..<range.upperBound]))
  }
}

/// What one fast sweep over a message tells about how it can travel.
struct ContentFacts: Sendable {
  /// A line begins with a dot.
  var hasDottedLines = false
  /// A CR or LF stands alone; such a message must not leave (SMTP smuggling).
  var hasStrayLineEnds = false
  /// Has bytes over 127.
  var is8Bit = false
  /// Bytes before the first empty line.
  var headerCount: Int

  init(_ body: [UInt8]) {
    headerCount = body.count
    body.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      is8Bit = Self.hasHighBytes(bytes)
      hasDottedLines = bytes.first == UInt8(ascii: ".")
      var position = 0
      var lineEnds = 0
      while position < bytes.count, let found = memchr(base + position, 0x0A, bytes.count - position) {
        let lineFeed = UnsafeRawPointer(found) - base
        if lineFeed == 0 || bytes[lineFeed - 1] != 0x0D { hasStrayLineEnds = true }
        if lineFeed - position == 1, headerCount == body.count { headerCount = position }
        lineEnds += 1
        position = lineFeed + 1
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") { hasDottedLines = true }
      }
      if SMTPContentReceiver.count(0x0D, in: bytes) != lineEnds { hasStrayLineEnds = true }
    }
  }

  static func hasHighBytes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var all: UInt64 = 0
    var position = 0
    while position + 8 <= bytes.count {
      all |= bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      position += 8
    }
    while position < bytes.count {
      all |= UInt64(bytes[position])
      position += 1
    }
    return all & 0x8080_8080_8080_8080 != 0
  }
}

extension String {
  /// No byte that could end a command or the path in it.
  fileprivate var isSafeInCommand: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
  fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
