import ArgumentParser
import MailModel
import Server
import Storage

/// `retention`: how long things are kept.
struct RetentionCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention", abstract: "How long bodies, events and messages are kept.",
    discussion: """
      Ages count from when a message was accepted. Those of the configuration (retention.bodies, \
      retention.events, retention.messages) hold for every account that has none of its own. What is still to be \
      delivered is never removed; totals of SMTP tokens and e-mails stay for ever.
      """,
    subcommands: [Show.self, Set.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show how long things are kept, for each account.")

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let configuration = try location.configuration()
      let (accounts, overrides) = try await Installation.with(configuration) { installation in
        let wanted = try await installation.optionalAccount(account)
        return try await installation.store.read { connection in
          (
            try connection.accounts().filter { wanted == nil || $0.id == wanted },
            try connection.retentionOverrides()
          )
        }
      }
      let policy = RetentionPolicy(configuration.retention, overrides: overrides)
      func own(_ account: AccountRecord) -> RetentionOverride { overrides[account.id] ?? RetentionOverride() }
      if output.json {
        return Terminal.print(
          .array(accounts.map { RetentionCommands.json($0.id, policy.ages(of: $0.id), own($0)) }))
      }
      var table = Table(["ACCOUNT", "BODIES", "EVENTS", "MESSAGES", "NAME"])
      let (ages, all) = (configuration.retention, RetainedKind.allCases)
      if account.account == nil {
        let texts = all.map { RetentionAge.text(ages[$0]) }
        table.add("default", texts[0], texts[1], texts[2], "(the configuration's)")
      }
      for account in accounts {
        let texts = all.map {
          RetentionAge.text(policy.ages(of: account.id)[$0]) + (own(account)[$0] == nil ? "" : " *")
        }
        table.add("\(account.id)", texts[0], texts[1], texts[2], account.name)
      }
      Terminal.print(table.text(width: Terminal.width))
      if accounts.contains(where: { overrides[$0.id] != nil }) { Terminal.note("* the account's own") }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give an account ages of its own.",
      discussion: """
        What is not named stays as it is; "default" goes back to the configuration's. What is older than that by \
        now is removed within minutes, for good.

          brevdue retention set --account 1000001 --bodies 7d
          brevdue retention set --account 1000001 --bodies default --events 90d --messages 90d
        """)

    @Option(name: .long, help: ArgumentHelp("The messages' bytes: 12h, 7d, 8w or default.", valueName: "age"))
    var bodies: String?

    @Option(name: .long, help: ArgumentHelp("What happened to them.", valueName: "age"))
    var events: String?

    @Option(
      name: .long,
      help: ArgumentHelp("Messages and single sends: no less than the other two.", valueName: "age"))
    var messages: String?

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    private func given(_ kind: RetainedKind) -> String? {
      switch kind {
      case .bodies: bodies
      case .events: events
      case .messages: messages
      }
    }

    func validate() throws {
      let all = RetainedKind.allCases
      guard all.contains(where: { given($0) != nil }) else {
        throw ValidationError("Say what to change: --bodies, --events or --messages.")
      }
      for kind in all {
        if let text = given(kind), text != "default", RetentionAge.parse(text) == nil {
          throw ValidationError(
            "--\(kind.rawValue) \"\(text)\": expected default, or \(RetentionAge.expectation).")
        }
      }
    }

    func run() async throws {
      let ages = try location.configuration().retention
      let (id, own) = try await Installation.with(try location.configuration()) { installation in
        let id = try await installation.account(account).id
        return try await installation.store.write { connection in
          let own = changed(try connection.retentionOverrides()[id] ?? RetentionOverride())
          if let problem = own.problem(over: ages) { throw Failure("Nothing was changed: \(problem).") }
          try connection.setRetention(own, account: id)
          return (id, own)
        }
      }
      let inForce = RetentionPolicy(ages, overrides: [id: own]).ages(of: id)
      if output.json { return Terminal.print(RetentionCommands.json(id, inForce, own)) }
      let texts = RetainedKind.allCases.map { "\($0.rawValue) for \(RetentionAge.text(inForce[$0]))" }
      Terminal.print("Account \(id) keeps " + texts.joined(separator: ", ") + ".")
    }

    private func changed(_ own: RetentionOverride) -> RetentionOverride {
      var own = own
      for kind in RetainedKind.allCases {
        if let text = given(kind) { own[kind] = RetentionAge.parse(text) }
      }
      return own
    }
  }

  static func json(_ account: AccountID, _ ages: RetentionAges, _ own: RetentionOverride) -> JSON {
    .object([
      "account": .string("\(account)"), "bodies": .string(RetentionAge.text(ages.bodies)),
      "events": .string(RetentionAge.text(ages.events)),
      "messages": .string(RetentionAge.text(ages.messages)),
      "own": .array(RetainedKind.allCases.filter { own[$0] != nil }.map { .string($0.rawValue) }),
    ])
  }
}
