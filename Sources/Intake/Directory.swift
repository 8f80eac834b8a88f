import Logging
import MailModel
import ServiceLifecycle
import Signing
import Storage
import Synchronization

/// Accounts' tokens, domains and keys in memory, so that accepting a message asks no database.
///
/// A service: it looks at the store's generation ten times a second and reads everything again when
/// something changed, by this process or another.
public final class Directory: Service {
  private static let pollInterval = Duration.milliseconds(100)

  private let store: Store
  private let logger: Logger
  private let snapshot: Mutex<DirectorySnapshot>
  private let uses = TokenUses()

  public init(store: Store, logger: Logger) async throws {
    self.store = store
    self.logger = logger
    let first = try await store.read { try DirectorySnapshot(reading: $0) }
    snapshot = Mutex(first)
    report(first)
  }

  public func run() async throws {
    var isFailing = false
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      do {
        try await refreshIfChanged()
        isFailing = false
      } catch {
        // Once for each time that it begins: the store says when its database is back.
        if !isFailing {
          logger.warning("accounts, tokens and domains could not be read", metadata: ["error": "\(error)"])
        }
        isFailing = true
      }
      await writeUses()
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pollInterval) }
    }
    await writeUses()
  }

  private func writeUses() async {
    do { try await uses.write(to: store) } catch {
      logger.warning("uses of access tokens could not be noted", metadata: ["error": "\(error)"])
    }
  }

  /// Reads everything again if another generation is in the store.
  public func refreshIfChanged() async throws {
    try await withCheckedThrowingContinuation { continuation in
      refreshIfChanged { continuation.resume(with: $0) }
    }
  }

  /// The same for callers that can't wait; `completion` is called on a thread of the store.
  func refreshIfChanged(_ completion: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    let known = snapshot.withLock { $0.generation }
    store.read {
      try $0.generations().configuration == known ? nil : DirectorySnapshot(reading: $0)
    } completion: { [self] result in
      if case .success(let fresh?) = result { keep(fresh) }
      completion(result.map { _ in })
    }
  }

  private func keep(_ fresh: DirectorySnapshot) {
    report(fresh)
    snapshot.withLock { if $0.generation < fresh.generation { $0 = fresh } }
  }

  private func report(_ snapshot: DirectorySnapshot) {
    for problem in snapshot.problems { logger.error("\(problem)") }
  }

  /// The access token with this SHA-256; one that was made a moment ago is found too. Finding it is using it.
  @Sendable public func accessToken(hash: [UInt8]) async throws -> AccessToken? {
    var token = snapshot.withLock { $0.accessTokens[hash] }
    if token == nil {
      try await refreshIfChanged()
      token = snapshot.withLock { $0.accessTokens[hash] }
    }
    if let token { uses.note(token.id, at: .now()) }
    return token
  }

  /// The SMTP token with this user name, unless it has expired.
  public func smtpToken(_ id: String, now: Instant = .now()) -> SMTPToken? {
    guard let token = snapshot.withLock({ $0.smtpTokens[id] }) else { return nil }
    if let expiry = token.expiresAt, expiry <= now { return nil }
    return token
  }

  /// Whether mail of the account may come from this domain (ASCII, lower case): it or a parent of it is verified.
  public func isVerified(domain: String, account: AccountID) -> Bool {
    snapshot.withLock { $0.sendingDomain(domain, of: account)?.isVerified ?? false }
  }

  /// The keys that sign for a From domain; nil when the domain is not the account's or has no keys.
  /// - Throws: `UnusableKeys`: rather wait than send without the signature that receivers look for.
  public func signer(domain: String, account: AccountID) throws(UnusableKeys) -> DKIMSigner? {
    guard let entry = snapshot.withLock({ $0.sendingDomain(domain, of: account) }) else { return nil }
    if entry.signer == nil, entry.hasKeys { throw UnusableKeys(domain: domain) }
    return entry.signer
  }
}

/// A domain has DKIM keys, but none of them can be read.
public struct UnusableKeys: Error, CustomStringConvertible {
  public let domain: String

  public var description: String {
    "none of the DKIM keys of \(domain) can be read; make a new one with 'brevdue domain rotate \(domain)'"
  }
}

/// Everything at one generation.
struct DirectorySnapshot: Sendable {
  struct Domain: Sendable {
    var isVerified: Bool
    var hasKeys: Bool
    var signer: DKIMSigner?
  }

  var generation: Int64
  var accessTokens: [[UInt8]: AccessToken]
  var smtpTokens: [String: SMTPToken]
  var domains: [AccountID: [String: Domain]]
  /// Keys that can't be used, for the log.
  var problems: [String] = []

  init(reading connection: Connection) throws {
    generation = try connection.generations().configuration
    accessTokens = Dictionary(
      try connection.accessTokens().map { ($0.hash, $0) }, uniquingKeysWith: { _, new in new })
    smtpTokens = [:]
    domains = [:]
    var after: String?
    while true {
      let page = try connection.smtpTokens(after: after)
      for token in page { smtpTokens[token.id] = token }
      guard let last = page.last else { break }
      after = last.id
    }
    try readDomains(connection)
  }

  private mutating func readDomains(_ connection: Connection) throws {
    let keys = Dictionary(grouping: try connection.keys().filter(\.isActive), by: \.domain)
    for domain in try connection.domains() {
      let usable = (keys[domain.id] ?? []).compactMap { key -> DKIMSigner.Key? in
        do {
          return DKIMSigner.Key(selector: key.selector, key: try DKIMPrivateKey(pem: key.privateKeyPEM))
        } catch {
          problems.append("the DKIM key \(key.selector) of \(domain.name) can't be used: \(error)")
          return nil
        }
      }
      domains[domain.account, default: [:]][domain.name] = Domain(
        isVerified: domain.isVerified, hasKeys: keys[domain.id] != nil,
        signer: usable.isEmpty ? nil : DKIMSigner(domain: domain.name, keys: usable))
    }
  }

  /// The domain itself or the nearest parent that the account has: DMARC's relaxed alignment.
  func sendingDomain(_ name: String, of account: AccountID) -> Domain? {
    guard let own = domains[account] else { return nil }
    if let exact = own[name] { return exact }
    var rest = Substring(name)
    while let dot = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: dot)...]
      if let parent = own[String(rest)] { return parent }
    }
    return nil
  }
}
