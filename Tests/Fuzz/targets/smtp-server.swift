import MailFormats

/// Bytes of a client, to a server session; the first byte chooses the options. Whatever comes, what is accepted must be
/// clean, what is said must be SMTP, and how the bytes were split over reads must not matter.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let whole = Server(choice: data[0], bytes, pieces: [bytes.count])
  let single = Server(choice: data[0], bytes, pieces: [1])
  let mixed = Server(choice: data[0], bytes, pieces: [3, 7, 64, 1, 200])
  whole.check()
  // Where input ran ahead of a reply, it does matter: nothing ran ahead byte by byte.
  if !whole.ranAhead, whole != single { fatalError("split changes the result: \(whole) \(single)") }
  if !mixed.ranAhead, mixed != single { fatalError("split changes the result: \(mixed) \(single)") }
  return 0
}

struct Server: Equatable {
  var output: [UInt8] = []
  var accepted: [[UInt8]] = []
  var closes = 0
  var ranAhead: Bool { String(decoding: output, as: UTF8.self).contains("Input ahead") }

  init(choice: UInt8, _ bytes: [UInt8], pieces: [Int]) {
    var options = SMTPServerOptions(hostname: "h")
    options.requiresAuthentication = choice & 1 != 0
    options.allowsPlaintextAuthentication = choice & 2 != 0
    options.isSecure = choice & 4 != 0
    options.maximumSize = choice & 8 != 0 ? 40 : 100_000
    options.maximumRecipients = choice & 16 != 0 ? 2 : 1_000
    options.maximumMessages = choice & 32 != 0 ? 2 : 1_000
    var session = SMTPServerSession(options)
    session.start()
    pump(&session, choice)
    var start = 0
    var turn = 0
    while start < bytes.count {
      let end = min(bytes.count, start + max(1, pieces[turn % pieces.count]))
      bytes.withUnsafeBytes { session.receive(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
      pump(&session, choice)
      start = end
      turn += 1
      if session.bufferedBytes > bytes.count + 64 { fatalError("holds more than it got") }
    }
  }

  mutating func pump(_ session: inout SMTPServerSession, _ choice: UInt8) {
    while let action = session.nextAction() {
      if closes > 0 { fatalError("an action behind the end") }
      switch action {
      case .authenticate(let user, _):
        session.decide(user.first == 0x75 ? .authenticated : .authenticationFailed)
      case .mail(let path, _):
        Self.check(path, mayBeNull: true)
        session.decide(path.address.hasPrefix("n") ? .localError : .senderOK)
      case .recipient(let path, _):
        Self.check(path, mayBeNull: false)
        session.decide(path.address.hasPrefix("n") ? .localError : .recipientOK)
      case .accept(let message):
        Self.check(message, session.options)
        accepted.append(message.body)
        session.decide(choice & 64 != 0 ? .insufficientStorage : .ok)
      case .startTLS:
        session.secured()
      case .close:
        closes += 1
      }
    }
    output += session.takeOutput()
  }

  static func check(_ path: SMTPPath, mayBeNull: Bool) {
    if path.isNull, mayBeNull { return }
    let address = path.address.utf8
    if address.contains(where: { $0 < 0x20 || $0 == 0x7F }) { fatalError("control character in a path") }
    if path.localPart.isEmpty || path.domain.isEmpty || address.count > 254 { fatalError("bad path") }
    if "\(path.localPart)@\(path.domain)" != path.address { fatalError("path divided wrongly") }
  }

  static func check(_ message: SubmittedMessage, _ options: SMTPServerOptions) {
    if message.recipients.isEmpty || message.recipients.count > options.maximumRecipients {
      fatalError("recipients")
    }
    if options.requiresAuthentication, !message.isAuthenticated { fatalError("not authenticated") }
    if message.body.count > options.maximumSize { fatalError("too large") }
    var length = 0
    for (index, byte) in message.body.enumerated() {
      let next = index + 1 < message.body.count ? message.body[index + 1] : 0
      switch byte {
      case 0: fatalError("NUL")
      case 0x0D: if next != 0x0A { fatalError("bare CR") }
      case 0x0A:
        if index == 0 || message.body[index - 1] != 0x0D { fatalError("bare LF") }
        length = 0
      default:
        length += 1
        if length > 998 { fatalError("long line") }
      }
    }
    if let last = message.body.last, last != 0x0A { fatalError("last line not ended") }
  }

  func check() {
    var parser = SMTPReplyParser()
    output.withUnsafeBytes { parser.receive($0) }
    do {
      var replies = 0
      while try parser.next() != nil { replies += 1 }
      if replies == 0 || parser.bufferedBytes > 0 { fatalError("output is not whole replies") }
    } catch {
      fatalError("output is not SMTP")
    }
  }
}
