import MailFormats
import Testing
import Transport

@Suite struct SmugglingTests {
  private static let ends = [
    "\n.\n", "\r.\r", "\r.\n", "\n.\r", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\r\n .\r\n",
  ]

  /// Each imposter of the end of data, followed by a second message, in segments cut around the imposter.
  @Test(arguments: ends, [false, true])
  func neverTwoMessages(end: String, isTLS: Bool) async throws {
    let policy = TestPolicy(trustsEveryone: true)
    try await withListener(policy: policy, mode: isTLS ? .implicitTLS : .startTLS) { address, _, policy in
      let head = Array("Subject: one\r\n\r\nfirst".utf8)
      let content =
        head + Array(end.utf8)
        + Array("MAIL FROM:<x@evil.example>\r\nRCPT TO:<y@example.org>\r\nDATA\r\nsecond\r\n.\r\n".utf8)
      for cut in (head.count - 1)...(head.count + end.utf8.count + 1) {
        let before = policy.messages.count
        let client = try await RawClient(to: address, isTLS: isTLS)
        try await client.send("EHLO test.example\r\n")
        #expect(await client.expect("250 "))
        try await client.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
        #expect(await client.expect("354"))
        await client.expect("\r\n")
        try await client.send(Array(content[..<cut]))
        try await Task.sleep(for: .milliseconds(3))
        try? await client.send(Array(content[cut...]))
        // A decision on the one message there is, and no reply to anything within it.
        #expect(await eventually { client.received.contains("\r\n") })
        #expect(!client.received.contains("354") && !client.received.contains("2.1.0"), "\(client.received)")
        #expect(policy.messages.count - before <= 1)
        #expect(policy.messages.allSatisfy { $0.reversePath.address == "a@example.com" })
        try await client.close()
      }
    }
  }
}
