import ArgumentParser
import Server

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the server.",
    discussion: """
      Takes mail over SMTP and HTTP, delivers it as delivery.mode says, and serves tracking and API. Without \
      any option it keeps its data in ./data, listens on loopback only, and captures: nothing leaves the \
      machine.

      Each option is a configuration key. The same key may stand in the environment (smtp.listen is \
      BREVDUE_SMTP_LISTEN) or in the file that --config names:

        smtp:
          listen: 0.0.0.0:587
          hostname: mail.example.com
        delivery:
          mode: direct

      Options win over the environment, the environment over the file.

      SIGTERM stops: no new mail is taken, what is under way is finished within shutdown.grace seconds. \
      SIGHUP reads the certificate files again (they are also watched).

      When ready it writes runtime.json into the data folder, with the real addresses.
      """)

  @Option(name: .long, help: ArgumentHelp("Configuration file, YAML or JSON.", valueName: "file"))
  var config: String?

  @Option(name: .long, help: ArgumentHelp("Data folder, the key data.directory.", valueName: "folder"))
  var data: String?

  @OptionGroup(title: "Configuration keys")
  var settings: SettingOptions

  func run() async throws {
    let configuration = try settings.configuration(file: config, directory: data)
    try await BrevdueServer.run(configuration: configuration)
  }
}
