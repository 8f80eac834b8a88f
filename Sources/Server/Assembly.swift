import Composition
import Delivery
import Hummingbird
import Intake
import Logging
import MailFormats
import MailModel
import Metrics
import NIOCore
import NIOPosix
import ServiceLifecycle
import Signing
import Storage
import Transport
import Web

/// Where everything is made and joined: for `serve` and for tests alike.
struct Assembly {
  /// In the order of start; stopped in reverse, so that doors close first and the store last.
  private(set) var services: [any Service] = []
  /// Where there is the http role.
  private var tracking: TrackingRecorder?
  /// Reads again what may have changed outside: what SIGHUP is for.
  private(set) var reload: @Sendable () -> Void = {}

  private let configuration: ServerConfiguration
  private let logger: Logger
  private let store: Store
  private let directory: Directory
  private let delivery: Delivery
  /// Takes up what was just accepted. Without the role for it nobody would come for it.
  private let offer: @Sendable ([LoadedMessage]) -> Void
  private let singleSend: SingleSendService
  private let resolver: Transport.Resolver
  private let group: MultiThreadedEventLoopGroup
  private let threads: NIOThreadPool
  private let background: BackgroundThreads
  private let runtime: RuntimeFile
  private let sessionFile: SessionFile
  private let links: LinkBase
  private let metrics: PrometheusMetrics

  /// - Parameter lock: of the data folder, which nobody else works on.
  static func build(configuration: ServerConfiguration, lock: DataFolder.Lock, logger: Logger) async throws
    -> Assembly
  {
    var assembly = try await Assembly(
      configuration, SessionFile(in: configuration.data.directory, lock: lock.descriptor), logger)
    try await assembly.addServices()
    return assembly
  }

  private init(_ configuration: ServerConfiguration, _ sessionFile: SessionFile, _ logger: Logger)
    async throws
  {
    self.configuration = configuration
    self.sessionFile = sessionFile
    self.logger = logger
    group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    threads = NIOThreadPool(numberOfThreads: System.coreCount)
    background = BackgroundThreads(count: System.coreCount)
    var opening = Store.Configuration(configuration.storeLocation, node: 0)
    opening.server = Store.ServerDescription(
      name: configuration.smtp.hostname,
      roles: configuration.roles.map(\.rawValue).sorted().joined(separator: ","))
    opening.predecessor = sessionFile.predecessor()
    store = try Store.open(opening, logger: logger)
    Self.keep(store.membership.place, in: sessionFile, logger)
    for warning in try await store.read({ try $0.engineWarnings() }) { logger.warning("\(warning)") }
    directory = try await Directory(store: store, logger: logger)
    resolver = try Transport.Resolver(ResolverConfiguration(servers: configuration.dns.resolvers))
    links = LinkBase(
      secret: try await TrackingSecret.read(from: store), publicURL: configuration.http.publicURL)
    metrics = PrometheusMetrics()
    let delivery = Self.makeDelivery(
      configuration, store: store, directory: directory, links: links, resolver: resolver, group: group,
      executor: background, logger: logger)
    self.delivery = delivery
    let delivers = configuration.roles.contains(.delivery)
    offer = { if delivers { delivery.offer($0) } }
    runtime = RuntimeFile(
      path: configuration.data.runtimeFile, expected: Self.listeners(of: configuration), threads: threads,
      inFlight: { delivery.inFlight }, logger: logger)
    var sending = SingleSendService.Configuration()
    sending.isStrict = configuration.templates.missingValues == .error
    singleSend = SingleSendService(
      store: store, isVerified: directory.isVerified, offer: offer, configuration: sending, logger: logger)
  }

  /// After the services have ended.
  func close() async {
    resolver.close()
    await tracking?.drain()
    do {
      try await store.leave()
      sessionFile.remove()
    } catch {
      logger.warning("the others learn only in a moment that we stop", metadata: ["error": "\(error)"])
    }
    await store.close()
    try? await background.close()
    try? await threads.shutdownGracefully()
    try? await group.shutdownGracefully()
  }

  // MARK: - services

  private mutating func addServices() async throws {
    threads.start()
    Gauges.add(to: metrics, store: store, delivery: delivery)
    services = [runtime, directory]
    if store.membership.isShared {
      services.append(heartbeat)
    }
    if configuration.roles.contains(.delivery) {
      services.append(AfterLinks(links: links, service: delivery))
    }
    if configuration.roles.contains(.scheduler) {
      services.append(
        RetentionService(store: store, ages: configuration.retention, metrics: metrics, logger: logger))
    }
    if configuration.roles.contains(.scheduler) || configuration.roles.contains(.http) {
      services.append(singleSend)
    }
    if configuration.roles.contains(.smtp) { try await addSubmission() }
    if configuration.roles.contains(.http) { addWeb() }
    if !configuration.roles.contains(.http), links.isOpen == false {
      throw DataFolder.Problem(
        description: "without the http role, http.public-url must say where tracking links lead to")
    }
  }

  /// Who delivers or schedules also looks after those that have gone: so there is always one who does where there is
  /// somebody to take over.
  private var heartbeat: HeartbeatService {
    let (store, file, threads, logger) = (store, sessionFile, threads, logger)
    return HeartbeatService(
      store: store, sweeps: !configuration.roles.isDisjoint(with: [.delivery, .scheduler]), logger: logger,
      onLoss: delivery.forgetWaiting,
      onNewSession: {
        try? await threads.runIfActive { Self.keep(store.membership.place, in: file, logger) }
      })
  }

