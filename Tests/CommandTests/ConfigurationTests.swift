import Foundation
import Intake
import Logging
import Server
import Testing
import Transport

@Suite struct ConfigurationTests {
  private func load(
    _ commandLine: [ConfigurationKey: String] = [:], environment: [String: String] = [:], file: String? = nil
  ) throws -> ServerConfiguration {
    try ServerConfiguration.load(commandLine: commandLine, environment: environment, file: file)
  }

  private func problems(_ commandLine: [ConfigurationKey: String], file: String? = nil) -> [String] {
    do {
      _ = try load(commandLine, file: file)
      return []
    } catch let error as ConfigurationError {
      return error.problems.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  private func withFile<T>(_ text: String, _ body: (String) throws -> T) throws -> T {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).yaml").path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test func defaultsCaptureOnLoopback() throws {
    let configuration = try load()
    #expect(configuration.delivery.mode == .capture)
    #expect(configuration.http.listen == HostPort(host: "127.0.0.1", port: 8080))
    #expect(configuration.smtp.listen.map(\.description) == ["127.0.0.1:2587"])
    #expect(configuration.roles == Set(ServerConfiguration.Role.allCases))
    #expect(configuration.shutdown.grace == .seconds(30))
    #expect(configuration.settings.map(\.key) == ConfigurationKey.allCases)
    #expect(configuration.warnings.isEmpty)
  }

  @Test func optionsWinOverEnvironmentOverFile() throws {
    let text = "smtp:\n  hostname: file.example\n  listen: [127.0.0.1:1, '[::1]:2']\nlog.level: debug\n"
    try withFile(text) { path in
      let fromFile = try load(file: path)
      #expect(fromFile.smtp.hostname == "file.example")
      #expect(fromFile.smtp.listen.map(\.description) == ["127.0.0.1:1", "[::1]:2"])
      #expect(fromFile.log.level == .debug)
      let variables = ["BREVDUE_SMTP_HOSTNAME": "environment.example", "BREVDUE_SMTP_TLS_LISTEN": "none"]
      let fromEnvironment = try load(environment: variables, file: path)
      #expect(fromEnvironment.smtp.hostname == "environment.example")
      #expect(fromEnvironment.smtp.tlsListen.isEmpty)
      let fromOptions = try load([.smtpHostname: "option.example"], environment: variables, file: path)
      #expect(fromOptions.smtp.hostname == "option.example")
      let setting = fromOptions.settings.first { $0.key == .smtpHostname }
      #expect(setting?.origin == "option --smtp-hostname")
    }
  }

  @Test func jsonIsReadToo() throws {
    let text = #"{"delivery": {"mode": "relay", "relay": "smtp.example.com:587", "concurrency": 7}}"#
    try withFile(text) { path in
      let configuration = try load(file: path)
      #expect(configuration.delivery.mode == .relay)
      #expect(configuration.delivery.relay?.description == "smtp.example.com:587")
      #expect(configuration.delivery.concurrency == 7)
    }
  }

  @Test func fileOfCommentsIsEmpty() throws {
    let configuration = try withFile("# nothing yet\n\n") { try load(file: $0) }
    #expect(configuration.delivery.mode == .capture)
  }

  @Test func unknownKeyInFileIsNamedWithTheNearest() throws {
    try withFile("smtp:\n  lisen: 127.0.0.1:1\n") { path in
      let found = problems([:], file: path)
      #expect(found.count == 1)
      #expect(found.first?.contains("smtp.lisen") == true)
      #expect(found.first?.contains("did you mean smtp.listen?") == true)
    }
  }

  @Test func missingFileAndBrokenFile() throws {
    #expect(problems([:], file: "/nonexistent/brevdue.yaml").first?.contains("cannot be read") == true)
    try withFile("a: [1, 2") {
      #expect(problems([:], file: $0).first?.contains("neither YAML nor JSON") == true)
    }
  }

  @Test(arguments: [
    (ConfigurationKey.httpListen, "8080"), (.httpListen, "127.0.0.1:99999"), (.httpListen, "a b:1"),
    (.smtpListen, "127.0.0.1:25,x"), (.smtpListen, "1:2:3"), (.httpPublicURL, "mail.example.com"),
    (.httpPublicURL, "https://a/?x"), (.smtpHostname, "a b"), (.smtpAllowPlaintextAuth, "yes"),
    (.smtpTrustedClients, "10.0.0.0/8"), (.smtpTrustedClients, "10.0.0.0/33=t"),
    (.smtpConnectionsPerAddress, "0"), (.smtpConnectionsPerAddress, "+5"), (.deliveryMode, "live"),
    (.deliveryRelay, "host"), (.deliveryRelay, "host:0"), (.deliveryPort, "0"),
    (.deliveryConcurrency, "many"),
    (.dnsResolver, "dns.example.com"), (.logLevel, "loud"), (.logFormat, "xml"),
    (.templatesMissingValues, "none"), (.shutdownGrace, "-1"),
    (.retentionBodies, "30"), (.retentionEvents, "0d"), (.roles, "http,web"), (.roles, ""),
    (.databaseURL, "mysql://x"), (.dataDirectory, ""),
  ])
  func wrongValueIsNamedWithWhatIsExpected(_ key: ConfigurationKey, _ value: String) {
    let found = problems([key: value])
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix("\(key.rawValue) = \"\(value)\" (from option --\(key.optionName))") == true)
    #expect(found.first?.contains(key.expectation) == true)
  }

