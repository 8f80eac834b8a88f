import ArgumentParser
import Server

/// Where the configuration comes from; every command has these.
struct LocationOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Configuration file, YAML or JSON.", valueName: "file"))
  var config: String?

  @Option(name: .long, help: ArgumentHelp("Data folder, the key data.directory.", valueName: "folder"))
  var data: String?

  @OptionGroup(visibility: .hidden)
  var settings: SettingOptions

  func configuration() throws -> ServerConfiguration {
    try settings.configuration(file: config, directory: data)
  }
}

/// `LocationOptions` for commands whose `--data` is something else.
struct BareLocationOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Configuration file, YAML or JSON.", valueName: "file"))
  var config: String?

  @OptionGroup(visibility: .hidden)
  var settings: SettingOptions

  func configuration() throws -> ServerConfiguration {
    try settings.configuration(file: config, directory: nil)
  }
}

/// Whom the answer is for.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON value, for programs.")
  var json = false
}

/// Whose things are meant.
struct AccountOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Account, where there is more than one.", valueName: "id"))
  var account: Int64?
}

/// The configuration keys as options.
struct SettingOptions: ParsableArguments {
  @Option(help: .key(.dataDirectory)) var dataDirectory: String?
  @Option(help: .key(.databaseURL)) var databaseUrl: String?
  @Option(help: .key(.roles)) var roles: String?
  @Option(help: .key(.httpListen)) var httpListen: String?
  @Option(help: .key(.httpPublicURL)) var httpPublicUrl: String?
  @Option(help: .key(.smtpListen)) var smtpListen: String?
  @Option(help: .key(.smtpTLSListen)) var smtpTlsListen: String?
  @Option(help: .key(.smtpHostname)) var smtpHostname: String?
  @Option(help: .key(.smtpAllowPlaintextAuth)) var smtpAllowPlaintextAuth: String?
  @Option(help: .key(.smtpTrustedClients)) var smtpTrustedClients: String?
  @Option(help: .key(.smtpConnectionsPerAddress)) var smtpConnectionsPerAddress: String?
  @Option(help: .key(.tlsCertificateFile)) var tlsCertificateFile: String?
  @Option(help: .key(.tlsKeyFile)) var tlsKeyFile: String?
  @Option(help: .key(.inboundListen)) var inboundListen: String?
  @Option(help: .key(.deliveryMode)) var deliveryMode: String?
  @Option(help: .key(.deliveryRelay)) var deliveryRelay: String?
  @Option(help: .key(.deliveryRelayUser)) var deliveryRelayUser: String?
  @Option(help: .key(.deliveryRelayPassword)) var deliveryRelayPassword: String?
  @Option(help: .key(.deliveryRelayTLS)) var deliveryRelayTls: String?
  @Option(help: .key(.deliveryPort)) var deliveryPort: String?
  @Option(help: .key(.deliveryConcurrency)) var deliveryConcurrency: String?
  @Option(help: .key(.dnsResolver)) var dnsResolver: String?
  @Option(help: .key(.templatesMissingValues)) var templatesMissingValues: String?
  @Option(help: .key(.retentionBodies)) var retentionBodies: String?
  @Option(help: .key(.retentionEvents)) var retentionEvents: String?
  @Option(help: .key(.retentionMessages)) var retentionMessages: String?
  @Option(help: .key(.logLevel)) var logLevel: String?
  @Option(help: .key(.logFormat)) var logFormat: String?
  @Option(help: .key(.shutdownGrace)) var shutdownGrace: String?

  func configuration(file: String?, directory: String?) throws -> ServerConfiguration {
    var values: [ConfigurationKey: String] = [:]
    for key in ConfigurationKey.allCases { values[key] = value(of: key) }
    if let directory { values[.dataDirectory] = directory }
    return try ServerConfiguration.load(commandLine: values, file: file)
  }

  private func value(of key: ConfigurationKey) -> String? {
    switch key {
    case .dataDirectory: dataDirectory
    case .databaseURL: databaseUrl
    case .roles: roles
    case .httpListen: httpListen
    case .httpPublicURL: httpPublicUrl
    case .smtpListen: smtpListen
    case .smtpTLSListen: smtpTlsListen
    case .smtpHostname: smtpHostname
    case .smtpAllowPlaintextAuth: smtpAllowPlaintextAuth
    case .smtpTrustedClients: smtpTrustedClients
    case .smtpConnectionsPerAddress: smtpConnectionsPerAddress
    case .tlsCertificateFile: tlsCertificateFile
    case .tlsKeyFile: tlsKeyFile
    case .inboundListen: inboundListen
    case .deliveryMode: deliveryMode
    case .deliveryRelay: deliveryRelay
    case .deliveryRelayUser: deliveryRelayUser
    case .deliveryRelayPassword: deliveryRelayPassword
    case .deliveryRelayTLS: deliveryRelayTls
    case .deliveryPort: deliveryPort
    case .deliveryConcurrency: deliveryConcurrency
    case .dnsResolver: dnsResolver
    case .templatesMissingValues: templatesMissingValues
    case .retentionBodies: retentionBodies
    case .retentionEvents: retentionEvents
    case .retentionMessages: retentionMessages
    case .logLevel: logLevel
    case .logFormat: logFormat
    case .shutdownGrace: shutdownGrace
    }
  }
}

extension ArgumentHelp {
  /// The line of a configuration key: its name, what it takes, what holds without it.
  fileprivate static func key(_ key: ConfigurationKey) -> ArgumentHelp {
    let without = key.defaultText.map { " Default: \($0)." } ?? ""
    return ArgumentHelp("\(key.rawValue): \(key.expectation).\(without)", valueName: "value")
  }
}
