import MailFormats
import MailModel
import NIOPosix
import Synchronization
import Testing
import Transport

@Suite struct ConnectionTests {
  @Test(arguments: ["", "250-PIPELINING\r\n"])
  func deliversManyOverOneConnection(extensions: String) async throws {
    let server = try await ScriptedServer(script: sink(extensions: extensions))
    let connection = try await server.connect()
    for number in 1...20 {
      #expect(connection.isReusable)
      let outcome = await connection.deliver(transaction(body: Array("\r\n.dot \(number)\r\n".utf8)))
      guard case .delivered(let answer) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(answer.stage == .dot && answer.code == 250 && answer.enhancedStatus == "2.0.0")
      #expect(answer.host == "sink.example" && answer.ipAddress == "127.0.0.1" && answer.tls == nil)
    }
    #expect(connection.transactions == 20)
    #expect(connection.capabilities.pipelining == !extensions.isEmpty)
    await connection.quit()
    #expect(!connection.isReusable)
    #expect(server.saidLines.contains("..dot 20"))
    #expect(server.saidLines.last == "QUIT")
  }

  @Test func largeMessageArrivesWhole() async throws {
    let server = try await ScriptedServer(script: sink(extensions: "250-PIPELINING\r\n"))
    let connection = try await server.connect()
    let body = Array(String(repeating: String(repeating: "y", count: 76) + "\r\n", count: 40_000).utf8)
    let outcome = await connection.deliver(transaction(body: body))
    guard case .delivered = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(server.saidLines.filter { $0.count == 76 }.count == 40_000)
    await connection.quit()
  }

  @Test func refusalsLeaveTheConnectionUsable() async throws {
    let server = try await ScriptedServer(
      script: sink(extensions: "250-PIPELINING\r\n") { line in
        if line.hasPrefix("RCPT TO:<gone@") { return .say("550 5.1.1 no such user\r\n") }
        if line.hasPrefix("RCPT TO:<later@") { return .say("451 wait\r\n") }
        return line == "DATA" ? .say("503 no recipients\r\n") : nil
      })
    let connection = try await server.connect()
    let gone = await connection.deliver(transaction("gone@example.org"))
    guard case .permanent(let answer) = gone else {
      Issue.record("\(gone)")
      return
    }
    #expect(answer.stage == .rcpt && answer.code == 550 && answer.enhancedStatus == "5.1.1")
    #expect(answer.text.contains("no such user"))
    #expect(connection.isReusable)
    let later = await connection.deliver(transaction("later@example.org"))
    guard case .temporary(let second) = later else {
      Issue.record("\(later)")
      return
    }
    #expect(second.code == 451 && second.stage == .rcpt)
    await connection.quit()
  }

  @Test func opportunisticTLSTakesASelfSignedCertificate() async throws {
    let server = try await ScriptedServer(script: startTLSSink())
    let connection = try await server.connect(.opportunistic)
    #expect(connection.tls == "TLSv1.3")
    let outcome = await connection.deliver(transaction())
    guard case .delivered(let answer) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(answer.tls == "TLSv1.3")
    #expect(server.saidLines.filter { $0.hasPrefix("EHLO") }.count == 2)
    await connection.quit()
  }

  @Test func implicitTLS() async throws {
    let server = try await ScriptedServer(isImplicitTLS: true, script: sink())
    let connection = try await server.connect(.implicit)
    #expect(connection.tls == "TLSv1.3")
    guard case .delivered = await connection.deliver(transaction()) else {
      Issue.record("not delivered")
      return
    }
    await connection.quit()
  }

