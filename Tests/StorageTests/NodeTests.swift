import Logging
import MailModel
import Testing

@testable import Storage

/// Several servers on one database: whose a message is, and when that changes.
@Suite(.enabled(if: TestDatabases.server != nil, TestDatabases.missing)) struct NodeTests {
  /// Servers on one new database.
  private func servers(_ count: Int) throws -> [Store] {
    let database = try EmptyDatabase(.postgres, hasSchema: true)
    return try (1...count).map { number in
      var configuration = Store.Configuration(database.location)
      // Long enough for any machine: leases end when a test says so.
      configuration.server = Store.ServerDescription(
        name: "server\(number)", roles: "all", lease: .seconds(3600))
      return try Store.open(configuration, logger: Scratch.logger)
    }
  }

  private func enqueue(_ count: Int, by store: Store, owner: NodeSession? = nil) async throws -> Set<
    MessageID
  > {
    let sample = Sample(store: store)
    var ids: Set<MessageID> = []
    for _ in 0..<count {
      let original = sample.original()
      var new = sample.message(original)
      new.owner = owner
      let message = new
      try await store.write { try $0.enqueue(original, [message]) }
      ids.insert(message.message.id)
    }
    return ids
  }

  private func taken(_ store: Store, limit: Int = 1000) async throws -> Set<MessageID> {
    Set(try await store.takeDue(domain: nil, now: start, limit: limit).map(\.message))
  }

  /// What a server that hangs looks like to the others.
  private func expire(_ store: Store, seenBy other: Store) async throws {
    let number = store.membership.number
    try await other.write { try $0.execute("UPDATE node SET lease_until = 1 WHERE number = $1", .of(number)) }
  }

  @Test func eachMessageIsTakenByOneServer() async throws {
    let stores = try servers(2)
    let all = try await enqueue(30, by: stores[0])
    let first = try await taken(stores[0], limit: 10)
    let second = try await taken(stores[1])
    #expect(first.count == 10)
    #expect(second == all.subtracting(first))
    #expect(try await taken(stores[0]) == first, "what is ours is found again")
    #expect(stores[0].membership.number != stores[1].membership.number)
  }

  /// Each sets a property of its own, all at the same time, alone and among others: none is lost.
  @Test func propertiesSetByTwoServersAreBothKept() async throws {
    let stores = try servers(2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (server, store) in stores.enumerated() {
        for number in 0..<40 {
          let properties = ["p\(server).\(number)": "x"]
          group.addTask {
            try await store.write(ahead: { db in
              guard number % 2 == 0 else { return }
              db.announceContact(
                account: AccountID(1), email: "ann@example.com", properties: properties, at: start)
            }) { db in
              _ = try db.upsertContact(
                account: AccountID(1), email: "ann@example.com", properties: properties, at: start)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let contact = try await stores[0].read { try $0.contact(account: AccountID(1), email: "ann@example.com") }
    #expect(contact?.properties.count == 80)
    for store in stores { await store.close() }
  }

  @Test func whatAServerAcceptsForItselfNobodyElseTakes() async throws {
    let stores = try servers(2)
    stores[0].membership.setTakesNew(true)
    let owner = stores[0].membership.ownerOfNew
    #expect(owner != nil && owner == stores[0].membership.session)
    let own = try await enqueue(3, by: stores[0], owner: owner)
    #expect(try await taken(stores[1]).isEmpty)
    #expect(try await stores[1].read { try $0.dueDestinations(after: .start, now: start, limit: 10) }.isEmpty)
    #expect(try await taken(stores[0]) == own)
    stores[0].membership.setTakesNew(false)
    #expect(stores[0].membership.ownerOfNew == nil)
  }

  @Test func whenALeaseRunsOutOthersTakeOver() async throws {
    let stores = try servers(2)
    let all = try await enqueue(5, by: stores[0])
    #expect(try await taken(stores[0]) == all)
    let before = try await stores[1].read { try $0.generations() }.queue
    try await expire(stores[0], seenBy: stores[1])
    let (state, gone, freed) = try await stores[1].heartbeat()
    #expect(state == .alive)
    #expect(gone == ["server1"])
    #expect(freed == 5)
    #expect(try await stores[1].read { try $0.generations() }.queue > before, "the others look again")
    #expect(try await taken(stores[1]) == all)
  }

  @Test func aServerThatComesBackLateHasNothing() async throws {
    let stores = try servers(2)
    let all = try await enqueue(5, by: stores[0])
    _ = try await taken(stores[0])
    let old = try #require(stores[0].membership.session)
    try await expire(stores[0], seenBy: stores[1])
    _ = try await stores[1].heartbeat()
    #expect(try await taken(stores[0]).isEmpty, "its session is over")
    #expect(try await stores[0].heartbeat().0 == .rejoined)
    #expect(stores[0].membership.session != old)
    #expect(!stores[0].membership.mayDeliver(ownedBy: old))
    #expect(stores[0].membership.mayDeliver(ownedBy: stores[0].membership.session))
    #expect(try await taken(stores[0]) == all)
  }

  @Test func aNumberThatAnotherServerHasIsNotTakenBack() async throws {
    let stores = try servers(2)
    let number = stores[0].membership.number
    // As if we had been away for long, and somebody had started with our number.
    try await stores[1].write {
      try $0.execute(
        "UPDATE node SET session = 99, lease_until = brevdue_clock() + 100000 WHERE number = $1", .of(number))
    }
    await #expect(throws: StoreError.self) { try await stores[0].heartbeat() }
    let holder = try await stores[1].read { db in
      try db.first("SELECT session FROM node WHERE number = $1", .of(number)) { $0.int64(0) }
    }
    #expect(holder == 99)
    #expect(try await taken(stores[0]).isEmpty)
  }

  @Test func onlyTheOwnerSaysWhenTheNextTryIs() async throws {
    let stores = try servers(2)
    let ids = try await enqueue(1, by: stores[0])
    let id = try #require(ids.first)
    _ = try await taken(stores[0])
    let old = stores[0].membership.session
    try await expire(stores[0], seenBy: stores[1])
    _ = try await stores[1].heartbeat()
    let entry = try #require(try await stores[1].takeDue(domain: nil, now: start, limit: 1).first)
    func deferral(_ owner: NodeSession?, until seconds: Int64) -> Settlement {
      Settlement(
        message: id, campaign: nil, at: start, attempt: 1,
        result: .deferred(answer(451, "4.2.0", "later"), until: start.advanced(bySeconds: seconds)),
        owner: owner)
    }
    let late = deferral(old, until: 900)
    try await stores[0].write { try $0.settle(late) }
    #expect(try await stores[1].read { try $0.queue(QueueFilter(), limit: 1) }.first?.dueAt == start)
    let rightful = deferral(entry.owner, until: 60)
    try await stores[1].write { try $0.settle(rightful) }
    let row = try await stores[1].read { try $0.queue(QueueFilter(), limit: 1) }.first
    #expect(row?.dueAt == start.advanced(bySeconds: 60))
    #expect(row?.owner == nil, "whoever is free makes the next try")
  }

  @Test func whatAnOldSessionStoresIsFreed() async throws {
    let stores = try servers(2)
    let stale = NodeSession(42)
    let ids = try await enqueue(2, by: stores[0], owner: stale)
    #expect(try await taken(stores[1]).isEmpty)
    #expect(try await stores[1].heartbeat().freed == 2)
    #expect(try await taken(stores[1]) == ids)
  }

  @Test func unfinishedSendsAreCarriedOutByOneServer() async throws {
    let stores = try servers(2)
    try await stores[0].write { db in
      _ = try db.insertSend(
        Send(
          id: SendID(1), statusID: "s1", account: AccountID(1), email: EmailID(2), sendKey: nil,
          request: Array("{}".utf8), requestedAt: start))
    }
    #expect(try await stores[1].takeUnfinishedSends(after: nil, limit: 10).isEmpty)
    #expect(try await !starts(stores[1], SendID(1)))
    try await expire(stores[0], seenBy: stores[1])
    #expect(try await stores[1].heartbeat().freed == 1)
    #expect(try await stores[1].takeUnfinishedSends(after: nil, limit: 10).map(\.id) == [SendID(1)])
    #expect(try await !starts(stores[0], SendID(1)))
    #expect(try await starts(stores[1], SendID(1)))
  }

  private func starts(_ store: Store, _ send: SendID) async throws -> Bool {
    do {
      try await store.write { try $0.startSend(send, at: start) }
      return true
    } catch StoreError.missed {
      return false
    }
  }

  private func server(on location: Store.Location, after predecessor: NodePlace?) throws -> Store {
    var configuration = Store.Configuration(location)
    configuration.server = Store.ServerDescription(name: "again", roles: "all", lease: .seconds(3600))
    configuration.predecessor = predecessor
    return try Store.open(configuration, logger: Scratch.logger)
  }

  @Test func whoComesAfterADeadServerHasWhatItHadAtOnce() async throws {
    let database = try EmptyDatabase(.postgres, hasSchema: true)
    let dead = try server(on: database.location, after: nil)
    let all = try await enqueue(5, by: dead)
    _ = try await taken(dead)
    let waiting = try server(on: database.location, after: nil)
    #expect(try await taken(waiting).isEmpty, "nobody has said that it is dead")
    let next = try server(on: database.location, after: dead.membership.place)
    #expect(try await taken(next) == all)
    #expect(next.membership.number == dead.membership.number, "the number of a dead server needs no rest")
    #expect(next.membership.session != dead.membership.session)
  }

  @Test func onlyThatVerySessionIsEnded() async throws {
    let database = try EmptyDatabase(.postgres, hasSchema: true)
    let first = try server(on: database.location, after: nil)
    let second = try server(on: database.location, after: first.membership.place)
    let all = try await enqueue(5, by: second)
    #expect(try await taken(second) == all)
    // The number is the second one's by now: who still has the first one's place ends nothing.
    let third = try server(on: database.location, after: first.membership.place)
    #expect(try await taken(third).isEmpty)
    #expect(try await second.heartbeat().0 == .alive)
    #expect(try await taken(second) == all)
    #expect(third.membership.number != second.membership.number)
  }

  @Test func whoDoesNotSweepLeavesTheDeadAlone() async throws {
    let stores = try servers(2)
    let all = try await enqueue(3, by: stores[0])
    _ = try await taken(stores[0])
    try await expire(stores[0], seenBy: stores[1])
    let (state, gone, freed) = try await stores[1].heartbeat(sweeps: false)
    #expect(state == .alive && gone.isEmpty && freed == 0)
    #expect(try await taken(stores[1]).isEmpty)
    _ = try await stores[1].heartbeat()
    #expect(try await taken(stores[1]) == all)
  }

  @Test func leavingFreesAtOnce() async throws {
    let stores = try servers(2)
    let all = try await enqueue(3, by: stores[0])
    _ = try await taken(stores[0])
    try await stores[0].leave()
    #expect(try await taken(stores[1]) == all)
    let nodes = try await stores[1].read { try $0.nodes() }
    #expect(nodes.map { $0.leaseUntil == nil } == [true, false])
  }
}
