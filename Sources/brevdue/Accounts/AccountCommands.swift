import ArgumentParser
import MailModel
import Storage

struct Accounts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Accounts, and who they say they are.",
    subcommands: [List.self, Company.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the accounts.")

    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let accounts = try await Installation.with(try location.configuration()) { installation in
        try await installation.store.read { try $0.accounts() }
      }
      if output.json {
        let list = accounts.map { account -> JSON in
          .object(["id": .int(account.id.value), "name": .string(account.name)])
        }
        return Terminal.print(.array(list))
      }
      guard !accounts.isEmpty else { return Terminal.note("No accounts. \(Installation.setupHint)") }
      var table = Table(["ID", "NAME"])
      for account in accounts { table.add("\(account.id)", Table.printable(account.name)) }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  struct Company: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show or set the name and address that e-mails carry.",
      discussion: """
        Footers show them, and templates know them as site_settings.company_name, company_street_address_1 and so on. \
        Only what is given changes; an empty text takes one away.

          brevdue account company --name "Corner Shop" --street "1 High Street" --city Oslo --country Norway
        """)

    @Option(name: .long, help: "Without one it is the account's name.") var name: String?
    @Option(name: .long, help: "Street and number.") var street: String?
    @Option(name: .long, help: "What does not fit there.") var street2: String?
    @Option(name: .long, help: "City.") var city: String?
    @Option(name: .long, help: "State or region.") var state: String?
    @Option(name: .long, help: "Postal code.") var zip: String?
    @Option(name: .long, help: "Country.") var country: String?
    @Option(name: .long, help: "What this place is called, of several.") var office: String?

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let changes = changes
      let settings = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        return try await installation.store.write { connection in
          if !changes.isEmpty { try connection.setSiteSettings(account: account, changes) }
          return try connection.siteSettings(account: account)
        }
      }
      if output.json {
        let members = SiteSetting.allCases.map {
          JSON.Member(name: $0.rawValue, value: .orNull(settings[$0]))
        }
        return Terminal.print(.object(members))
      }
      var table = Table()
      for setting in SiteSetting.allCases {
        table.add("site_settings.\(setting.rawValue)", Table.printable(settings[setting] ?? ""))
      }
      Terminal.print(table.text(width: Terminal.width))
    }

    private var changes: [SiteSetting: String] {
      let given: [(SiteSetting, String?)] = [
        (.name, name), (.street, street), (.street2, street2), (.city, city), (.state, state), (.zip, zip),
        (.country, country), (.office, office),
      ]
      return Dictionary(given.compactMap { setting, value in value.map { (setting, $0) } }) { $1 }
    }
  }
}
