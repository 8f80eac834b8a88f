import ArgumentParser
import MailModel
import Storage

/// `node`: the servers that share a PostgreSQL database.
struct Nodes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node", abstract: "The servers that share a PostgreSQL database.", subcommands: [List.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the servers, and which of them answer.",
      discussion: """
        A server renews its lease every few seconds. When one has not done so for 15 s, the others take over \
        what it had to deliver. On SQLite there is one server, and the list is empty.
        """)

    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let configuration = try location.configuration()
      let nodes = try await Installation.with(configuration) { installation in
        try await installation.store.read { try $0.nodes() }
      }
      if output.json { return Terminal.print(.array(nodes.map(Self.json))) }
      guard !nodes.isEmpty else { return Terminal.note("No servers share this database.") }
      var table = Table(["NUMBER", "NAME", "STARTED", "LEASE UNTIL", "ROLES"])
      for node in nodes {
        table.add(
          "\(node.number)", node.name, node.startedAt.local, node.leaseUntil?.local ?? "stopped", node.roles)
      }
      Terminal.print(table.text(width: Terminal.width))
    }

    private static func json(_ node: Node) -> JSON {
      .object([
        "number": .int(node.number), "name": .string(node.name), "roles": .string(node.roles),
        "startedAt": .string(node.startedAt.iso8601),
        "leaseUntil": .orNull(node.leaseUntil?.iso8601),
      ])
    }
  }
}
