import ArgumentParser
import Composition
import HubL
import Intake
import MailModel
import Storage

extension TrialValues {
  /// `contact` and `custom` of a data file, or what requests call them; without `custom`, the samples.
  init(data: [String: Value]) {
    self.init()
    if case .map(let properties)? = data["contact"] ?? data["contactProperties"] {
      contact = properties.dictionary.compactMapValues(\.scalarText)
    }
    if case .map(let properties)? = data["custom"] ?? data["customProperties"] { custom = properties }
  }
}

extension Emails {
  struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send an e-mail to those who want to see it first.",
      discussion: """
        Goes out at once where a server runs, marked [Test], without tracking, and counted nowhere. Values are as \
        for `email render`.

          brevdue email test 1000001 --to ada@example.net --to bob@example.net
        """)

    @Argument(help: "Number of the e-mail.")
    var id: String

    @Option(name: .long, help: ArgumentHelp("Where to; repeatable.", valueName: "address"))
    var to: [String] = []

    @Option(name: .long, help: ArgumentHelp("JSON file with the values.", valueName: "file"))
    var data: String?

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: BareLocationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard (1...TestSend.recipientLimit).contains(to.count) else {
        throw ValidationError("--to is needed 1 to \(TestSend.recipientLimit) times.")
      }
    }

    func run() async throws {
      let id = try Emails.parseID(id)
      let values = TrialValues(data: try data.map(Files.object) ?? [:])
      let outcomes = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let (email, domains) = try await installation.store.read { connection in
          (
            try Emails.find(id, account, connection),
            try connection.domains().filter { $0.account == account }
          )
        }
        let send = TestSend(
          store: installation.store,
          isVerified: { domain, _ in
            domains.contains { $0.isVerified && (domain == $0.name || domain.hasSuffix(".\($0.name)")) }
          }, offer: { _ in })
        return try await send.send(email, to: to, values)
      }
      let isRefused = show(outcomes)
      if isRefused { throw ExitCode(1) }
    }

    /// Whether any was refused.
    private func show(_ outcomes: [TestSend.Outcome]) -> Bool {
      var isRefused = false
      var list: [JSON] = []
      for (address, outcome) in zip(to, outcomes) {
        switch outcome {
        case .queued(let message):
          list.append(.object(["to": .string(address), "messageId": .string("\(message)")]))
          if !output.json { Terminal.print("\(Table.printable(address)): queued as message \(message)") }
        case .refused(let reason):
          isRefused = true
          list.append(.object(["to": .string(address), "error": .string(reason)]))
          if !output.json { Terminal.print("\(Table.printable(address)): \(Table.printable(reason))") }
        }
      }
      if output.json { Terminal.print(.array(list)) }
      return isRefused
    }
  }

  struct Contract: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show or declare what each send of an e-mail must give.",
      discussion: """
        A contract is a JSON list of properties; those of lists and maps may have properties in turn:

          [{"name": "order", "type": "text", "sample": "A-17", "description": "Number of the order"},
           {"name": "lines", "type": "list", "properties": [{"name": "title"}, {"name": "price", "type": "number"}]},
           {"name": "note", "required": false}]

        Types are text, number, integer, boolean, date, list and map. A send that does not keep it ends with an error \
        for each property. --infer prints one made of what the templates use, to begin with:

          brevdue email contract 1000001 --infer > contract.json
          brevdue email contract 1000001 --set contract.json
          brevdue email contract 1000001 --snippet python
        """)

    @Argument(help: "Number of the e-mail.")
    var id: String

    @Option(name: .long, help: ArgumentHelp("JSON file with the contract to declare.", valueName: "file"))
    var set: String?

    @Flag(name: .long, help: "Take the declaration away.")
    var remove = false

    @Flag(name: .long, help: "Print what the templates use, as a contract.")
    var infer = false

    @Option(
      name: .long,
      help: ArgumentHelp("Print code that sends it: curl, python, node or php.", valueName: "language"))
    var snippet: SendSnippet.Language?

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard [set != nil, remove, infer, snippet != nil].filter({ $0 }).count < 2 else {
        throw ValidationError("Only one of --set, --remove, --infer and --snippet at a time.")
      }
    }

    func run() async throws {
      let id = try Emails.parseID(id)
      let declared = try set.map(Self.read)
      let configuration = try location.configuration()
      let email = try await Installation.with(configuration) { installation in
        let (account, changes) = (try await installation.account(account).id, declared != nil || remove)
        return try await installation.store.write { connection in
          let email = try Emails.find(id, account, connection)
          guard changes else { return email }
          var draft = EmailDraft(email)
          try draft.setContract(declared)
          return try connection.updateEmail(id, account: account, draft, at: .now()) ?? email
        }
      }
      let inferred = EmailTrial.inferredContract(of: email)
      if infer { return Terminal.print(JSON(inferred.value)) }
      if let snippet {
        let text = SendSnippet(email: email.id, contract: email.contract ?? inferred)
        return Terminal.print(text.text(snippet))
      }
      show(email.contract, inferred)
    }

    private static func read(_ file: String) throws -> EmailContract {
      do {
        return try EmailContract(try Value(json: try Files.bytes(file)))
      } catch let error as JSONTextError {
        throw Failure("\(file) is not valid JSON: \(error.message), at byte \(error.offset).")
      } catch let error as ContractError {
        throw Failure("\(file): \(error).", next: "`brevdue email contract --help` shows one.")
      }
    }

    private func show(_ contract: EmailContract?, _ inferred: EmailContract) {
      let undeclared = (contract ?? EmailContract()).undeclared(of: inferred)
      if output.json {
        return Terminal.print(
          .object([
            "contract": contract.map { JSON($0.value) } ?? .null, "undeclared": .strings(undeclared),
          ]))
      }
      guard let contract else {
        Terminal.print("Nothing is declared. The templates use: \(undeclared.joined(separator: ", ")).")
        return Terminal.note("Begin with: brevdue email contract \(id) --infer")
      }
      var table = Table(["PROPERTY", "TYPE", "NEEDED", "DESCRIPTION"])
      Self.add(contract.properties, "custom.", to: &table)
      Terminal.print(table.text(width: Terminal.width))
      if !undeclared.isEmpty {
        Terminal.print("\nUsed, but not declared: \(undeclared.joined(separator: ", "))")
      }
    }

    private static func add(_ properties: [CustomProperty], _ path: String, to table: inout Table) {
      for property in properties {
        table.add(
          path + property.name, property.kind.rawValue, property.isRequired ? "yes" : "no",
          Table.printable(property.description ?? ""))
        add(property.properties, "\(path)\(property.name)\(property.kind == .list ? "[]" : "").", to: &table)
      }
    }
  }
}

extension SendSnippet.Language: ExpressibleByArgument {}

extension JSON {
  /// Members in the order of the value.
  init(_ value: Value) {
    switch value {
    case .null: self = .null
    case .bool(let word): self = .bool(word)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .list(let elements): self = .array(elements.map(JSON.init))
    case .map(let members): self = .object(members.map { Member(name: $0.key, value: JSON($0.value)) })
    }
  }
}
