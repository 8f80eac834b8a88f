import Foundation
import MailModel
import Testing

@testable import Storage

/// Backup files, and what is restored from them.
@Suite struct BackupTests {
  private func quiet(_: CopyProgress) {}

  private func scratch(_ engine: TestEngine, messages: Int) async throws -> Scratch {
    let scratch = try Scratch(engine)
    let sample = Sample(store: scratch.store)
    _ = try await scratch.store.write { try $0.createAccount(name: "Köök", at: start) }
    for number in 0..<messages { _ = try await sample.enqueue(to: "u\(number)@example.com") }
    return scratch
  }

  private func queued(_ location: Store.Location) async throws -> Int {
    let store = try Store.open(.init(location, node: 0), logger: Scratch.logger)
    let count = try await store.read { try $0.queueCounts(account: nil).queued }
    await store.close()
    return count
  }

  /// A place for a file, in a folder that goes away with it.
  private final class Place {
    let folder = NSTemporaryDirectory() + "backup-test-" + UUID().uuidString
    var file: String { folder + "/backup.db" }

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }
    func bytes() throws -> Data { try Data(contentsOf: URL(filePath: file)) }
  }

  @Test(arguments: CopyTests.Pair.all)
  func aBackupOfAStoreInUseIsRestored(_ pair: CopyTests.Pair) async throws {
    let source = try await scratch(pair.source, messages: 30)
    let place = try Place()
    let made = try await StoreCopy.backup(
      source.database.location, to: place.file, overwrite: false, observer: quiet)
    #expect(made.tables.first { $0.name == "queue" }?.target.rows == 30)
    #expect(place.names == ["backup.db"])
    let attributes = try FileManager.default.attributesOfItem(atPath: place.file)
    #expect((attributes[.posixPermissions] as? Int) == 0o600)
    // One plain file: the header says so, else a reader would want a log beside it.
    #expect(try place.bytes()[18...19] == Data([1, 1]))
    let target = try EmptyDatabase(pair.target)
    let report = try await StoreCopy.restore(
      place.file, to: target.location, overwrite: false, observer: quiet)
    #expect(report.differing == [])
    #expect(report.tables.map(\.target) == made.tables.map(\.target))
    #expect(try await queued(target.location) == 30)
    #expect(place.names == ["backup.db"])
    await source.store.close()
  }

  @Test(arguments: TestEngine.all) func whatIsWrittenMeanwhileIsNotHeldUpAndNotInIt(on engine: TestEngine)
    async throws
  {
    let source = try await scratch(engine, messages: 200)
    let sample = Sample(store: source.store)
    let place = try Place()
    let written = DispatchSemaphore(value: 0)
    let first = Guarded(true)
    let made = try await StoreCopy.backup(source.database.location, to: place.file, overwrite: false) {
      progress in
      let isFirst = first.withLock { first in
        defer { first = false }
        return first
      }
      guard isFirst else { return }
      // The copy waits here for somebody who writes: it must not be the other way round.
      let original = sample.original()
      let new = sample.message(original)
      source.store.submit({ try $0.enqueue(original, [new]) }, completion: { _ in written.signal() })
      #expect(written.wait(timeout: .now() + 60) == .success)
    }
    #expect(made.tables.first { $0.name == "message" }?.target.rows == 200)
    #expect(made.differing == [])
    let queued = try await source.store.read { try $0.queueCounts(account: nil).queued }
    #expect(queued == 201)
    await source.store.close()
  }

  @Test func aFileThatIsThereIsOnlyReplacedByForce() async throws {
    let source = try await scratch(.sqlite, messages: 1)
    let place = try Place()
    try Data("precious".utf8).write(to: URL(filePath: place.file))
    await #expect(throws: CopyRefusal.self) {
      try await StoreCopy.backup(source.database.location, to: place.file, overwrite: false, observer: quiet)
    }
    #expect(try place.bytes() == Data("precious".utf8))
    // Neither does a backup that fails touch it.
    await #expect(throws: CopyTests.Stop.self) {
      try await StoreCopy.backup(source.database.location, to: place.file, overwrite: true) { _ in
        throw CopyTests.Stop()
      }
    }
    #expect(try place.bytes() == Data("precious".utf8))
    _ = try await StoreCopy.backup(
      source.database.location, to: place.file, overwrite: true, observer: quiet)
    try StoreCopy.verify(place.file, quiet)
    #expect(place.names == ["backup.db"])
    await source.store.close()
  }

  @Test(arguments: TestEngine.all) func dataIsOnlyReplacedByForce(on engine: TestEngine) async throws {
    let source = try await scratch(.sqlite, messages: 3)
    let place = try Place()
    _ = try await StoreCopy.backup(
      source.database.location, to: place.file, overwrite: false, observer: quiet)
    await source.store.close()
    let target = try await scratch(engine, messages: 5)
    await target.store.close()
    await #expect(throws: CopyRefusal.self) {
      try await StoreCopy.restore(place.file, to: target.database.location, overwrite: false, observer: quiet)
    }
    #expect(try await queued(target.database.location) == 5)
    _ = try await StoreCopy.restore(
      place.file, to: target.database.location, overwrite: true, observer: quiet)
    #expect(try await queued(target.database.location) == 3)
  }

  @Test func aFileThatOthersHaveOpenIsNotReplaced() async throws {
    let source = try await scratch(.sqlite, messages: 3)
    let place = try Place()
    _ = try await StoreCopy.backup(
      source.database.location, to: place.file, overwrite: false, observer: quiet)
    await #expect(throws: CopyRefusal.self) {
      try await StoreCopy.restore(place.file, to: source.database.location, overwrite: true, observer: quiet)
    }
    let queued = try await source.store.read { try $0.queueCounts(account: nil).queued }
    #expect(queued == 3)
    await source.store.close()
  }

  @Test(arguments: ["cut", "altered", "rows", "text", "store"])
  func whatIsNoWholeBackupChangesNothing(_ damage: String) async throws {
    let source = try await scratch(.sqlite, messages: 300)
    let place = try Place()
    _ = try await StoreCopy.backup(
      source.database.location, to: place.file, overwrite: false, observer: quiet)
    var bytes = try place.bytes()
    switch damage {
    case "cut": bytes.removeLast(bytes.count / 3)
    case "altered":
      bytes.replaceSubrange(8192..<bytes.count - 8192, with: Data(repeating: 7, count: bytes.count - 16384))
    case "text": bytes = Data("nothing of the kind".utf8)
    default: break
    }
    try bytes.write(to: URL(filePath: place.file))
    try CopyEnds.writing(.sqlite(path: place.file + (damage == "rows" ? "" : ".not"))) { db in
      if damage == "rows" {
        try db.execute("DELETE FROM queue WHERE message_id = (SELECT min(message_id) FROM queue)")
      }
    }
    let file: String
    if damage == "store", case .sqlite(let path) = source.database.location {
      file = path
    } else {
      file = place.file
    }
    await source.store.close()
    let target = try await scratch(.sqlite, messages: 5)
    await target.store.close()
    await #expect(throws: CopyRefusal.self) {
      try await StoreCopy.restore(file, to: target.database.location, overwrite: true, observer: quiet)
    }
    #expect(try await queued(target.database.location) == 5)
  }

  @Test(.enabled(if: TestDatabases.server != nil, TestDatabases.missing))
  func aDatabaseThatAServerWorksOnIsRefused() async throws {
    let source = try await scratch(.sqlite, messages: 3)
    let place = try Place()
    _ = try await StoreCopy.backup(
      source.database.location, to: place.file, overwrite: false, observer: quiet)
    await source.store.close()
    let target = try EmptyDatabase(.postgres)
    var configuration = Store.Configuration(target.location)
    configuration.server = Store.ServerDescription(name: "mail.example.com", roles: "all")
    let server = try Store.open(configuration, logger: Scratch.logger)
    do {
      _ = try await StoreCopy.restore(place.file, to: target.location, overwrite: true, observer: quiet)
      Issue.record("restored under a living server")
    } catch let refusal as CopyRefusal {
      #expect(refusal.description.contains("mail.example.com"))
      #expect(!refusal.description.contains("brev:due") && !refusal.description.contains("brev%3Adue"))
    }
    let elsewhere = try EmptyDatabase(.sqlite)
    await #expect(throws: CopyRefusal.self) {
      try await StoreCopy.move(from: target.location, to: elsewhere.location, observer: quiet)
    }
    try await server.leave()
    await server.close()
    _ = try await StoreCopy.restore(place.file, to: target.location, overwrite: true, observer: quiet)
    #expect(try await queued(target.location) == 3)
  }
}
