import Glibc
import MailModel
import Server
import Storage
import Transport

/// The checks of `doctor`, in the order in which what fails first explains the rest.
struct DoctorChecks {
  let configuration: ServerConfiguration
  let server: RunningServer?

  init(_ configuration: ServerConfiguration) {
    self.configuration = configuration
    server = RunningServer.find(configuration)
  }

  func run() async -> [Finding] {
    var findings = configuration.warnings.map { Finding("configuration", .warning, $0) }
    if findings.isEmpty { findings.append(Finding("configuration", .ok, "read and understood")) }
    findings.append(mode)
    findings.append(
      server.map { Finding("server", .ok, "runs as process \($0.pid)") }
        ?? Finding("server", .skipped, "does not run", hint: "Start it: brevdue serve"))
    findings.append(folder)
    let (database, domains) = await database()
    findings.append(database)
    findings += ports
    findings += certificate
    findings += await network(domains)
    return findings
  }

  private var mode: Finding {
    switch configuration.delivery.mode {
    case .capture:
      Finding(
        "delivery", .ok, "captures: no mail leaves", hint: "To go live set delivery.mode to relay or direct.")
    case .relay:
      Finding(
        "delivery", .ok, "everything goes to \(configuration.delivery.relay?.description ?? "the relay")")
    case .direct: Finding("delivery", .ok, "straight to the recipients' servers")
    }
  }

  private var folder: Finding {
    let path = configuration.data.directory
    do {
      try DataFolder(path).create()
    } catch {
      return Finding("data folder", .failed, "\(error)")
    }
    var space = statvfs()
    guard statvfs(path, &space) == 0 else { return Finding("data folder", .ok, path) }
    let free = UInt64(space.f_bavail) * UInt64(space.f_frsize) / 1_048_576
    if free < 500 {
      return Finding(
        "data folder", .warning, "\(path): only \(free) MB are free", hint: "Make room, or mail is refused.")
    }
    return Finding("data folder", .ok, "\(path), \(free / 1024) GB free")
  }

  private func database() async -> (Finding, [(SendingDomain, [DKIMKey])]) {
    do {
      let (accounts, domains, engine, warnings) = try await Installation.with(configuration) { installation in
        try await installation.store.read { connection in
          let domains = try connection.domains().map { ($0, try connection.keys(domain: $0.id)) }
          return (
            try connection.accounts().count, domains, try connection.engineDescription(),
            try connection.engineWarnings()
          )
        }
      }
      if accounts == 0 {
        let text = "\(engine): opens, has no account yet"
        let hint = ([Installation.setupHint] + warnings).joined(separator: "; ")
        return (Finding("database", .warning, text, hint: hint), [])
      }
      let text = "\(engine); accounts: \(accounts), sending domains: \(domains.count)"
      guard warnings.isEmpty else {
        return (Finding("database", .warning, text, hint: warnings.joined(separator: "; ")), domains)
      }
      return (Finding("database", .ok, text), domains)
    } catch {
      return (Finding("database", .failed, "\(error)"), [])
    }
  }

  private var ports: [Finding] {
    let sockets = ListeningPorts()
    let wanted =
      configuration.smtp.listen.map { ("smtp.listen", $0) }
      + configuration.smtp.tlsListen.map { ("smtp.tls-listen", $0) }
      + [("http.listen", configuration.http.listen)]
      + configuration.inbound.listen.map { ("inbound.listen", $0) }
    return wanted.map { name, endpoint in port(name, endpoint, sockets) }
  }

  private func port(_ name: String, _ endpoint: HostPort, _ sockets: ListeningPorts) -> Finding {
    if endpoint.port == 0 { return Finding(name, .ok, "\(endpoint): a free port is taken") }
    if let server, server.listeners.values.contains(where: { $0.hasSuffix(":\(endpoint.port)") }) {
      return Finding(name, .ok, "\(endpoint): in use by our server")
    }
    if sockets.isTaken(endpoint) {
      return Finding(
        name, .failed, "\(endpoint) is taken by another program",
        hint: "See which with `ss -ltnp`, and stop it or set \(name) to another port.")
    }
    if endpoint.port < sockets.firstUnprivileged, geteuid() != 0 {
      return Finding(
        name, .warning, "\(endpoint) is free, but ports below \(sockets.firstUnprivileged) need a privilege",
        hint: "Give the program cap_net_bind_service, or use a higher port.")
    }
    return Finding(name, .ok, "\(endpoint) is free")
  }
}
