import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Transport

/// A socket to say things through that no decent client would.
final class RawClient: Sendable {
  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    struct State {
      var text: [UInt8] = []
      var isClosed = false
      var isSecure = false
    }
    let state = Mutex(State())

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = Array(unwrapInboundIn(data).readableBytesView)
      state.withLock { $0.text += bytes }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      state.withLock { $0.isSecure = true }
    }

    func channelInactive(context: ChannelHandlerContext) {
      state.withLock { $0.isClosed = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }

  private let channel: any Channel
  private let collector: Collector

  init(to address: HostPort, isTLS: Bool = false) async throws {
    let collector = Collector()
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if isTLS { try channel.pipeline.syncOperations.addHandler(RawClient.tlsHandler()) }
          try channel.pipeline.syncOperations.addHandler(collector)
        }
      }
      .connect(host: address.host, port: address.port).get()
    self.collector = collector
  }

  private static func tlsHandler() throws -> NIOSSLClientHandler {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
  }

  /// Sends in one write, so (for what is short) in one segment.
  func send(_ text: String) async throws {
    try await channel.writeAndFlush(ByteBuffer(string: text))
  }

  func send(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
  }

  func startTLS() async throws {
    let channel = channel
    try await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(RawClient.tlsHandler(), position: .first)
    }.get()
  }

  func close() async throws { try? await channel.close() }

  /// Ends this side of the connection (FIN), and goes on reading.
  func closeOutput() async throws { try await channel.close(mode: .output) }

  /// All that came so far.
  var received: String { String(decoding: collector.state.withLock { $0.text }, as: UTF8.self) }
  var isClosed: Bool { collector.state.withLock { $0.isClosed } }
  var peerCertificate: [UInt8]? {
    get async throws {
      let channel = channel
      return try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate?
          .toDERBytes()
      }.get()
    }
  }

  /// Waits until `text` has come, counted from the last successful `expect`; gives whether it did.
  @discardableResult
  func expect(_ text: String) async -> Bool {
    await eventually {
      self.collector.state.withLock { state in
        guard let end = range(of: Array(text.utf8), in: state.text) else { return false }
        state.text.removeFirst(end)
        return true
      }
    }
  }

  /// Sends a line and waits for a reply that begins with `code`.
  func command(_ line: String, _ code: String) async throws -> Bool {
    try await send(line + "\r\n")
    return await expect("\(code)")
  }

  func waitForClose() async -> Bool {
    await eventually { self.isClosed }
  }
}

/// Offset behind the first occurrence of `needle`.
private func range(of needle: [UInt8], in text: [UInt8]) -> Int? {
  guard text.count >= needle.count else { return nil }
  for start in 0...(text.count - needle.count) where text[start...].starts(with: needle) {
    return start + needle.count
  }
  return nil
}

/// Looks again and again until `condition` holds, at most a minute: hundreds of tests may share one core. Gives whether
/// it ever did.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(60)
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return try await condition()
}
