import ArgumentParser
import HubL
import MailFormats
import MailModel
import Storage

/// `email`: what the single-send API sends.
struct Emails: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "email", abstract: "Stored e-mails: subject and content with places to fill in.",
    subcommands: [Create.self, List.self, Show.self, Render.self, Test.self, Contract.self])

  static func find(_ id: EmailID, _ account: AccountID, _ connection: Connection) throws -> EmailRecord {
    guard let email = try connection.email(id, account: account) else {
      throw Failure("There is no e-mail \(id) in this account.", next: "See: brevdue email list")
    }
    return email
  }

  static func parseID(_ text: String) throws -> EmailID {
    guard let id = EmailID(text) else { throw ValidationError("\"\(text)\" is not the number of an e-mail.") }
    return id
  }

  static func from(_ email: EmailRecord) -> String? {
    email.from.map { address in email.fromName.map { "\($0) <\(address)>" } ?? address }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Store an e-mail.",
      discussion: """
        Subject, HTML and text may have {{ contact.NAME }} and {{ custom.NAME }}, filled in for each send. \
        Without --text a text version is made from the HTML.

          brevdue email create --name Receipt --subject "Your order {{ custom.order }}" \\
            --html receipt.html --from "Shop <hello@example.com>" --single-send
        """)

    @Option(name: .long, help: ArgumentHelp("What it is called among e-mails.", valueName: "name"))
    var name: String

    @Option(name: .long, help: ArgumentHelp("The subject.", valueName: "text"))
    var subject: String

    @Option(name: .long, help: ArgumentHelp("File with the HTML.", valueName: "file"))
    var html: String

    @Option(name: .long, help: ArgumentHelp("File with the text version.", valueName: "file"))
    var text: String?

    @Option(
      name: .long, help: ArgumentHelp("Sender, such as \"Shop <hello@example.com>\".", valueName: "address"))
    var from: String?

    @Flag(name: .long, help: "For the single-send API, and ready to be sent.")
    var singleSend = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let draft = try makeDraft()
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        let email = try await installation.store.write {
          try $0.createEmail(account: account, draft, at: .now())
        }
        if output.json {
          Terminal.print(.object(["id": .int(email.id.value), "name": .string(email.name)]))
        } else {
          Terminal.print("E-mail \(email.id) (\(email.name)) is stored.")
          Terminal.print("Look at it: brevdue email render \(email.id)")
        }
      }
    }

    private func makeDraft() throws -> EmailDraft {
      var draft = EmailDraft(name: name)
      draft.subject = subject
      draft.html = try Files.text(html)
      draft.text = try text.map(Files.text)
      if let from {
        do {
          let mailbox = try Mailbox(from)
          draft.from = mailbox.address.description
          draft.fromName = mailbox.displayName
        } catch {
          throw ValidationError("--from \"\(from)\" is not an address, such as \"Shop <hello@example.com>\".")
        }
      }
      if singleSend {
        draft.state = "AUTOMATED"
        draft.subcategory = "single_send_api"
      }
      try check(draft)
      return draft
    }

    /// A template that can't be read is found out now rather than at the first send.
    private func check(_ draft: EmailDraft) throws {
      let parts = [("--subject", draft.subject), (html, draft.html), (text ?? "--text", draft.text ?? "")]
      for (place, source) in parts {
        do {
          _ = try Template(source)
        } catch {
          throw Failure("The template in \(place) cannot be read: \(error.diagnosis)")
        }
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the e-mails.")

    @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit = 100

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
      let emails = try await Installation.with(try location.configuration()) { installation in
        let (account, limit) = (try await installation.account(account).id, limit)
        return try await installation.store.read { try $0.emails(account: account, limit: limit) }
      }
      if output.json { return Terminal.print(.array(emails.map { .object(Emails.summary($0)) })) }
      guard !emails.isEmpty else { return Terminal.note("No e-mails. Make one: brevdue email create --help") }
      var table = Table(["ID", "STATE", "VERSION", "UPDATED", "NAME", "SUBJECT"])
      for email in emails {
        table.add(
          "\(email.id)", email.state, "\(email.version)", email.updatedAt.local, email.name, email.subject)
      }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show an e-mail and what came of it.",
      discussion: """
        With --json also its HTML and text.

          brevdue email show NUMBER --by hour
        """)

    @Argument(help: "Number of the e-mail.")
    var id: String

    @OptionGroup var intervals: IntervalOptions
    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let id = try Emails.parseID(id)
      let (email, totals, counted) = try await Installation.with(try location.configuration()) {
        installation in
        let (account, intervals) = (try await installation.account(account).id, intervals)
        return try await installation.store.read { connection in
          let email = try Emails.find(id, account, connection)
          return (
            email, try connection.totals(campaign: email.campaign),
            try intervals.counted(email.campaign, connection)
          )
        }
      }
      if output.json { return Terminal.print(Self.json(email, totals, counted)) }
      Self.show(email, totals)
      if let counted { Terminal.print("\n" + counted.table) }
    }

    private static func json(
      _ email: EmailRecord, _ totals: CampaignTotals, _ counted: CountedIntervals?
    ) -> JSON {
      let content = JSON.object([
        "html": .string(email.html), "text": .orNull(email.text), "totals": totals.json,
        "rates": totals.ratesJSON, "intervals": counted?.json,
      ])
      guard case .object(let members) = content else { return content }
      return .object(Emails.summary(email) + members)
    }

    private static func show(_ email: EmailRecord, _ totals: CampaignTotals) {
      var table = Table()
      table.add("e-mail", "\(email.id) (\(email.name))")
      table.add("subject", email.subject)
      table.add("from", Emails.from(email) ?? "given with each send")
      if let replyTo = email.replyTo { table.add("reply to", replyTo) }
      table.add("state", "\(email.state), version \(email.version)")
      table.add("content", "\(email.html.utf8.count) bytes of HTML, \(textSize(email))")
      table.add("updated", email.updatedAt.local)
      Terminal.print(table.text() + "\n\n" + totals.table)
    }

    private static func textSize(_ email: EmailRecord) -> String {
      email.text.map { "\($0.utf8.count) bytes of text" } ?? "text made from it"
    }
  }

  /// The members that `list` and `show` share.
  static func summary(_ email: EmailRecord) -> [JSON.Member] {
    let object = JSON.object([
      "id": .int(email.id.value), "account": .int(email.account.value), "name": .string(email.name),
      "subject": .string(email.subject), "from": .orNull(from(email)), "replyTo": .orNull(email.replyTo),
      "state": .string(email.state), "subcategory": .string(email.subcategory),
      "version": .int(email.version), "emailCampaignId": .string("\(email.campaign)"),
      "createdAt": .string(email.createdAt.iso8601), "updatedAt": .string(email.updatedAt.iso8601),
    ])
    guard case .object(let members) = object else { return [] }
    return members
  }
}
