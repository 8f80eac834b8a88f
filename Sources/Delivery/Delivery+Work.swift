import Composition
import Logging
import MailFormats
import MailModel
import ServiceLifecycle
import Storage

/// What one worker does: one line at a time to one destination.
extension Delivery {
  /// Messages whose content is read in one go.
  private static let loadedTogether = 16

  /// The line a worker has, and since when.
  struct OpenLine {
    var way: Way
    var openedAt: Instant
    var carried = 0

    enum Way {
      case capture
      case line(Line)
    }
  }

  func work(at key: DestinationKey) async {
    var line: OpenLine?
    while let item = await dispatcher.next(key) {
      for loaded in await load(item, at: key) {
        if Task.isShuttingDownGracefully {
          dispatcher.giveBack([QueueItem(loaded)], to: key)
        } else {
          await deliver(loaded, at: key, over: &line)
        }
      }
    }
    await close(&line)
    dispatcher.workerEnded(key)
  }

  // MARK: - load

  /// The item with its content; with it, when it has to be read from disk, some of those behind it.
  private func load(_ item: QueueItem, at key: DestinationKey) async -> [LoadedMessage] {
    if let loaded = item.loaded { return [loaded] }
    return await load([item] + dispatcher.nextWithoutContent(key, count: Self.loadedTogether - 1), at: key)
  }

  private func load(_ items: [QueueItem], at key: DestinationKey) async -> [LoadedMessage] {
    let missing = items.filter { $0.loaded == nil }
    do {
      let ids = missing.map(\.id)
      let read = ids.isEmpty ? [] : try await store.read { try $0.load(ids) }
      // What is no longer queued was cancelled meanwhile.
      let found = Set(read.map(\.message.id))
      for item in missing where !found.contains(item.id) { dispatcher.settled(item.id, at: key) }
      return items.compactMap(\.loaded) + read
    } catch {
      logger.warning("content could not be read from the store", metadata: ["error": "\(error)"])
      dispatcher.giveBack(missing, to: key)
      try? await Task.sleep(for: .seconds(1))
      return items.compactMap(\.loaded)
    }
  }

  // MARK: - deliver

  private func deliver(_ loaded: LoadedMessage, at key: DestinationKey, over line: inout OpenLine?) async {
    guard await outcomesCanBeRecorded() else {
      // It stays in the queue as if it had not been tried.
      return dispatcher.settled(loaded.message.id, at: key)
    }
    guard store.membership.mayDeliver(ownedBy: loaded.entry.owner) else {
      return dispatcher.giveBack([QueueItem(loaded)], to: key)
    }
    var attempt = Attempt(message: loaded.message, entry: loaded.entry)
    if loaded.entry.expiresAt <= .now() {
      return settler.settle(attempt.expiry(at: .now()), at: key)
    }
    if let failure = await openIfNeeded(&line, to: key) {
      return await giveUpForNow([loaded], outcome: failure, at: key)
    }
    guard let bytes = prepare(loaded, &attempt, at: key) else { return }
    await carry(bytes, attempt, at: key, over: &line)
  }

