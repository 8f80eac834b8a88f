import Delivery
import Foundation
import Logging
import MailModel
import ServiceLifecycle
import Storage
import Testing

/// Delivery over a real store in a temporary folder, with a courier that does as told.
@Suite struct DeliveryTests {
  @Test func deliversWhatIsOfferedAndRecordsIt() async throws {
    let courier = ScriptedCourier()
    try await withDelivery(courier) { bench in
      let messages = try await bench.enqueue(count: 50)
      bench.delivery.offer(messages)
      try await bench.until { try $0.queueCounts() == counts() }
      #expect(Set(courier.carried.map(\.parcel.recipient)).count == 50)
      let stored = try await bench.stored(messages[0])
      #expect(stored.message.status == .delivered)
      #expect(try await bench.events(messages[0]) == [.sent, .processed, .delivered])
    }
  }

  @Test func findsOnDiskWhatNobodyOffered() async throws {
    let courier = ScriptedCourier()
    try await withDelivery(courier, before: { bench in _ = try await bench.enqueue(count: 3000) }) { bench in
      try await bench.until { try $0.queueCounts() == counts() }
      #expect(courier.carried.count == 3000)
      #expect(Set(courier.carried.map(\.parcel.recipient)).count == 3000, "each once")
      #expect(courier.mostLines <= 20)
    }
  }

  @Test func aRefusalForNowIsTriedAgainLater() async throws {
    let courier = ScriptedCourier(answer: { _ in .temporary(.later) })
    try await withDelivery(courier) { bench in
      let messages = try await bench.enqueue(count: 1)
      bench.delivery.offer(messages)
      try await bench.until { try $0.queueCounts().deferred == 1 }
      let entry = try #require(try await bench.store.read { try $0.queue(QueueFilter(), limit: 10) }.first)
      let delay = entry.dueAt.milliseconds - Instant.now().milliseconds
      #expect((45_000...66_001).contains(delay), "a minute, ±10 %")
      #expect(entry.attempts == 1)
      #expect(try await bench.events(messages[0]) == [.sent, .processed, .deferred])
    }
  }

  @Test func aRetryByAnOperatorGoesOutWithTheSameBytes() async throws {
    let answers = Answers([.temporary(.later), .delivered(.taken)])
    let courier = ScriptedCourier(answer: { _ in answers.next() })
    try await withDelivery(courier) { bench in
      bench.delivery.offer(try await bench.enqueue(count: 1))
      try await bench.until { try $0.queueCounts().deferred == 1 }
      _ = try await bench.store.change(.retry, QueueFilter(), at: .now())
      try await bench.until { try $0.queueCounts() == counts() }
      try #require(courier.carried.count == 2)
      #expect(courier.carried[0].parcel.bytes == courier.carried[1].parcel.bytes)
    }
  }

  @Test func aRefusalForGoodBounces() async throws {
    let courier = ScriptedCourier(answer: { _ in .permanent(.never) })
    try await withDelivery(courier) { bench in
      let messages = try await bench.enqueue(count: 1)
      bench.delivery.offer(messages)
      try await bench.until { try $0.queueCounts() == counts() }
      #expect(try await bench.stored(messages[0]).message.status == .bounced)
      let bounce = try #require(
        try await bench.store.read { try $0.events(message: messages[0].message.id) }.last)
      #expect(bounce.type == .bounce)
      #expect(bounce.detail.status == "5.1.1")
      #expect(bounce.detail.category == "UNKNOWN_USER")
    }
  }

  @Test func oneDeadDestinationKeepsNobodyWaiting() async throws {
    let unreachable = RemoteAnswer(stage: .connect, code: 0, enhancedStatus: "4.4.1", text: "refused")
    let courier = ScriptedCourier(opening: { key in
      key == .domain("dead.example") ? .temporary(unreachable) : nil
    })
    try await withDelivery(courier) { bench in
      let dead = try await bench.enqueue(count: 200, domain: "dead.example")
      let alive = try await bench.enqueue(count: 200, domain: "alive.example")
      bench.delivery.offer(dead + alive)
      try await bench.until { try $0.queueCounts() == counts(deferred: 200) }
      #expect(courier.carried.count == 200)
    }
  }

  @Test func mailWhoseTimeIsOverExpiresUntried() async throws {
    let courier = ScriptedCourier()
    try await withDelivery(courier) { bench in
      let messages = try await bench.enqueue(count: 1, expiresIn: -1)
      bench.delivery.offer(messages)
      try await bench.until { try $0.queueCounts() == counts() }
      #expect(courier.carried.isEmpty)
      #expect(try await bench.stored(messages[0]).message.status == .expired)
    }
  }

  @Test func heldMailWaitsAndReleasedMailGoes() async throws {
    let courier = ScriptedCourier()
    let hold: @Sendable (Bench) async throws -> Void = { bench in
      _ = try await bench.enqueue(count: 5)
      _ = try await bench.store.change(.hold, QueueFilter(), at: .now())
    }
    try await withDelivery(courier, before: hold) { bench in
      bench.delivery.offer(try await bench.enqueue(count: 1, domain: "b.example"))
      try await bench.until { try $0.queueCounts() == counts(held: 5) }
      #expect(courier.carried.count == 1)
      _ = try await bench.store.change(.release, QueueFilter(), at: .now())
      try await bench.until { try $0.queueCounts() == counts() }
      #expect(courier.carried.count == 6)
    }
  }

  @Test func captureKeepsTheMailAndSignsNothingAway() async throws {
    try await withDelivery(CaptureCourier()) { bench in
      let messages = try await bench.enqueue(count: 2)
      bench.delivery.offer(messages)
      try await bench.until { try $0.queueCounts() == counts() }
      #expect(try await bench.stored(messages[1]).message.status == .captured)
      #expect(try await bench.events(messages[1]) == [.sent, .processed])
    }
  }
}
