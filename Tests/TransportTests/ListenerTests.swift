import MailFormats
import NIOPosix
import Synchronization
import Testing
import Transport

/// AUTH PLAIN of `user` and `secret`.
let logIn = "AUTH PLAIN AHVzZXIAc2VjcmV0\r\n"

@Suite struct ListenerTests {
  private let envelope = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"

  @Test func takesAMessageInClearTextOnLoopback() async throws {
    try await withListener { address, listener, policy in
      let client = try await RawClient(to: address)
      #expect(await client.expect("220 mail.example"))
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(logIn)
      #expect(await client.expect("235 2.7.0"))
      try await client.send(envelope)
      #expect(await client.expect("354"))
      try await client.send("Subject: x\r\n\r\n..dot\r\n.\r\n")
      #expect(await client.expect("250 2.0.0"))
      #expect(try await client.command("QUIT", "221"))
      #expect(await client.waitForClose())
      #expect(policy.messages.map(\.body) == [Array("Subject: x\r\n\r\n.dot\r\n".utf8)])
      #expect(policy.state.withLock { $0.peers.first?.tls } == nil)
      #expect(listener.statistics.acceptedMessages == 1)
      #expect(await eventually { listener.statistics.openConnections == 0 })
    }
  }

  @Test func trustedClientNeedsNoLogIn() async throws {
    try await withListener(policy: TestPolicy(trustsEveryone: true)) { address, _, policy in
      let client = try await RawClient(to: address)
      try await client.send("EHLO test.example\r\n")
      #expect(await client.expect("250 "))
      try await client.send(envelope)
      #expect(await client.expect("354"))
      try await client.send("\r\nx\r\n.\r\n")
      #expect(await client.expect("250 2.0.0"))
      #expect(policy.messages.count == 1)
    }
  }

  @Test func startTLSForgetsAndSecures() async throws {
    try await withListener(configure: { $0.plaintextAuthentication = .never }) { address, _, policy in
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(logIn)
      #expect(await client.expect("538 5.7.11"))
      #expect(try await client.command("STARTTLS", "220 2.0.0"))
      try await client.startTLS()
      try await client.send("MAIL FROM:<a@example.com>\r\n")
      #expect(await client.expect("503"))
      #expect(try await client.command("EHLO test.example", "250 "))
      #expect(!client.received.contains("STARTTLS"))
      try await client.send(logIn)
      #expect(await client.expect("235"))
      try await client.send(envelope)
      #expect(await client.expect("354"))
      try await client.send("\r\nx\r\n.\r\n")
      #expect(await client.expect("250 2.0.0"))
      #expect(policy.state.withLock { $0.peers.first?.tls } == "TLSv1.3")
    }
  }

