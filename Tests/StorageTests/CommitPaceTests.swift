import Dispatch
import MailModel
import Testing

@testable import Storage

@Suite struct CommitPaceTests {
  struct Case {
    var groups: [Int]
    var hasUrgent: Bool
    var wait: Duration
  }

  @Test(arguments: [
    Case(groups: [], hasUrgent: true, wait: .zero),
    Case(groups: [], hasUrgent: false, wait: .milliseconds(5)),
    Case(groups: [1, 7], hasUrgent: true, wait: .zero),
    Case(groups: [1, 8], hasUrgent: true, wait: .milliseconds(4)),
    Case(groups: [500], hasUrgent: false, wait: .milliseconds(4)),
    Case(groups: [500, 3], hasUrgent: true, wait: .zero),
  ])
  func onlyLoadMakesUrgentWorkWait(_ example: Case) {
    var pace = CommitPace()
    for size in example.groups { pace.took(size) }
    #expect(pace.wait(hasUrgent: example.hasUrgent) == example.wait)
  }

  @Test(arguments: TestEngine.all)
  func workThatIsNotUrgentSharesTheCommitOfWhatIs(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let store = scratch.store
    // A slow machine may cut a group in two, as a transaction is ended after 5 ms; hardly five times in a row.
    var commits: [Int] = []
    while commits.count < 5, !commits.contains(1) {
      commits.append(try await commitsOfTwo(store))
    }
    #expect(commits.contains(1), "\(commits)")
    #expect(try await store.read { try $0.setting("b") } == [2])
    await store.close()
  }

  /// Commits made for one item that is urgent and one before it that is not.
  private func commitsOfTwo(_ store: Store) async throws -> Int {
    let gate = DispatchSemaphore(value: 0)
    store.submit({ _ in gate.wait() }, completion: { _ in })
    while store.statistics.waiting > 0 { await Task.yield() }
    let before = store.statistics.commits
    store.submit({ try $0.setSetting("b", [2]) }, urgency: .soon) { _ in }
    try await withCheckedThrowingContinuation { continuation in
      store.submit({ try $0.setSetting("a", [1]) }, completion: { continuation.resume(with: $0) })
      gate.signal()
    }
    return store.statistics.commits - before - 1
  }

  @Test(arguments: TestEngine.all)
  func workThatIsNotUrgentIsDoneWithoutMore(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let store = scratch.store
    try await withCheckedThrowingContinuation { continuation in
      store.submit({ try $0.setSetting("a", [1]) }, urgency: .soon) { continuation.resume(with: $0) }
    }
    #expect(try await store.read { try $0.setting("a") } == [1])
    await store.close()
  }
}
