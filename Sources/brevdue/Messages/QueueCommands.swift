import ArgumentParser
import MailModel
import Storage

/// `queue`: what is still to be delivered.
struct Queue: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What waits for delivery, and how to steer it.",
    subcommands: [
      Status.self, List.self, Retry.self, Hold.self, Release.self, Cancel.self,
    ])

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Count what waits.",
      discussion: """
        queued: not tried yet; in flight: being handed over just now; deferred: tried, and waiting for the \
        next try; held: kept back by an operator.
        """)

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let configuration = try location.configuration()
      let (id, counts) = try await Installation.with(configuration) { installation in
        let account = try await installation.optionalAccount(account)
        return (account, try await installation.store.read { try $0.queueCounts(account: account) })
      }
      let status = QueueStatus(counts, inFlight: RunningServer.find(configuration)?.inFlight ?? [], of: id)
      if output.json {
        return Terminal.print(
          .object([
            "queued": .int(status.queued), "inFlight": .int(status.inFlight),
            "deferred": .int(status.deferred), "held": .int(status.held),
          ]))
      }
      var table = Table()
      table.add("queued", "\(status.queued)")
      table.add("in flight", "\(status.inFlight)")
      table.add("deferred", "\(status.deferred)")
      table.add("held", "\(status.held)")
      Terminal.print(table.text())
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List what waits, oldest first.")

    @Option(name: .long, help: ArgumentHelp("Only to this domain.", valueName: "domain"))
    var domain: String?

    @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit = 50

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
      let rows = try await Installation.with(try location.configuration()) { installation in
        let filter = QueueFilter(
          account: try await installation.optionalAccount(account), domain: domain?.lowercased())
        let limit = limit
        return try await installation.store.read { connection in
          try connection.queue(filter, limit: limit).map { ($0, try connection.message($0.message)) }
        }
      }
      if output.json { return Terminal.print(.array(rows.map { Self.json($0, $1?.message) })) }
      guard !rows.isEmpty else { return Terminal.note("Nothing waits.") }
      var table = Table(["MESSAGE", "TRIES", "NEXT TRY", "GIVEN UP", "RECIPIENT"])
      for (entry, stored) in rows {
        table.add(
          "\(entry.message)", "\(entry.attempts)", entry.isHeld ? "held" : entry.dueAt.local,
          entry.expiresAt.local, stored?.message.recipient ?? entry.domain)
      }
      Terminal.print(table.text(width: Terminal.width))
    }

    private static func json(_ entry: QueueEntry, _ message: Message?) -> JSON {
      .object([
        "message": .string("\(entry.message)"), "account": .int(entry.account.value),
        "recipient": .orNull(message?.recipient), "domain": .string(entry.domain),
        "attempts": .int(entry.attempts), "held": .bool(entry.isHeld),
        "nextAttemptAt": .string(entry.dueAt.iso8601), "expiresAt": .string(entry.expiresAt.iso8601),
      ])
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try now instead of later.",
      discussion: "  brevdue queue retry --domain example.net\n  brevdue queue retry --all")

    @OptionGroup var change: ChangeOptions
    func run() async throws { try await change.make(.retry, done: "is due now", many: "are due now") }
  }

  struct Hold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep back until released.", discussion: "What is being handed over just now still goes out.")

    @OptionGroup var change: ChangeOptions
    func run() async throws { try await change.make(.hold, done: "is held", many: "are held") }
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let go what is held.")

    @OptionGroup var change: ChangeOptions
    func run() async throws { try await change.make(.release, done: "is released", many: "are released") }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take out of the queue, for good.",
      discussion: "The message is kept with status cancelled; it is not sent.")

    @OptionGroup var change: ChangeOptions
    func run() async throws { try await change.make(.cancel, done: "is cancelled", many: "are cancelled") }
  }
}

/// Which queued messages a command changes.
struct ChangeOptions: ParsableArguments {
  @Argument(help: "Numbers of messages.")
  var messages: [String] = []

  @Option(name: .long, help: ArgumentHelp("One more message.", valueName: "id"))
  var message: String?

  @Option(name: .long, help: ArgumentHelp("All to this domain.", valueName: "domain"))
  var domain: String?

  @Flag(name: .long, help: "All there are.")
  var all = false

  @OptionGroup var account: AccountOptions
  @OptionGroup var location: LocationOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    let named = messages + (message.map { [$0] } ?? [])
    for id in named { _ = try Messages.parseID(id) }
    let kinds = (named.isEmpty ? 0 : 1) + (domain == nil ? 0 : 1) + (all ? 1 : 0)
    guard kinds == 1 else {
      throw ValidationError("Say which: numbers of messages, or --domain DOMAIN, or --all.")
    }
  }

  func make(_ change: QueueChange, done: String, many: String) async throws {
    let count = try await Installation.with(try location.configuration()) { installation in
      let account = try await installation.optionalAccount(account)
      var count = 0
      for filter in filters(account) {
        count += try await installation.store.change(change, filter, at: .now())
      }
      return count
    }
    if output.json { return Terminal.print(.object(["changed": .int(count)])) }
    if count == 0, !all {
      throw Failure("Nothing in the queue was to be changed.", next: "See: brevdue queue list")
    }
    Terminal.print(count == 1 ? "1 message \(done)." : "\(count) messages \(many).")
  }

  private func filters(_ account: AccountID?) -> [QueueFilter] {
    let named = (messages + (message.map { [$0] } ?? [])).compactMap { MessageID($0) }
    guard named.isEmpty else { return named.map { QueueFilter(account: account, message: $0) } }
    return [QueueFilter(account: account, domain: domain?.lowercased())]
  }
}
