import ArgumentParser
import EmailDesign

extension Templates {
  /// `template starters`
  struct Starters: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the e-mails to begin with, or print one.",
      discussion: """
        With a name, prints its document as JSON, which `template compile` takes; with --sample the values to \
        look at it with, which `template render` takes:

          brevdue template starters receipt > receipt.json
          brevdue template starters receipt --sample > order.json
          brevdue template compile receipt.json > receipt.html
          brevdue template render receipt.html --data order.json
        """)

    @Argument(help: "The starter to print; none for a list.")
    var name: String?

    @Flag(name: .long, help: "Print sample values instead of the document.")
    var sample = false

    @OptionGroup var output: OutputOptions

    func run() throws {
      guard let name else { return list() }
      guard let starter = Starter.named(name) else {
        throw Failure("There is no starter “\(name)”.", next: "`brevdue template starters` lists them.")
      }
      Terminal.print(bytes: (sample ? starter.sample : starter.document.json).bytes(isIndented: true))
    }

    private func list() {
      if output.json {
        let list = Starter.all.map { starter -> JSON in
          .object([
            "name": .string(starter.name), "title": .string(starter.title),
            "summary": .string(starter.summary),
          ])
        }
        return Terminal.print(.array(list))
      }
      var table = Table(["NAME", "FOR"])
      for starter in Starter.all { table.add(starter.name, starter.summary) }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  /// `template compile`
  struct Compile: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make HubL of an e-mail document.",
      discussion: "FILE is the JSON of a document, of HTML with its settings, or of several languages.")

    @Argument(help: "The document.")
    var file: String

    @Flag(name: .long, help: "Print the text part instead of the HTML.")
    var text = false

    @Option(name: .long, help: ArgumentHelp("Contact's language, of several.", valueName: "tag"))
    var language: String?

    @OptionGroup var context: DesignOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let version = try DesignOptions.version(file)
      let context = try context.context()
      let email = try DesignOptions.explaining(file) { () throws(DocumentError) in
        try version.content(for: language).compile(context)
      }
      if output.json {
        return Terminal.print(
          .object([
            "subject": .string(email.subject), "preheader": .string(email.preheader),
            "html": .string(email.html),
            "text": .orNull(email.text),
          ]))
      }
      guard text else { return Terminal.print(bytes: Array(email.html.utf8)) }
      guard let text = email.text else {
        throw Failure("\(file) has no text of its own; it is made of the HTML when the e-mail is sent.")
      }
      Terminal.print(bytes: Array(text.utf8))
    }
  }

  /// `template check`
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what is wrong with an e-mail document.",
      discussion: "Ends with 1 when something in it would stop it from being sent.")

    @Argument(help: "The document.")
    var file: String

    @Option(name: .long, help: ArgumentHelp("JSON file with sample values.", valueName: "file"))
    var data: String?

    @OptionGroup var context: DesignOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      var facts = CheckFacts()
      facts.compile = try context.context()
      facts.sample = try data.map(DesignOptions.json)
      let findings = try DesignOptions.version(file).check(facts)
      output.json ? Terminal.print(.array(findings.map(Self.json))) : Self.show(findings)
      if findings.contains(where: { $0.severity == .stop }) { throw ExitCode(1) }
    }

    private static func json(_ finding: EmailDesign.Finding) -> JSON {
      .object([
        "severity": .string(finding.severity.rawValue), "rule": .string(finding.rule),
        "place": .string(finding.place.description),
        "language": finding.language.map { .string($0.description) },
        "message": .string(finding.message), "fix": .string(finding.fix),
      ])
    }

    private static func show(_ findings: [EmailDesign.Finding]) {
      guard !findings.isEmpty else { return Terminal.print("Nothing to complain about.") }
      for finding in findings {
        let language = finding.language.map { " (\($0))" } ?? ""
        Terminal.print(
          "\(finding.severity.rawValue)  \(finding.place)\(language): \(Table.printable(finding.message))\n"
            + "      \(Table.printable(finding.fix))  [\(finding.rule)]")
      }
    }
  }
}

/// What a document is compiled with.
struct DesignOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("JSON file with the account's theme.", valueName: "file"))
  var theme: String?

  @Option(name: .long, help: ArgumentHelp("JSON file with the layout around it.", valueName: "file"))
  var layout: String?

  @Option(
    name: .long, help: ArgumentHelp("JSON file with a saved section; repeatable.", valueName: "name=file"))
  var section: [String] = []

  @Flag(name: .long, help: "Not transactional: with links to unsubscribe.")
  var marketing = false

  func context() throws -> CompileContext {
    var context = CompileContext()
    context.isTransactional = !marketing
    if let theme {
      context.theme = try Self.read(theme) { json throws(DocumentError) in try Theme(json: json) }
    }
    if let layout {
      context.layout = try Self.read(layout) { json throws(DocumentError) in try Layout(json: json) }
    }
    for option in section {
      guard let sign = option.firstIndex(of: "=") else {
        throw ValidationError("--section takes a name and a file: --section closing=closing.json")
      }
      context.sections[String(option[..<sign])] =
        try Self.read(String(option[option.index(after: sign)...])) { json throws(DocumentError) in
          try RowItem.section(json: json)
        }
    }
    return context
  }

  static func version(_ file: String) throws -> EmailVersion {
    let bytes = try Files.bytes(file)
    return try explaining(file) { () throws(DocumentError) in try EmailVersion(parsing: bytes) }
  }

  static func json(_ file: String) throws -> JSONValue {
    do {
      return try JSONValue(parsing: Files.bytes(file))
    } catch let error as JSONError {
      throw Failure("\(file) is not valid JSON (\(error)).")
    }
  }

  private static func read<Thing>(
    _ file: String, _ make: (JSONValue) throws(DocumentError) -> Thing
  ) throws -> Thing {
    let json = try json(file)
    return try explaining(file) { () throws(DocumentError) in try make(json) }
  }

  static func explaining<Thing>(_ file: String, _ make: () throws(DocumentError) -> Thing) throws -> Thing {
    do {
      return try make()
    } catch {
      throw Failure("\(file): \(error)", next: "docs/email-documents.md says what a document may have.")
    }
  }
}
