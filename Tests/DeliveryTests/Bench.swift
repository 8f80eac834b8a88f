import Delivery
import Foundation
import Logging
import MailModel
import ServiceLifecycle
import Storage
import Synchronization
import Testing

/// A store with an account, and delivery running over it.
struct Bench: Sendable {
  let store: Store
  let delivery: Delivery
  let account: AccountID

  /// Puts mail into the queue as intake does; each message to another recipient of one domain.
  func enqueue(count: Int, domain: String = "a.example", expiresIn seconds: Int64 = 3600) async throws
    -> [LoadedMessage]
  {
    let now = Instant.now()
    let ids = store.identifiers
    let body = Array("From: s@ours.example\r\nTo: x@\(domain)\r\nSubject: test\r\n\r\nHello\r\n".utf8)
    let loaded = (0..<count).map { index -> LoadedMessage in
      let original = OriginalContent(
        id: OriginalID(ids.next(at: now)), account: account, body: body, createdAt: now)
      let message = Message(
        id: MessageID(ids.next(at: now)), account: account, original: original.id,
        recipient: "r\(index)@\(domain)", sender: "s@ours.example", returnPath: "s@ours.example",
        subject: "test",
        source: .smtp, createdAt: now)
      let entry = QueueEntry(
        message: message.id, account: account, original: original.id, domain: domain, dueAt: now, attempts: 0,
        expiresAt: now.advanced(bySeconds: seconds), isHeld: false)
      return LoadedMessage(message: message, entry: entry, original: original)
    }
    try await store.write { connection in
      for item in loaded {
        try connection.enqueue(
          item.original,
          [
            NewMessage(
              item.message,
              .queue(domain: domain, dueAt: item.entry.dueAt, expiresAt: item.entry.expiresAt),
              event: EventID(ids.next(at: now)))
          ])
      }
    }
    return loaded
  }

  func stored(_ loaded: LoadedMessage) async throws -> StoredMessage {
    try #require(try await store.read { try $0.message(loaded.message.id) })
  }

  func events(_ loaded: LoadedMessage) async throws -> [EventType] {
    try await store.read { try $0.events(message: loaded.message.id) }.map(\.type)
  }

  /// Waits for the store to be in a state, at most 60 s.
  func until(_ isReached: @escaping @Sendable (Connection) throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !store.read(isReached) {
      if ContinuousClock.now > deadline {
        Issue.record("the store did not get there: \(try await store.read { try $0.queueCounts() })")
        return
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

func withDelivery(
  _ courier: any Courier, before: @Sendable (Bench) async throws -> Void = { _ in },
  _ body: @escaping @Sendable (Bench) async throws -> Void
) async throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let store = try Store.open(.init(path: folder + "/test.db"), logger: logger)
  let account = try await store.write { try $0.createAccount(name: "Test", at: .now()) }.id
  let delivery = Delivery(
    store: store, courier: courier,
    preparation: Delivery.Preparation(hostname: "ours.example", tracking: { nil }, signer: { _ in nil }),
    logger: logger, key: { .domain($0) })
  let bench = Bench(store: store, delivery: delivery, account: account)
  try await before(bench)
  let group = ServiceGroup(services: [delivery], logger: logger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    tasks.addTask {
      do { try await body(bench) } catch { Issue.record(error) }
      await group.triggerGracefulShutdown()
    }
    try await tasks.waitForAll()
  }
  #expect(delivery.inFlightCount == 0, "everything carried is recorded at the end")
  await store.close()
}

/// Outcomes in a row; the last one for good.
final class Answers: Sendable {
  private let outcomes: Mutex<[Outcome]>

  init(_ outcomes: [Outcome]) {
    self.outcomes = Mutex(outcomes)
  }

  func next() -> Outcome {
    outcomes.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
  }
}

/// What `queueCounts` should say.
func counts(queued: Int = 0, deferred: Int = 0, held: Int = 0) -> QueueCounts {
  QueueCounts(queued: queued, deferred: deferred, held: held)
}
