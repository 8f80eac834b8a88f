import Foundation
import Logging
import MailModel
import Synchronization

@testable import Storage

/// A database of its own, with nothing in it yet.
final class EmptyDatabase: Sendable {
  let location: Store.Location
  /// Of the SQLite file.
  let folder: String

  /// - Parameter hasSchema: on PostgreSQL, take a copy of a database with the tables in it, which is quicker.
  init(_ engine: TestEngine, hasSchema: Bool = false) throws {
    folder = NSTemporaryDirectory() + "storage-test-" + UUID().uuidString
    switch engine {
    case .sqlite:
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      location = .sqlite(path: folder + "/brevdue.sqlite")
    case .postgres:
      location = .postgres(url: hasSchema ? try TestDatabases.make() : try TestDatabases.makeEmpty())
    }
  }

  /// What is on the server goes away with the server.
  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }
}

/// A store on a database of its own.
final class Scratch: Sendable {
  let database: EmptyDatabase
  let store: Store

  init(_ engine: TestEngine, pendingLimit: Int = 20_000) throws {
    database = try EmptyDatabase(engine, hasSchema: true)
    var configuration = Store.Configuration(database.location, node: 0)
    configuration.pendingLimit = pendingLimit
    store = try Store.open(configuration, logger: Self.logger)
  }

  static let logger = Logger(label: "test")

  /// A second store on the same database, as another process would have.
  func another(node: Int = 7) throws -> Store {
    try Store.open(Store.Configuration(database.location, node: node), logger: Self.logger)
  }
}

let start = Instant(milliseconds: 1_800_000_000_000)

/// Makes messages that differ only where a test cares.
struct Sample {
  let store: Store
  var account = AccountID(1_000_001)
  var campaign: CampaignID? = CampaignID(100_001)
  var now = start

  func original(size: Int = 200, plan: [UInt8]? = nil) -> OriginalContent {
    OriginalContent(
      id: OriginalID(store.identifiers.next(at: now)), account: account,
      body: Array(repeating: UInt8(ascii: "x"), count: size), plan: plan, createdAt: now)
  }

  func message(
    _ original: OriginalContent, to recipient: String = "ann@example.com", dueAt: Instant? = nil
  ) -> NewMessage {
    let message = Message(
      id: MessageID(store.identifiers.next(at: now)), account: account, original: original.id,
      recipient: recipient, sender: "shop@brand.example", returnPath: "bounce@brand.example",
      subject: "Your order", source: .smtp, token: "abcdefghij@1000001.smtp.brevdue", campaign: campaign,
      createdAt: now)
    let domain = recipient.split(separator: "@").last.map(String.init) ?? ""
    return NewMessage(
      message,
      .queue(domain: domain, dueAt: dueAt ?? now, expiresAt: now.advanced(bySeconds: 72 * 3600)),
      event: EventID(store.identifiers.next(at: now)))
  }

  /// Stores one message and gives it back.
  func enqueue(to recipient: String = "ann@example.com", dueAt: Instant? = nil, plan: [UInt8]? = nil)
    async throws -> Message
  {
    let original = original(plan: plan)
    let new = message(original, to: recipient, dueAt: dueAt)
    try await store.write { try $0.enqueue(original, [new]) }
    return new.message
  }

  func settle(
    _ message: Message, _ result: Settlement.Result, attempt: Int = 1, at now: Instant = start,
    edits: [UInt8]? = nil
  ) async throws {
    let settlement = Settlement(
      message: message.id, campaign: message.campaign, at: now, attempt: attempt,
      preparedAt: edits == nil ? nil : now, edits: edits, result: result)
    try await store.write { try $0.settle(settlement) }
  }
}

func answer(_ code: Int, _ status: String, _ text: String) -> RemoteAnswer {
  RemoteAnswer(
    stage: .dot, code: code, enhancedStatus: status, text: text, host: "mx.example.com",
    ipAddress: "192.0.2.1", tls: "TLSv1.3")
}

/// A value that several tasks change.
final class Guarded<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) {
    mutex = Mutex(value)
  }

  func withLock<T: Sendable>(_ body: (inout sending Value) -> sending T) -> T { mutex.withLock(body) }
}

struct Refused: Error {}