  @Test func implicitTLS() async throws {
    try await withListener(mode: .implicitTLS) { address, _, policy in
      let client = try await RawClient(to: address, isTLS: true)
      #expect(await client.expect("220 mail.example"))
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(logIn)
      #expect(await client.expect("235"))
      try await client.send(envelope)
      #expect(await client.expect("354"))
      // Larger than any buffer on the way.
      let lines = String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 20_000)
      try await client.send("\r\n" + lines + ".\r\n")
      #expect(await client.expect("250 2.0.0"))
      #expect(policy.messages.first?.body.count == lines.utf8.count + 2)
      #expect(policy.state.withLock { $0.peers.first?.tls } == "TLSv1.3")
    }
  }

  @Test func commandsBehindSTARTTLSInOneSegmentEndTheConnection() async throws {
    try await withListener { address, _, policy in
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send("STARTTLS\r\n\(logIn)\(envelope)x\r\n.\r\n")
      #expect(await client.waitForClose())
      #expect(client.received.hasPrefix("220") == false)
      #expect(client.received.contains("501") || client.received.contains("503"))
      #expect(policy.messages.isEmpty)
      #expect(policy.state.withLock { $0.logIns } == 0)
    }
  }

  @Test func everyConnectionOverTheLimitIsTurnedAway() async throws {
    try await withListener(configure: { $0.limits.connectionsPerAddress = 3 }) { address, listener, _ in
      var clients: [RawClient] = []
      for _ in 0..<3 {
        let client = try await RawClient(to: address)
        #expect(await client.expect("220"))
        clients.append(client)
      }
      let late = try await RawClient(to: address)
      #expect(await late.expect("421 4.7.0"))
      #expect(await late.waitForClose())
      #expect(listener.statistics.refusedConnections == 1)
      try await clients[0].close()
      #expect(await eventually { listener.statistics.openConnections == 2 })
      let again = try await RawClient(to: address)
      #expect(await again.expect("220"))
    }
  }

  @Test func slowCommandGetsATimeOutHoweverItDrips() async throws {
    try await withListener(configure: { $0.limits.commandTime = 1 }) { address, _, _ in
      let client = try await RawClient(to: address)
      #expect(await client.expect("220"))
      for byte in "EHLO test.example.with.a.long.name".utf8 where !client.isClosed {
        try? await client.send([byte])
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(await client.expect("421 4.4.2"))
      #expect(await client.waitForClose())
    }
  }

  @Test func slowMessageGetsATimeOut() async throws {
    let policy = TestPolicy(trustsEveryone: true)
    try await withListener(
      policy: policy,
      configure: {
        $0.limits.rateGrace = 1
        $0.limits.minimumRate = 10_000
      }
    ) { address, _, policy in
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(envelope)
      #expect(await client.expect("354"))
      for _ in 0..<60 where !client.isClosed {
        try? await client.send("x\r\n")
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(await client.expect("421 4.4.2"))
      #expect(policy.messages.isEmpty)
    }
  }

  @Test func tooManyFailedLogInsAreRefusedUnchecked() async throws {
    try await withListener(configure: { $0.limits.authenticationFailures = 4 }) { address, listener, policy in
      for _ in 0..<4 {
        let client = try await RawClient(to: address)
        #expect(try await client.command("EHLO test.example", "250 "))
        #expect(try await client.command("AUTH PLAIN AHVzZXIAd3Jvbmc=", "535 5.7.8"))
        try await client.close()
      }
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(logIn)
      #expect(await client.expect("421 4.7.0"))
      #expect(await client.waitForClose())
      #expect(policy.state.withLock { $0.logIns } == 4)
      #expect(listener.statistics.authenticationFailures == 4)
    }
  }

  @Test func noRoomForMessagesIsSaidAtMAIL() async throws {
    let policy = TestPolicy(trustsEveryone: true, holds: true)
    try await withListener(policy: policy, configure: { $0.limits.bufferedBytes = 50_000 }) {
      address, _, policy in
      let first = try await RawClient(to: address)
      #expect(try await first.command("EHLO test.example", "250 "))
      try await first.send(envelope)
      #expect(await first.expect("354"))
      try await first.send(String(repeating: "0123456789\r\n", count: 10_000) + ".\r\n")
      #expect(await eventually { policy.messages.count == 1 })
      let second = try await RawClient(to: address)
      #expect(try await second.command("EHLO test.example", "250 "))
      #expect(try await second.command("MAIL FROM:<a@example.com>", "452 4.3.1"))
      policy.release()
      #expect(await first.expect("250 2.0.0"))
      #expect(try await second.command("MAIL FROM:<a@example.com>", "250 2.1.0"))
    }
  }

  @Test func positiveReplyComesOnlyWhenThePolicySaysSo() async throws {
    let policy = TestPolicy(trustsEveryone: true, holds: true)
    try await withListener(policy: policy) { address, _, policy in
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(envelope)
      #expect(await client.expect("354"))
      try await client.send("x\r\n.\r\n")
      #expect(await eventually { policy.messages.count == 1 })
      try await Task.sleep(for: .milliseconds(100))
      #expect(!client.received.contains("250"))
      policy.release(SMTPReply(451, .init(4, 3, 0), "Disk on fire"))
      #expect(await client.expect("451 4.3.0 Disk on fire"))
    }
  }

  @Test func gracefulEndFinishesWhatIsUnderWay() async throws {
    let policy = TestPolicy(trustsEveryone: true)
    let clients = try await withIdleAndBusyClients(policy)
    #expect(await clients.idle.expect("421 4.3.2"))
    #expect(policy.messages.count == 1)
  }

  /// Ends a listener while one client is idle and one in the middle of DATA.
  private func withIdleAndBusyClients(_ policy: TestPolicy) async throws -> (idle: RawClient, busy: RawClient)
  {
    var clients: (RawClient, RawClient)?
    var finishing: Task<Bool, any Error>?
    try await withListener(policy: policy) { address, _, _ in
      let idle = try await RawClient(to: address)
      #expect(try await idle.command("EHLO test.example", "250 "))
      let busy = try await RawClient(to: address)
      #expect(try await busy.command("EHLO test.example", "250 "))
      try await busy.send(envelope)
      #expect(await busy.expect("354"))
      try await busy.send("half ")
      finishing = Task {
        _ = await idle.waitForClose()
        try await busy.send("and half\r\n.\r\n")
        return await busy.expect("250 2.0.0")
      }
      clients = (idle, busy)
    }
    #expect(try await finishing?.value == true)
    return try #require(clients)
  }
}
