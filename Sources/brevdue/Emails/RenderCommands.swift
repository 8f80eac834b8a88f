import ArgumentParser
import Composition
import HubL
import Intake
import MailModel
import Storage

extension Emails {
  struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fill an e-mail in and print it.",
      discussion: """
        --data names a JSON file with the values, as `contact` and `custom`, or as `contactProperties` and \
        `customProperties` like a request to the single-send API:

          {"contact": {"firstname": "Ada"}, "custom": {"order": "17"}}

        Without --data the samples of the e-mail's contract (`email contract`) stand in. Prints subject, text and \
        HTML; with --source the whole MIME message.
        """)

    @Argument(help: "Number of the e-mail.")
    var id: String

    @Option(name: .long, help: ArgumentHelp("JSON file with the values.", valueName: "file"))
    var data: String?

    @Flag(name: .long, help: "Print the MIME message as it would be sent, before tracking and signature.")
    var source = false

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: BareLocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let id = try Emails.parseID(id)
      let values = try data.map(Files.object) ?? [:]
      let (email, shared) = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        return try await installation.store.read { connection in
          let email = try Emails.find(id, account, connection)
          return (email, try AccountContent(of: email, connection))
        }
      }
      let rendered: RenderedEmail
      do {
        rendered = try EmailTrial.render(email, shared, TrialValues(data: values), at: .now())
      } catch {
        throw Self.explain(error, email)
      }
      if source { return Terminal.print(bytes: rendered.bytes) }
      output.json ? Terminal.print(Self.json(rendered)) : Self.show(rendered)
    }

    private static func explain(_ error: RenderError, _ email: EmailRecord) -> Failure {
      switch error {
      case .noContent: Failure("E-mail \(email.id) has neither HTML nor text.")
      case .missingProperties(let names):
        Failure(
          "These values are missing: \(names.joined(separator: ", ")).",
          next: "Put them into the --data file, or give them a default: {{ custom.NAME|default(\"…\") }}.")
      case .template(let part, let cause):
        Failure("The template in the \(part) cannot be filled in: \(cause)")
      case .invalidHeader(let name, let reason): Failure("The header \(name) cannot be written: \(reason)")
      }
    }

    private static func json(_ rendered: RenderedEmail) -> JSON {
      .object([
        "subject": .string(rendered.subject), "html": .orNull(rendered.html), "text": .string(rendered.text),
      ])
    }

    private static func show(_ rendered: RenderedEmail) {
      Terminal.print("Subject: \(Table.printable(rendered.subject))\n\n--- text ---\n\(rendered.text)")
      if let html = rendered.html { Terminal.print("\n--- HTML ---\n\(html)") }
    }
  }
}

/// `template`: HubL files, without an account, and those that an account has stored.
struct Templates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Try out template files; store those that e-mails share.",
    subcommands: [
      Render.self, Starters.self, Compile.self, Check.self, Import.self, Put.self, List.self, Show.self,
      Delete.self,
      Batch.self, Benchmark.self,
    ])

  struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fill in a HubL file with JSON data.",
      discussion: """
        Needs neither account nor data folder. Values are HTML-escaped, unless the file ends in .txt.

          brevdue template render receipt.html --data order.json
        """)

    @Argument(help: "The template.")
    var file: String

    @Option(name: .long, help: ArgumentHelp("JSON file with the values by name.", valueName: "file"))
    var data: String?

    @Flag(name: .long, help: "Leave missing values empty instead of failing.")
    var lenient = false

    @OptionGroup var output: OutputOptions

    func run() throws {
      let values = try data.map(Files.object) ?? [:]
      let source = try Files.text(file)
      let text: String
      do {
        text = try Template(source).render(values, Self.options(file: file, isLenient: lenient))
      } catch {
        throw Failure("\(file): \(error.diagnosis)")
      }
      if output.json { return Terminal.print(.object(["output": .string(text)])) }
      Terminal.print(bytes: Array(text.utf8))
      if Terminal.isInteractive, !text.hasSuffix("\n") { Terminal.note("") }
    }

    /// Templates of files see those next to them.
    static func options(file: String, isLenient: Bool) -> RenderOptions {
      var options = RenderOptions()
      options.zoneOffset = TimeZones.offset
      options.escaping = file.hasSuffix(".txt") ? .none : .html
      options.isStrict = !isLenient
      options.now = .now()
      let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
        separator: "/")
      options.template = { name throws(TemplateError) in
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else { return nil }
        guard let text = try? Files.text(folder.isEmpty ? name : folder + "/" + name) else { return nil }
        return try Template(text)
      }
      return options
    }
  }
}
