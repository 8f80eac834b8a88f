import MailFormats
import NIOSSL
import Testing
import Transport

/// A client that ends its side of the connection while it waits still gets its answer, and nothing lingers.
@Suite struct HalfClosureTests {
  private let message = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"

  @Test(arguments: [SMTPListenerConfiguration.Mode.startTLS, .implicitTLS], ["", "QUIT\r\n"])
  func replyToAPendingDecisionStillComes(_ mode: SMTPListenerConfiguration.Mode, _ tail: String) async throws
  {
    let policy = TestPolicy(trustsEveryone: true, holds: true)
    try await withListener(policy: policy, mode: mode) { address, listener, policy in
      let client = try await waitingClient(address, mode, tail, policy)
      try await client.closeOutput()
      // A half-closed connection in the middle of a decision is none that a deadline ends early.
      #expect(listener.statistics.openConnections == 1)
      policy.release()
      #expect(await client.expect("250 2.0.0"))
      if !tail.isEmpty { #expect(await client.expect("221")) }
      #expect(await client.waitForClose())
      #expect(await eventually { listener.statistics.openConnections == 0 })
      #expect(listener.statistics.acceptedMessages == 1)
    }
  }

  @Test func everythingInOneSegmentIsAnswered() async throws {
    try await withListener(policy: TestPolicy(trustsEveryone: true)) { address, _, policy in
      let client = try await RawClient(to: address)
      try await client.send("EHLO test.example\r\n")
      #expect(await client.expect("250 "))
      try await client.send(
        "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nBDAT 3 LAST\r\nx\r\nNOOP\r\n")
      try await client.closeOutput()
      #expect(await client.waitForClose())
      #expect(client.received.hasSuffix("250 2.0.0 OK\r\n"), "\(client.received)")
      #expect(policy.messages.count == 1)
    }
  }

  @Test(arguments: ["", "NOOP\r\n", "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.o"])
  func withNothingPendingTheConnectionEnds(_ said: String) async throws {
    try await withListener(policy: TestPolicy(trustsEveryone: true)) { address, listener, policy in
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      if !said.isEmpty {
        try await client.send(said)
        #expect(await client.expect("250 2."))
      }
      try await client.closeOutput()
      #expect(await client.waitForClose())
      #expect(await eventually { listener.statistics.openConnections == 0 })
      #expect(policy.messages.isEmpty)
    }
  }

  @Test func halfAMessageIsNone() async throws {
    try await withListener(policy: TestPolicy(trustsEveryone: true)) { address, listener, policy in
      let client = try await RawClient(to: address)
      #expect(try await client.command("EHLO test.example", "250 "))
      try await client.send(message)
      #expect(await client.expect("354"))
      try await client.send("Subject: x\r\n\r\nhalf a mess")
      try await client.closeOutput()
      #expect(await client.waitForClose())
      #expect(await eventually { listener.statistics.openConnections == 0 })
      #expect(policy.messages.isEmpty)
    }
  }

  /// With the message of its own at the policy, and `tail` behind the dot.
  private func waitingClient(
    _ address: HostPort, _ mode: SMTPListenerConfiguration.Mode, _ tail: String, _ policy: TestPolicy
  ) async throws -> RawClient {
    let client = try await RawClient(to: address, isTLS: mode == .implicitTLS)
    #expect(try await client.command("EHLO test.example", "250 "))
    try await client.send(message)
    #expect(await client.expect("354"))
    try await client.send("x\r\n.\r\n" + tail)
    #expect(await eventually { policy.messages.count == 1 })
    return client
  }
}