  @Test func allProblemsAreToldAtOnce() {
    #expect(problems([.deliveryPort: "x", .logLevel: "x", .smtpListen: "x"]).count == 3)
  }

  @Test func pairsAndModesBelongTogether() {
    #expect(problems([.deliveryMode: "relay"]).first?.hasPrefix("delivery.relay ") == true)
    #expect(problems([.tlsKeyFile: "k.pem"]).first?.hasPrefix("tls.certificate-file ") == true)
    #expect(problems([.deliveryRelayUser: "u"]).first?.hasPrefix("delivery.relay-password ") == true)
  }

  @Test func secretsAreNeverShown() throws {
    let configuration = try load([
      .deliveryMode: "relay", .deliveryRelay: "h:25", .deliveryRelayUser: "u",
      .deliveryRelayPassword: "hunter2hunter2",
    ])
    #expect(configuration.delivery.relayPassword == "hunter2hunter2")
    #expect(!configuration.settings.contains { $0.value?.contains("hunter2") == true })
    #expect(!problems([.deliveryRelayPassword: "hunter2hunter2"]).description.contains("hunter2"))
  }

  @Test func typedValues() throws {
    let configuration = try load([
      .dnsResolver: "127.0.0.1, [::1]:5353", .smtpTrustedClients: "10.0.0.0/8=a@1, ::1=b@2",
      .roles: "smtp,delivery", .httpPublicURL: "https://mail.example.com/", .dataDirectory: "/var/lib/b/",
    ])
    #expect(configuration.dns.resolvers.map(\.description) == ["127.0.0.1:53", "[::1]:5353"])
    #expect(configuration.smtp.trustedClients.map(\.token) == ["a@1", "b@2"])
    #expect(configuration.roles == [.smtp, .delivery])
    #expect(configuration.http.publicURL == "https://mail.example.com")
    #expect(configuration.data.databaseFile == "/var/lib/b/brevdue.db")
  }

  @Test func unknownVariableIsAWarning() throws {
    let warnings = try load(environment: ["BREVDUE_SMTP_LISTN": "x", "HOME": "/"]).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("BREVDUE_SMTP_LISTN") == true)
  }

  @Test(arguments: ConfigurationKey.allCases)
  func environmentNamesFollowTheRule(_ key: ConfigurationKey) {
    let name = key.environmentName.dropFirst("BREVDUE_".count)
    #expect(key.environmentName.hasPrefix("BREVDUE_"))
    #expect(name.allSatisfy { $0.isUppercase || $0 == "_" })
  }
}
