import Logging
import MailFormats
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// Takes mail from clients over SMTP: listens, speaks the protocol, and asks its policy for every decision.
public final class SMTPListener: Service {
  private struct State {
    var channels: [any Channel] = []
    var registries: [NIOLoopBound<ConnectionRegistry>] = []
    var isStarted = false
  }

  public let configuration: SMTPListenerConfiguration
  private let shared: ListenerState
  private let group: MultiThreadedEventLoopGroup
  private let state = Mutex(State())

  /// - Parameters:
  ///   - tls: certificates for STARTTLS or implicit TLS.
  ///   - group: the loops that connections are spread over.
  public init(
    _ configuration: SMTPListenerConfiguration, policy: any SubmissionPolicy, tls: TLSContextStore,
    group: MultiThreadedEventLoopGroup, logger: Logger
  ) {
    self.configuration = configuration
    self.group = group
    shared = ListenerState(configuration, policy: policy, tls: tls, logger: logger)
  }

  /// Counts for metrics.
  public var statistics: SMTPListenerStatistics { shared.statistics }

  /// Binds the addresses, if that was not done yet, and begins to accept. Gives the real addresses, in the
  /// order of the configuration.
  @discardableResult
  public func start() async throws -> [HostPort] {
    let isFirst = state.withLock { state in
      defer { state.isStarted = true }
      return !state.isStarted
    }
    if isFirst {
      do {
        try await bind()
      } catch {
        await stopAccepting()
        throw error
      }
    }
    return state.withLock { $0.channels }.map { channel in
      guard let address = channel.localAddress, let ip = IPAddress(address) else {
        return HostPort(host: "", port: 0)
      }
      return HostPort(host: ip.description, port: address.port ?? 0)
    }
  }

  /// Listens until shut down gracefully: then idle clients get 421, messages under way are finished, and what
  /// is left after `limits.shutdownGrace` seconds is cut. When cancelled it cuts at once.
  public func run() async throws {
    try await start()
    try? await gracefulShutdown()
    await stopAccepting()
    await drain()
    for registry in state.withLock({ $0.registries }) {
      registry.eventLoop.execute { registry.value.closeAll() }
    }
  }

  private func bind() async throws {
    var byLoop: [ObjectIdentifier: NIOLoopBound<ConnectionRegistry>] = [:]
    for loop in group.makeIterator() {
      let registry = try await loop.submit {
        let registry = ConnectionRegistry()
        registry.startClock(on: loop)
        return NIOLoopBound(registry, eventLoop: loop)
      }.get()
      byLoop[ObjectIdentifier(loop)] = registry
    }
    let registries = byLoop
    state.withLock { $0.registries = Array(registries.values) }
    let bootstrap = makeBootstrap(registries)
    for address in configuration.addresses {
      do {
        let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
        state.withLock { $0.channels.append(channel) }
      } catch {
        throw ListenerError(address: address, reason: "\(error)")
      }
    }
  }

  private func makeBootstrap(
    _ registries: [ObjectIdentifier: NIOLoopBound<ConnectionRegistry>]
  ) -> ServerBootstrap {
    let shared = shared
    let name = configuration.name
    return ServerBootstrap(group: group)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(listener: name, logger: shared.logger))
        }
      }
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: 16)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // A client may end its side behind the last command and still wait for our replies.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 1024))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let registry = registries[ObjectIdentifier(channel.eventLoop)]?.value else { return }
          try SMTPListener.setUp(channel, shared, registry)
        }
      }
  }

  private static func setUp(
    _ channel: any Channel, _ shared: ListenerState, _ registry: ConnectionRegistry
  ) throws {
    guard let remote = channel.remoteAddress, let address = IPAddress(remote) else {
      throw ChannelError.ioOnClosedChannel
    }
    let local = channel.localAddress
    let peer = PeerInfo(
      address: address, port: remote.port ?? 0, localAddress: local.flatMap { IPAddress($0) },
      localPort: local?.port ?? 0)
    let pipeline = channel.pipeline.syncOperations
    if shared.configuration.mode == .implicitTLS {
      try pipeline.addHandler(NIOSSLServerHandler(context: shared.tls.context))
    }
    try pipeline.addHandler(SMTPServerHandler(shared, registry, peer: peer))
  }

  private func stopAccepting() async {
    let channels = state.withLock { $0.channels }
    for channel in channels { try? await channel.close() }
  }

  /// Waits until all connections are closed, for the grace period at most.
  private func drain() async {
    let registries = state.withLock { $0.registries }
    for registry in registries { registry.eventLoop.execute { registry.value.drain() } }
    let end = NIODeadline.now() + .seconds(Int64(configuration.limits.shutdownGrace))
    while shared.connections.count > 0, .now() < end, !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// Counts since the start, and the state now.
public struct SMTPListenerStatistics: Sendable, Hashable {
  public var openConnections = 0
  public var bufferedBytes = 0
  public var acceptedConnections = 0
  /// Turned away for the number of connections.
  public var refusedConnections = 0
  public var authenticationFailures = 0
  /// Messages that the policy took over.
  public var acceptedMessages = 0
  public var refusedMessages = 0

  public init() {}
}

/// An address that can't be listened on.
public struct ListenerError: Error, CustomStringConvertible {
  public let address: HostPort
  public let reason: String

  public var description: String {
    "can't listen on \(address): \(reason); is another program using it?"
  }
}
