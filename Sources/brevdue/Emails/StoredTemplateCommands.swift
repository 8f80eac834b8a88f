import ArgumentParser
import HubL
import MailModel
import Storage

extension Templates {
  struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Store a template that e-mails can include, extend or import.",
      discussion: """
        Takes the place of one with the same name; sends follow within a second. FILE may be - for standard input.

          brevdue template put layouts/shop.html shop.html
        """)

    @Argument(help: "What e-mails call it.")
    var name: String

    @Argument(help: "File with the HubL.")
    var file: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions

    func validate() throws {
      guard (1...StoredTemplate.nameLimit).contains(name.utf8.count) else {
        throw ValidationError("A name has 1 to \(StoredTemplate.nameLimit) bytes.")
      }
    }

    func run() async throws {
      let (name, source) = (name, try Files.text(file))
      guard source.utf8.count <= StoredTemplate.sizeLimit else {
        throw Failure("\(file) is longer than \(StoredTemplate.sizeLimit) bytes.")
      }
      do throws(TemplateError) {
        _ = try Template(source)
      } catch {
        throw Failure("\(file): \(error.diagnosis)")
      }
      try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        try await installation.store.write { connection in
          try connection.setTemplate(account: account, name: name, source: source, at: .now())
        }
      }
      Terminal.note("Stored. Use it: {% include \"\(name)\" %}")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the stored templates.")

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let found = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        return try await installation.store.read { try $0.templates(account: account) }
      }
      if output.json {
        let list = found.map { template -> JSON in
          .object([
            "name": .string(template.name), "size": .int(template.source.utf8.count),
            "updatedAt": .string(template.updatedAt.iso8601),
          ])
        }
        return Terminal.print(.array(list))
      }
      guard !found.isEmpty else {
        return Terminal.note("No templates. Store one: brevdue template put NAME FILE")
      }
      var table = Table(["NAME", "BYTES", "UPDATED"])
      for template in found {
        table.add(
          Table.printable(template.name), "\(template.source.utf8.count)", template.updatedAt.local)
      }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a stored template.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions

    func run() async throws {
      let found = try await Installation.with(try location.configuration()) { installation in
        let (account, name) = (try await installation.account(account).id, name)
        return try await installation.store.read { try $0.template(account: account, name: name) }
      }
      guard let found else { throw Templates.missing(name) }
      Terminal.print(bytes: Array(found.source.utf8))
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete a stored template.",
      discussion: "E-mails that include it then fail, which their send status says.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions

    func run() async throws {
      let isDone = try await Installation.with(try location.configuration()) { installation in
        let (account, name) = (try await installation.account(account).id, name)
        return try await installation.store.write { try $0.deleteTemplate(account: account, name: name) }
      }
      guard isDone else { throw Templates.missing(name) }
      Terminal.note("Deleted.")
    }
  }

  private static func missing(_ name: String) -> Failure {
    Failure("There is no template “\(name)”.", next: "See: brevdue template list")
  }
}
