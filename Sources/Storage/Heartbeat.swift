import MailModel

/// What a heartbeat found.
public enum Heartbeat: Sendable, Hashable {
  /// The lease is renewed, or there is none to renew.
  case alive
  /// The session was over: a new one has begun, and what the old one had is somebody else's.
  case rejoined
  /// This server takes no part until the reason is gone.
  case unfit(String)
}

extension Store {
  /// How often `heartbeat` is to be called.
  public static var heartbeatInterval: Duration { .seconds(4) }

  /// Renews this server's lease and, with `sweeps`, frees what servers have whose lease has run out. Throws when the database can't
  /// be asked; the lease then runs out by itself.
  /// - Returns: what became of us, and the names of servers given up with how much of theirs is free now.
  public func heartbeat(sweeps: Bool = true) async throws -> (Heartbeat, gone: [String], freed: Int) {
    guard let session = membership.session else { return (.alive, [], 0) }
    let (number, lease) = (membership.number, membership.lease)
    let (sent, localTime) = (ContinuousClock.now, Instant.now())
    guard let time = try await writeAsMember({ try $0.renew(session, number: number, lease: lease) }) else {
      return (try await rejoin(), [], 0)
    }
    // The answer comes some time after the question: only what lies outside of that is the clock's fault.
    let waited = ContinuousClock.now - sent
    let ahead = localTime.milliseconds - time.milliseconds
    let behind = -ahead - waited.components.seconds * 1000 - 1000
    if max(ahead, behind) > Membership.clockTolerance {
      let reason =
        "this machine's clock is \(abs(ahead) / 1000) s \(ahead > 0 ? "ahead of" : "behind") the database's; "
        + "set it right, by NTP for example"
      membership.becameUnfit(reason)
      try await writeAsMember { try $0.free(session) }
      return (.unfit(reason), [], 0)
    }
    membership.renewed(since: sent)
    guard sweeps else { return (.alive, [], 0) }
    // Apart from the renewal, so that nothing it meets costs us the lease.
    let (gone, freed) = try await writeAsMember { try $0.sweep() }
    return (.alive, gone, freed)
  }

  private func rejoin() async throws -> Heartbeat {
    let (number, sent, server) = (membership.number, ContinuousClock.now, server)
    let joined = try await writeAsMember { db in
      try db.join(server, number: number)
    }
    membership.rejoined(joined.session, since: sent)
    return .rejoined
  }

  /// Ends this server's session in good order: others go on at once.
  public func leave() async throws {
    guard let session = membership.session else { return }
    let number = membership.number
    try await writeAsMember { db in try db.leave(session, number: number) }
  }

  /// What is due by `now` and not held, earliest first, for this process to deliver; on a shared database it is
  /// ours from now on.
  public func takeDue(domain: String?, now: Instant, limit: Int) async throws -> [QueueEntry] {
    guard let session = membership.session else {
      return try await read { try $0.due(domain: domain, now: now, limit: limit) }
    }
    return try await write { try $0.claim(session, domain: domain, now: now, limit: limit) }
  }

  /// Unfinished sends for this process to carry out, oldest first; `after` is the last id of the page before.
  public func takeUnfinishedSends(after: SendID?, limit: Int) async throws -> [Send] {
    guard let session = membership.session else {
      return try await read { try $0.unfinishedSends(after: after, limit: limit) }
    }
    return try await write { db in
      try db.claimSends(session, limit: limit)
      return try db.unfinishedSends(of: session, after: after, limit: limit)
    }
  }
}
