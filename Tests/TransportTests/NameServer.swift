import NIOCore
import NIOPosix
import Synchronization
import Transport

/// A name server over UDP and TCP that answers from a table, with real packets.
final class NameServer: Sendable {
  enum Answer: Sendable {
    case records([Record])
    case noSuchName
    case code(UInt8)
    /// Over UDP only the truncation flag; the records over TCP.
    case truncated([Record])
    case silence
  }

  enum Record: Sendable {
    case a(String)
    case aaaa(String)
    case mx(UInt16, String)
    case txt([String])
    /// An alias, with the name that the following records belong to.
    case cname(String)
  }

  private final class Datagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    let server: NameServer
    init(_ server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let envelope = unwrapInboundIn(data)
      guard let reply = server.reply(to: Array(envelope.data.readableBytesView), isStream: false) else {
        return
      }
      let answer = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: reply))
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
  }

  private final class Stream: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    let server: NameServer
    var input: [UInt8] = []
    init(_ server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      input += unwrapInboundIn(data).readableBytesView
      while input.count >= 2, input.count >= 2 + (Int(input[0]) << 8 | Int(input[1])) {
        let length = Int(input[0]) << 8 | Int(input[1])
        if let reply = server.reply(to: Array(input[2..<(2 + length)]), isStream: true) {
          let framed = NameServer.number(UInt16(reply.count)) + reply
          context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: framed)), promise: nil)
        }
        input.removeFirst(2 + length)
      }
    }
  }

  /// By `name/type`, such as `example.test/15`. What is not there has no data, if the name has other records.
  private let zone: [String: Answer]
  private let queries = Mutex<[String: Int]>([:])
  private let channels = Mutex<[any Channel]>([])

  init(_ zone: [String: Answer]) {
    self.zone = zone
  }

  func start() async throws -> HostPort {
    let group = MultiThreadedEventLoopGroup.singleton
    // The same number for both: another test may hold one of them, so a few tries.
    for _ in 0..<20 {
      let udp = try await DatagramBootstrap(group: group)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Datagrams(self))
          }
        }
        .bind(host: "127.0.0.1", port: 0).get()
      let port = udp.localAddress?.port ?? 0
      let bootstrap = ServerBootstrap(group: group).childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Stream(self))
        }
      }
      guard let tcp = try? await bootstrap.bind(host: "127.0.0.1", port: port).get() else {
        try await udp.close()
        continue
      }
      channels.withLock { $0 = [udp, tcp] }
      return HostPort(host: "127.0.0.1", port: port)
    }
    throw ChannelError.ioOnClosedChannel
  }

  func close() async {
    for channel in channels.withLock({ $0 }) { try? await channel.close() }
  }

  func count(of question: String) -> Int { queries.withLock { $0[question, default: 0] } }

  // MARK: Packets (RFC 1035 section 4)

  private func reply(to query: [UInt8], isStream: Bool) -> [UInt8]? {
    guard query.count > 12, let (name, end) = NameServer.name(in: query) else { return nil }
    let type = Int(query[end]) << 8 | Int(query[end + 1])
    let key = "\(name)/\(type)"
    queries.withLock { $0[key, default: 0] += 1 }
    let question = Array(query[12..<(end + 4)])
    var records: [Record] = []
    var (code, flags): (UInt8, UInt8) = (0, 0x84)
    switch zone[key] ?? (knows(name) ? .records([]) : .noSuchName) {
    case .silence: return nil
    case .noSuchName: code = 3
    case .code(let own): code = own
    case .records(let own): records = own
    case .truncated(let own):
      if isStream { records = own } else { flags |= 0x02 }
    }
    if query[2] & 1 == 1 { flags |= 1 }
    let header =
      query[..<2] + [flags, 0x80 | code] + NameServer.number(1)
      + NameServer.number(UInt16(records.count)) + NameServer.number(0) + NameServer.number(0)
    return header + question + NameServer.encode(records, owner: name)
  }

  private func knows(_ name: String) -> Bool {
    zone.keys.contains { $0.hasPrefix(name + "/") || $0.contains("." + name + "/") }
  }

  private static func name(in query: [UInt8]) -> (String, Int)? {
    var labels: [String] = []
    var at = 12
    while at < query.count, query[at] > 0 {
      let end = at + 1 + Int(query[at])
      guard end < query.count else { return nil }
      labels.append(String(decoding: query[(at + 1)..<end], as: UTF8.self).lowercased())
      at = end
    }
    return at + 5 <= query.count ? (labels.joined(separator: "."), at + 1) : nil
  }

  private static func encode(_ records: [Record], owner: String) -> [UInt8] {
    var owner = owner
    var output: [UInt8] = []
    for record in records {
      let (type, data) = encode(record)
      output += wire(owner) + number(type) + number(1) + [0, 0, 0, 60] + number(UInt16(data.count)) + data
      if case .cname(let target) = record { owner = target }
    }
    return output
  }

  private static func encode(_ record: Record) -> (UInt16, [UInt8]) {
    switch record {
    case .a(let text): (1, addressBytes(text))
    case .aaaa(let text): (28, addressBytes(text))
    case .cname(let target): (5, wire(target))
    case .mx(let preference, let host): (15, number(preference) + wire(host))
    case .txt(let texts): (16, texts.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })
    }
  }

  private static func addressBytes(_ text: String) -> [UInt8] {
    switch try? SocketAddress(ipAddress: text, port: 0) {
    case .v4(let four)?: withUnsafeBytes(of: four.address) { Array($0[4..<8]) }
    case .v6(let six)?: withUnsafeBytes(of: six.address) { Array($0[8..<24]) }
    default: []
    }
  }

  private static func wire(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
}
