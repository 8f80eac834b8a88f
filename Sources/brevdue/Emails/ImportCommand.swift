import ArgumentParser
import EmailDesign
import TemplateImport

extension Templates {
  /// `template import`
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a template here from HubSpot, Postmark, SendGrid or Mailgun.",
      discussion: """
        From HubSpot, FILE is the JSON of an e-mail and becomes a document. From the others it is a template, \
        which becomes HubL, or the JSON that their API gives for one, which becomes an e-mail of HTML. Says what \
        was changed and what was left out.

          brevdue template import --from hubspot welcome.json --output welcome-document.json
          brevdue template import --from postmark receipt.html --output receipt.hubl.html
        """)

    @Option(name: .long, help: "hubspot, postmark, sendgrid or mailgun.")
    var from: Origin

    @Argument(help: "The template.")
    var file: String

    @Option(name: .long, help: ArgumentHelp("File to write; else it is printed.", valueName: "file"))
    var output: String?

    @Option(name: .long, help: "SendGrid's older tags in it: dashes (-name-) or percent (%name%).")
    var substitutions: Tags?

    @OptionGroup var format: OutputOptions

    func run() throws {
      let result = try imported()
      if let output { try Files.write(result.bytes, to: output) }
      if format.json { return Terminal.print(bytes: json(result).bytes(isIndented: true)) }
      if output == nil {
        Terminal.print(bytes: result.bytes)
        Terminal.note(Self.report(result))
      } else {
        Terminal.print(Self.report(result))
      }
    }

    private func imported() throws -> ImportResult {
      do {
        guard let dialect = from.dialect else {
          return ImportResult(try ImportedEmail(hubSpot: try Files.bytes(file)))
        }
        if let json = try? JSONValue(parsing: try Files.bytes(file)), case .object = json {
          return ImportResult(try dialect.imported(answer: json, substitutions: substitutions?.tags))
        }
        return ImportResult(try dialect.imported(try Files.text(file), substitutions: substitutions?.tags))
      } catch let error as ImportError {
        throw Failure("\(file): \(error)", next: "docs/moving.md says what is read of each service.")
      }
    }

    private func json(_ result: ImportResult) -> JSONValue {
      let findings = result.findings.map { finding -> JSONValue in
        [
          "outcome": .string(finding.outcome.rawValue), "place": .string(finding.place),
          "what": .string(finding.what), "note": .string(finding.note),
        ]
      }
      return .object(
        [JSONValue.Member("from", .string(from.rawValue))] + result.members
          + [.init("findings", .array(findings))])
    }

    private static func report(_ result: ImportResult) -> String {
      var lines = result.facts
      for finding in result.findings where finding.outcome != .carried {
        let outcome = finding.outcome == .left ? "left out" : finding.outcome.rawValue
        lines.append(
          "\(outcome)  \(Table.printable(finding.place)): \(Table.cut(Table.printable(finding.what), to: 60))"
        )
        lines.append("      \(Table.printable(finding.note))")
      }
      func count(_ outcome: ImportFinding.Outcome) -> Int {
        result.findings.count { $0.outcome == outcome }
      }
      let carried = count(.carried) > 0 ? "\(count(.carried)) carried over, " : ""
      lines.append("\(carried)\(count(.changed)) changed, \(count(.left)) left out.")
      return lines.joined(separator: "\n")
    }
  }
}

/// Where a template comes from.
enum Origin: String, ExpressibleByArgument, CaseIterable {
  case hubspot, postmark, sendgrid, mailgun

  /// nil for HubSpot, whose language needs no translation.
  var dialect: TemplateDialect? { TemplateDialect(rawValue: rawValue) }
}

/// SendGrid's older tags.
enum Tags: String, ExpressibleByArgument, CaseIterable {
  case dashes, percent

  var tags: SubstitutionTags? { SubstitutionTags(rawValue: rawValue) }
}

/// What came out, to be written and told.
private struct ImportResult {
  /// The document or template.
  var bytes: [UInt8]
  /// The same for programs, with what belongs to it.
  var members: [JSONValue.Member]
  /// Lines for people on what stands beside it.
  var facts: [String] = []
  var findings: [ImportFinding]

  init(_ email: ImportedEmail) {
    bytes = email.document.json.bytes(isIndented: true)
    findings = email.findings
    let named: [(String, String, String?)] = [
      ("name", "Name", email.name), ("fromName", "From", email.fromName),
      ("fromAddress", "From address", email.fromAddress), ("replyTo", "Reply to", email.replyTo),
      ("subscriptionId", "Subscription type", email.subscriptionID),
      ("subscriptionName", "Subscription name", email.subscriptionName),
    ]
    members = named.compactMap { name, _, value in value.map { .init(name, .string($0)) } }
    facts = named.compactMap { _, title, value in value.map { "\(title): \(Table.printable($0))" } }
    if let isTransactional = email.isTransactional {
      members.append(.init("transactional", .bool(isTransactional)))
    }
    members.append(.init("document", email.document.json))
  }

  init(_ answer: ImportedAnswer) {
    bytes = answer.email.json.bytes(isIndented: true)
    findings = answer.findings
    if let name = answer.name { facts = ["Name: \(Table.printable(name))"] }
    members =
      (answer.name.map { [.init("name", .string($0))] } ?? []) + [.init("document", answer.email.json)]
  }

  init(_ template: ImportedTemplate) {
    bytes = Array(template.source.utf8)
    findings = template.findings
    members = [.init("template", .string(template.source))]
  }
}
