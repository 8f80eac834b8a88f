import ArgumentParser
import Logging
import MailModel
import Server
import Storage

/// The data of one installation, opened for a command.
struct Installation {
  let configuration: ServerConfiguration
  let store: Store

  /// Opens the store, gives it to `body` and closes it, whatever happens.
  static func with<T>(
    _ configuration: ServerConfiguration, _ body: (Installation) async throws -> T
  ) async throws -> T {
    let installation = Installation(configuration: configuration, store: try open(configuration))
    do {
      let result = try await body(installation)
      await installation.store.close()
      return result
    } catch {
      await installation.store.close()
      throw error
    }
  }

  static func open(_ configuration: ServerConfiguration) throws -> Store {
    try DataFolder(configuration.data.directory).create()
    return try Store.open(.init(configuration.storeLocation), logger: logger)
  }

  /// The account that is meant: the one given, or the only one there is.
  func account(_ options: AccountOptions) async throws -> AccountRecord {
    let accounts = try await store.read { try $0.accounts() }
    if let wanted = options.account {
      guard let account = accounts.first(where: { $0.id.value == wanted }) else {
        throw Failure("There is no account \(wanted).", next: Self.list(accounts))
      }
      return account
    }
    guard let account = accounts.first else {
      throw Failure("There is no account yet.", next: Self.setupHint)
    }
    guard accounts.count == 1 else {
      throw ValidationError(
        "There is more than one account: say which with --account. \(Self.list(accounts))")
    }
    return account
  }

  /// The account given, or nil for all.
  func optionalAccount(_ options: AccountOptions) async throws -> AccountID? {
    options.account == nil ? nil : try await account(options).id
  }

  static let setupHint = "Make one: brevdue setup --account NAME --email ADDRESS"

  private static func list(_ accounts: [AccountRecord]) -> String {
    if accounts.isEmpty { return setupHint }
    return "There are: " + accounts.map { "\($0.id) (\($0.name))" }.joined(separator: ", ") + "."
  }

  /// A command speaks for itself; only what is wrong goes to standard error.
  static var logger: Logger {
    var logger = Logger(label: "brevdue") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    return logger
  }
}
