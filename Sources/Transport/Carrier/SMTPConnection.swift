import MailFormats
import MailModel
import NIOCore
import NIOPosix
import Synchronization

/// A connection to a mail server, set up as far as that the next thing is MAIL. One message at a time; closes
/// itself when the server does. Everything happens on its event loop.
public final class SMTPConnection: Sendable {
  /// What others may see of the handler's state.
  struct Status: Sendable {
    var isReusable = false
    var transactions = 0
    var capabilities = SMTPCapabilities()
    var tls: String?
  }

  /// Written by the handler, read from anywhere.
  final class SharedStatus: Sendable {
    let status = Mutex(Status())
  }

  /// What the server is called, and where it is.
  public let host: String
  public let address: SocketAddress
  private let handler: NIOLoopBound<SMTPClientHandler>
  private let shared: SharedStatus

  /// On the event loop.
  private init(host: String, address: SocketAddress, handler: NIOLoopBound<SMTPClientHandler>) {
    self.host = host
    self.address = address
    self.handler = handler
    shared = handler.value.shared
  }

  /// Connects, greets, begins TLS and logs in as the options say.
  /// - Parameters:
  ///   - host: name for SNI and for the outcomes.
  ///   - eventLoop: where the connection lives.
  public static func connect(
    to address: SocketAddress, host: String, options: SMTPConnectionOptions, on eventLoop: any EventLoop
  ) async throws(SMTPConnectionFailure) -> SMTPConnection {
    let opening = Opening()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        eventLoop.execute {
          open(address, host, options, eventLoop, opening) { continuation.resume(returning: $0) }
        }
      }
    } onCancel: {
      opening.cancel()
    }
    return try result.get()
  }

  /// A connection that is being set up, to be given up when the task that wants it is cancelled.
  private final class Opening: Sendable {
    private let state = Mutex<(handler: NIOLoopBound<SMTPClientHandler>?, isCancelled: Bool)>((nil, false))

    /// On the event loop.
    func note(_ handler: NIOLoopBound<SMTPClientHandler>) {
      let isCancelled = state.withLock { state in
        state.handler = handler
        return state.isCancelled
      }
      if isCancelled { cancel() }
    }

    func cancel() {
      let handler = state.withLock { state in
        state.isCancelled = true
        return state.handler
      }
      handler?.eventLoop.execute { handler?.value.closeAtOnce("given up by us") }
    }
  }

  private static func open(
    _ address: SocketAddress, _ host: String, _ options: SMTPConnectionOptions, _ eventLoop: any EventLoop,
    _ opening: Opening, completion: @escaping (Result<SMTPConnection, SMTPConnectionFailure>) -> Void
  ) {
    let handler = SMTPClientHandler(host: host, address: address, options: options)
    let bound = NIOLoopBound(handler, eventLoop: eventLoop)
    opening.note(bound)
    handler.onSetUp = { failure in
      if let failure {
        completion(.failure(failure))
      } else {
        completion(.success(SMTPConnection(host: host, address: address, handler: bound)))
      }
    }
    var bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(.seconds(Int64(options.timeLimits.connect)))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if options.session.tls == .implicit {
            try channel.pipeline.syncOperations.addHandler(bound.value.makeTLSHandler())
          }
          try channel.pipeline.syncOperations.addHandler(bound.value)
        }
      }
    if let local = try? options.localAddress?.socketAddress(port: 0) {
      bootstrap = bootstrap.bind(to: local)
    }
    bootstrap.connect(to: address).whenFailure { bound.value.connectFailed($0) }
  }

  /// Hands over one message. Never fails but through its outcome, which names host, address and TLS version.
  ///
  /// A temporary outcome with code 0 at stage `mail` of a connection used before means as a rule that the
  /// server has closed it meanwhile: the message is worth a new connection at once.
  /// When the task is cancelled the connection is closed and the outcome is temporary.
  /// - Parameter permit: asked on the event loop before anything of the message is sent, and the last time before what
  ///   has its end mark; with false the connection is closed, the outcome is temporary, and the server has nothing.
  public func deliver(
    _ transaction: SMTPTransaction, while permit: @escaping @Sendable () -> Bool = { true }
  ) async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        deliver(transaction, while: permit) { continuation.resume(returning: $0) }
      }
    } onCancel: {
      close()
    }
  }

  /// The same with a completion, which is called once, on the event loop.
  public func deliver(
    _ transaction: SMTPTransaction, while permit: @escaping @Sendable () -> Bool = { true },
    completion: @escaping @Sendable (Outcome) -> Void
  ) {
    let handler = handler
    if handler.eventLoop.inEventLoop {
      handler.value.deliver(transaction, permit, completion)
    } else {
      handler.eventLoop.execute { handler.value.deliver(transaction, permit, completion) }
    }
  }

  /// Whether another message may be handed over: open, set up, and none under way.
  public var isReusable: Bool { status.isReusable }
  /// Messages handed over or refused so far.
  public var transactions: Int { status.transactions }
  /// What the server announced.
  public var capabilities: SMTPCapabilities { status.capabilities }
  /// TLS version such as `TLSv1.3`; nil for clear text.
  public var tls: String? { status.tls }

  private var status: Status { shared.status.withLock { $0 } }

  /// Says goodbye and closes; returns when closed, after `timeLimits.quit` seconds at the latest.
  public func quit() async {
    let handler = handler
    await withCheckedContinuation { continuation in
      handler.eventLoop.execute { handler.value.quit { continuation.resume() } }
    }
  }

  /// Closes at once. A message under way ends as temporary.
  public func close() {
    let handler = handler
    handler.eventLoop.execute { handler.value.closeAtOnce("closed by us") }
  }
}
