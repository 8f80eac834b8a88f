import MailFormats
import MailModel
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Transport

/// A server that says what a test tells it to: one closure gives the answer to each line.
final class ScriptedServer: Sendable {
  enum Step: Sendable {
    case say(String)
    /// Says it in one segment, and goes over to TLS behind its first line.
    case sayAndStartTLS(String)
    case close
    case nothing
  }

  private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let server: ScriptedServer
    private var input: [UInt8] = []
    private var isInData = false

    init(_ server: ScriptedServer) {
      self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
      if let greeting = server.greeting { say(greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      input += unwrapInboundIn(data).readableBytesView
      while let end = input.firstIndex(of: 0x0A) {
        let line = String(decoding: input[..<end].filter { $0 != 0x0D }, as: UTF8.self)
        input.removeFirst(end + 1)
        server.lines.withLock { $0.append(line) }
        if isInData, line != "." { continue }
        answer(isInData ? "." : line, context)
      }
    }

    private func answer(_ line: String, _ context: ChannelHandlerContext) {
      switch server.script(line) {
      case .say(let text):
        isInData = text.hasPrefix("354")
        say(text, context)
      case .sayAndStartTLS(let text):
        say(text, context)
        try? context.pipeline.syncOperations.addHandler(
          NIOSSLServerHandler(context: server.tls), position: .first)
      case .close: context.close(promise: nil)
      case .nothing: break
      }
    }

    private func say(_ text: String, _ context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      server.ended.withLock { $0 += 1 }
    }
  }

  /// Conversations that are over.
  let ended = Mutex(0)
  let lines = Mutex<[String]>([])
  private let greeting: String?
  private let tls: NIOSSLContext
  private let script: @Sendable (String) -> Step
  private let channel = Mutex<(any Channel)?>(nil)
  private let isImplicitTLS: Bool

  init(
    greeting: String? = "220 sink.example ESMTP\r\n", isImplicitTLS: Bool = false,
    script: @escaping @Sendable (String) -> Step
  ) async throws {
    self.greeting = greeting
    self.script = script
    self.isImplicitTLS = isImplicitTLS
    let folder = TemporaryFolder()
    let identity = try TLSIdentity.selfSigned(in: folder.path, hostname: "sink.example")
    tls = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: NIOSSLCertificate.fromPEMFile(identity.certificateFile).map { .certificate($0) },
        privateKey: .privateKey(NIOSSLPrivateKey(file: identity.keyFile, format: .pem))))
    let listening = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if self.isImplicitTLS {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: self.tls))
          }
          try channel.pipeline.syncOperations.addHandler(Conversation(self))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    channel.withLock { $0 = listening }
  }

  var address: SocketAddress {
    get throws {
      guard let address = channel.withLock({ $0 })?.localAddress else { throw ChannelError.ioOnClosedChannel }
      return address
    }
  }

  func close() async throws { try await channel.withLock { $0 }?.close() }

  var saidLines: [String] { lines.withLock { $0 } }

  /// Connects to it.
  func connect(
    _ tls: SMTPClientTLS = .never, configure: (inout SMTPConnectionOptions) -> Void = { _ in }
  ) async throws -> SMTPConnection {
    var session = SMTPClientOptions(ehloName: "client.example")
    session.tls = tls
    var options = SMTPConnectionOptions(session: session)
    configure(&options)
    return try await SMTPConnection.connect(
      to: address, host: "sink.example", options: options, on: MultiThreadedEventLoopGroup.singleton.next())
  }
}

/// Takes everything; `override` may say something else to a line.
func sink(
  extensions: String = "", override: @escaping @Sendable (String) -> ScriptedServer.Step? = { _ in nil }
) -> @Sendable (String) -> ScriptedServer.Step {
  { line in
    if let step = override(line) { return step }
    switch line.prefix(4).uppercased() {
    case "EHLO": return .say("250-sink.example\r\n\(extensions)250 8BITMIME\r\n")
    case "DATA": return .say("354 go on\r\n")
    case "QUIT": return .say("221 bye\r\n")
    case ".": return .say("250 2.0.0 queued as 1\r\n")
    default: return .say("250 OK\r\n")
    }
  }
}

func transaction(_ recipient: String = "b@example.org", body: [UInt8] = Array("A: b\r\n\r\nx\r\n".utf8))
  -> SMTPTransaction
{
  SMTPTransaction(
    returnPath: "a@example.com", recipient: recipient, options: EnvelopeOptions(), body: body)
}
