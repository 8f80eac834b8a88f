import Intake
import Logging
import Storage
import Transport

/// All settings of a server, read and checked once at start; `ConfigurationKey` explains each of them.
public struct ServerConfiguration: Sendable {
  public var data = DataSection()
  public var database = DatabaseSection()
  public var roles = Set(Role.allCases)
  public var http = HTTPSection()
  public var smtp = SMTPSection()
  public var tls = TLSSection()
  public var inbound = InboundSection()
  public var delivery = DeliverySection()
  public var dns = DNSSection()
  public var templates = TemplatesSection()
  /// `retention.*`: for accounts that have no ages of their own.
  public var retention = RetentionAges()
  public var log = LogSection()
  public var shutdown = ShutdownSection()
  /// What is allowed but probably not meant; for the log and `doctor`.
  public var warnings: [String] = []
  /// Every key with the value in force and where it came from, secrets hidden; in the order of the keys.
  public var settings: [Setting] = []

  /// The defaults.
  public init() {}

  /// A part of the server that can run in a process of its own.
  public enum Role: String, Sendable, CaseIterable {
    case http, smtp, inbound, delivery, scheduler
  }

  /// What may be printed of one key.
  public struct Setting: Sendable, Hashable {
    public var key: ConfigurationKey
    /// Nil when unset; `(hidden)` for secrets.
    public var value: String?
    /// `default`, `command line`, the environment variable's name, or the file's path.
    public var origin: String
  }

  /// `data.*`: where everything that must survive lies.
  public struct DataSection: Sendable {
    public var directory = "./data"

    /// The embedded database.
    public var databaseFile: String { directory + "/" + Self.databaseName }
    public static let databaseName = "brevdue.db"
    /// Written by `serve` when it is ready: process id and real addresses.
    public var runtimeFile: String { directory + "/runtime.json" }
    /// The self-signed certificate that stands in until one is configured; made at first start.
    public var selfSigned: TLSIdentity { TLSIdentity(selfSignedIn: directory) }
  }

  /// `database.*`
  public struct DatabaseSection: Sendable {
    /// `postgres://…`; nil means the embedded SQLite file in the data folder.
    public var url: String?
  }

  /// Where the store is.
  public var storeLocation: Store.Location {
    database.url.map { .postgres(url: $0) } ?? .sqlite(path: data.databaseFile)
  }

  /// `http.*`
  public struct HTTPSection: Sendable {
    public var listen = HostPort(host: "127.0.0.1", port: 8080)
    /// Base of links and tracking URLs, without a slash at the end; nil: from the address listened on.
    public var publicURL: String?

    /// The configured base, or one from the address that the listener really got.
    public func publicURL(boundTo endpoint: HostPort) -> String {
      if let publicURL { return publicURL }
      let isWildcard = endpoint.host == "0.0.0.0" || endpoint.host == "::"
      return "http://\(isWildcard ? HostPort(host: "localhost", port: endpoint.port) : endpoint)"
    }
  }

  /// `smtp.*`: submission.
  public struct SMTPSection: Sendable {
    /// STARTTLS; may be empty.
    public var listen = [HostPort(host: "127.0.0.1", port: 2587)]
    /// Implicit TLS; may be empty.
    public var tlsListen = [HostPort(host: "127.0.0.1", port: 2465)]
    /// Greeting, EHLO when delivering, `Received`.
    public var hostname = "localhost"
    public var allowPlaintextAuth = SMTPListenerConfiguration.PlaintextAuthentication.loopback
    /// The first network that holds the client's address counts.
    public var trustedClients: [TrustedClient] = []
    public var connectionsPerAddress = 50
  }

  /// `tls.*`: the certificate of the SMTP listeners.
  public struct TLSSection: Sendable {
    /// Both nil: a self-signed certificate is made in the data folder at first start.
    public var certificateFile: String?
    public var keyFile: String?

    /// What is configured; nil for the self-signed one.
    public var identity: TLSIdentity? {
      guard let certificateFile, let keyFile else { return nil }
      return TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
    }
  }

  /// `inbound.*`: bounces, complaints, reports.
  public struct InboundSection: Sendable {
    public var listen = [HostPort(host: "127.0.0.1", port: 2525)]
  }

  /// `delivery.*`
  public struct DeliverySection: Sendable {
    public var mode = DeliveryMode.capture
    /// Set when the mode is relay.
    public var relay: HostPort?
    public var relayUser: String?
    public var relayPassword: String?
    public var relayTLS = RelayTLS.opportunistic
    /// Port of the MX hosts; other than 25 for tests.
    public var port = 25
    /// Most connections to one destination at a time.
    public var concurrency = 20
  }

  /// What happens to mail once it was accepted.
  public enum DeliveryMode: String, Sendable, CaseIterable {
    /// Kept and shown; never leaves the machine.
    case capture
    /// Everything goes to one smarthost.
    case relay
    /// To the recipients' own mail servers.
    case direct
  }

  /// How the connection to the smarthost is secured.
  public enum RelayTLS: String, Sendable, CaseIterable {
    case off
    /// STARTTLS where offered; the certificate is not checked.
    case opportunistic
    /// STARTTLS or nothing; the certificate must be valid for the host.
    case required
    /// TLS from the first byte; the certificate must be valid for the host.
    case implicit
  }

  /// `dns.*`
  public struct DNSSection: Sendable {
    /// Empty: those of the system.
    public var resolvers: [HostPort] = []
  }

  /// `log.*`
  public struct TemplatesSection: Sendable {
    public var missingValues = MissingValues.error
  }

  /// What a custom value that a send lacks makes of it.
  public enum MissingValues: String, Sendable, CaseIterable {
    case error, empty
  }

  public struct LogSection: Sendable {
    public var level = Logger.Level.info
    public var format = LogFormat.text
  }

  public enum LogFormat: String, Sendable, CaseIterable {
    case text, json
  }

  /// `shutdown.*`
  public struct ShutdownSection: Sendable {
    /// How long work in progress may take after SIGTERM.
    public var grace = Duration.seconds(30)
  }
}
