import ArgumentParser
import Server

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look for what is wrong, and say what to do.",
    discussion: """
      Checks configuration, data folder, database, ports, certificate, name resolution, the way out for mail \
      and the DNS records of the sending domains. Changes nothing. Exit status 1 when something fails.
      """)

  @Flag(name: .long, help: "Also print every configuration key with its value and where it comes from.")
  var settings = false

  @OptionGroup var location: LocationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let configuration = try location.configuration()
    let findings = await DoctorChecks(configuration).run()
    if output.json {
      Terminal.print(json(findings, configuration))
    } else {
      show(findings, configuration)
    }
    if findings.contains(where: { $0.state == .failed }) { throw ExitCode.failure }
  }

  private func json(_ findings: [Finding], _ configuration: ServerConfiguration) -> JSON {
    let settings = configuration.settings.map { setting in
      JSON.object([
        "key": .string(setting.key.rawValue), "value": .orNull(setting.value),
        "origin": .string(setting.origin),
      ])
    }
    return .object([
      "ok": .bool(!findings.contains { $0.state == .failed }), "checks": .array(findings.map(\.json)),
      "settings": self.settings ? .array(settings) : nil,
    ])
  }

  private func show(_ findings: [Finding], _ configuration: ServerConfiguration) {
    if settings {
      var table = Table(["KEY", "VALUE", "FROM"])
      for setting in configuration.settings {
        table.add(setting.key.rawValue, setting.value ?? "-", setting.origin)
      }
      Terminal.print(table.text() + "\n")
    }
    var table = Table()
    for finding in findings {
      table.add(finding.state.rawValue, finding.name, finding.detail)
      if let hint = finding.hint { table.add("", "", "→ " + hint) }
    }
    Terminal.print(table.text())
  }
}

/// What one check found.
struct Finding: Sendable {
  enum State: String, Sendable {
    case ok = "ok"
    case warning = "warning"
    case failed = "FAILED"
    /// Not looked at, because it does not matter or can't be.
    case skipped = "skipped"
  }

  var name: String
  var state: State
  var detail: String
  /// What to do.
  var hint: String?

  init(_ name: String, _ state: State, _ detail: String, hint: String? = nil) {
    self.name = name
    self.state = state
    self.detail = detail
    self.hint = hint
  }

  var json: JSON {
    .object([
      "name": .string(name), "status": .string(state.rawValue.lowercased()), "detail": .string(detail),
      "hint": hint.map { .string($0) },
    ])
  }
}
