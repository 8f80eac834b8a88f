import ArgumentParser
import MailModel
import Signing
import Storage

/// `smtp-token`: user names and passwords for SMTP submission, each with a campaign that counts its mail.
struct SMTPTokens: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "smtp-token", abstract: "Log-ins for SMTP, and what came of their mail.",
    subcommands: [Create.self, List.self, Show.self, Reset.self, Delete.self])

  /// HubSpot's object; the password only where it was just made.
  static func json(_ token: SMTPToken, password: String? = nil) -> [JSON.Member] {
    let object = JSON.object([
      "id": .string(token.id), "password": password.map { .string($0) },
      "createdBy": .string(token.createdBy ?? ""), "createdAt": .string(token.createdAt.iso8601),
      "createContact": .bool(token.createContact), "campaignName": .string(token.campaignName),
      "emailCampaignId": .string("\(token.campaign)"),
    ])
    guard case .object(let members) = object else { return [] }
    return members
  }

  static func printSecret(_ token: SMTPToken, password: String) {
    var table = Table()
    table.add("user", token.id)
    table.add("password", password)
    Terminal.print(table.text())
    Terminal.note("The password is shown only now: keep it safe. Campaign: \(token.campaignName).")
  }

  static func missing(_ id: String) -> Failure {
    Failure("There is no SMTP token \(id) in this account.", next: "See: brevdue smtp-token list")
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a log-in.",
      discussion: """
        Prints user name and password; the password is shown once. Its mail is counted under the campaign.

          brevdue smtp-token create --campaign "Receipts"
        """)

    @Option(
      name: .long, help: ArgumentHelp("What its mail is about; names need not differ.", valueName: "name"))
    var campaign: String

    @Flag(name: .long, help: "Recipients that are no contacts yet become contacts.")
    var createContact = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let (campaign, createContact) = (campaign, createContact)
        let id = SMTPCredentials.userName(account: account)
        let password = SMTPCredentials.password()
        let token = try await installation.store.write { connection in
          let owner = try connection.users(account: account).first { $0.role == .owner }
          return try connection.createSMTPToken(
            id: id, account: account, campaignName: campaign, createContact: createContact,
            passwordHash: MessageDigest.sha256(password), createdBy: owner?.email, at: .now())
        }
        output.json
          ? Terminal.print(.object(SMTPTokens.json(token, password: password)))
          : SMTPTokens.printSecret(token, password: password)
      }
    }
  }

  struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a log-in a new password.",
      discussion: "The old password stops working within a second.")

    @Argument(help: "User name of the token.")
    var id: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await Installation.with(try location.configuration()) { installation in
        let (account, id) = (try await installation.account(account).id, id)
        let password = SMTPCredentials.password()
        let token = try await installation.store.write { connection in
          try connection.resetSMTPToken(id, account: account, passwordHash: MessageDigest.sha256(password))
        }
        guard let token else { throw SMTPTokens.missing(id) }
        output.json
          ? Terminal.print(.object(SMTPTokens.json(token, password: password)))
          : SMTPTokens.printSecret(token, password: password)
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete a log-in.", discussion: "Its campaign, messages and totals stay.")

    @Argument(help: "User name of the token.")
    var id: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await Installation.with(try location.configuration()) { installation in
        let (account, id) = (try await installation.account(account).id, id)
        let isDone = try await installation.store.write {
          try $0.deleteSMTPToken(id, account: account, at: .now())
        }
        guard isDone else { throw SMTPTokens.missing(id) }
      }
      output.json
        ? Terminal.print(.object(["id": .string(id), "deleted": .bool(true)]))
        : Terminal.print("\(id) is deleted.")
    }
  }
}

/// Makes user names and passwords in HubSpot's form.
enum SMTPCredentials {
  /// Ten lower-case letters and digits, `@`, the account, a fixed suffix.
  static func userName(account: AccountID) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    var generator = SystemRandomNumberGenerator()
    let name = (0..<10).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    return String(name) + "@\(account).smtp.brevdue"
  }

  /// 28 letters and digits: 166 bits.
  static func password() -> String { Secrets.randomText(28) }
}
