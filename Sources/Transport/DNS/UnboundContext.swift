import CUnbound

extension Unbound {
  /// A context set up, but with no thread started: libunbound does that with the first look-up.
  static func makeContext(_ configuration: ResolverConfiguration) throws(ResolverError) -> OpaquePointer {
    guard let context = ub_ctx_create() else {
      throw ResolverError(description: "the DNS resolver cannot be set up: out of memory or random numbers")
    }
    do throws(ResolverError) {
      try setOptions(context, configuration)
      if configuration.servers.isEmpty {
        // Neither file need exist: without servers libunbound asks the root servers itself.
        _ = ub_ctx_resolvconf(context, nil)
        _ = ub_ctx_hosts(context, nil)
      } else {
        try setServers(context, configuration.servers)
      }
      try check(ub_ctx_async(context, 1), "threads")
      // libunbound answers for .test itself (RFC 6761); whoever names a server wants that server's answer.
      // This ends the setting up: it comes last.
      if !configuration.servers.isEmpty { _ = ub_ctx_zone_remove(context, "test.") }
      return context
    } catch {
      ub_ctx_delete(context)
      throw error
    }
  }

  private static func setOptions(
    _ context: OpaquePointer, _ configuration: ResolverConfiguration
  ) throws(ResolverError) {
    let options = [
      // The operator's resolver is often on this host.
      ("do-not-query-localhost:", "no"),
      ("msg-cache-size:", "4m"), ("rrset-cache-size:", "8m"), ("neg-cache-size:", "1m"),
      ("outgoing-range:", "512"), ("num-queries-per-thread:", "1024"),
      // Answers above this come over TCP rather than in fragments (DNS Flag Day 2020).
      ("edns-buffer-size:", "1232"),
      ("use-syslog:", "no"), ("log-servfail:", "no"),
      ("module-config:", configuration.trustAnchorFile == nil ? "iterator" : "validator iterator"),
    ]
    for (name, value) in options {
      try check(ub_ctx_set_option(context, name, value), name)
    }
    // libunbound writes its troubles to standard error, where they would stand between our log lines.
    ub_ctx_debugout(context, nil)
    ub_ctx_debuglevel(context, 0)
    if let file = configuration.trustAnchorFile {
      try check(ub_ctx_add_ta_file(context, file), "trust anchor file \(file)")
    }
  }

  private static func setServers(
    _ context: OpaquePointer, _ servers: [HostPort]
  ) throws(ResolverError) {
    for server in servers {
      guard IPAddress(server.host) != nil else {
        throw ResolverError(description: "DNS server \(server): an address with port is needed, not a name")
      }
      try check(ub_ctx_set_fwd(context, "\(server.host)@\(server.port)"), "server \(server)")
    }
  }

  private static func check(_ status: Int32, _ what: String) throws(ResolverError) {
    guard status != 0 else { return }
    throw ResolverError(description: "DNS resolver, \(what): \(String(cString: ub_strerror(status)))")
  }
}
