import Logging
import MailModel
import ServiceLifecycle
import Storage

extension SingleSendService {
  /// Works until graceful shutdown. What is in work is finished; what still waits stays on disk for the
  /// next start.
  public func run() async throws {
    await withGracefulShutdownHandler {
      await withTaskCancellationHandler {
        await withDiscardingTaskGroup { group in
          for _ in 0..<configuration.workerCount {
            group.addTask { await self.work() }
          }
          group.addTask { await cancelWhenGracefulShutdown { await self.findLeftOver() } }
        }
      } onCancel: {
        queue.close()
      }
    } onGracefulShutdown: {
      self.queue.close()
    }
  }

  private func work() async {
    while let job = await queue.next() {
      await carryOut(job)
    }
  }

  private func carryOut(_ job: SingleSendJob) async {
    let startedAt = Instant.now()
    progress.start(job.send.id, at: startedAt)
    do {
      switch try await prepare(job) {
      case .success(let product): try await finish(job, product, startedAt: startedAt)
      case .failure(let refusal): try await finish(job, refusal, startedAt: startedAt)
      }
      progress.finish(job.send.id)
    } catch StoreError.missed {
      // It was in memory twice: found on disk in the instant in which its worker finished it.
      progress.finish(job.send.id)
    } catch {
      logger.error(
        "single send left for later", metadata: ["statusId": "\(job.send.statusID)", "error": "\(error)"])
      progress.leave(job.send.id)
    }
  }

  private func prepare(_ job: SingleSendJob) async throws -> Result<SingleSendProduct, SingleSendRefusal> {
    let now = Instant.now()
    guard let email = try await emails.email(job.request.email, account: job.send.account, at: now) else {
      return .failure(SingleSendRefusal(.missingContent, "the account has no e-mail \(job.request.email)"))
    }
    do throws(SingleSendRefusal) {
      try Self.checkKind(of: email.record)
      let parties = try SingleSendParties(
        job.request, email.record, recipientLimit: configuration.recipientLimit
      ) { isVerified($0, job.send.account) }
      var rendering = SingleSendRendering(
        job: job, email: email, parties: parties, identifiers: store.identifiers,
        owner: store.membership.ownerOfNew,
        expiryHours: configuration.expiryHours, now: now)
      rendering.isStrict = configuration.isStrict
      return .success(try rendering.product())
    } catch {
      return .failure(error)
    }
  }

  private static func checkKind(of email: EmailRecord) throws(SingleSendRefusal) {
    guard !email.isArchived, SingleSendRules.subcategories.contains(email.subcategory) else {
      throw SingleSendRefusal(
        .missingContent,
        "e-mail \(email.id) is not made for single send: its subcategory is "
          + "\(email.subcategory), it must be single_send_api")
    }
  }

  private func finish(_ job: SingleSendJob, _ product: SingleSendProduct, startedAt: Instant) async throws {
    try await store.write { db in
      try db.startSend(job.send.id, at: startedAt)
      try db.enqueue(product.original, product.messages)
      try db.completeSend(
        job.send.id, result: SendResult.sent.rawValue, version: product.version,
        message: product.main?.message.id, event: product.main?.event, at: Instant.now())
    }
    offer(product.loaded)
  }

  private func finish(_ job: SingleSendJob, _ refusal: SingleSendRefusal, startedAt: Instant) async throws {
    try await store.write { db in
      try db.startSend(job.send.id, at: startedAt)
      try db.completeSend(
        job.send.id, result: refusal.result.rawValue, text: refusal.text, at: Instant.now())
    }
  }
}

// What was left on disk: by the process before this one, or when memory or the store were full.
extension SingleSendService {
  private func findLeftOver() async {
    while !Task.isCancelled {
      // On a shared database others may have left something too.
      if progress.takeLeftOver() || store.membership.isShared {
        do {
          try await takeUpLeftOver()
        } catch {
          progress.noteLeftOver()
          if !(error is CancellationError) {
            logger.error("unfinished single sends can't be read", metadata: ["error": "\(error)"])
          }
        }
      }
      try? await Task.sleep(for: .seconds(configuration.rescanSeconds))
    }
  }

  private func takeUpLeftOver() async throws {
    var last: SendID?
    while true {
      let after = last
      let sends = try await store.takeUnfinishedSends(after: after, limit: 500)
      for send in sends {
        guard try await takeUp(send) else {
          progress.noteLeftOver()
          return
        }
      }
      guard let end = sends.last?.id else { return }
      last = end
    }
  }

  /// False when memory is full.
  private func takeUp(_ send: Send) async throws -> Bool {
    guard queue.count < queue.limit else { return false }
    guard progress.add(send.id) else { return true }
    do {
      let request = try SingleSendRequest(json: send.request)
      let contact = try await storedContact(of: request, account: send.account)
      let job = SingleSendJob(send: send, request: request, contact: contact)
      guard queue.offer(job, bytes: send.request.count) else {
        progress.leave(send.id)
        return false
      }
    } catch let error as RequestBodyError {
      try await store.write { db in
        try db.completeSend(
          send.id, result: SendResult.corruptInput.rawValue, text: error.message, at: Instant.now())
      }
      progress.finish(send.id)
    } catch {
      progress.leave(send.id)
      throw error
    }
    return true
  }

  private func storedContact(of request: SingleSendRequest, account: AccountID) async throws -> [String:
    String]
  {
    guard let address = SingleSendRules.recipient(request.to) else { return [:] }
    let email = address.description.lowercased()
    return try await store.read { db in try db.contact(account: account, email: email)?.properties } ?? [:]
  }
}
