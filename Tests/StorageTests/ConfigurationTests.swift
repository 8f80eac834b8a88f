import Dispatch
import MailModel
import Testing

@testable import Storage

@Suite struct ConfigurationTests {
  @Test(arguments: TestEngine.all) func accountsUsersAndAccessTokens(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let account = try await scratch.store.write { db in
      let account = try db.createAccount(name: "Brand", at: start)
      let user = try db.createUser(
        account: account.id, email: "Ann@Brand.example", passwordHash: "h1", role: .owner, at: start)
      #expect(try db.setPasswordHash("h2", of: user.id))
      let token = try db.createAccessToken(
        account: account.id, name: "ci", scopes: ["content", "transactional-email"], hash: [1, 2], at: start)
      #expect(try db.accessToken(hash: [1, 2]) == token)
      try db.touchAccessToken(token.id, at: start)
      #expect(try db.accessToken(hash: [1, 2])?.lastUsedAt == start)
      #expect(try db.revokeAccessToken(token.id, account: AccountID(1), at: start) == false)
      #expect(try db.revokeAccessToken(token.id, account: account.id, at: start))
      #expect(try db.accessToken(hash: [1, 2]) == nil)
      #expect(try db.accessTokens().isEmpty)
      #expect(try db.accessTokens(account: account.id, includingRevoked: true).count == 1)
      return account
    }
    #expect(account.id == AccountID(1_000_001))
    let user = try await scratch.store.read { try $0.user(email: "ANN@brand.example") }
    #expect(user?.passwordHash == "h2")
    #expect(user?.role == .owner)
    #expect(try await scratch.store.read { try $0.generations() }.configuration == 6)
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func smtpTokens(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write { db in
      let account = try db.createAccount(name: "Brand", at: start).id
      let first = try db.createSMTPToken(
        id: "aaaaaaaaaa@1", account: account, campaignName: "Receipts", createContact: true,
        passwordHash: [1], createdBy: "ann@brand.example", at: start)
      let second = try db.createSMTPToken(
        id: "bbbbbbbbbb@1", account: account, campaignName: "Receipts", createContact: false,
        passwordHash: [2], createdBy: nil, at: start, expiresAt: start)
      #expect(first.campaign != second.campaign)
      #expect(try db.smtpTokens(campaignName: "Receipts") == [first, second])
      #expect(try db.smtpTokens(campaign: second.campaign) == [second])
      #expect(try db.smtpTokens(account: account, after: first.id) == [second])
      #expect(try db.resetSMTPToken(first.id, account: account, passwordHash: [3])?.passwordHash == [3])
      #expect(try db.resetSMTPToken(first.id, account: AccountID(9), passwordHash: [4]) == nil)
      #expect(try db.deleteSMTPToken(first.id, account: account, at: start))
      #expect(try db.deleteSMTPToken(first.id, account: account, at: start) == false)
      #expect(try db.smtpToken(first.id) == nil)
      #expect(try db.smtpTokens(includingDeleted: true).count == 2)
      #expect(try db.campaign(first.campaign)?.kind == .smtpToken)
      #expect(try db.campaigns(account: account).count == 2)
    }
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func domainsAndKeys(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write { db in
      let account = try db.createAccount(name: "Brand", at: start).id
      let domain = try db.createDomain(account: account, name: "brand.example", verifiedBy: nil, at: start)
      #expect(domain.isVerified == false)
      #expect(try db.setVerification(.operatorWord, of: domain.id))
      #expect(try db.domain(account: account, name: "brand.example")?.verifiedBy == .operatorWord)
      let key = try db.addKey(
        domain: domain.id, selector: "s1", algorithm: .rsaSHA256, privateKeyPEM: "PEM", publicKeyBase64: "AA",
        at: start)
      #expect(try db.keys(domain: domain.id) == [key])
      #expect(try db.setKeyActive(false, key: key.id))
      #expect(try db.keys().first?.isActive == false)
      #expect(try db.removeDomain(domain.id))
      #expect(try db.removeDomain(domain.id) == false)
      #expect(try db.keys().isEmpty)
    }
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func emailsKeepTheirVersions(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write { db in
      let account = try db.createAccount(name: "Brand", at: start).id
      var draft = EmailDraft(name: "Receipt")
      draft.subject = "Thanks"
      draft.html = "<p>1</p>"
      draft.extra = "{\"a\":1}"
      let first = try db.createEmail(account: account, draft, at: start)
      #expect(first.version == 1)
      #expect(EmailDraft(first) == draft)
      draft.html = "<p>2</p>"
      draft.name = "Receipts"
      let later = start.advanced(bySeconds: 5)
      let second = try db.updateEmail(first.id, account: account, draft, at: later)
      #expect(second?.version == 2)
      #expect(second?.html == "<p>2</p>")
      #expect(second?.createdAt == start)
      #expect(second?.updatedAt == later)
      #expect(try db.email(first.id, account: account, version: 1)?.html == "<p>1</p>")
      #expect(try db.campaign(first.campaign)?.name == "Receipts")
      #expect(try db.email(first.id, account: AccountID(9)) == nil)
      #expect(try db.emails(account: account).map(\.id) == [first.id])
      #expect(try db.emailCount(account: account) == 1)
      #expect(try db.deleteEmail(first.id, account: account))
      #expect(try db.emails(account: account).isEmpty)
    }
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func contactPropertiesAreMerged(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write { db in
      let account = AccountID(1_000_001)
      let new = try db.upsertContact(account: account, email: "Ann@e.x", properties: ["a": "1\"é"], at: start)
      let later = start.advanced(bySeconds: 1)
      let merged = try db.upsertContact(account: account, email: "ann@E.X", properties: ["b": "2"], at: later)
      #expect(merged.id == new.id)
      #expect(try db.contact(account: account, email: "ann@e.x") == merged)
      #expect(merged.properties == ["a": "1\"é", "b": "2"])
      let same = try db.upsertContact(account: account, email: "ann@e.x", properties: [:], at: start)
      #expect(same == merged)
    }
    await scratch.store.close()
  }

  @Test(arguments: TestEngine.all) func aSendKeyIsUsedOnce(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    try await scratch.store.write { db in
      func send(_ number: Int64, key: String?) -> Send {
        Send(
          id: SendID(number), statusID: "s\(number)", account: AccountID(1), email: EmailID(2), sendKey: key,
          request: Array("{}".utf8), requestedAt: start)
      }
      #expect(try db.insertSend(send(1, key: "k")) == nil)
      #expect(try db.insertSend(send(2, key: "k"))?.id == SendID(1))
      #expect(try db.insertSend(send(3, key: nil)) == nil)
      #expect(try db.insertSend(send(4, key: nil)) == nil)
      #expect(try db.unfinishedSends(limit: 10).map(\.id.value) == [1, 3, 4])
      try db.startSend(SendID(3), at: start)
      #expect(try db.send(statusID: "s3", account: AccountID(1))?.status == .processing)
      try db.completeSend(
        SendID(3), result: "SENT", version: 2, message: MessageID(7), event: EventID(8), at: start)
      let done = try db.send(statusID: "s3", account: AccountID(1))
      #expect(done?.status == .complete)
      #expect(done?.result == "SENT")
      #expect(done?.message == MessageID(7))
      #expect(done?.startedAt == start)
      #expect(try db.send(statusID: "s3", account: AccountID(2)) == nil)
      #expect(try db.unfinishedSends(after: SendID(1), limit: 10).map(\.id.value) == [4])
    }
    await scratch.store.close()
  }

  /// What was looked up ahead for several at once must not undo what one of them has changed since.
  @Test(arguments: TestEngine.all) func announcedContactsAreMergedInTheOrderOfTheWork(on engine: TestEngine)
    async throws
  {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let account = AccountID(1)
    _ = try await store.write { db in
      try db.upsertContact(account: account, email: "u0@example.com", properties: ["old": "1"], at: start)
    }
    // The writer is kept busy until all wait, so that they share a transaction.
    let gate = DispatchSemaphore(value: 0)
    store.submit({ _ in gate.wait() }, completion: { _ in })
    let done = DispatchGroup()
    let found = Guarded<[Int: Contact]>([:])
    for number in 0..<40 {
      done.enter()
      let email = "U\(number % 10)@example.com"
      let properties = ["p\(number)": "\(number)"]
      store.submit(
        ahead: { $0.announceContact(account: account, email: email, properties: properties, at: start) },
        { try $0.upsertContact(account: account, email: email, properties: properties, at: start) },
        completion: { result in
          found.withLock { $0[number] = try? result.get() }
          done.leave()
        })
    }
    gate.signal()
    await withCheckedContinuation { continuation in
      done.notify(queue: .global()) { continuation.resume() }
    }
    for number in 0..<10 {
      let stored = try await store.read { try $0.contact(account: account, email: "u\(number)@example.com") }
      let own = (0..<4).map { number + 10 * $0 }
      var expected = Dictionary(uniqueKeysWithValues: own.map { ("p\($0)", "\($0)") })
      if number == 0 { expected["old"] = "1" }
      #expect(stored?.properties == expected)
      #expect(Set(own.map { id in found.withLock { $0[id]?.id } }) == [stored?.id])
      #expect(found.withLock { $0[own[3]]?.properties } == expected)
    }
    let commits = store.statistics.commits
    #expect(commits < 40, "they shared transactions")
    await store.close()
  }

  /// Whoever carries out a send that is done already must not make its mail a second time, nor spoil what others do in
  /// the same transaction.
  @Test(arguments: TestEngine.all) func aSendIsStartedOnceAmongOthers(on engine: TestEngine) async throws {
    let scratch = try Scratch(engine)
    let store = scratch.store
    let ids = (1...20).map { SendID($0) }
    try await store.write { db in
      for id in ids {
        _ = try db.insertSend(
          Send(
            id: id, statusID: "s\(id)", account: AccountID(1), email: EmailID(2), sendKey: nil,
            request: Array("{}".utf8), requestedAt: start))
      }
      try db.completeSend(ids[7], result: "SENT", at: start)
    }
    let failed = try await withThrowingTaskGroup(of: SendID?.self) { group in
      for id in ids {
        group.addTask {
          do {
            try await store.write { db in
              try db.startSend(id, at: start)
              try db.ensureContact(account: AccountID(1), email: "u\(id)@example.com", at: start)
              try db.completeSend(id, result: "QUEUED", at: start)
            }
            return nil
          } catch StoreError.missed {
            return id
          }
        }
      }
      return try await group.reduce(into: [SendID]()) { if let id = $1 { $0.append(id) } }
    }
    #expect(failed == [ids[7]])
    #expect(try await store.read { try $0.send(statusID: "s8", account: AccountID(1)) }?.result == "SENT")
    #expect(try await store.read { try $0.contact(account: AccountID(1), email: "u8@example.com") } == nil)
    #expect(try await store.read { try $0.contact(account: AccountID(1), email: "u9@example.com") } != nil)
    #expect(try await store.read { try $0.unfinishedSends(limit: 30) }.isEmpty)
    await store.close()
  }
}