  /// Waits until they can; false when the server ends before.
  private func outcomesCanBeRecorded() async -> Bool {
    while !settler.isHealthy {
      if Task.isCancelled || Task.isShuttingDownGracefully { return false }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return true
  }

  private func prepare(_ loaded: LoadedMessage, _ attempt: inout Attempt, at key: DestinationKey) -> [UInt8]?
  {
    do {
      if let edits = loaded.edits {
        return try Edits.apply(try Edits.decode(edits), to: loaded.original.body)
      }
      let prepared = try preparation.prepare(loaded)
      attempt.preparedAt = .now()
      attempt.edits = Edits.encode(prepared.edits)
      return prepared.bytes
    } catch {
      let answer = RemoteAnswer(
        stage: .prepare, code: 0, enhancedStatus: "4.3.0", text: "the message could not be prepared: \(error)"
      )
      logger.error(
        "a message could not be prepared",
        metadata: ["message": "\(loaded.message.id)", "error": "\(error)"])
      record(.temporary(answer), of: attempt, at: key)
      return nil
    }
  }

  private func carry(
    _ bytes: [UInt8], _ attempt: Attempt, at key: DestinationKey, over line: inout OpenLine?
  ) async {
    let (membership, owner) = (store.membership, attempt.entry.owner)
    let parcel = Parcel(
      returnPath: attempt.message.returnPath, recipient: attempt.message.recipient,
      options: attempt.message.options, bytes: bytes, isStillOurs: { membership.mayDeliver(ownedBy: owner) })
    while let open = line {
      guard case .line(let way) = open.way else {
        return settler.settle(attempt.settlement(.captured, at: .now()), at: key)
      }
      let outcome = await way.carry(parcel)
      line?.carried += 1
      if open.carried > 0, outcome.isConnectionLost {
        // A kept connection that the other side had closed says nothing about this message.
        await close(&line)
        if let failure = await openIfNeeded(&line, to: key) { return record(failure, of: attempt, at: key) }
        continue
      }
      return record(outcome, of: attempt, at: key)
    }
  }

  // MARK: - lines

  /// Opens a line unless a fresh enough one is open; returns why there is none.
  private func openIfNeeded(_ line: inout OpenLine?, to key: DestinationKey) async -> Outcome? {
    if let open = line {
      guard case .line(let way) = open.way else { return nil }
      let isFresh = Instant.now() < open.openedAt.advanced(bySeconds: configuration.connectionSecondsMax)
      if isFresh, way.isOpen() { return nil }
      await close(&line)
    }
    switch await courier.open(key) {
    case .line(let way): line = OpenLine(way: .line(way), openedAt: .now())
    case .capture: line = OpenLine(way: .capture, openedAt: .now())
    case .failed(let outcome): return outcome
    }
    return nil
  }

  private func close(_ line: inout OpenLine?) async {
    if case .line(let way) = line?.way { await way.close() }
    line = nil
  }

  /// No line could be had: what waits for the destination in memory shares the outcome.
  private func giveUpForNow(_ first: [LoadedMessage], outcome: Outcome, at key: DestinationKey) async {
    let until = Instant.now().advanced(bySeconds: configuration.unreachableSeconds)
    let others = await load(dispatcher.unreachable(key, until: until), at: key)
    for loaded in first + others {
      let attempt = Attempt(message: loaded.message, entry: loaded.entry)
      if loaded.entry.expiresAt <= .now() {
        settler.settle(attempt.expiry(at: .now()), at: key)
      } else {
        record(outcome, of: attempt, at: key)
      }
    }
  }

  // MARK: - record

  /// Whether it stays in the queue as if it had not been tried: we hung up, and the other side said nothing; or it
  /// is no longer ours to say when it is tried next.
  private func isUntried(_ outcome: Outcome, _ attempt: Attempt) -> Bool {
    if Task.isCancelled, outcome.answer.code == 0 { return true }
    if case .temporary = outcome { return !store.membership.mayDeliver(ownedBy: attempt.entry.owner) }
    return false
  }

  private func record(_ outcome: Outcome, of attempt: Attempt, at key: DestinationKey) {
    if isUntried(outcome, attempt) { return dispatcher.settled(attempt.message.id, at: key) }
    let host = outcome.answer.host
    settler.settle(
      attempt.settlement(
        for: outcome, schedule: schedule, isFirstWordFromHost: !seenHosts.contains(host), at: .now(),
        jitter: .random(in: 0...1)),
      at: key)
    if case .delivered = outcome { seenHosts.note(host) }
    if Classification.isCongestion(outcome.answer) {
      dispatcher.congested(key)
    } else {
      dispatcher.succeeded(key)
    }
  }
}

extension Outcome {
  var answer: RemoteAnswer {
    switch self {
    case .delivered(let answer), .temporary(let answer), .permanent(let answer): answer
    }
  }

  /// The connection ended before a reply to MAIL came.
  var isConnectionLost: Bool {
    if case .temporary(let answer) = self { return answer.code == 0 && answer.stage == .mail }
    return false
  }
}

extension Delivery.Preparation {
  /// One recipient's copy of an original: tracked, with its headers, signed.
  public func prepare(_ loaded: LoadedMessage) throws -> Prepared {
    let message = loaded.message
    let plan = message.isTracked ? try loaded.original.plan.map(TrackingPlan.init(stored:)) : nil
    return try Preparer.prepare(
      original: loaded.original.body, plan: plan, message: message, received: received(message),
      signer: try signer(message), tracking: tracking(), now: .now())
  }

  /// RFC 5321 section 4.4. The client's address is left out: it is nobody's business but ours.
  private func received(_ message: Message) -> String {
    let with = message.source == .smtp ? "ESMTPA" : "HTTP"
    return
      "by \(hostname) (Brevdue) with \(with) id \(message.id);\r\n \(RFC5322Date.format(message.createdAt))"
  }
}

/// A tracking plan in the store that can't be read.
struct DamagedPlan: Error, CustomStringConvertible {
  var description: String { "its stored tracking plan is damaged" }
}

extension TrackingPlan {
  fileprivate init(stored: [UInt8]) throws {
    guard let plan = TrackingPlan(decoding: stored) else { throw DamagedPlan() }
    self = plan
  }
}
