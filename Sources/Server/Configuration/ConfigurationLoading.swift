import Intake
import Logging
import Storage
import Transport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ServerConfiguration {
  /// Reads and checks everything: command line over environment over file over defaults.
  ///
  /// - Parameters:
  ///   - commandLine: what the options of the command said.
  ///   - environment: the variables of the process; those that start with `BREVDUE_` count.
  ///   - file: path of a YAML or JSON file; without it the variable `BREVDUE_CONFIG` may name one.
  public static func load(
    commandLine: [ConfigurationKey: String] = [:],
    environment: [String: String] = ProcessInfo.processInfo.environment,
    file: String? = nil
  ) throws(ConfigurationError) -> ServerConfiguration {
    let path = file ?? environment["BREVDUE_CONFIG"]
    let parsed: ConfigurationFile? = if let path { try ConfigurationFile(path: path) } else { nil }
    let sources = ConfigurationSources(commandLine: commandLine, environment: environment, file: parsed)
    var loader = ConfigurationLoader(sources: sources)
    loader.reportUnknownKeys(of: parsed)
    let configuration = loader.load(environment: environment)
    guard loader.problems.isEmpty else { throw ConfigurationError(problems: loader.problems) }
    return configuration
  }
}

/// Turns texts into typed values and collects what is wrong with them.
struct ConfigurationLoader {
  private let sources: ConfigurationSources
  var problems: [ConfigurationError.Problem] = []
  private var settings: [ConfigurationKey: ServerConfiguration.Setting] = [:]

  init(sources: ConfigurationSources) {
    self.sources = sources
  }

  mutating func load(environment: [String: String]) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    readGeneral(&configuration)
    readSMTP(&configuration)
    readDelivery(&configuration)
    checkPairs(configuration)
    configuration.warnings = warnings(of: configuration, environment: environment)
    configuration.settings = ConfigurationKey.allCases.map { key in
      settings[key] ?? .init(key: key, value: key.defaultText, origin: "default")
    }
    return configuration
  }

  private mutating func readGeneral(_ configuration: inout ServerConfiguration) {
    read(.dataDirectory, into: &configuration.data.directory) { path in
      path.isEmpty ? nil : path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
    readOptional(.databaseURL, into: &configuration.database.url) { text in
      DatabaseURL.isValid(text) ? text : nil
    }
    read(.roles, into: &configuration.roles, parse: ConfigurationParsing.roles)
    read(.httpListen, into: &configuration.http.listen) { ConfigurationParsing.hostPort($0) }
    readOptional(.httpPublicURL, into: &configuration.http.publicURL, parse: ConfigurationParsing.publicURL)
    read(.inboundListen, into: &configuration.inbound.listen, parse: ConfigurationParsing.listeners)
    readOptional(
      .tlsCertificateFile, into: &configuration.tls.certificateFile, parse: ConfigurationParsing.filled)
    readOptional(.tlsKeyFile, into: &configuration.tls.keyFile, parse: ConfigurationParsing.filled)
    read(.dnsResolver, into: &configuration.dns.resolvers, parse: ConfigurationParsing.resolvers)
    read(.templatesMissingValues, into: &configuration.templates.missingValues) {
      .init(rawValue: $0.lowercased())
    }
    read(.retentionBodies, into: &configuration.retention.bodies, parse: RetentionAge.parse)
    read(.retentionEvents, into: &configuration.retention.events, parse: RetentionAge.parse)
    read(.retentionMessages, into: &configuration.retention.messages, parse: RetentionAge.parse)
    read(.logLevel, into: &configuration.log.level) { Logger.Level(rawValue: $0.lowercased()) }
    read(.logFormat, into: &configuration.log.format) { .init(rawValue: $0.lowercased()) }
    read(.shutdownGrace, into: &configuration.shutdown.grace) { text in
      ConfigurationParsing.number(text, in: 0...3600).map { .seconds($0) }
    }
  }

  private mutating func readSMTP(_ configuration: inout ServerConfiguration) {
    configuration.smtp.hostname = ConfigurationParsing.systemHostname()
    read(.smtpListen, into: &configuration.smtp.listen, parse: ConfigurationParsing.listeners)
    read(.smtpTLSListen, into: &configuration.smtp.tlsListen, parse: ConfigurationParsing.listeners)
    read(.smtpHostname, into: &configuration.smtp.hostname, parse: ConfigurationParsing.hostname)
    read(.smtpAllowPlaintextAuth, into: &configuration.smtp.allowPlaintextAuth) {
      .init(rawValue: $0.lowercased())
    }
    read(.smtpTrustedClients, into: &configuration.smtp.trustedClients) { text in
      ConfigurationParsing.list(text) { TrustedClient($0) }
    }
    read(.smtpConnectionsPerAddress, into: &configuration.smtp.connectionsPerAddress) {
      ConfigurationParsing.number($0, in: 1...10_000)
    }
  }

  private mutating func readDelivery(_ configuration: inout ServerConfiguration) {
    read(.deliveryMode, into: &configuration.delivery.mode) { .init(rawValue: $0.lowercased()) }
    readOptional(.deliveryRelay, into: &configuration.delivery.relay) { text in
      ConfigurationParsing.hostPort(text).flatMap { $0.port > 0 ? $0 : nil }
    }
    readOptional(
      .deliveryRelayUser, into: &configuration.delivery.relayUser, parse: ConfigurationParsing.filled)
    readOptional(
      .deliveryRelayPassword, into: &configuration.delivery.relayPassword, parse: ConfigurationParsing.filled)
    read(.deliveryRelayTLS, into: &configuration.delivery.relayTLS) { .init(rawValue: $0.lowercased()) }
    read(.deliveryPort, into: &configuration.delivery.port) { ConfigurationParsing.number($0, in: 1...65535) }
    read(.deliveryConcurrency, into: &configuration.delivery.concurrency) {
      ConfigurationParsing.number($0, in: 1...10_000)
    }
  }

  private mutating func read<Value>(
    _ key: ConfigurationKey, into value: inout Value, parse: (String) -> Value?
  ) {
    guard let finding = try? sources.find(key) else { return }
    let shown = key.shown(finding.text)
    settings[key] = .init(key: key, value: shown, origin: finding.origin)
    guard let parsed = parse(trimmed(finding.text)) else {
      problems.append(
        .init(
          key: key.rawValue, value: shown, origin: finding.origin, expected: "expected \(key.expectation)"))
      return
    }
    value = parsed
  }

  /// The same for what may stay unset; an empty text unsets it.
  private mutating func readOptional<Value>(
    _ key: ConfigurationKey, into value: inout Value?, parse: (String) -> Value?
  ) {
    guard let finding = try? sources.find(key), !trimmed(finding.text).isEmpty else { return }
    read(key, into: &value) { text in parse(text).map { Optional($0) } }
  }
}

