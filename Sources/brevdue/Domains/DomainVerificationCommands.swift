import ArgumentParser
import MailModel
import Storage

extension Domains {
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Look into DNS, and verify the domain when its DKIM record is there.",
      discussion: """
        After `domain rotate` it also lets the new key sign, and the old one rest, once DNS has the new one. \
        Exit status 1 while the domain is not verified or a key that signs is missing in DNS.
        """)

    @Argument(help: "The domain.")
    var name: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let name = try Domains.normalized(name)
      let isFine = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let (before, keys) = try await installation.store.read { try Domains.find(name, account, $0) }
        let wanted = DomainRecords.wanted(before, keys, installation.configuration)
        let records = await (try DomainCheck(installation.configuration)).check(wanted)
        let published = Set(records.compactMap { $0.status == .ok ? $0.record.key : nil })
        let (domain, after) = try await installation.store.write { connection in
          try Self.takeNote(of: published, name, account, connection)
        }
        show(domain, records, rotated: after != keys)
        return domain.isVerified && after.allSatisfy { !$0.isActive || published.contains($0.id) }
      }
      if !isFine { throw ExitCode.failure }
    }

    /// A domain with an RSA key in DNS is verified; its newest published keys sign, older ones rest.
    private static func takeNote(
      of published: Set<DKIMKeyID>, _ name: String, _ account: AccountID, _ connection: Connection
    ) throws -> (SendingDomain, [DKIMKey]) {
      let (domain, keys) = try Domains.find(name, account, connection)
      let isProven = keys.contains { $0.algorithm == .rsaSHA256 && published.contains($0.id) }
      guard isProven else { return (domain, keys) }
      if domain.verifiedBy != .dns { _ = try connection.setVerification(.dns, of: domain.id) }
      for algorithm in DKIMAlgorithm.allCases {
        let own = keys.filter { $0.algorithm == algorithm }
        guard let newest = own.last(where: { published.contains($0.id) }) else { continue }
        for key in own where key.isActive != (key.id == newest.id) {
          _ = try connection.setKeyActive(key.id == newest.id, key: key.id)
        }
      }
      return try Domains.find(name, account, connection)
    }

    private func show(_ domain: SendingDomain, _ records: [CheckedRecord], rotated: Bool) {
      if output.json { return Terminal.print(Domains.json(domain, records)) }
      var table = Table(["PURPOSE", "STATUS", "TYPE", "NAME", ""])
      for checked in records {
        let record = checked.record
        table.add(
          record.purpose.rawValue, checked.status.word, record.kind.rawValue, record.name,
          checked.status.detail ?? "")
      }
      Terminal.print(table.text(width: Terminal.width))
      if rotated { Terminal.print("\nThe keys that sign have changed; see: brevdue domain list") }
      Terminal.print("\n" + Self.verdict(domain, records))
    }

    private static func verdict(_ domain: SendingDomain, _ records: [CheckedRecord]) -> String {
      let isMissing = records.contains { $0.status != .ok }
      if !domain.isVerified {
        return """
          \(domain.name) is not verified: its DKIM record is not in DNS as it should be.
          What to make: brevdue domain records \(domain.name). New records can take minutes to be seen.
          """
      }
      return isMissing
        ? "\(domain.name) is verified. What is not ok above makes mail less trusted or less measured."
        : "\(domain.name) is verified, and all its records are right."
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make new keys for a domain.",
      discussion: """
        The old keys go on signing until the new records are in DNS and `brevdue domain check` has seen them. \
        Leave the old records in DNS for another week: mail under way is still verified with them.
        """)

    @Argument(help: "The domain.")
    var name: String

    @Flag(name: .long, help: "Sign with the new keys at once, whether DNS has them or not.")
    var now = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let name = try Domains.normalized(name)
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let (_, old) = try await installation.store.read { try Domains.find(name, account, $0) }
        let pairs = try NewKey.pairs(
          number: NewKey.nextNumber(after: old), withEd25519: old.contains { $0.algorithm == .ed25519SHA256 })
        let isImmediate = now
        let (domain, made) = try await installation.store.write { connection in
          let (domain, keys) = try Domains.find(name, account, connection)
          if isImmediate {
            for key in keys where key.isActive { _ = try connection.setKeyActive(false, key: key.id) }
          }
          let made = try pairs.map {
            try $0.store(connection, domain: domain.id, isActive: isImmediate, at: .now())
          }
          return (domain, made)
        }
        let wanted = DomainRecords.wanted(domain, made, installation.configuration)
        show(domain, wanted.filter { $0.purpose == .dkim })
      }
    }

    private func show(_ domain: SendingDomain, _ records: [WantedRecord]) {
      let unchecked = records.map { CheckedRecord(record: $0, status: .unchecked) }
      if output.json { return Terminal.print(Domains.json(domain, unchecked)) }
      Terminal.print("New keys for \(domain.name). Make these DNS records:\n")
      Domains.printRecords(unchecked)
      Terminal.print(
        now ? "The new keys sign from now on." : "Then: brevdue domain check \(domain.name)")
    }
  }
}