  /// For the server that comes after this one, should this one die.
  private static func keep(_ place: NodePlace?, in file: SessionFile, _ logger: Logger) {
    guard let place, !file.keep(place) else { return }
    logger.warning(
      "after a crash the next server will wait for this one's lease: DATA/session can't be written")
  }

  private mutating func addSubmission() async throws {
    let smtp = configuration.smtp
    let tls = try TLSContextStore(try identity(), logger: logger)
    services.append(tls)
    reload = { tls.reload() }
    var policy = Submission.Configuration()
    policy.trustedClients = smtp.trustedClients
    let submission = Submission(
      configuration: policy, directory: directory, store: store, threads: threads, logger: logger,
      offer: offer)
    for (name, addresses, mode) in [
      ("smtp", smtp.listen, SMTPListenerConfiguration.Mode.startTLS),
      ("smtpTls", smtp.tlsListen, .implicitTLS),
    ] where !addresses.isEmpty {
      var listening = SMTPListenerConfiguration(
        name: name, addresses: addresses, mode: mode, hostname: smtp.hostname)
      listening.plaintextAuthentication = smtp.allowPlaintextAuth
      listening.limits.connectionsPerAddress = smtp.connectionsPerAddress
      let listener = SMTPListener(listening, policy: submission, tls: tls, group: group, logger: logger)
      let bound = try await listener.start()
      runtime.note(name, bound.map(\.description).joined(separator: ","))
      services.append(listener)
    }
  }

  private mutating func addWeb() {
    let (links, runtime) = (links, runtime)
    let tracking = TrackingRecorder(
      store: store, key: HMACKey(links.secret), metrics: metrics, logger: logger)
    self.tracking = tracking
    let web = WebServices(
      store: store, singleSend: singleSend, tracking: tracking,
      metrics: metrics,
      accessToken: directory.accessToken(hash:),
      obstacles: {
        (runtime.isReady ? [] : ["the server is still starting"]) + (OpenFiles.complaint.map { [$0] } ?? [])
      })
    let endpoint = configuration.http.listen
    services.append(
      WebApplication.build(
        services: web,
        configuration: WebConfiguration(
          host: endpoint.host, port: endpoint.port, publicURL: configuration.http.publicURL(boundTo: endpoint)
        ),
        logger: logger, eventLoopGroup: group
      ) { [configuration] address in
        if let bound = HostPort(address) { links.open(configuration.http.publicURL(boundTo: bound)) }
        runtime.note("http", address)
      })
  }

  private func identity() throws -> TLSIdentity {
    if let configured = configuration.tls.identity { return configured }
    return try TLSIdentity.selfSigned(
      in: configuration.data.directory, hostname: configuration.smtp.hostname)
  }

  // MARK: - parts

  private static func listeners(of configuration: ServerConfiguration) -> Set<String> {
    var names: Set<String> = []
    if configuration.roles.contains(.http) { names.insert("http") }
    if configuration.roles.contains(.smtp) {
      if !configuration.smtp.listen.isEmpty { names.insert("smtp") }
      if !configuration.smtp.tlsListen.isEmpty { names.insert("smtpTls") }
    }
    return names
  }

  private static func makeDelivery(
    _ configuration: ServerConfiguration, store: Store, directory: Directory, links: LinkBase,
    resolver: Transport.Resolver, group: MultiThreadedEventLoopGroup, executor: any TaskExecutor,
    logger: Logger
  ) -> Delivery {
    var limits = Delivery.Configuration()
    limits.connectionsPerDestination = configuration.delivery.concurrency
    let preparation = Delivery.Preparation(
      hostname: configuration.smtp.hostname, tracking: links.context,
      signer: { message in
        guard let domain = (try? EmailAddress(message.sender))?.asciiDomain else { return nil }
        return try directory.signer(domain: domain, account: message.account)
      })
    let isDirect = configuration.delivery.mode == .direct
    return Delivery(
      store: store, courier: courier(configuration, resolver, group), preparation: preparation,
      configuration: limits, executor: executor, logger: logger, key: { isDirect ? .domain($0) : .everything }
    )
  }

  private static func courier(
    _ configuration: ServerConfiguration, _ resolver: Transport.Resolver, _ group: MultiThreadedEventLoopGroup
  ) -> any Courier {
    let delivery = configuration.delivery
    var options = SMTPConnectionOptions(session: SMTPClientOptions(ehloName: configuration.smtp.hostname))
    switch delivery.mode {
    case .capture: return CaptureCourier()
    case .direct:
      return SMTPCourier(
        route: .direct(port: delivery.port), options: options, resolver: resolver, group: group)
    case .relay:
      guard let relay = delivery.relay else { return CaptureCourier() }
      options.session.user = delivery.relayUser
      options.session.password = delivery.relayPassword
      options.session.tls = delivery.relayTLS.clientTLS
      if delivery.relayTLS.isVerified { options.verifiedName = relay.host }
      return SMTPCourier(route: .relay(relay), options: options, resolver: resolver, group: group)
    }
  }
}

extension ServerConfiguration.RelayTLS {
  fileprivate var clientTLS: SMTPClientTLS {
    switch self {
    case .off: .never
    case .opportunistic: .opportunistic
    case .required: .required
    case .implicit: .implicit
    }
  }

  fileprivate var isVerified: Bool { self == .required || self == .implicit }
}