/// What no single value shows.
extension ConfigurationLoader {
  mutating func reportUnknownKeys(of file: ConfigurationFile?) {
    guard let file else { return }
    let known = Set(ConfigurationKey.allCases.map(\.rawValue))
    for key in file.keys where !known.contains(key) {
      let hint = ConfigurationKey.nearest(to: key).map { "did you mean \($0.rawValue)?" }
      report(key, origin: file.path, "there is no such key; " + (hint ?? "see `brevdue serve --help`"))
    }
  }

  private mutating func report(_ key: String, origin: String, _ expected: String) {
    problems.append(.init(key: key, value: nil, origin: origin, expected: expected))
  }

  private mutating func checkPairs(_ configuration: ServerConfiguration) {
    let tls = configuration.tls
    if (tls.certificateFile == nil) != (tls.keyFile == nil) {
      let missing = tls.keyFile == nil ? ConfigurationKey.tlsKeyFile : .tlsCertificateFile
      report(missing.rawValue, origin: "nowhere", "missing: certificate and key are set together")
    }
    if let problem = configuration.retention.problem {
      let key = ConfigurationKey.retentionMessages
      report(key.rawValue, origin: settings[key]?.origin ?? "default", problem)
    }
    let delivery = configuration.delivery
    if (delivery.relayUser == nil) != (delivery.relayPassword == nil) {
      let missing = delivery.relayUser == nil ? ConfigurationKey.deliveryRelayUser : .deliveryRelayPassword
      report(missing.rawValue, origin: "nowhere", "missing: user and password of the relay are set together")
    }
    if delivery.mode == .relay, delivery.relay == nil {
      let key = ConfigurationKey.deliveryRelay
      report(
        key.rawValue, origin: "nowhere", "missing: delivery.mode is relay, so it needs \(key.expectation)")
    }
  }

  private func warnings(of configuration: ServerConfiguration, environment: [String: String]) -> [String] {
    var warnings: [String] = []
    let known = Set(ConfigurationKey.allCases.map(\.environmentName) + ["BREVDUE_CONFIG"])
    for name in environment.keys.sorted() where name.hasPrefix("BREVDUE_") && !known.contains(name) {
      warnings.append("environment variable \(name) is none of ours: it has no effect")
    }
    if configuration.smtp.allowPlaintextAuth == .always {
      warnings.append(
        "smtp.allow-plaintext-auth is always: passwords may cross the network readable by others")
    }
    let delivery = configuration.delivery
    if delivery.relayUser != nil, delivery.relayTLS == .off {
      warnings.append(
        "delivery.relay-tls is off: the relay's password crosses the network readable by others")
    }
    if delivery.relay != nil, delivery.mode != .relay {
      warnings.append(
        "delivery.relay is set, but delivery.mode is \(delivery.mode.rawValue): it has no effect")
    }
    return warnings
  }
}
