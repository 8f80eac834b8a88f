import ArgumentParser
import MailFormats
import MailModel
import Server
import Storage

/// `domain`: the domains that may stand in From.
struct Domains: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "domain", abstract: "Domains to send from: keys, DNS records, verification.",
    subcommands: [Add.self, List.self, Records.self, Check.self, Rotate.self, Remove.self])

  /// The name as DNS has it: lower-case ASCII without a final dot.
  static func normalized(_ text: String) throws -> String {
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    guard let ascii = IDNA.ascii(name), ascii.utf8.contains(UInt8(ascii: ".")),
      let address = try? EmailAddress("postmaster@\(ascii)"), !address.isDomainLiteral
    else { throw ValidationError("\"\(text)\" is not the name of a domain, such as example.com.") }
    return ascii
  }

  static func find(_ name: String, _ account: AccountID, _ connection: Connection) throws -> (
    SendingDomain, [DKIMKey]
  ) {
    guard let domain = try connection.domain(account: account, name: name) else {
      throw Failure("There is no sending domain \(name).", next: "Add it: brevdue domain add \(name)")
    }
    return (domain, try connection.keys(domain: domain.id))
  }

  static func json(_ domain: SendingDomain, _ records: [CheckedRecord]) -> JSON {
    .object([
      "domain": .string(domain.name), "verified": .bool(domain.isVerified),
      "verifiedBy": .orNull(domain.verifiedBy?.rawValue), "records": .array(records.map(\.json)),
    ])
  }

  static func printRecords(_ records: [CheckedRecord]) {
    for checked in records {
      let detail = checked.status.detail.map { ": \($0)" } ?? ""
      Terminal.print("\(checked.record.purpose.rawValue)  [\(checked.status.word)\(Table.printable(detail))]")
      var table = Table()
      table.add("type", checked.record.kind.rawValue)
      table.add("name", checked.record.name)
      table.add("value", checked.record.value)
      Terminal.print(table.text(indent: 2) + "\n")
    }
  }

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a domain, with a key pair to sign its mail.",
      discussion: """
        Prints the DNS records to make. Mail can be sent from the domain once `brevdue domain check` has \
        found the DKIM record. --verified skips that: for tests, and for relays that sign themselves.

          brevdue domain add example.com
        """)

    @Argument(help: "The domain, such as example.com.")
    var name: String

    @Flag(name: .long, help: "Take it for verified on your word, without a look into DNS.")
    var verified = false

    @Flag(name: .long, help: "Make a second key, Ed25519, for a second signature.")
    var ed25519 = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let name = try Domains.normalized(name)
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let pairs = try NewKey.pairs(number: 1, withEd25519: ed25519)
        let verifiedBy: DomainVerification? = verified ? .operatorWord : nil
        let (domain, keys) = try await installation.store.write { connection in
          if try connection.domain(account: account, name: name) != nil {
            throw Failure("\(name) is there already.", next: "Its records: brevdue domain records \(name)")
          }
          let domain = try connection.createDomain(
            account: account, name: name, verifiedBy: verifiedBy, at: .now())
          let keys = try pairs.map {
            try $0.store(connection, domain: domain.id, isActive: true, at: .now())
          }
          return (domain, keys)
        }
        show(domain, DomainRecords.wanted(domain, keys, installation.configuration))
      }
    }

    private func show(_ domain: SendingDomain, _ records: [WantedRecord]) {
      let unchecked = records.map { CheckedRecord(record: $0, status: .unchecked) }
      if output.json { return Terminal.print(Domains.json(domain, unchecked)) }
      Terminal.print("\(domain.name) is added\(domain.isVerified ? ", verified by your word" : "").")
      Terminal.print("Make these DNS records:\n")
      Domains.printRecords(unchecked)
      Terminal.print("Then: brevdue domain check \(domain.name)")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the domains.")

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let found = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        return try await installation.store.read { connection in
          try connection.domains(account: account).map { ($0, try connection.keys(domain: $0.id)) }
        }
      }
      if output.json { return Terminal.print(.array(found.map(Self.json))) }
      guard !found.isEmpty else {
        return Terminal.note("No domains. Add one: brevdue domain add example.com")
      }
      var table = Table(["DOMAIN", "VERIFIED", "SIGNS WITH", "ADDED"])
      for (domain, keys) in found {
        let signing = keys.filter(\.isActive).map(\.selector).joined(separator: ", ")
        let verified = domain.isVerified ? "yes (\(domain.verifiedBy?.rawValue ?? "unknown"))" : "no"
        table.add(domain.name, verified, signing.isEmpty ? "nothing" : signing, domain.createdAt.local)
      }
      Terminal.print(table.text(width: Terminal.width))
    }

    private static func json(_ domain: SendingDomain, _ keys: [DKIMKey]) -> JSON {
      .object([
        "domain": .string(domain.name), "verified": .bool(domain.isVerified),
        "verifiedBy": .orNull(domain.verifiedBy?.rawValue),
        "selectors": .strings(keys.filter(\.isActive).map(\.selector)),
        "createdAt": .string(domain.createdAt.iso8601),
      ])
    }
  }

  struct Records: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the DNS records of a domain, and whether DNS has them.",
      discussion: "Changes nothing; `domain check` also takes note of what it finds.")

    @Argument(help: "The domain.")
    var name: String

    @Flag(name: .long, help: "Do not ask DNS.")
    var offline = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let name = try Domains.normalized(name)
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let (domain, keys) = try await installation.store.read { try Domains.find(name, account, $0) }
        let wanted = DomainRecords.wanted(domain, keys, installation.configuration)
        let records =
          offline
          ? wanted.map { CheckedRecord(record: $0, status: .unchecked) }
          : await (try DomainCheck(installation.configuration)).check(wanted)
        output.json ? Terminal.print(Domains.json(domain, records)) : Domains.printRecords(records)
      }
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a domain and its keys.",
      discussion: "Nothing can be sent from it any more, and its private keys are gone. Messages stay.")

    @Argument(help: "The domain.")
    var name: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let name = try Domains.normalized(name)
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        try await installation.store.write { connection in
          let (domain, _) = try Domains.find(name, account, connection)
          _ = try connection.removeDomain(domain.id)
        }
      }
      output.json
        ? Terminal.print(.object(["domain": .string(name), "removed": .bool(true)]))
        : Terminal.print("\(name) is removed.")
    }
  }
}
