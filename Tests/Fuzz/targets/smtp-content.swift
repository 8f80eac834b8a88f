import MailFormats

/// Content of DATA, against a model that is too simple to be wrong: the end is the first CRLF.CRLF, a dot at the start of
/// a line goes, stray bytes and long lines are refused. First byte: size of the reads, and which limit.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  var options = SMTPServerOptions(hostname: "h")
  options.requiresAuthentication = false
  options.maximumSize = data[0] & 0x80 != 0 ? 50 : 100_000
  let expected = Model(bytes, maximumSize: options.maximumSize)
  let piece = max(1, Int(data[0] & 0x7F))
  let found = run(bytes, options, piece: piece)
  if found.reply != expected.reply { fatalError("\(found.reply) instead of \(expected.reply)") }
  if found.body != expected.body { fatalError("another body") }
  return 0
}

struct Model {
  /// The reply code to the content; 0 when its end did not come.
  var reply = 0
  var body: [UInt8]?

  init(_ bytes: [UInt8], maximumSize: Int) {
    let stream = [0x0D, 0x0A] + bytes
    let mark: [UInt8] = [0x0D, 0x0A, 0x2E, 0x0D, 0x0A]
    var end = 0
    while end + 5 <= stream.count, !(0..<5).allSatisfy({ stream[end + $0] == mark[$0] }) { end += 1 }
    guard end + 5 <= stream.count else { return }
    var isStray = false
    var lines: [[UInt8]] = [[]]
    for index in 2..<(end + 2) {
      let byte = stream[index]
      if byte == 0 || byte == 0x0A && stream[index - 1] != 0x0D || byte == 0x0D && stream[index + 1] != 0x0A {
        isStray = true
      }
      lines[lines.count - 1].append(byte)
      if byte == 0x0A, stream[index - 1] == 0x0D { lines.append([]) }
    }
    let plain = lines.map { $0.first == 0x2E ? Array($0.dropFirst()) : $0 }
    let content = Array(plain.joined())
    if isStray {
      reply = 550
    } else if content.count > maximumSize || plain.contains(where: { $0.count > 1_000 }) {
      // Which of the two comes first decides between the codes; both refuse.
      reply = 500
    } else {
      reply = 250
      body = content
    }
  }
}

func run(_ bytes: [UInt8], _ options: SMTPServerOptions, piece: Int) -> (reply: Int, body: [UInt8]?) {
  var session = SMTPServerSession(options)
  var body: [UInt8]?
  var replies: [UInt8] = []
  func feed(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { session.receive($0) }
    while let action = session.nextAction() {
      switch action {
      case .mail, .recipient: session.decide(.ok)
      case .accept(let message):
        if body == nil { body = message.body }
        session.decide(.ok)
      default: break
      }
    }
    replies += session.takeOutput()
  }
  for line in ["EHLO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n"] {
    feed(Array(line.utf8)[...])
  }
  replies = []
  var rest = bytes[...]
  while !rest.isEmpty, replies.isEmpty {
    feed(rest.prefix(piece))
    rest = rest.dropFirst(piece)
  }
  let text = String(decoding: replies.prefix(9), as: UTF8.self)
  let code = Int(text.prefix(3)) ?? 0
  let isLimit = code == 552 || code == 550 && String(decoding: replies, as: UTF8.self).contains("over 998")
  return (isLimit ? 500 : code, body)
}
