import Composition
import FoundationEssentials
import HubL
import Hummingbird
import HummingbirdTesting
import Intake
import Logging
import MailModel
import NIOCore
import Signing
import Storage
import Synchronization

@testable import Web

/// A server's HTTP side over a database of its own: one account, one verified domain, one access token.
final class WebFixture: Sendable {
  static let secret = "pat-test-0123456789"
  static let limitedSecret = "pat-test-limited"

  let store: Store
  let account: AccountID
  let services: WebServices
  let trackingKey = HMACKey([1, 2, 3, 4])
  let offered: Offered
  let folder: String

  final class Offered: Sendable {
    private let list = Mutex<[LoadedMessage]>([])
    var messages: [LoadedMessage] { list.withLock { $0 } }
    func add(_ messages: [LoadedMessage]) { list.withLock { $0 += messages } }
  }

  private init(obstacles: [String]) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    folder = FileManager.default.temporaryDirectory.path + "/brevdue-web-\(UUIDText.random())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    store = try Store.open(.init(path: folder + "/test.sqlite"), logger: logger)
    let now = Instant.now()
    account = try await store.write { db in
      let account = try db.createAccount(name: "Test", at: now).id
      _ = try db.createDomain(account: account, name: "sender.example", verifiedBy: .operatorWord, at: now)
      for (secret, scopes) in [(Self.secret, []), (Self.limitedSecret, ["crm.objects.contacts.read"])] {
        _ = try db.createAccessToken(
          account: account, name: "test", scopes: scopes, hash: MessageDigest.sha256(secret), at: now)
      }
      return account
    }
    let tokens = Dictionary(
      uniqueKeysWithValues: try await store.read { db in try db.accessTokens() }.map { ($0.hash, $0) })
    let offered = Offered()
    self.offered = offered
    let singleSend = SingleSendService(
      store: store, isVerified: { domain, _ in domain == "sender.example" }, offer: { offered.add($0) },
      logger: logger)
    let metrics = PrometheusMetrics()
    services = WebServices(
      store: store, singleSend: singleSend,
      tracking: TrackingRecorder(store: store, key: trackingKey, metrics: metrics, logger: logger),
      metrics: metrics, accessToken: { tokens[$0] }, obstacles: { obstacles })
  }

  /// Runs `body` with requests going straight to the router and the workers of single send at work.
  static func run(
    obstacles: [String] = [],
    _ body: @escaping @Sendable (WebFixture, WebClient) async throws -> Void
  ) async throws {
    let fixture = try await WebFixture(obstacles: obstacles)
    let app = Application(
      router: WebApplication.router(
        services: fixture.services, configuration: WebConfiguration(publicURL: "http://localhost:8080")),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await fixture.services.singleSend.run() }
      do {
        try await app.test(.router) { client in try await body(fixture, WebClient(client: client)) }
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
    }
    await fixture.store.close()
    try FileManager.default.removeItem(atPath: fixture.folder)
  }

  /// Makes an e-mail fit for single send.
  func email(
    subject: String = "Hello", html: String = "<p>Hello</p>", subcategory: String = "single_send_api",
    from: String? = "shop@sender.example"
  ) async throws -> EmailID {
    var draft = EmailDraft(name: "Test")
    draft.subject = subject
    draft.html = html
    draft.subcategory = subcategory
    draft.from = from
    draft.fromName = "Shop"
    let made = draft
    return try await store.write { [account] db in
      try db.createEmail(account: account, made, at: Instant.now()).id
    }
  }
}

/// Sends requests and reads the answers.
struct WebClient: Sendable {
  struct Answer: Sendable {
    var status: Int
    var headers: HTTPFields
    var text: String

    /// A value in the JSON answer by a path such as `errors.0.in`; its text.
    subscript(path: String) -> String? {
      guard var value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) else { return nil }
      for name in path.split(separator: ".") {
        if case .list(let list) = value, let index = Int(name), list.indices.contains(index) {
          value = list[index]
        } else if let member = value[String(name)] {
          value = member
        } else {
          return nil
        }
      }
      switch value {
      case .string(let text): return text
      case .int(let number): return String(number)
      case .bool(let word): return String(word)
      default: return "\(value)"
      }
    }
  }

  let client: any TestClientProtocol

  func request(
    _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, secret: String? = WebFixture.secret,
    type: String? = "application/json", headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    if let secret { headers[.authorization] = "Bearer \(secret)" }
    if body != nil, let type { headers[.contentType] = type }
    let buffer = body.map { ByteBuffer(string: $0) }
    return try await client.execute(uri: uri, method: method, headers: headers, body: buffer) { response in
      Answer(
        status: Int(response.status.code), headers: response.headers, text: String(buffer: response.body))
    }
  }

  func get(_ uri: String, secret: String? = WebFixture.secret, headers: HTTPFields = [:]) async throws
    -> Answer
  {
    try await request(.get, uri, secret: secret, headers: headers)
  }

  func post(_ uri: String, _ body: String, secret: String? = WebFixture.secret) async throws -> Answer {
    try await request(.post, uri, body, secret: secret)
  }

  static let sendPath = "/marketing/v3/transactional/single-email/send"

  /// Sends and waits until the send is complete.
  func send(_ body: String) async throws -> Answer {
    let answer = try await post(Self.sendPath, body)
    guard answer.status == 200, let id = answer["statusId"] else { return answer }
    var status = answer
    _ = try await eventually {
      status = try await get("/marketing/v3/email/send-statuses/\(id)")
      return status["status"] == "COMPLETE"
    }
    return status
  }
}

/// Looks again and again until `condition` holds, at most a minute: hundreds of tests may share one core. Gives whether
/// it ever did.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(60)
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return try await condition()
}
