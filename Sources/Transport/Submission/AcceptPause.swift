import Logging
import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// First in the pipeline of a listening socket: when the system has no descriptor or memory for one connection
/// more, it rests for a moment and says why, once. Connections wait in the backlog meanwhile.
///
/// Without it (and with NIO's own `AcceptBackoffHandler`) the event loop asks again at once, 20,000 times a second,
/// because the socket stays readable and NIO interested in it.
public final class AcceptPause: ChannelInboundHandler {
  public typealias InboundIn = any Channel

  private static let rest = TimeAmount.milliseconds(200)
  private static let shortages: Set<CInt> = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

  private let listener: String
  private let logger: Logger
  private var isShort = false

  /// - Parameter listener: its name, for the log.
  public init(listener: String, logger: Logger) {
    self.listener = listener
    self.logger = logger
  }

  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, Self.shortages.contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    if !isShort { say(error) }
    isShort = true
    let channel = context.channel
    channel.setOption(.autoRead, value: false).whenSuccess {
      channel.eventLoop.scheduleTask(in: Self.rest) { channel.setOption(.autoRead, value: true) }
    }
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isShort {
      isShort = false
      logger.notice("connections are taken again", metadata: ["listener": "\(listener)"])
    }
    context.fireChannelRead(data)
  }

  private func say(_ error: IOError) {
    logger.error(
      """
      no connection more can be taken: \(String(cString: strerror(error.errnoCode))). New ones wait until others \
      end; if that happens often, raise the limit of open files (LimitNOFILE, ulimit -n)
      """, metadata: ["listener": "\(listener)"])
  }
}
