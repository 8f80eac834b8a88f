import ArgumentParser
import Composition
import MailModel
import Server
import Storage

/// `message`: what became of every single one.
struct Messages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "message", abstract: "Messages: their timeline, and the bytes that were sent.",
    subcommands: [List.self, Show.self, Source.self, Why.self])

  static func parseID(_ text: String) throws -> MessageID {
    guard let id = MessageID(text) else {
      throw ValidationError("\"\(text)\" is not the number of a message.")
    }
    return id
  }

  static func find(_ id: MessageID, _ account: AccountID?, _ connection: Connection) throws -> StoredMessage {
    guard let message = try connection.message(id, account: account) else {
      throw Failure("There is no message \(id).", next: "See: brevdue message list")
    }
    return message
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List messages, newest first.",
      discussion: """
          brevdue message list --status bounced --limit 20
          brevdue message list --recipient ada@example.net --json
          brevdue message list --email 1000001
        """)

    @Option(name: .long, help: ArgumentHelp("Only those to this address.", valueName: "address"))
    var recipient: String?

    @Option(
      name: .long,
      help: ArgumentHelp(
        "Only those that are \(MessageStatus.allCases.map(\.rawValue).joined(separator: ", ")).",
        valueName: "status"))
    var status: String?

    @Option(name: .long, help: ArgumentHelp("Only those sent with this SMTP token.", valueName: "user"))
    var token: String?

    @Option(name: .long, help: ArgumentHelp("Only those of this e-mail.", valueName: "number"))
    var email: String?

    @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit = 50

    @Option(name: .long, help: ArgumentHelp("Only those older than this message.", valueName: "id"))
    var before: String?

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
      if let status, MessageStatus(rawValue: status) == nil {
        let known = MessageStatus.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--status \"\(status)\": there is \(known).")
      }
      if let before { _ = try Messages.parseID(before) }
      if let email { _ = try Emails.parseID(email) }
      if token != nil, email != nil { throw ValidationError("A message has a token or an e-mail, not both.") }
    }

    func run() async throws {
      let messages = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.optionalAccount(account)
        let (token, email) = (token, try email.map(Emails.parseID))
        let query = MessageQuery(
          account: account, recipient: recipient, status: status.flatMap(MessageStatus.init(rawValue:)),
          before: before.flatMap { MessageID($0) }, limit: limit)
        return try await installation.store.read { connection in
          var query = query
          query.campaign = try Self.campaign(token: token, email: email, account, connection)
          let messages = try connection.messages(query)
          // Events are read for programs only: a list for people does not show them.
          return try messages.map { ($0, try connection.events(message: $0.message.id)) }
        }
      }
      if output.json {
        return Terminal.print(.array(messages.map { MessageJSON.object($0, $1) }))
      }
      Self.show(messages.map(\.0))
    }

    /// Under which its messages are counted.
    private static func campaign(
      token: String?, email: EmailID?, _ account: AccountID?, _ connection: Connection
    ) throws -> CampaignID? {
      if let token {
        guard let found = try connection.smtpToken(token), account == nil || found.account == account else {
          throw SMTPTokens.missing(token)
        }
        return found.campaign
      }
      guard let email else { return nil }
      let accounts = try account.map { [$0] } ?? connection.accounts().map(\.id)
      for account in accounts {
        if let found = try connection.email(email, account: account) { return found.campaign }
      }
      throw Failure("There is no e-mail \(email).", next: "See: brevdue email list")
    }

    private static func show(_ messages: [StoredMessage]) {
      guard !messages.isEmpty else { return Terminal.note("No messages.") }
      var table = Table(["ID", "CREATED", "STATUS", "TRIES", "RECIPIENT", "SUBJECT"])
      for stored in messages {
        let message = stored.message
        table.add(
          "\(message.id)", message.createdAt.local, message.status.rawValue, "\(stored.attempts)",
          Table.cut(message.recipient, to: 40), message.subject)
      }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a message and all that happened to it.",
      discussion: "A line for each event: when, what, where it came from, and the other side's own words.")

    @Argument(help: "Number of the message.")
    var id: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let id = try Messages.parseID(id)
      let (stored, events, entry) = try await Installation.with(try location.configuration()) {
        installation in
        let account = try await installation.optionalAccount(account)
        return try await installation.store.read { connection in
          let stored = try Messages.find(id, account, connection)
          let entry = try connection.queue(QueueFilter(message: id), limit: 1).first
          return (stored, try connection.events(message: id), entry)
        }
      }
      if output.json { return Terminal.print(MessageJSON.object(stored, events)) }
      Terminal.print(MessageTimeline(stored, events, entry, now: .now()).text)
    }
  }

  struct Source: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the exact bytes that were sent.",
      discussion: """
        As they went over the wire: with tracking, added headers and signature, CRLF line ends. For a message \
        that was not prepared yet: the bytes that were accepted.

          brevdue message source 123456789 > message.eml
        """)

    @Argument(help: "Number of the message.")
    var id: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let id = try Messages.parseID(id)
      let (message, content, ages) = try await Installation.with(try location.configuration()) {
        installation in
        let account = try await installation.optionalAccount(account)
        let defaults = installation.configuration.retention
        return try await installation.store.read { connection in
          let message = try Messages.find(id, account, connection).message
          let policy = RetentionPolicy(defaults, overrides: try connection.retentionOverrides())
          return (message, try connection.content(message: id), policy.ages(of: message.account))
        }
      }
      guard let content else {
        throw Failure(
          "The content of message \(id), accepted \(message.createdAt.local), is no longer kept: bodies of this "
            + "account go after \(RetentionAge.text(ages.bodies)).",
          next: "What happened to it: brevdue message show \(id). How long things are kept: "
            + "brevdue retention show")
      }
      guard let edits = content.edits else {
        Terminal.note("Message \(id) was not prepared yet: these are the bytes that were accepted.")
        return show(content.original.body)
      }
      show(try Edits.apply(try Edits.decode(edits), to: content.original.body))
    }

    /// Raw bytes; as a JSON string, bytes outside of UTF-8 are replaced.
    private func show(_ bytes: [UInt8]) {
      output.json
        ? Terminal.print(.object(["source": .string(String(decoding: bytes, as: UTF8.self))]))
        : Terminal.print(bytes: bytes)
    }
  }

  struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say why a message is where it is, and what happens next.")

    @Argument(help: "Number of the message.")
    var id: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let id = try Messages.parseID(id)
      let (stored, events, entry) = try await Installation.with(try location.configuration()) {
        installation in
        let account = try await installation.optionalAccount(account)
        return try await installation.store.read { connection in
          let stored = try Messages.find(id, account, connection)
          let entry = try connection.queue(QueueFilter(message: id), limit: 1).first
          return (stored, try connection.events(message: id), entry)
        }
      }
      let reason = MessageReason(stored, events, entry, now: .now())
      output.json ? Terminal.print(reason.json(id)) : Terminal.print(reason.text)
    }
  }
}
