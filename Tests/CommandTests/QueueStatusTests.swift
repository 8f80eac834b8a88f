import MailModel
import Storage
import Testing

@testable import brevdue

/// A message that is on its way still has its row, and must not be counted twice.
@Suite struct QueueStatusTests {
  private static let server: [RunningServer.InFlight] = [
    .init(account: 1, queued: 3, deferred: 1), .init(account: 2, queued: 0, deferred: 2),
  ]

  @Test(
    arguments: [
      // Rows of the store; account; queued, in flight, deferred.
      (QueueCounts(queued: 10, deferred: 5, held: 1), nil, [7, 6, 2]),
      (QueueCounts(queued: 10, deferred: 5, held: 1), AccountID(1), [7, 4, 4]),
      (QueueCounts(queued: 10, deferred: 5, held: 1), AccountID(2), [10, 2, 3]),
      (QueueCounts(queued: 10, deferred: 5, held: 1), AccountID(3), [10, 0, 5]),
      // What the server told is a moment old: the rows are gone already.
      (QueueCounts(queued: 0, deferred: 0, held: 1), nil, [0, 0, 0]),
      (QueueCounts(queued: 2, deferred: 9, held: 1), nil, [0, 5, 6]),
    ] as [(QueueCounts, AccountID?, [Int])])
  func eachMessageIsCountedOnce(_ counts: QueueCounts, _ account: AccountID?, _ expected: [Int]) {
    let status = QueueStatus(counts, inFlight: Self.server, of: account)
    #expect([status.queued, status.inFlight, status.deferred] == expected)
    #expect(status.held == counts.held)
    #expect(expected.reduce(0, +) == counts.queued + counts.deferred)
  }
}
