import MailFormats
import MailModel

/// Bytes of a server, to a client session that has four messages to hand over. Each message must get exactly one outcome
/// at most, every command must be one line, and nothing may follow the end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  for piece in [bytes.count, 1, 5] {
    var client = Client(choice: data[0])
    client.run(bytes, piece: piece)
  }
  if replies(bytes, piece: bytes.count) != replies(bytes, piece: 1) {
    fatalError("split changes the replies")
  }
  return 0
}

func replies(_ bytes: [UInt8], piece: Int) -> [SMTPReply] {
  var parser = SMTPReplyParser()
  var found: [SMTPReply] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    rest.prefix(piece).withUnsafeBytes { parser.receive($0) }
    rest = rest.dropFirst(piece)
    do {
      while let reply = try parser.next() { found.append(reply) }
    } catch {
      return found
    }
  }
  return found
}

struct Client {
  var session: SMTPClientSession
  var begun = 0
  var finished = 0
  var isClosed = false
  let choice: UInt8
  static let body = Array("S: 1\r\n\r\n.\r\n..x\r\n\u{e9}.\r\n.".utf8)

  init(choice: UInt8) {
    var options = SMTPClientOptions(ehloName: "c")
    options.tls = [.never, .opportunistic, .required, .implicit][Int(choice & 3)]
    if choice & 4 != 0 { options.user = "u" }
    options.password = "p"
    options.allowsPlaintextAuthentication = choice & 8 != 0
    session = SMTPClientSession(options)
    self.choice = choice
  }

  mutating func run(_ bytes: [UInt8], piece: Int) {
    var rest = bytes[...]
    while !rest.isEmpty {
      rest.prefix(piece).withUnsafeBytes { session.receive($0) }
      rest = rest.dropFirst(piece)
      pump()
    }
    if choice & 16 != 0 { session.timeOut() } else { session.connectionClosed() }
    pump()
    if !isClosed || begun != finished {
      fatalError("\(begun) begun, \(finished) finished, closed: \(isClosed)")
    }
  }

  private mutating func pump() {
    while let action = session.nextAction() {
      if isClosed { fatalError("an action behind the end") }
      switch action {
      case .startTLS: session.secured()
      case .ready: begin()
      case .unusable: if begun > 0 { fatalError("unusable after it was ready") }
      case .finished(let outcome):
        finished += 1
        if case .delivered(let answer) = outcome, answer.stage != .dot {
          fatalError("delivered at \(answer.stage)")
        }
        begin()
      case .close: isClosed = true
      }
    }
    checkOutput()
  }

  private mutating func begin() {
    guard session.isReady else { return }
    guard begun < 4 else { return session.quit() }
    begun += 1
    var options = EnvelopeOptions(is8Bit: true, isUTF8: choice & 32 != 0, dsnNotify: "NEVER")
    options.dsnReturn = "FULL"
    session.begin(.init(returnPath: "a@b", recipient: "c@d", options: options, body: Self.body))
  }

  private mutating func checkOutput() {
    var output: [UInt8] = []
    while session.hasOutput { output += session.takeOutput(limit: choice & 64 != 0 ? 2 : .max) }
    for (index, byte) in output.enumerated() {
      if byte == 0x0A, index == 0 || output[index - 1] != 0x0D { fatalError("bare LF") }
      if byte == 0x0D, index + 1 == output.count || output[index + 1] != 0x0A { fatalError("bare CR") }
    }
  }
}