  @Test func aVerifiedNameRefusesASelfSignedCertificate() async throws {
    let server = try await ScriptedServer(script: startTLSSink())
    let failure = await #expect(throws: SMTPConnectionFailure.self) {
      _ = try await server.connect(.required) { $0.verifiedName = "sink.example" }
    }
    #expect(failure?.isTLSFailure == true)
  }

  @Test func repliesInjectedBehindSTARTTLSEndTheConnection() async throws {
    let server = try await ScriptedServer(
      script: startTLSSink(injected: "250-sink.example\r\n250 AUTH PLAIN\r\n"))
    let failure = await #expect(throws: SMTPConnectionFailure.self) {
      _ = try await server.connect(.opportunistic)
    }
    guard case .temporary(let answer)? = failure?.outcome else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(answer.stage == .starttls)
    #expect(!server.saidLines.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
  }

  @Test func handshakeFailureIsToldApart() async throws {
    let server = try await ScriptedServer(
      script: sink(extensions: "250-STARTTLS\r\n") { line in
        line == "STARTTLS" ? .say("220 go\r\n") : line.hasPrefix("EHLO") ? nil : .close
      })
    let failure = await #expect(throws: SMTPConnectionFailure.self) {
      _ = try await server.connect(.opportunistic) { $0.timeLimits.handshake = 1 }
    }
    #expect(failure?.isTLSFailure == true)
  }

  @Test func nobodyListening() async throws {
    let server = try await ScriptedServer(script: sink())
    let address = try server.address
    try await server.close()
    let options = SMTPConnectionOptions(session: SMTPClientOptions(ehloName: "client.example"))
    let failure = await #expect(throws: SMTPConnectionFailure.self) {
      _ = try await SMTPConnection.connect(
        to: address, host: "sink.example", options: options, on: MultiThreadedEventLoopGroup.singleton.next())
    }
    guard case .temporary(let answer)? = failure?.outcome else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(answer.stage == .connect && answer.code == 0 && answer.text == "Connection refused")
    #expect(answer.ipAddress == "127.0.0.1")
  }

  @Test(arguments: [
    ("554 5.7.1 not you\r\n", DeliveryStage.greeting, 554), ("421 busy\r\n", .greeting, 421),
  ])
  func greetingRefused(greeting: String, stage: DeliveryStage, code: Int) async throws {
    let server = try await ScriptedServer(greeting: greeting, script: sink())
    let failure = await #expect(throws: SMTPConnectionFailure.self) { _ = try await server.connect() }
    switch failure?.outcome {
    case .temporary(let answer)?, .permanent(let answer)?:
      #expect(answer.stage == stage && answer.code == code)
    default: Issue.record("\(String(describing: failure))")
    }
  }

  @Test func silentServerIsGivenUp() async throws {
    let server = try await ScriptedServer(greeting: nil, script: { _ in .nothing })
    let failure = await #expect(throws: SMTPConnectionFailure.self) {
      _ = try await server.connect { $0.timeLimits.reply = 1 }
    }
    guard case .temporary(let answer)? = failure?.outcome else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(answer.stage == .greeting && answer.code == 0)
  }

  @Test(arguments: [("MAIL", DeliveryStage.mail), ("RCPT", .rcpt), ("DATA", .data), (".", .dot)])
  func connectionLostInTheMiddleIsTemporary(word: String, stage: DeliveryStage) async throws {
    let server = try await ScriptedServer(script: sink { $0.hasPrefix(word) ? .close : nil })
    let connection = try await server.connect()
    let outcome = await connection.deliver(transaction())
    guard case .temporary(let answer) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(answer.stage == stage && answer.code == 0)
    #expect(!connection.isReusable)
    let next = await connection.deliver(transaction())
    guard case .temporary(let second) = next else {
      Issue.record("\(next)")
      return
    }
    #expect(second.code == 0)
    await connection.quit()
  }

  @Test(arguments: ["", "250-PIPELINING\r\n"])
  func whatIsNoLongerOursGetsNoContent(extensions: String) async throws {
    let mayGoOn = Mutex(true)
    let server = try await ScriptedServer(
      script: sink(extensions: extensions) { line in
        if line == "DATA" { mayGoOn.withLock { $0 = false } }
        return nil
      })
    let connection = try await server.connect()
    let outcome = await connection.deliver(
      transaction(body: Array("Subject: kept\r\n\r\nkept\r\n".utf8)), while: { mayGoOn.withLock { $0 } })
    guard case .temporary(let answer) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(answer.stage == .data && answer.code == 0)
    #expect(server.saidLines.last == "DATA")
    #expect(!connection.isReusable)
  }

  @Test func whatIsNoLongerOursHasNoEnd() async throws {
    let asked = Mutex(0)
    let server = try await ScriptedServer(script: sink())
    let connection = try await server.connect()
    let body = Array(String(repeating: String(repeating: "y", count: 76) + "\r\n", count: 2_000).utf8)
    let outcome = await connection.deliver(
      transaction(body: body),
      while: {
        asked.withLock { count in
          count += 1
          // MAIL, RCPT, DATA, the first part of the content; then what has the end.
          return count < 5
        }
      })
    guard case .temporary(let answer) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(answer.code == 0)
    #expect(asked.withLock { $0 } == 5)
    let deadline = ContinuousClock.now + .seconds(60)
    while server.ended.withLock({ $0 }) == 0, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(server.saidLines.contains { $0.hasPrefix("yyy") })
    #expect(!server.saidLines.contains("."))
  }

  @Test func theDotHasATimeLimitOfItsOwn() async throws {
    let server = try await ScriptedServer(script: sink { $0 == "." ? .nothing : nil })
    let connection = try await server.connect { $0.timeLimits.dot = 1 }
    let outcome = await connection.deliver(transaction())
    guard case .temporary(let answer) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(answer.stage == .dot)
    connection.close()
  }

  @Test func logsIn() async throws {
    let server = try await ScriptedServer(
      isImplicitTLS: true,
      script: sink(extensions: "250-AUTH PLAIN LOGIN\r\n") {
        $0.hasPrefix("AUTH") ? .say($0 == "AUTH PLAIN AHUAcA==" ? "235 yes\r\n" : "535 5.7.8 no\r\n") : nil
      })
    let connection = try await server.connect(.implicit) {
      $0.session.user = "u"
      $0.session.password = "p"
    }
    #expect(connection.isReusable)
    await connection.quit()
    let failure = await #expect(throws: SMTPConnectionFailure.self) {
      _ = try await server.connect(.implicit) {
        $0.session.user = "u"
        $0.session.password = "wrong"
      }
    }
    switch failure?.outcome {
    case .temporary(let answer)?, .permanent(let answer)?:
      #expect(answer.stage == .auth && answer.code == 535)
    default: Issue.record("\(String(describing: failure))")
    }
  }

  private func startTLSSink(injected: String = "") -> @Sendable (String) -> ScriptedServer.Step {
    sink(extensions: "250-STARTTLS\r\n") { line in
      line == "STARTTLS" ? .sayAndStartTLS("220 go\r\n" + injected) : nil
    }
  }
}
